import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { type Cosignature, cosignaturesOf } from '../../domain/log/cosignature.ts';
import { type NoteKey, parseNote } from '../../domain/log/note.ts';
import { readTile } from '../../domain/log/read-receipt.ts';
import { hashesIn, type Tile, tilePath, tilesWith } from '../../domain/log/tiles.ts';
import { consistencyRanges, nodesOf, rangeHash } from '../../domain/log/tree.ts';
import { noteWith, signaturesBy } from '../../domain/log/witness-request.ts';
import { present } from '../../domain/present.ts';
import type { LogBucket, Witness } from '../../ports/log.ts';
import type { Core } from '../core.ts';
import { type Asked, askWitness } from './ask-witness.ts';
import { CheckpointStale, signedHeads, type SignedCheckpoint, type SignedHeads } from './signed-tree.ts';
import { type SigningCore, signingKeys } from './signing-keys.ts';

/** Who cosigns the checkpoints of the log. */
export interface Witnesses {
  readonly all: readonly Witness[];
  /** How many of them have to. */
  readonly needed: number;
  /** Whether a checkpoint is published that fewer have cosigned. */
  readonly ifMissing: 'wait' | 'goOn';
}

export interface PublishCore extends SigningCore, Pick<Core, 'report'> {
  readonly bucket: LogBucket;
  readonly witnesses: Witnesses;
}

export interface Published {
  /** Of the published checkpoint. */
  readonly size: number;
  /** Enough witnesses have cosigned the newest checkpoint, and it is published with their lines. */
  readonly isWitnessed: boolean;
}

/** Each time another run was faster. */
const MOST_TURNS = 4;

type Turn = Published | { readonly refused: string | undefined } | 'superseded';

/**
 * Asks the witnesses for the newest signed checkpoint, all at the same time, and publishes it with what they have cosigned.
 * Nothing is kept between runs: a witness cosigns the same checkpoint as often as it is asked. So any number of runs may do
 * it at once, and die anywhere. With `wait`, the published one stays until enough have cosigned a newer one.
 */
export async function publishWitnessed(core: PublishCore): Promise<Published> {
  const keys = (await signingKeys(core)).map(({ key }) => key);
  let before: Turn | undefined;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const heads = await signedHeads(core.bucket, keys, true);
    if (typeof before === 'object' && 'refused' in before && before.refused === heads.published?.tag)
      throw new CheckpointStale();
    const own: Turn = await publishOnce(core, keys, heads);
    if (own !== 'superseded' && 'size' in own) return own;
    before = own;
  }
  // The runs that were faster publish.
  const { published } = await signedHeads(core.bucket, keys, true);
  return { size: published?.size ?? 0, isWitnessed: false };
}

async function publishOnce(core: PublishCore, keys: readonly NoteKey[], heads: SignedHeads): Promise<Turn> {
  const { bucket, report, witnesses } = core;
  const { needed, ifMissing } = witnesses;
  const { published, newest } = heads;
  if (newest === undefined) return { size: 0, isWitnessed: true };
  const size = published?.size ?? 0;
  const before = published !== undefined && size === newest.size ? cosigned(core, published.note) : [];
  if (before.length >= needed) return { size, isWitnessed: true };
  const asked = await askAll(core, { newest, published, before });
  if (asked === 'superseded') return 'superseded';
  const all = distinct([...before, ...asked]);
  const isWitnessed = all.length >= needed;
  const hasMore = size < newest.size || asked.length > 0;
  if (hasMore && (isWitnessed || ifMissing === 'goOn')) {
    const own = signaturesBy(newest.note, keys);
    const note = noteWith(newest.text, [...own, ...all.map(({ line }) => line)]);
    const put = await bucket.putCheckpoint(note, published?.tag);
    if (put === 'moved') return { refused: published?.tag };
    report(isWitnessed ? 'seal.witnessed' : 'seal.unwitnessed', { count: all.length });
    return { size: newest.size, isWitnessed };
  }
  report('seal.unwitnessed', { count: all.length });
  return { size, isWitnessed: false };
}

