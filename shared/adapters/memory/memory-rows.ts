import type { Page } from '../../ports/page.ts';

/** Rows in the order of their keys, as a partition of a table keeps them. */
export interface Rows<Row> {
  get(key: string): Row | undefined;
  put(key: string, row: Row): void;
  delete(key: string): boolean;
  /** In order of their keys. */
  all(prefix?: string): Row[];
  page(limit: number, after?: string, prefix?: string): Page<Row>;
}

export function memoryRows<Row>(): Rows<Row> {
  const rows = new Map<string, Row>();
  let sorted: string[] | undefined;

  /** Keys in order, from the first one after `after` that begins with `prefix`; at most `limit` plus one. */
  function from(after: string | undefined, prefix: string, limit: number): string[] {
    sorted ??= [...rows.keys()].toSorted();
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = sorted[middle] as string;
      if (key < prefix || (after !== undefined && key <= after)) low = middle + 1;
      else high = middle;
    }
    const keys: string[] = [];
    for (let at = low; at < sorted.length && keys.length <= limit; at += 1) {
      const key = sorted[at] as string;
      if (!key.startsWith(prefix)) break;
      keys.push(key);
    }
    return keys;
  }

  return {
    get: (key) => rows.get(key),
    put(key, row) {
      if (!rows.has(key)) sorted = undefined;
      rows.set(key, row);
    },
    delete(key) {
      sorted = undefined;
      return rows.delete(key);
    },
    all: (prefix = '') => from(undefined, prefix, rows.size).map((key) => rows.get(key) as Row),
    page(limit, after, prefix = '') {
      const keys = from(after, prefix, limit);
      const items = keys.slice(0, limit).map((key) => rows.get(key) as Row);
      const last = keys[limit - 1];
      return keys.length > limit && last !== undefined ? { items, next: last } : { items };
    },
  };
}

export interface Partitions<Row> {
  /** For writing: created at the first call. */
  of(partition: string): Rows<Row>;
  /** For reading: never creates a partition, so that reading years of empty ones leaves nothing behind. */
  at(partition: string): Omit<Rows<Row>, 'put'>;
  /** Every row, partition by partition. */
  all(): Row[];
  /** Removes the partitions whose names sort before this one. Returns how many rows were removed. */
  dropBefore(partition: string): number;
}

export function memoryPartitions<Row>(): Partitions<Row> {
  const partitions = new Map<string, Rows<Row>>();
  const empty = memoryRows<Row>();
  return {
    of(partition) {
      const known = partitions.get(partition);
      if (known !== undefined) return known;
      const rows = memoryRows<Row>();
      partitions.set(partition, rows);
      return rows;
    },
    at: (partition) => partitions.get(partition) ?? empty,
    all: () => [...partitions.keys()].toSorted().flatMap((key) => partitions.get(key)?.all() ?? []),
    dropBefore(partition) {
      const old = [...partitions].filter(([name]) => name < partition);
      for (const [name] of old) partitions.delete(name);
      return old.reduce((sum, [, rows]) => sum + rows.all().length, 0);
    },
  };
}
