import type { Page } from '../ports/registry.ts';

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

  function from(after: string | undefined, prefix: string): string[] {
    sorted ??= [...rows.keys()].toSorted();
    return sorted.filter((key) => key.startsWith(prefix) && (after === undefined || key > after));
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
    all: (prefix = '') => from(undefined, prefix).map((key) => rows.get(key) as Row),
    page(limit, after, prefix = '') {
      const keys = from(after, prefix);
      const items = keys.slice(0, limit).map((key) => rows.get(key) as Row);
      const last = keys[limit - 1];
      return keys.length > limit && last !== undefined ? { items, next: last } : { items };
    },
  };
}

/** Partitions that come into being when something is put there. */
export interface Partitions<Row> {
  of(partition: string): Rows<Row>;
  /** Every row, partition by partition. */
  all(): Row[];
}

export function memoryPartitions<Row>(): Partitions<Row> {
  const partitions = new Map<string, Rows<Row>>();
  return {
    of(partition) {
      const known = partitions.get(partition);
      if (known !== undefined) return known;
      const rows = memoryRows<Row>();
      partitions.set(partition, rows);
      return rows;
    },
    all: () => [...partitions.keys()].toSorted().flatMap((key) => partitions.get(key)?.all() ?? []),
  };
}
