import { openCheckpoint } from '../../domain/log/checkpoint.ts';
import { type Edge, edgeOf, edgePaths } from '../../domain/log/grown.ts';
import type { NoteKey } from '../../domain/log/note.ts';
import { joined, type TreeHead } from '../../domain/log/tree.ts';
import { present } from '../../domain/present.ts';
import type { LogBucket } from '../../ports/log.ts';

/** The bucket has what this deployment did not sign, or not what it has signed. Nothing more is signed. */
export class TreeForked extends Error {
  readonly code = 'LOG_FORKED';
  constructor(what: string) {
    super(`${what} No checkpoint is signed. See docs/runbooks/log-forked.md.`);
    this.name = 'TreeForked';
  }
}

/** A tree that was signed, and what a write names that replaces its checkpoint. */
export interface SignedTree extends TreeHead {
  readonly tag?: string;
}

/** What the newest checkpoint says; the empty tree if none was ever written. */
export async function signedTree(bucket: LogBucket, keys: readonly NoteKey[]): Promise<SignedTree> {
  const written = await bucket.checkpoint();
  if (written === undefined) return { size: 0, root: joined([]) };
  const opened = openCheckpoint(written.text, keys);
  if (!opened.ok)
    throw new TreeForked(
      `The object checkpoint of the deletion log is not one that a key of this deployment has signed (${opened.fault}).`,
    );
  const { size, root } = opened.checkpoint;
  return { size, root, ...present({ tag: written.tag }) };
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
