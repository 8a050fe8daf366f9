import type { MemoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { unpackEntries } from '../../../shared/domain/log/bundles.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import {
  bundlePath,
  bundlesBetween,
  hashesIn,
  tilePath,
  tilesBetween,
} from '../../../shared/domain/log/tiles.ts';
import { leafHash, rootOfSize } from '../../../shared/domain/log/tree.ts';
import { treeHash } from '../../../shared/domain/merkle.ts';
import type { TestSigner } from './test-signer.ts';

interface Signed {
  readonly bucket: Pick<MemoryLogBucket, 'allObjects' | 'allCheckpoints'>;
  readonly signer: TestSigner;
}

/**
 * What a log's tree promises, told by its objects alone: each signature is over the root of the journal's first entries,
 * also one that was never published; checkpoints only grow; and the tiles and bundles of each of them are there.
 */
export async function wrongTree({ bucket, signer }: Signed): Promise<string[]> {
  const objects = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  const lines = linesOf(objects);
  const rootOf = (size: number): string => hex(treeHash(lines.slice(0, size)));
  const key = noteKey(signer.name, await signer.publicKey());
  const wrong: string[] = [];
  for (const text of signer.signed) {
    const { size = -1, root = new Uint8Array() } = parseCheckpoint(text) ?? {};
    if (size > lines.length || hex(root) !== rootOf(size))
      wrong.push(`size ${size} is signed with another root`);
  }
  let before = 0;
  for (const text of bucket.allCheckpoints()) {
    const opened = openCheckpoint(text, [key]);
    if (!opened.ok) wrong.push(`a checkpoint is published that is ${opened.fault}`);
    else {
      const { size } = opened.checkpoint;
      if (size <= before) wrong.push(`the checkpoint of ${size} comes after that of ${before}`);
      before = size;
      wrong.push(...wrongObjects(objects, opened.checkpoint, lines));
    }
  }
  return wrong;
}

/** The newest checkpoint has every entry of the journal. */
export function unsigned({ bucket }: Pick<Signed, 'bucket'>): string[] {
  const objects = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  const size = linesOf(objects).length;
  const signed = Number(bucket.allCheckpoints().at(-1)?.split('\n')[1] ?? 0);
  return signed === size ? [] : [`${size} entries are in the journal, and ${signed} are signed`];
}

function linesOf(objects: ReadonlyMap<string, Uint8Array>): readonly Uint8Array[] {
  return [...objects]
    .filter(([key]) => key.startsWith('entries/'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1))
    .map((line) => Buffer.from(line));
}

function wrongObjects(
  objects: ReadonlyMap<string, Uint8Array>,
  { size, root }: Checkpoint,
  lines: readonly Uint8Array[],
): string[] {
  const missing = tilesBetween(0, size)
    .map(tilePath)
    .filter((path) => !objects.has(path));
  if (missing.length > 0) return missing.map((path) => `${path} of the checkpoint of ${size} is missing`);
  const hashOf = hashesIn(objects, size);
  const wrong = hex(rootOfSize(size, hashOf)) === hex(root) ? [] : [`the tiles of ${size} give another root`];
  for (const bundle of bundlesBetween(0, size)) {
    const path = bundlePath(bundle);
    const entries = unpackEntries(objects.get(path) ?? new Uint8Array(), bundle.width) ?? [];
    const isRight = entries.every((entry, at) => {
      const index = bundle.index * 256 + at;
      return (
        hex(entry) === hex(lines[index] ?? new Uint8Array()) &&
        hex(leafHash(entry)) === hex(hashOf({ level: 0, index }))
      );
    });
    if (entries.length !== bundle.width || !isRight) wrong.push(`${path} has other entries`);
  }
  return wrong;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
