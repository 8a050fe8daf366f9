import type { KeyColumn, KeyType } from '../../domain/configuration/configuration.ts';
import type { Locator } from '../../ports/store.ts';
import type { KeyResult } from '../answer-each.ts';
import type { PostgresOptions } from './postgresql-options.ts';
import type { Query } from './postgresql-session.ts';

export interface Column {
  /** Quoted. */
  readonly sql: string;
  /** Type without its length, as SQL. For a domain, its base type. */
  readonly base: string;
  /** Type with its length or scale, as SQL. */
  readonly declared: string;
  /** Name of the base type in the catalog: `int8`, `timestamptz` … */
  readonly type: string;
}

/** What the catalog says about the table that a store's options name. */
export interface Table {
  /** Quoted, with its schema. */
  readonly sql: string;
  readonly keys: readonly Column[];
  readonly version: Column | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  /** Whether deleting a row also deletes rows of other tables. */
  readonly cascades: boolean;
}

/** Column types that can hold a key of each type. Integers keep their own type, so that an index can be used. */
const KEY_COLUMNS: Readonly<Record<KeyType, readonly string[]>> = {
  text: ['text', 'varchar', 'bpchar', 'citext'],
  integer: ['int2', 'int4', 'int8', 'numeric'],
  uuid: ['uuid'],
  binary: ['bytea'],
};

const INTEGER_BITS: Readonly<Record<string, bigint>> = { int2: 16n, int4: 32n, int8: 64n };

const COLUMNS = `
SELECT a.attname::text AS name, b.typname::text AS type,
       format_type(b.oid, -1) AS base, format_type(a.atttypid, a.atttypmod) AS declared,
       EXISTS (SELECT 1 FROM pg_catalog.pg_constraint r WHERE r.confrelid = c.oid AND r.confdeltype = 'c') AS cascades
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')`;

/**
 * `undefined`: the table does not exist, is a view or a foreign table, or does not have the declared columns with their
 * types.
 */
export async function describeTable(
  query: Query,
  { schema, table, versionColumn }: PostgresOptions,
  keys: readonly KeyColumn[],
  quote: (name: string) => string,
): Promise<Table | undefined> {
  const sql = `${quote(schema)}.${quote(table)}`;
  const columns = new Map<string, Column>();
  const rows = await query(COLUMNS, [sql]);
  const cascades = rows.some((row) => row['cascades'] === true);
  for (const row of rows) {
    const { name, type, base, declared } = row as Record<'name' | 'type' | 'base' | 'declared', string>;
    columns.set(name, { sql: quote(name), type, base, declared });
  }
  const version = versionColumn === undefined ? undefined : columns.get(versionColumn);
  if (versionColumn !== undefined && !version) return undefined;
  const found = keys.flatMap(({ name, type }) => {
    const column = columns.get(name);
    return column && KEY_COLUMNS[type].includes(column.type) ? column : [];
  });
  return found.length === keys.length && keys.length > 0
    ? { sql, keys: found, version, columns, cascades }
    : undefined;
}

/** Key values in PostgreSQL's form; `impossible` if no row of this table can have them. */
export function postgresKey(keys: readonly KeyColumn[], locator: Locator): KeyResult<readonly string[]> {
  const values = keys.map(({ type }, index) => {
    const text = String(locator[index]);
    return type === 'binary' ? `\\x${Buffer.from(text, 'base64url').toString('hex')}` : text;
  });
  return values.some((value) => value.includes('\0'))
    ? { state: 'impossible' }
    : { state: 'key', key: values };
}

/** Whether the columns' own types can hold these values: a number out of range would fail the whole statement. */
export function canHold({ keys }: Table, values: readonly string[]): boolean {
  return keys.every(({ type }, index) => {
    const bits = INTEGER_BITS[type];
    return (
      bits === undefined ||
      BigInt.asIntN(Number(bits), BigInt(values[index] ?? '0')) === BigInt(values[index] ?? '0')
    );
  });
}
