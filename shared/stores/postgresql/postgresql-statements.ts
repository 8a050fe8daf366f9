import { columnMasks } from '../../domain/record/mask-tree.ts';
import type { Mask, Masks } from '../../domain/record/masks.ts';
import { keepsPseudonyms } from './postgresql-pseudonyms.ts';
import { type Column, isUnique, reachesOnlyItself, type Table } from './postgresql-table.ts';

/**
 * Every statement joins the table `t` with the rows `k` that are sent: the key values as `k1`, `k2` …, then other
 * values, and `n`, the position in the batch. Values are sent as one array per column, so the text of a statement
 * depends only on the table. Operators, functions and types are named with their schema: PostgreSQL's own, or that of the
 * column's type.
 */

const TEXT = 'pg_catalog.text';
const EXACTLY = 'COLLATE pg_catalog."C"';
const EQUALS = 'OPERATOR(pg_catalog.=)';
const JOINED = 'OPERATOR(pg_catalog.||)';
const NUMBER = 'k.n::pg_catalog.int4 AS n';

/** Whether another transaction is deleting or changing the row. */
export const PENDING = `t.xmax ${EQUALS} ANY (SELECT l.transactionid FROM pg_catalog.pg_locks l
  WHERE l.locktype ${EQUALS} 'transactionid' AND l.mode ${EQUALS} 'ExclusiveLock') AS pending`;

/** The version as text: `none` for NULL, otherwise `=` and the value, so that the two cannot be confused. */
export function versionOf({ version }: Table): string {
  return version
    ? `coalesce('=' ${JOINED} t.${version.sql}::${TEXT}, 'none')`
    : `'=' ${JOINED} t.xmin::${TEXT}`;
}

/** As the base type: for a domain over `citext`, another user can create an operator in the extension's schema. */
function keysMatch({ keys }: Table, alias: string): string {
  return keys
    .map(({ sql, base, equals }, index) => `${alias}.${sql}::${base} ${equals} k.k${index + 1}`)
    .join(' AND ');
}

/**
 * The same once more, of all rows that are sent at once: an index then finds them in its order, in one walk. Else the planner
 * takes the whole table where that costs less than finding thousands of rows one after the other. Nothing for several columns:
 * of the first one alone, all rows of a tenant might be read.
 */
function isAmong({ keys: [key, ...others] }: Table): string {
  if (key === undefined || others.length > 0) return '';
  return ` AND t.${key.sql}::${key.base} ${key.equals} ANY ($1::${key.base}[])`;
}

/** A text column may compare less strictly: with a collation or `citext`, different texts can be equal. */
function isExact({ keys }: Table): string {
  const clauses = keys.flatMap(({ sql, type }, index) =>
    ['text', 'varchar', 'citext'].includes(type)
      ? [`t.${sql}::${TEXT} ${EXACTLY} ${EQUALS} k.k${index + 1}::${TEXT} ${EXACTLY}`]
      : [],
  );
  return clauses.length > 0 ? clauses.join(' AND ') : 'true';
}

/** The rows that are sent: the keys, then the columns of `more`. */
function rowsSent({ keys }: Table, more: readonly (readonly [name: string, type: string])[] = []): string {
  const all = [...keys.map(({ base }, index) => [`k${index + 1}`, base] as const), ...more];
  const arrays = all.map(([, type], index) => `pg_catalog.unnest($${index + 1}::${type}[])`);
  return `ROWS FROM (${arrays.join(', ')}) WITH ORDINALITY AS k(${all.map(([name]) => name).join(', ')}, n)`;
}

/** Keys → one row for each row found: `n`, `version`, `exact`. */
export function lookStatement(table: Table): string {
  return foundStatement(table, []);
}

/** As `lookStatement`, with more columns. */
export function foundStatement(table: Table, more: readonly string[]): string {
  const columns = [NUMBER, `${versionOf(table)} AS version`, `${isExact(table)} AS exact`, ...more];
  return `SELECT ${columns.join(', ')}
FROM ${rowsSent(table)} JOIN ${table.sql} AS t ON ${keysMatch(table, 't')}${isAmong(table)}`;
}

/**
 * Keys, versions, the table's name, the key's name if it is one column → `n` of the rows deleted. A locator names one row: if the key matches two
 * rows, both stay. The count sees the same snapshot as the delete, and so does the question whether there can be two.
 */
export function deleteStatement(table: Table, mayCascade: boolean): string {
  return `DELETE FROM ${table.sql} AS t USING ${rowsSent(table, [['version', TEXT]])}
WHERE ${isTarget(table, table.keys.length + 2)}
AND ${reachesOnlyItself(`$${table.keys.length + 2}::${TEXT}`, mayCascade)}
RETURNING ${NUMBER}`;
}

/** The row of another table that each row names. */
interface OtherRow {
  /** Its version, as SQL. */
  readonly version: string;
  /** The column that names it, quoted. */
  readonly by: string;
}

/** As `deleteStatement`, with the versions of the rows that they name as third → `n` and the name of that row, of the rows deleted. */
export function deleteBothStatement(table: Table, mayCascade: boolean, other: OtherRow): string {
  const more = [['version', TEXT] as const, ['other', TEXT] as const];
  return `DELETE FROM ${table.sql} AS t USING ${rowsSent(table, more)}
WHERE ${isTarget(table, table.keys.length + 3)} AND ${other.version} ${EQUALS} k.other
AND ${reachesOnlyItself(`$${table.keys.length + 3}::${TEXT}`, mayCascade)}
RETURNING ${NUMBER}, t.${other.by}::${TEXT} AS named`;
}

