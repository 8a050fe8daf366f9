import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { type Cosignature, cosignaturesOf } from '../../domain/log/cosignature.ts';
import { type NoteKey, parseNote } from '../../domain/log/note.ts';
import { readTile } from '../../domain/log/read-receipt.ts';
import { hashesIn, type Tile, tilePath, tilesWith } from '../../domain/log/tiles.ts';
import { consistencyRanges, nodesOf, rangeHash, same } from '../../domain/log/tree.ts';
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
 * A witness cosigns the same checkpoint as often as it is asked, so any number of runs may do it at once, and die anywhere.
 * With `wait`, the published one stays until enough have cosigned a newer one; the cosignatures of too few are kept. Each turn may
 * take as long as a witness may; after the first one, only `goOn` lets another begin.
 */
export async function publishWitnessed(
  given: PublishCore,
  goOn: () => boolean = () => true,
): Promise<Published> {
  const keys = (await signingKeys(given)).map(({ key }) => key);
  const core = withUsable(given, keys);
  let before: Turn | undefined;
  for (let turn = 1; ; turn += 1) {
    const mayRepeat = (): boolean => turn < MOST_TURNS && goOn();
    const heads = await signedHeads(core.bucket, keys, true);
    if (typeof before === 'object' && 'refused' in before && before.refused === heads.published?.tag)
      throw new CheckpointStale();
    const own: Turn = await publishOnce(core, { keys, heads, mayRepeat });
    if (own !== 'superseded' && 'size' in own) return own;
    if (!mayRepeat()) break;
    before = own;
  }
  // The runs that were faster publish.
  const { published } = await signedHeads(core.bucket, keys, true);
  return { size: published?.size ?? 0, isWitnessed: false };
}

/**
 * Without witnesses that have a key of the log, which can be none, and without those whose lines look like lines of
 * another key: with one of these, the checkpoint would be wrong for all who know that key.
 */
function withUsable(core: PublishCore, keys: readonly NoteKey[]): PublishCore {
  const all = core.witnesses.all.filter(({ name, key }, at) => {
    const others = [...keys, ...core.witnesses.all.slice(0, at).map((one) => one.key)];
    const isUsable =
      !keys.some(({ publicKey }) => same(publicKey, key.publicKey)) &&
      !others.some((one) => one.id === key.id && one.name === key.name);
    if (!isUsable) core.report('seal.witness-missing', { witness: name, code: 'WITNESS_WRONG' });
    return isUsable;
  });
  return { ...core, witnesses: { ...core.witnesses, all } };
}

interface TurnState {
  readonly keys: readonly NoteKey[];
  readonly heads: SignedHeads;
  /** Whether a larger log may be looked at after this one. */
  readonly mayRepeat: () => boolean;
}

async function publishOnce(core: PublishCore, state: TurnState): Promise<Turn> {
  const { bucket, report, witnesses } = core;
  const { needed, ifMissing } = witnesses;
  const { published, newest } = state.heads;
  if (newest === undefined) return { size: 0, isWitnessed: true };
  const size = published?.size ?? 0;
  const there = linesOn(core, newest, published);
  if (there.length >= needed) return { size, isWitnessed: true };
  const before = distinct([...there, ...linesOn(core, newest, state.heads.unwitnessed)]);
  const { cosignatures, isBehind } = await askAll(core, { newest, published, before });
  const all = distinct([...before, ...cosignatures]);
  const isWitnessed = all.length >= needed;
  // Where enough have cosigned, one that always knows of a larger log does not keep it back.
  if (isBehind && !isWitnessed && state.mayRepeat()) return 'superseded';
  const hasMore = size < newest.size || all.length > there.length;
  const own = signaturesBy(newest.note, state.keys);
  const note = noteWith(newest.text, [...own, ...all.map(({ line }) => line)]);
  if (hasMore && (isWitnessed || ifMissing === 'goOn')) {
    const put = await bucket.putCheckpoint(note, published?.tag);
    if (put === 'moved') return { refused: published?.tag };
    report(isWitnessed ? 'seal.witnessed' : 'seal.unwitnessed', { count: all.length });
    return { size: newest.size, isWitnessed };
  }
  // For the next run: a witness that is away then has cosigned all the same. Moved: another run has a larger log, or more lines.
  if (all.length > before.length)
    await bucket.putCheckpoint(note, state.heads.unwitnessed?.tag, 'unwitnessed');
  report('seal.unwitnessed', { count: all.length });
  return { size, isWitnessed: false };
}

/** Who has cosigned this checkpoint, as far as an object has it. */
function linesOn(
  core: PublishCore,
  { text }: SignedCheckpoint,
  written: SignedCheckpoint | undefined,
): readonly Cosignature[] {
  return written?.text === text ? cosigned(core, written.note) : [];
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

/** `isBehind`: a witness knows a larger log, and another run has signed one. */
async function askAll(
  core: PublishCore,
  { newest, published, before }: State,
): Promise<{ readonly cosignatures: readonly Cosignature[]; readonly isBehind: boolean }> {
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
  const signed = most > newest.size ? await newestSize(core) : newest.size;
  const cosignatures = asked.flatMap(([{ name }, answer]) => {
    if (answer.kind === 'cosigned') return [answer.cosignature];
    if (answer.kind === 'ahead' && answer.size <= signed) return [];
    const fault = answer.kind === 'ahead' ? { code: 'WITNESS_CONTRADICTS' } : answer;
    const { code, status } = { status: undefined, ...fault };
    report('seal.witness-missing', { witness: name, code, ...present({ status }) });
    return [];
  });
  return { cosignatures, isBehind: signed > newest.size };
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
