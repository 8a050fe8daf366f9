import type { KeyColumn, KeyType } from '../../domain/configuration/configuration.ts';
import type { Locator } from '../../ports/store.ts';
import type { KeyResult } from '../answer-each.ts';
import type { PostgresOptions } from './postgresql-options.ts';
import type { Query, Row } from './postgresql-session.ts';

export interface Column {
  /** Quoted. */
  readonly sql: string;
  /** Type without its length, as SQL. For a domain, its base type. */
  readonly base: string;
  /** Type with its length or scale, as SQL. */
  readonly declared: string;
  /** Length, or precision and scale, as the catalog keeps them; -1 for none. For a domain, those of its base type. */
  readonly modifier: number;
  /** Name of the base type in the catalog: `int8`, `timestamptz` … */
  readonly type: string;
  /** Whether the base type is PostgreSQL's own. */
  readonly isBuiltIn: boolean;
  /** The operator of the base type that says whether two values are equal, with its schema. */
  readonly equals: string;
  /** Whether a change of this column also changes rows of other tables (ON UPDATE CASCADE, SET NULL or SET DEFAULT). */
  readonly spreads: boolean;
}

/** What the catalog says about the table that a store's options name. */
export interface Table {
  /** Another table of the same schema, quoted. */
  beside(name: string): string;
  /** Its columns; none if it is not there, or has rows elsewhere. */
  describe(query: Query, sql: string): Promise<ReadonlyMap<string, Column>>;
  /** Quoted, with its schema, as `to_regclass` and statements take it. */
  readonly sql: string;
  readonly keys: readonly Column[];
  readonly version: Column | undefined;
  /** The column that says which rows are restricted, if the options name one that is there. */
  readonly marker: Column | undefined;
  readonly columns: ReadonlyMap<string, Column>;
  /** Whether deleting a row also deletes rows of other tables. */
  readonly cascades: boolean;
  /** Whether the session's user is set to write as a replica does, without foreign keys and triggers. */
  readonly unguarded: boolean;
  /** Whether a rule does something else instead of deleting a row. */
  readonly deleteReplaced: boolean;
  /** Whether a rule does something else instead of changing a row. */
  readonly updateReplaced: boolean;
  /** Whether a trigger of the table or of a partition runs when a row is changed: it may change the key. */
  readonly updateTriggered: boolean;
}

/**
 * Column types that can hold a key of each type. Integers keep their own type, so that an index can be used. `char(n)`
 * is not among them: padding does not belong to its value, so one row would have many keys, and could be registered by each.
 * `timestamp` is not either: without a zone it names no instant. Nor are `real` and `double precision`, which round.
 */
export const KEY_COLUMNS: Readonly<Record<KeyType, readonly string[]>> = {
  text: ['text', 'varchar', 'citext'],
  integer: ['int2', 'int4', 'int8', 'numeric'],
  decimal: ['numeric'],
  uuid: ['uuid'],
  date: ['date'],
  timestamp: ['timestamptz'],
  binary: ['bytea'],
};

const INTEGER_BITS: Readonly<Record<string, number>> = { int2: 16, int4: 32, int8: 64 };

/**
 * The table that parameter `name` names, with its partitions and inheriting tables: a delete reaches their rows, too,
 * and another table may reference them directly.
 */
export function treeOf(name: string): string {
  return `WITH RECURSIVE tree(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(${name})
  UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) tree.oid
)`;
}

const CASCADES = `EXISTS (SELECT 1 FROM pg_catalog.pg_constraint r JOIN tree ON r.confrelid OPERATOR(pg_catalog.=) tree.oid
  WHERE r.confdeltype OPERATOR(pg_catalog.=) 'c')`;

/** A foreign table has no versions, and its server has foreign keys and triggers that the catalog here does not show. */
const REMOTE = `EXISTS (SELECT 1 FROM tree JOIN pg_catalog.pg_class m ON m.oid OPERATOR(pg_catalog.=) tree.oid
  WHERE m.relkind OPERATOR(pg_catalog.<>) ALL ('{r,p}'))`;

/** Bit 16 of the type: for UPDATE. */
const UPDATE_TRIGGERED = `EXISTS (SELECT 1 FROM tree JOIN pg_catalog.pg_trigger g ON g.tgrelid OPERATOR(pg_catalog.=) tree.oid
  WHERE NOT g.tgisinternal AND g.tgenabled OPERATOR(pg_catalog.<>) 'D'
  AND (g.tgtype OPERATOR(pg_catalog.&) 16::pg_catalog.int2) OPERATOR(pg_catalog.<>) 0)`;

