import type { JsonValue } from '../../domain/canonical-json.ts';
import { MOST_DOCUMENT_BYTES, type Read } from '../../ports/store.ts';
import { exactJson } from '../exact-json.ts';
import { single, unknown } from './postgresql-answers.ts';
import type { Row } from './postgresql-session.ts';
import { foundStatement } from './postgresql-statements.ts';
import type { Column, Table } from './postgresql-table.ts';

const TEXT = 'pg_catalog.text';
const PLUS = 'OPERATOR(pg_catalog.+)';

/**
 * Keys → `n`, `exact`, `bytes` (of the row as JSON, or what its columns alone take if that is too much), and `document`:
 * the row as JSON, or NULL if it is larger than a document may be. It is made once, and only if its columns fit.
 */
export function documentStatement(table: Table): string {
  const columns = [...table.columns.values()];
  const most = String(MOST_DOCUMENT_BYTES);
  const isSmall = `${sizeOf(columns)} OPERATOR(pg_catalog.<=) ${most}`;
  const document = `CASE WHEN ${isSmall} THEN ${rowAsJson(columns)} END AS document`;
  const found = foundStatement(table, [`${sizeOf(columns)} AS size`, document]);
  const bytes = 'pg_catalog.octet_length(f.document)';
  return `SELECT f.n, f.exact, coalesce(${bytes}, f.size) AS bytes,
CASE WHEN ${bytes} OPERATOR(pg_catalog.<=) ${most} THEN f.document END AS document
FROM (${found} OFFSET 0) AS f`;
}

/** `r.*`, because a column may have the name `r`, too. */
function rowAsJson(columns: readonly Column[]): string {
  const values = columns.map((column) => `${asJson(column)} AS ${column.sql}`);
  return `(SELECT pg_catalog.row_to_json(r.*)::${TEXT} FROM (SELECT ${values.join(', ')}) AS r)`;
}

/**
 * PostgreSQL's own types have a form in JSON. For any other type, `row_to_json` would call a cast that another user can
 * create, with the lane's rights: such a value is its text. JSON in a column is text at first, and is read on its own.
 */
function asJson({ sql, type, isBuiltIn }: Column): string {
  const value = `t.${sql}`;
  if (!isBuiltIn)
    return `CASE WHEN pg_catalog.num_nulls(${value}) OPERATOR(pg_catalog.=) 0 THEN pg_catalog.format('%s', ${value}) END`;
  switch (type) {
    case 'bytea':
      // Lines of base64 end after 76 characters.
      return `pg_catalog.translate(pg_catalog.encode(${value}, 'base64'), pg_catalog.chr(10), '')`;
    case 'json':
    case 'jsonb':
      return `${value}::${TEXT}`;
    case '_json':
    case '_jsonb':
      return `${value}::${TEXT}[]`;
    default:
      return value;
  }
}

/** What the columns take at least, without reading the large ones: texts and bytes before their compression. */
function sizeOf(columns: readonly Column[]): string {
  return columns
    .map(({ sql, type, isBuiltIn }) => {
      const isPlain = isBuiltIn && ['text', 'varchar', 'bytea'].includes(type);
      const size = isPlain ? 'octet_length' : 'pg_column_size';
      return `coalesce(pg_catalog.${size}(t.${sql}), 0)::pg_catalog.int8`;
    })
    .join(` ${PLUS} `);
}

export function readOf(table: Table, rows: readonly Row[] | undefined): Read {
  const found = single(rows);
  if (found === 'ambiguous') return unknown('STORE_SCHEMA');
  if (!found.row) return { state: 'gone' };
  const { document, bytes } = found.row;
  if (typeof document !== 'string') return { state: 'too-large', bytes: Number(bytes) };
  const row = exactJson(document)?.value;
  if (!isRecord(row)) return { state: 'too-large' };
  const readJson = jsonReader();
  const columns = Object.entries(row).map(([name, value]): [string, JsonValue] => [
    name,
    columnValue(table.columns.get(name), value, readJson),
  ]);
  return { state: 'document', document: Object.fromEntries(columns) };
}

/** JSON that is parsed takes ten times its length of memory, and a lane reads several rows at once. */
const MOST_PARSED = 512 * 1024;

/** For one row. What JavaScript cannot hold as it is stays a text, and so does what is too much. */
function jsonReader(): (text: string) => JsonValue {
  let left = MOST_PARSED;
  return (text) => {
    if (text.length > left) return text;
    left -= text.length;
    const json = exactJson(text);
    return json ? json.value : text;
  };
}

function columnValue(
  column: Column | undefined,
  value: JsonValue,
  readJson: (text: string) => JsonValue,
): JsonValue {
  if (column?.isBuiltIn !== true) return value;
  switch (column.type) {
    case 'json':
    case 'jsonb':
    case '_json':
    case '_jsonb':
      return eachText(value, readJson);
    case '_bytea':
      // PostgreSQL writes bytes in a list as hex.
      return eachText(value, (text) => Buffer.from(text.slice(2), 'hex').toString('base64'));
    default:
      return value;
  }
}

/** Of a column, or of all elements of a list in it. */
function eachText(value: JsonValue, to: (text: string) => JsonValue): JsonValue {
  if (typeof value === 'string') return to(value);
  return Array.isArray(value) ? value.map((inner: JsonValue) => eachText(inner, to)) : value;
}

function isRecord(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
