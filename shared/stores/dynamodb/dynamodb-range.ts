import * as z from 'zod';
import type { Range, RangedRow, StoreFailure } from '../../ports/store.ts';
import { placeInRange } from '../clock-range.ts';
import type { Page } from '../listing.ts';
import { type DynamoTable, readItems } from './dynamodb-calls.ts';
import { clockIndexes, queryIndex } from './dynamodb-clock-index.ts';
import { type Found, lastValue, plainValue, type RangePaging } from './dynamodb-clocks.ts';
import { DynamoPosition, locatorOf } from './dynamodb-listing.ts';
import { has } from './dynamodb-members.ts';
import { readVersion } from './dynamodb-read-version.ts';
import { ScanPosition, scanTable } from './dynamodb-scan.ts';
import { type Item, keyText } from './dynamodb-values.ts';

export const RangePosition = z.union([DynamoPosition, ScanPosition]);
export type RangePosition = z.infer<typeof RangePosition>;

type Ranging = (
  range: Range,
  paging: Pick<RangePaging<RangePosition>, 'limit' | 'at' | 'signal'>,
) => Promise<Page<RangePosition, RangedRow>>;

/**
 * Reads the rows of ranges. An index, and a scan that is not consistent, may be older than the table, so they only say which
 * items to read: each is read from the table, and what the table says decides.
 */
export function ranging(at: DynamoTable, versionNames: readonly string[]): Ranging {
  const indexOf = clockIndexes(at);
  return async (range, { limit, at: begin, signal }) => {
    const paging = { limit, last: lastValue(range), signal };
    const found = await findKeys();
    if ('code' in found) return found;
    const rows = await rowsOf(at, found.keys, { range, versionNames, signal });
    if ('code' in rows) return rows;
    return found.next === undefined ? { rows } : { rows, next: found.next };

    // A position of a scan is a list, and one of an index is a key.
    async function findKeys(): Promise<Found<RangePosition>> {
      if (range.scan === true) {
        if (begin !== undefined && !Array.isArray(begin)) return { code: 'STORE_SCHEMA' };
        return scanTable(at, range, { ...paging, at: begin });
      }
      if (Array.isArray(begin)) return { code: 'STORE_SCHEMA' };
      const index = await indexOf(range, begin === undefined, signal);
      if ('code' in index) return index;
      return queryIndex(at, index, range, { ...paging, at: begin });
    }
  };
}

interface RowsOf {
  readonly range: Range;
  readonly versionNames: readonly string[];
  readonly signal: AbortSignal;
}

/** Those that are in the range now, as the table has them. */
async function rowsOf(
  at: DynamoTable,
  keys: readonly Item[],
  { range, versionNames, signal }: RowsOf,
): Promise<readonly (RangedRow | undefined)[] | { readonly code: StoreFailure }> {
  const { clock, columns, where = {} } = range;
  const values = [...new Set([clock.column, ...columns])];
  const read = [...new Set([...values, ...Object.keys(where), ...versionNames])];
  const names = [...new Set([...at.keys.map(({ name }) => name), ...read])];
  const rows: (RangedRow | undefined)[] = [];
  // An item whose clock is moved while the index is read may be found twice.
  const distinct = [...new Map(keys.map((key) => [keyText(at.keys, key), key])).values()];
  for (const got of await readItems(at, distinct, names, signal)) {
    if ('code' in got) return got;
    const { item } = got;
    if (item === undefined) continue;
    const isMeant = Object.entries(where).every(([name, wanted]) => has(item[name], wanted));
    if (!isMeant || placeInRange(plainValue(item[clock.column]), range) === undefined) continue;
    const locator = locatorOf(at.keys, item);
    const version = readVersion(item, read);
    rows.push(
      locator && {
        locator,
        ...(version !== undefined && { version }),
        values: Object.fromEntries(values.map((name) => [name, plainValue(item[name])])),
      },
    );
  }
  return rows;
}
