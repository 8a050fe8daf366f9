import { checkpointText, openCheckpoint } from '../../domain/log/checkpoint.ts';
import { type Edge, edgeOf, edgePaths } from '../../domain/log/grown.ts';
import type { NoteKey } from '../../domain/log/note.ts';
import { joined, same, type TreeHead } from '../../domain/log/tree.ts';
import { present } from '../../domain/present.ts';
import type { CheckpointName, LogBucket } from '../../ports/log.ts';

/** The bucket has what this deployment did not sign, or not what it has signed. Nothing more is signed. */
export class TreeForked extends Error {
  readonly code = 'LOG_FORKED';
  constructor(what: string) {
    super(`${what} No checkpoint is signed. See docs/runbooks/log-forked.md.`);
    this.name = 'TreeForked';
  }
}

/** The same checkpoint is answered again after its place was taken: more signatures would not help. */
export class CheckpointStale extends Error {
  readonly code = 'CHECKPOINT_STALE';
  constructor() {
    super(
      'The bucket of the deletion log answers a checkpoint that it does not let anyone replace: another one has its place. Nothing more is signed by this run, and the next one reads it again. If it repeats, look at all versions of the object checkpoint.',
    );
    this.name = 'CheckpointStale';
  }
}

/** A checkpoint that a key of the log has signed. */
export interface SignedCheckpoint extends TreeHead {
  readonly note: string;
  /** What is signed. */
  readonly text: string;
  /** What a write names that replaces it. */
  readonly tag?: string;
}

/** The signed checkpoints of a log. In one with witnesses, the newest is published only after they were asked. */
export interface SignedHeads {
  readonly published: SignedCheckpoint | undefined;
  readonly unwitnessed: SignedCheckpoint | undefined;
  /** The larger of both. */
  readonly newest: SignedCheckpoint | undefined;
}

export const EMPTY_TREE: TreeHead = { size: 0, root: joined([]) };

/** Nothing was written yet where there is none. Without witnesses, what is left from a time with them is not looked at. */
export async function signedHeads(
  bucket: LogBucket,
  keys: readonly NoteKey[],
  hasWitnesses: boolean,
): Promise<SignedHeads> {
  const published = await signedCheckpoint(bucket, keys, 'checkpoint');
  const unwitnessed = hasWitnesses ? await signedCheckpoint(bucket, keys, 'unwitnessed') : undefined;
  if (unwitnessed === undefined || published === undefined)
    return { published, unwitnessed, newest: published ?? unwitnessed };
  if (unwitnessed.size === published.size && !same(unwitnessed.root, published.root))
    throw new TreeForked(
      `The objects checkpoint and unwitnessed of the deletion log have the size ${published.size}, and other roots.`,
    );
  return { published, unwitnessed, newest: unwitnessed.size > published.size ? unwitnessed : published };
}

async function signedCheckpoint(
  bucket: LogBucket,
  keys: readonly NoteKey[],
  name: CheckpointName,
): Promise<SignedCheckpoint | undefined> {
  const written = await bucket.checkpoint(name);
  if (written === undefined) return undefined;
  const { text: note, tag } = written;
  const opened = openCheckpoint(note, keys);
  if (!opened.ok)
    throw new TreeForked(
      `The object ${name} of the deletion log is not one that a key of this deployment has signed (${opened.fault}).`,
    );
  const { size, root } = opened.checkpoint;
  return { size, root, note, text: checkpointText(opened.checkpoint), ...present({ tag }) };
}

/** The partial tiles and the partial bundle of a signed tree: as many objects as it has levels, and one. */
export async function readEdge(bucket: LogBucket, tree: TreeHead): Promise<Edge> {
  const paths = edgePaths(tree.size);
  const all = await Promise.all(
    paths.map(async (path) => {
      const bytes = await bucket.get(path);
      if (bytes === undefined) throw new TreeForked(`The object ${path} of the deletion log is missing.`);
      return [path, bytes] as const;
    }),
  );
  const read = edgeOf(tree, new Map(all));
  if (read.ok) return read.edge;
  throw new TreeForked(
    `The object ${read.path} of the deletion log does not belong to its checkpoint of size ${tree.size}.`,
  );
}