/**
 * The row is the one that was looked at, and the only one with its key. `name`: the number of the parameter with the table's
 * name, which the name of a key follows that is one column.
 */
function isTarget(table: Table, name?: number): string {
  const twins = `(SELECT pg_catalog.count(*) FROM (SELECT 1 FROM ${table.sql} AS twin WHERE ${keysMatch(table, 'twin')} LIMIT 2) AS twins) ${EQUALS} 1`;
  // With several columns, the planner would take the whole table: it does not know that this is true.
  const isOnly =
    name === undefined || table.keys.length > 1
      ? twins
      : `(${isUnique(`$${name}::${TEXT}`, `$${name + 1}::${TEXT}`)} OR ${twins})`;
  return `${keysMatch(table, 't')}${isAmong(table)} AND ${isExact(table)}
AND (k.version IS NULL OR ${versionOf(table)} ${EQUALS} k.version)
AND ${isOnly}`;
}

/** Keys, versions → `n` of the rows changed. As `maskStatement`, with the same values for all rows. */
export function updateStatement(table: Table, sets: readonly string[], condition: string): string {
  return `UPDATE ${table.sql} AS t SET ${[...sets, ...counted(table)].join(', ')}
FROM ${rowsSent(table, [['version', TEXT]])}
WHERE ${isTarget(table)} AND ${condition}
RETURNING ${NUMBER}`;
}

/** A numeric version is increased by one. */
function counted({ version }: Table): string[] {
  return version && isCounted(version) ? [`${version.sql} = t.${version.sql} OPERATOR(pg_catalog.+) 1`] : [];
}

export interface MaskedColumn extends Column {
  readonly mask: Mask;
}

/** A number of four digits only looks like a year. */
export function showsDates({ type }: Column): boolean {
  return ['date', 'timestamp', 'timestamptz', 'text', 'varchar', 'bpchar', 'citext'].includes(type);
}

/**
 * The masked columns, in the same order for all statements. `undefined` if one cannot be masked, or is not there and
 * has to be. PostgreSQL has no fields inside a column.
 */
export function maskedColumns(table: Table, masks: Masks): readonly MaskedColumn[] | undefined {
  const columns: MaskedColumn[] = [];
  const wanted = columnMasks(masks);
  if (!wanted) return undefined;
  for (const [name, mask] of wanted) {
    const column = table.columns.get(name);
    if (column === undefined && mask.ifPresent === true) continue;
    if (column === undefined || [...table.keys, table.version, table.marker].includes(column))
      return undefined;
    if (mask.kind === 'truncate-date' && !showsDates(column)) return undefined;
    if (mask.kind === 'pseudonym' && !keepsPseudonyms(column, mask.form)) return undefined;
    columns.push({ ...column, mask });
  }
  return columns;
}

/**
 * Keys, then one text for each constant → as `lookStatement`, with `f0`, `f1` … (a field's text, or NULL) and `c0` …
 * (whether it equals its constant as the column compares, in which 0.50 is 0.5). `lock` locks the rows until the
 * transaction ends, and adds their physical location. Otherwise `pending` says whether another transaction is deleting or
 * changing the row: it may be a former one of the lane, whose commit takes long.
 */
export function fieldsStatement(table: Table, columns: readonly MaskedColumn[], lock: boolean): string {
  let parameter = table.keys.length;
  const fields = columns.flatMap(({ sql, base, type, isBuiltIn, declared, mask }, index) => {
    const text = `t.${sql}::${TEXT} AS f${index}`;
    if (mask.kind !== 'constant') return [text];
    // A cast to a type with a length would cut the constant off.
    const form = ['varchar', 'bpchar', 'bit', 'varbit'].includes(type) ? base : declared;
    const constant = `$${(parameter += 1)}::${TEXT}::${form}`;
    // The types json and xml have no equality of their own. That of another user's type is another user's code.
    const equal =
      isBuiltIn && !['json', 'xml'].includes(type)
        ? `t.${sql} IS NOT DISTINCT FROM ${constant}`
        : `t.${sql}::${TEXT} IS NOT DISTINCT FROM (${constant})::${TEXT}`;
    return [text, `(${equal}) AS c${index}`];
  });
  const place = lock ? [`t.ctid::${TEXT} AS place`, `t.tableoid::${TEXT} AS part`] : [PENDING];
  return `${foundStatement(table, [...fields, ...place])}${lock ? ' FOR UPDATE OF t' : ''}`;
}

/** Whether masking increases this version by one, for which the user needs the privilege to update it. */
export function isCounted({ type }: Column): boolean {
  return ['int2', 'int4', 'int8', 'numeric'].includes(type);
}

/**
 * Keys, places, parts, then one array of texts per field → `n` of the rows written. A numeric version is increased by
 * one, as by the application's own writes: a write based on the unmasked row then fails, instead of bringing the data
 * back.
 */
export function maskStatement(table: Table, columns: readonly Column[]): string {
  const fields = columns.map((_, index) => [`f${index}`, TEXT] as const);
  const sets = columns.map(({ sql, base }, index) => `${sql} = k.f${index}::${base}`);
  return `UPDATE ${table.sql} AS t SET ${[...sets, ...counted(table)].join(', ')}
FROM ${rowsSent(table, [['place', TEXT], ['part', TEXT], ...fields])}
WHERE ${keysMatch(table, 't')} AND t.ctid ${EQUALS} k.place::pg_catalog.tid AND t.tableoid ${EQUALS} k.part::pg_catalog.oid
RETURNING ${NUMBER}`;
}
