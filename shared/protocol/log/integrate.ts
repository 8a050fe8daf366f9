import { parts } from '../../domain/each.ts';
import { checkpointText } from '../../domain/log/checkpoint.ts';
import { type Grown, grownBy } from '../../domain/log/grown.ts';
import { noteText, openNote } from '../../domain/log/note.ts';
import type { TreeHead } from '../../domain/log/tree.ts';
import type { LogBucket } from '../../ports/log.ts';
import type { LogHead } from '../../ports/results.ts';
import type { Core } from '../core.ts';
import { rebuildId } from '../restore/restored.ts';
import { writeOnce } from './bundle.ts';
import { journalEntries } from './journal.ts';
import type { Witnesses } from './publish.ts';
import { CheckpointStale, EMPTY_TREE, readEdge, signedHeads, TreeForked } from './signed-tree.ts';
import { signersNow, type SigningCore, type SigningKey, signingKeys } from './signing-keys.ts';

export interface IntegrateCore extends SigningCore, Pick<Core, 'report'> {
  readonly bucket: LogBucket;
  /** With them, what is signed waits for them beside the published checkpoint, and is published by a later step. */
  readonly witnesses?: Witnesses;
  /** The table's name, where it was restored and adopted. */
  readonly adopted?: string;
}

/** Objects that are written at the same time. */
const AT_ONCE = 8;

/**
 * Puts what the journal has, and no checkpoint yet, into the Merkle tree, and signs it. Everything is derived from the
 * journal and the newest checkpoint, so any number of runs may do it at once, and die anywhere: they write the same
 * objects. First the tiles and bundles, each only where nothing is; then one signature of each key that signs now; then
 * the checkpoint, in place of the one that was read. Answers the size of the signed tree; nothing if the registry knows more than is in it.
 */
export async function integrate(core: IntegrateCore, goOn: () => boolean): Promise<number | undefined> {
  const { bucket, registry, witnesses } = core;
  const name = witnesses === undefined ? 'checkpoint' : 'unwitnessed';
  const keys = await signingKeys(core);
  let refused: { readonly tag: string | undefined } | undefined;
  for (;;) {
    // The checkpoint first: a head that is read later is as large, unless the table is older than the log.
    const heads = await signedHeads(
      bucket,
      keys.map(({ key }) => key),
      witnesses !== undefined,
    );
    const signed = heads.newest ?? EMPTY_TREE;
    const { tag } = (witnesses === undefined ? heads.published : heads.unwitnessed) ?? { tag: undefined };
    if (refused !== undefined && refused.tag === tag) throw new CheckpointStale();
    refused = undefined;
    const head = await registry.head();
    if (head.size < signed.size) return whileRebuilt(core, head, signed);
    if (head.size === signed.size) return signed.size;
    const entries = goOn() ? await journalEntries(bucket, head, signed.size, goOn) : [];
    if (entries.length === 0) return undefined;
    const tree = grownBy(await readEdge(bucket, signed), entries);
    if (tree.size > head.size) return whileRebuilt(core, head, tree);
    await writeObjects(bucket, tree.objects);
    const note = await signedNote(await signersNow(core, keys, heads.published?.size ?? 0), tree);
    // Moved: another run was faster. It is read again, and what it lacks is added.
    if ((await bucket.putCheckpoint(note, tag, name)) === 'moved') {
      refused = { tag };
      continue;
    }
    core.report('seal.signed', { count: entries.length });
    if (tree.size === head.size) return tree.size;
  }
}

/** A restored table knows less than the log until it was rebuilt from it. No other table ever does. */
async function whileRebuilt(
  { adopted, registry }: IntegrateCore,
  head: LogHead,
  { size }: TreeHead,
): Promise<undefined> {
  if (adopted !== undefined && (await registry.walk(rebuildId(adopted))).done !== true) return undefined;
  throw new TreeForked(
    `The deletion log has ${size} entries, and the registry knows only ${head.size}: it is an older copy of the table, or another one.`,
  );
}

/** Some at a time. After one that is there with other bytes no more follow: they would be locked, and are not the log's. */
async function writeObjects(bucket: LogBucket, objects: Grown['objects']): Promise<void> {
  const write = ([path, bytes]: readonly [string, Uint8Array]): Promise<void> =>
    writeOnce(
      bucket,
      path,
      bytes,
      () => new TreeForked(`The object ${path} of the deletion log is not what its journal gives.`),
    );
  for (const some of parts([...objects], AT_ONCE)) await Promise.all(some.map(write));
}

/** The checkpoint of this tree, which is looked at as everyone else will do it. */
async function signedNote(signers: readonly SigningKey[], { size, root }: TreeHead): Promise<string> {
  const [origin = ''] = signers.map(({ key }) => key.name);
  const text = checkpointText({ origin, size, root });
  const signatures = await Promise.all(
    signers.map(async ({ key, signer }) => ({
      name: key.name,
      id: key.id,
      signature: await signer.sign(text),
    })),
  );
  const note = noteText({ text, signatures });
  const opened = openNote(
    note,
    signers.map(({ key }) => key),
  );
  if (!opened.ok || opened.signers.length < signers.length) throw new SignatureWrong();
  return note;
}

class SignatureWrong extends Error {
  readonly code = 'SIGNATURE_WRONG';
  constructor() {
    super(
      'The signature of a checkpoint of the deletion log is not one of its public key. It is not published, and the next run signs again. Check that the key of the output SigningKeyArn was not replaced.',
    );
    this.name = 'SignatureWrong';
  }
}
