import { utf8Text } from '../utf8.ts';
import { bundlePath, TILE_WIDTH, tilePath } from './tiles.ts';

/**
 * The object that says from which entry on a log still has all of them: the number of entries before it, and a newline. A
 * log that never dropped any has no such object.
 */
export const MINIMUM_INDEX = 'minimum-index';

export function minimumIndexText(before: number): string {
  return `${before}\n`;
}

/** Nothing where it is not the number of entries of whole bundles. */
export function readMinimumIndex(bytes: Uint8Array): number | undefined {
  const [, digits] = /^(0|[1-9]\d{0,14})\n$/.exec(utf8Text(bytes) ?? '') ?? [];
  const before = Number(digits);
  return before % TILE_WIDTH === 0 ? before : undefined;
}

/**
 * The whole tile and the whole bundle with this number. Once all of their entries are dropped, no receipt of an entry
 * that is left and no proof between two trees that are at least as large as what was dropped reads them or their partial
 * ones: what lies before a whole tile is hashed by tiles of level 1 and above, which stay.
 * https://c2sp.org/tlog-tiles#pruning
 */
export function pathsOfDropped(index: number): readonly [string, string] {
  return [bundlePath({ index, width: TILE_WIDTH }), tilePath({ level: 0, index, width: TILE_WIDTH })];
}
