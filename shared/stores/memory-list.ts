import type { KeyColumn } from '../domain/configuration/configuration.ts';
import type { FieldValue } from '../domain/record/masks.ts';
import type { Locator, Member, Place } from '../ports/store.ts';
import type { ListedRow, Page } from './listing.ts';

export interface MemoryRecord {
  readonly locator: Locator;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly version: string;
}

/** Ids in order. One that was removed stays: the caller skips it. */
export interface IdOrder {
  add(id: string): void;
  after(id: string | undefined): Iterable<string>;
}

/** Sorts only when something was added: reading page by page while records go must not sort each time. */
export function idOrder(): IdOrder {
  let sorted: string[] = [];
  const added = new Set<string>();
  return {
    add: (id) => void added.add(id),
    *after(id) {
      if (added.size > 0) sorted = [...new Set([...sorted, ...added])].toSorted(inOrder);
      added.clear();
      const ids = sorted;
      for (let at = id === undefined ? 0 : placeAfter(ids, id); at < ids.length; at += 1) {
        const next = ids[at];
        if (next !== undefined) yield next;
      }
    },
  };
}

/** A page of the records that carry the value in a key column or a field. */
export function memoryPage(
  { records, order, keys, sees, versions }: MemoryRecords,
  place: Place,
  limit: number,
  at: string | undefined,
): Page<string, ListedRow> {
  const rows: ListedRow[] = [];
  let last: string | undefined;
  for (const id of order.after(at)) {
    const found = records.get(id);
    if (found === undefined || !carries(found, keys, place)) continue;
    if (rows.length === limit && last !== undefined) return { rows, next: last };
    const { locator, version } = found;
    const presence = { state: 'present', ...(versions && { version }) } as const;
    rows.push({ locator, ...(sees && { presence }) });
    last = id;
  }
  return { rows };
}

interface MemoryRecords {
  readonly records: ReadonlyMap<string, MemoryRecord>;
  readonly order: IdOrder;
  readonly keys: readonly KeyColumn[];
  /** The list says what `look` would answer. */
  readonly sees: boolean;
  readonly versions: boolean;
}

function carries(record: MemoryRecord, keys: readonly KeyColumn[], place: Place): boolean {
  const member = memoryMember(record, keys, place);
  return member.state === 'in' && member.id === place.value;
}

export function memoryMember(
  record: MemoryRecord | undefined,
  keys: readonly KeyColumn[],
  { by, where = {} }: Omit<Place, 'value'>,
): Member {
  const key = keys.findIndex(({ name }) => name === by);
  const found = key < 0 ? record?.fields[by] : record?.locator[key];
  const isMeant = Object.entries(where).every(([field, wanted]) => record?.fields[field] === wanted);
  return found === undefined || found === null || !isMeant
    ? { state: 'out' }
    : { state: 'in', id: String(found) };
}

function placeAfter(sorted: readonly string[], id: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? '') <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