const replaced = (event: 'update' | 'delete', oid: string) => `EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite w
  WHERE w.ev_class OPERATOR(pg_catalog.=) ${oid} AND w.is_instead AND w.ev_enabled OPERATOR(pg_catalog.<>) 'D'
  AND w.ev_type OPERATOR(pg_catalog.=) '${event === 'update' ? 2 : 4}')`;

/**
 * Whether a delete still reaches only what the description says, as a condition of the delete itself: it may have waited
 * for the transaction that adds a reference, a partition or a rule, and its snapshot is from after that.
 */
export function reachesOnlyItself(name: string, mayCascade: boolean): string {
  const more = [
    REMOTE,
    replaced('delete', `pg_catalog.to_regclass(${name})`),
    ...(mayCascade ? [] : [CASCADES]),
  ];
  return `NOT (${treeOf(name)} SELECT ${more.join(' OR ')})`;
}

/**
 * Whether an index keeps the table, and all its partitions together, from having two rows with the same key, which is one
 * column, as that column compares it. Asked once for a statement: to count the rows of each key takes as long as to find it. A
 * table that inherits has rows that its parent's index does not know.
 */
export function isUnique(name: string, key: string): string {
  const is = 'OPERATOR(pg_catalog.=)';
  return `EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indrelid ${is} c.oid
  JOIN pg_catalog.pg_attribute a ON a.attrelid ${is} c.oid AND a.attname ${is} ${key}::pg_catalog.name
    AND a.attnum ${is} i.indkey[0] AND a.attcollation ${is} i.indcollation[0]
  JOIN pg_catalog.pg_opclass o ON o.oid ${is} i.indclass[0]
  JOIN pg_catalog.pg_opclass d ON d.opcmethod ${is} o.opcmethod AND d.opcintype ${is} o.opcintype
    AND d.opcfamily ${is} o.opcfamily AND d.opcdefault
  WHERE c.oid ${is} pg_catalog.to_regclass(${name}) AND (c.relkind ${is} 'p' OR NOT c.relhassubclass)
  AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indnatts ${is} 1)`;
}

/**
 * A domain may be over another domain, so its base type is looked for step by step. A type counts by its name only if it
 * is PostgreSQL's own, or `citext` of the extension: another user can create one of the same name.
 */
const COLUMNS = `
${treeOf('$1')}
SELECT a.attname::pg_catalog.text AS name, pg_catalog.format_type(b.oid, -1) AS base,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared,
  CASE WHEN own.built_in OR own.extension IS NOT NULL THEN b.typname::pg_catalog.text ELSE '' END AS type,
  bottom.modifier, own.built_in AS "isBuiltIn", own.extension AS schema,
  EXISTS (SELECT 1 FROM pg_catalog.pg_constraint r JOIN tree ON r.confrelid OPERATOR(pg_catalog.=) tree.oid
    JOIN pg_catalog.pg_attribute f ON f.attrelid OPERATOR(pg_catalog.=) r.confrelid
      AND f.attnum OPERATOR(pg_catalog.=) ANY (r.confkey) AND f.attname OPERATOR(pg_catalog.=) a.attname
    WHERE r.confupdtype OPERATOR(pg_catalog.=) ANY ('{c,n,d}')) AS spreads,
  ${CASCADES} AS cascades, ${replaced('delete', 'c.oid')} AS "deleteReplaced", ${replaced('update', 'c.oid')} AS "updateReplaced",
  ${UPDATE_TRIGGERED} AS "updateTriggered",
  pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica' AS unguarded
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
  AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
CROSS JOIN LATERAL (
  WITH RECURSIVE up(oid, kind, next, modifier) AS (
    SELECT t.oid, t.typtype, t.typbasetype, GREATEST(a.atttypmod, t.typtypmod)
    FROM pg_catalog.pg_type t WHERE t.oid OPERATOR(pg_catalog.=) a.atttypid
    UNION ALL SELECT t.oid, t.typtype, t.typbasetype, GREATEST(up.modifier, t.typtypmod) FROM up
    JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) up.next WHERE up.kind OPERATOR(pg_catalog.=) 'd'
  ) SELECT up.oid, up.modifier FROM up WHERE up.kind OPERATOR(pg_catalog.<>) 'd'
) AS bottom
JOIN pg_catalog.pg_type b ON b.oid OPERATOR(pg_catalog.=) bottom.oid
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) b.typnamespace
CROSS JOIN LATERAL (
  SELECT n.nspname OPERATOR(pg_catalog.=) 'pg_catalog' AS built_in,
    (SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
      WHERE d.objid OPERATOR(pg_catalog.=) b.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'
        AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
        AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
        AND e.extname OPERATOR(pg_catalog.=) 'citext') AS extension
) AS own
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND NOT ${REMOTE}`;

