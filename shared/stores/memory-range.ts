import type { Range, RangedRow } from '../ports/store.ts';
import { placeInRange } from './clock-range.ts';
import type { Page } from './listing.ts';
import type { MemoryRecord } from './memory-list.ts';

interface Versioned extends MemoryRecord {
  readonly version: string;
}

/** Where a page ends: the row's place in order, and its id. */
export type RangePosition = [at: number, id: string];

/** Rows of a range in order. What is not a date comes first, as -infinity does. */
export function memoryRange(
  records: ReadonlyMap<string, Versioned>,
  { clock, until, columns, where = {} }: Range,
  {
    limit,
    at,
    versions,
  }: { readonly limit: number; readonly at: RangePosition | undefined; readonly versions: boolean },
): Page<RangePosition, RangedRow> {
  const placed = [...records].flatMap(([id, record]): { at: RangePosition; record: Versioned }[] => {
    const { fields } = record;
    const isMeant = Object.entries(where).every(([field, wanted]) => fields[field] === wanted);
    const place = isMeant ? placeInRange(fields[clock.column], { clock, until }) : undefined;
    return place === undefined ? [] : [{ at: [place, id], record }];
  });
  const rest = placed
    .filter((one) => at === undefined || inOrder(one.at, at) > 0)
    .toSorted((one, other) => inOrder(one.at, other.at));
  const page = rest.slice(0, limit);
  const rows = page.map(({ record: { locator, fields, version } }): RangedRow => ({
    locator,
    ...(versions && { version }),
    values: Object.fromEntries([clock.column, ...columns].map((name) => [name, fields[name] ?? null])),
  }));
  const last = page.at(-1);
  return rest.length > limit && last ? { rows, next: last.at } : { rows };
}

function inOrder([one, id]: RangePosition, [other, otherId]: RangePosition): number {
  return one - other || (id < otherId ? -1 : id > otherId ? 1 : 0);
}