/** By the witnesses of this configuration. A wrong line of one of them is as if it were not there: it is asked again. */
function cosigned({ witnesses }: Pick<PublishCore, 'witnesses'>, note: string): readonly Cosignature[] {
  return distinct(
    witnesses.all.flatMap(({ key }) => {
      const found = cosignaturesOf(note, [key]);
      return found.ok ? found.cosignatures : [];
    }),
  );
}

/** One key is one witness, whatever names it was given. */
function distinct(all: readonly Cosignature[]): readonly Cosignature[] {
  return [...new Map(all.map((one) => [Buffer.from(one.key.publicKey).toString('hex'), one])).values()];
}

interface State {
  readonly newest: SignedCheckpoint;
  readonly published: SignedCheckpoint | undefined;
  readonly before: readonly Cosignature[];
}

/** `superseded`: a witness knows a larger log, and another run has signed one. */
async function askAll(
  core: PublishCore,
  { newest, published, before }: State,
): Promise<readonly Cosignature[] | 'superseded'> {
  const { witnesses, report, clock } = core;
  const proofFrom = proofs(core, newest.size);
  const last = published === undefined ? [] : cosigned(core, published.note);
  const hasIn = (those: readonly Cosignature[], { key }: Witness): boolean =>
    those.some((one) => one.key.id === key.id && one.key.name === key.name);
  const asked = await Promise.all(
    witnesses.all
      .filter((witness) => !hasIn(before, witness))
      .map(async (witness): Promise<readonly [Witness, Asked]> => {
        const known = hasIn(last, witness) ? (published?.size ?? 0) : 0;
        const asking = { checkpoint: newest, known, proofFrom, now: clock.now() };
        return [witness, await askWitness(witness, asking)];
      }),
  );
  const most = Math.max(...asked.map(([, answer]) => (answer.kind === 'ahead' ? answer.size : 0)));
  if (most > newest.size && (await newestSize(core)) >= most) return 'superseded';
  return asked.flatMap(([{ name }, answer]) => {
    if (answer.kind === 'cosigned') return [answer.cosignature];
    const fault = answer.kind === 'ahead' ? { code: 'WITNESS_CONTRADICTS' } : answer;
    const { code, status } = { status: undefined, ...fault };
    report('seal.witness-missing', { witness: name, code, ...present({ status }) });
    return [];
  });
}

/** What the newest signed checkpoint says. Whether it is right, the next turn looks at. */
async function newestSize({ bucket }: Pick<PublishCore, 'bucket'>): Promise<number> {
  const written = await bucket.checkpoint('unwitnessed');
  return parseCheckpoint(parseNote(written?.text ?? '')?.text ?? '')?.size ?? 0;
}

/** Each tile is read once for all witnesses. */
function proofs(
  { bucket }: Pick<PublishCore, 'bucket'>,
  size: number,
): (old: number) => Promise<readonly Uint8Array[]> {
  const read = new Map<string, Promise<Uint8Array>>();
  return async (old) => {
    const ranges = consistencyRanges(old, size);
    const paths = tilesWith(ranges.flatMap(nodesOf), size).map(async (tile) => {
      const path = tilePath(tile);
      const reading = read.get(path) ?? tileBytes(bucket, tile);
      read.set(path, reading);
      return [path, await reading] as const;
    });
    const hashOf = hashesIn(new Map(await Promise.all(paths)), size);
    return ranges.map((range) => rangeHash(range, hashOf));
  };
}

/** Nothing in it if it is missing: then no hash is found in it. */
async function tileBytes(bucket: LogBucket, tile: Tile): Promise<Uint8Array> {
  const found = await readTile((path) => bucket.get(path), tile, tilePath);
  return found?.bytes ?? new Uint8Array();
}