interface ColumnRow extends Pick<
  Column,
  'base' | 'declared' | 'modifier' | 'type' | 'isBuiltIn' | 'spreads'
> {
  readonly name: string;
  /** Of the extension that the type belongs to. */
  readonly schema: string | null;
}

/**
 * What changes if the description of a plain table may: which rows of the catalog it is made from, by transaction and place. A
 * foreign key that refers to the table is a trigger of it, too. No row for a table that has rows elsewhere.
 */
const STATE = `SELECT pg_catalog.concat(c.oid, ' ', c.xmin, c.ctid, ' ', pg_catalog.current_setting('session_replication_role'),
  ${[
    ['pg_attribute', 'attrelid'],
    ['pg_index', 'indrelid'],
    ['pg_trigger', 'tgrelid'],
    ['pg_rewrite', 'ev_class'],
  ]
    .map(
      ([
        catalog,
        of,
      ]) => `' ', (SELECT pg_catalog.string_agg(pg_catalog.concat(r.xmin, r.ctid), ',' ORDER BY r.ctid)
    FROM pg_catalog.${catalog} r WHERE r.${of} OPERATOR(pg_catalog.=) c.oid)`,
    )
    .join(', ')}) AS state
FROM pg_catalog.pg_class c
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND c.relkind OPERATOR(pg_catalog.=) 'r'
AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid)`;

/** What the state does not show, such as another name of a column's type, makes statements fail for so long: milliseconds. */
const LONGEST_REMEMBERED = 60_000;

/**
 * Describes the table each time, and remembers the answer for as long as the catalog says the same: to ask for that takes a
 * tenth of the time.
 */
export function describing(
  options: PostgresOptions,
  keys: readonly KeyColumn[],
  quote: (name: string) => string,
): (query: Query) => Promise<Table | undefined> {
  const sql = `${quote(options.schema)}.${quote(options.table)}`;
  let known: { readonly state: unknown; readonly until: number; readonly table: Table } | undefined;
  return async (query) => {
    const [answer] = await query(STATE, [sql]);
    const state = answer?.['state'];
    if (known !== undefined && known.state === state && performance.now() < known.until) return known.table;
    const table = await describeTable(query, options, keys, quote);
    const until = performance.now() + LONGEST_REMEMBERED;
    known = table === undefined || typeof state !== 'string' ? undefined : { state, until, table };
    return table;
  };
}

/**
 * `undefined`: the table does not exist, is a view or a foreign table or has one among its partitions, or does not have
 * the declared columns with their types.
 */
export async function describeTable(
  query: Query,
  { schema, table, versionColumn, restrict }: PostgresOptions,
  keys: readonly KeyColumn[],
  quote: (name: string) => string,
): Promise<Table | undefined> {
  const beside = (name: string): string => `${quote(schema)}.${quote(name)}`;
  const sql = beside(table);
  const rows = await query(COLUMNS, [sql]);
  const columns = columnsIn(rows, quote);
  const is = (fact: string) => rows.some((row) => row[fact] === true);
  const version = versionColumn === undefined ? undefined : columns.get(versionColumn);
  if (versionColumn !== undefined && !version) return undefined;
  const found = keys.flatMap(({ name, type }) => {
    const column = columns.get(name);
    return column && KEY_COLUMNS[type].includes(column.type) ? column : [];
  });
  if (found.length !== keys.length || keys.length === 0) return undefined;
  return {
    beside,
    describe: async (reading, other) => columnsIn(await reading(COLUMNS, [other]), quote),
    sql,
    keys: found,
    version,
    marker: restrict && columns.get(restrict.column),
    columns,
    cascades: is('cascades'),
    unguarded: is('unguarded'),
    deleteReplaced: is('deleteReplaced'),
    updateReplaced: is('updateReplaced'),
    updateTriggered: is('updateTriggered'),
  };
}

function columnsIn(rows: readonly Row[], quote: (name: string) => string): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const row of rows) {
    const { name, schema, ...column } = row as unknown as ColumnRow;
    const { base, declared, modifier, type, isBuiltIn, spreads } = column;
    const equals = `OPERATOR(${schema === null ? 'pg_catalog' : quote(schema)}.=)`;
    columns.set(name, { sql: quote(name), base, declared, modifier, type, isBuiltIn, equals, spreads });
  }
  return columns;
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
export function canHold({ keys }: Pick<Table, 'keys'>, values: readonly string[]): boolean {
  return keys.every(({ type }, index) => {
    const bits = INTEGER_BITS[type];
    const value = values[index] ?? '0';
    // With fewer digits than the largest number has.
    if (bits === undefined || value.length < bits / 4) return true;
    return BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
  });
}
