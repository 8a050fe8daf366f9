import { treeHash } from '../merkle.ts';
import { readLeaf } from './leaf.ts';
import { type Receipt, RECEIPT_FORMAT } from './receipt.ts';
import { hashesIn, tilesWith, type Tile } from './tiles.ts';
import { inclusionRanges, nodesOf, rangeHash } from './tree.ts';

/** The tiles that the receipt of an entry is made from, in a log of this size. */
export function tilesOfReceipt(index: number, size: number): readonly Tile[] {
  return tilesWith(inclusionRanges(index, size).flatMap(nodesOf), size);
}

interface FoundEntry {
  readonly index: number;
  /** As it is in its bundle. */
  readonly bytes: Uint8Array;
  /** The bytes of the tiles, by their paths. */
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  readonly checkpoint: string;
  readonly size: number;
}

/**
 * Throws a RangeError if a tile is missing or too short, and if the entry is not canonical JSON: only of that a receipt can
 * have the same bytes. Whether the receipt is right, `verifyReceipt` says.
 */
export function makeReceipt({ index, bytes, tiles, checkpoint, size }: FoundEntry): Receipt {
  const hashOf = hashesIn(tiles, size);
  const read = readLeaf(bytes);
  if (!read.ok) throw new RangeError(`entry ${index} is ${read.fault}`);
  return {
    format: RECEIPT_FORMAT,
    index,
    entry: read.value as Receipt['entry'],
    proof: inclusionRanges(index, size).map((range) => base64(rangeHash(range, hashOf))),
    checkpoint,
  };
}

/** The path of a record inside the list of its page. Nothing if the list does not have it. */
export function recordPath(ref: string, refs: readonly string[]): Receipt['record'] | undefined {
  const index = refs.indexOf(ref);
  if (index < 0) return undefined;
  const leaves = refs.map((one) => Buffer.from(one));
  const proof = inclusionRanges(index, refs.length).map(({ from, to }) =>
    base64(treeHash(leaves.slice(from, to))),
  );
  return { ref, index, proof };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
