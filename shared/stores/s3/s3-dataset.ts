import { isoUtc } from '../../domain/calendar/utc-time.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import { own } from '../../domain/own.ts';
import type { Count, DatasetCounts, DatasetQuestion } from '../../domain/coverage/survey.ts';
import type { Locator, Range, RangedRow } from '../../ports/store.ts';
import { placeInRange } from '../clock-range.ts';
import { datasetCounter } from '../dataset-counter.ts';
import type { Page } from '../listing.ts';
import { listEach, type Objects } from './s3-collections.ts';
import { type Listing, readVersionOf, writtenAt } from './s3-listing.ts';
import { idInKey, locatorOf, MODIFIED } from './s3-place.ts';

/** Of keys, for one call: objects that are not in the range have to be listed, too. */
const MOST_PAGES = 10;

type InRange = RangedRow | 'unnamed' | 'outside';

/**
 * The objects with the prefix whose clock is in the range, in S3's order: by their keys. An object was written when its
 * newest version was, or its delete marker, or when the last of its unfinished uploads began.
 */
export async function rangeObjects(
  objects: Objects,
  range: Range,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<Page<string, RangedRow>> {
  // After the last key of another place there would be nothing, and the range would look complete.
  if (after !== undefined && !after.startsWith(objects.prefix)) return { code: 'STORE_SCHEMA' };
  const rows: (RangedRow | undefined)[] = [];
  let at = after;
  for (let pages = 0; pages < MOST_PAGES && rows.length * 2 <= limit; pages += 1) {
    const page = await readPage(objects, range, { limit: limit - rows.length, after: at });
    // What was read before is given, and the rest is asked for again.
    if ('code' in page) return pages === 0 || at === undefined ? page : { rows, next: at };
    rows.push(...page.rows);
    at = page.next;
    if (at === undefined) return { rows };
  }
  return at === undefined ? { rows } : { rows, next: at };
}

async function readPage(
  objects: Objects,
  range: Range,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<Page<string, RangedRow>> {
  const page = await listEach(objects, limit, after, (key, listing) => rowOf(objects, range, key, listing));
  if ('code' in page) return page;
  const inRange = page.rows.filter((row) => row !== 'outside');
  return { ...page, rows: inRange.map((row) => (row === 'unnamed' ? undefined : row)) };
}

function rowOf({ keys, own: prefix }: Objects, range: Range, key: string, listing: Listing): InRange {
  const locator = locatorOf(keys, prefix, key);
  const written = writtenAt(listing);
  const rest = key.slice(prefix.length);
  const valueOf = (column: string): JsonValue =>
    column === MODIFIED ? textOf(written) : valueIn({ keys, locator }, column, rest);
  if (locator === undefined && range.clock.column !== MODIFIED) return 'unnamed';
  if (placeInRange(valueOf(range.clock.column), range) === undefined) return 'outside';
  if (locator === undefined) return 'unnamed';
  const columns = [...new Set([range.clock.column, ...range.columns])];
  const values = Object.fromEntries(columns.map((column) => [column, valueOf(column)]));
  return { locator, version: readVersionOf(listing), values };
}

/** A clock that is not a date keeps the object. */
function textOf(at: number | undefined): string {
  return at === undefined ? '' : isoUtc(at);
}

interface Named {
  readonly keys: readonly KeyColumn[];
  readonly locator: Locator | undefined;
}

function valueIn({ keys, locator }: Named, column: string, key: string): JsonValue {
  const place = keys.findIndex(({ name }) => name === column);
  return place < 0 ? idInKey(column, key) : (locator?.[place] ?? null);
}

/** The part of the bucket that has the objects of a range; `undefined` for a filter that objects do not have. */
export function prefixOfRange(range: Range): string | undefined {
  const where = range.where ?? {};
  const prefix = own(where, 'prefix') ?? '';
  return typeof prefix === 'string' && Object.keys(where).every((name) => name === 'prefix')
    ? prefix
    : undefined;
}

/** Counts the objects of datasets while they are listed. */
export interface ObjectCounters {
  /** `at`: when it was written. */
  readonly add: (key: string, at: number) => void;
  readonly counts: (counted: Count['counted']) => DatasetCounts[];
}

/** Clocks of objects are the time when they were written, or a part of their keys; datasets are told apart by prefix. */
export function objectCounters(
  datasets: readonly DatasetQuestion[],
  { keys, prefix }: { readonly keys: readonly KeyColumn[]; readonly prefix: string },
): ObjectCounters {
  const counters = datasets.map(({ where = {}, ...question }) => ({
    place: `${prefix}${String(where['prefix'] ?? '')}`,
    isOfKey: question.clock.column !== MODIFIED,
    counter: datasetCounter(question),
  }));
  return {
    add(key, at) {
      const meant = counters.filter(({ place }) => key.startsWith(place));
      if (meant.length === 0) return;
      const written = Number.isFinite(at) ? { [MODIFIED]: isoUtc(at) } : {};
      const named = meant.some(({ isOfKey }) => isOfKey) ? valuesIn(keys, prefix, key) : {};
      for (const { counter } of meant) counter.add({ ...named, ...written });
    },
    counts: (counted) => counters.map(({ counter }) => counter.counts(counted)),
  };
}

function valuesIn(keys: readonly KeyColumn[], prefix: string, key: string): Record<string, JsonValue> {
  const locator = locatorOf(keys, prefix, key) ?? [];
  return Object.fromEntries(
    keys.flatMap(({ name }, index) => {
      const value = locator[index];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
