import { personalFields } from '../../domain/coverage/personal-name.ts';
import { structureNames, tableName } from '../../domain/coverage/shown-name.ts';
import type { Count, Survey, SurveyQuestion } from '../../domain/coverage/survey.ts';
import { type FoundTable, uncoveredTables } from '../../domain/coverage/uncovered.ts';
import { surveying } from '../surveying.ts';
import type { PostgresOptions } from './postgresql-options.ts';
import { countDatasets } from './postgresql-datasets.ts';
import { neverPresentIn, unknownValues } from './postgresql-never-present.ts';
import { postgresFailure } from './postgresql-failure.ts';
import { type Budget, DriverError, type Query, type Row, type Sessions } from './postgresql-session.ts';
import type { Table } from './postgresql-table.ts';

const MOST_TABLES = 5000;
const MOST_COLUMNS = 100_000;
/** Tables whose oldest row is looked for, and the time for each. */
const MOST_AGED = 50;
const AGE_MILLISECONDS = 2000;

/**
 * Every table of the database with its partitions and inheriting tables as one, apart from the server's own and those of
 * extensions. The catalog shows them whatever the user may read. `rows`: NULL if one was never counted.
 */
const TABLES = `
WITH RECURSIVE tree(root, oid) AS (
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
)
SELECT n.nspname::text AS schema, c.relname::text AS table, c.oid::text AS oid,
  CASE WHEN bool_or(l.relkind IN ('r', 'm', 'f') AND l.reltuples < 0) THEN NULL
    ELSE sum(CASE WHEN l.relkind = 'p' THEN 0 ELSE l.reltuples END)::numeric(30, 0)::text END AS rows
FROM tree t JOIN pg_catalog.pg_class l ON l.oid = t.oid JOIN pg_catalog.pg_class c ON c.oid = t.root
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY n.nspname, c.relname, c.oid ORDER BY n.nspname, c.relname LIMIT ${MOST_TABLES + 1}`;

const COLUMNS = `
SELECT a.attrelid::text AS oid, a.attname::text AS name FROM pg_catalog.pg_attribute a
WHERE a.attrelid = ANY ($1::text[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum LIMIT ${MOST_COLUMNS + 1}`;

/** Columns that look as if they said when a row was created, with an index that finds the oldest one, and that may be read. */
const CREATED = `
SELECT i.indrelid::text AS oid, a.attname::text AS name
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname = 'btree'
WHERE i.indrelid = ANY ($1::text[]::oid[]) AND i.indisvalid AND i.indpred IS NULL
  AND a.atttypid IN ('timestamptz'::pg_catalog.regtype, 'timestamp'::pg_catalog.regtype, 'date'::pg_catalog.regtype)
  AND a.attname ~* '^(created|inserted|registered|recorded|logged|received|occurred|ts$|timestamp$|date_?created)'
  AND pg_catalog.has_column_privilege(i.indrelid, i.indkey[0], 'SELECT')
ORDER BY i.indrelid, i.indkey[0]`;

/** The tables of the database, its own among them. `describe`: the store's own table. */
export async function surveyDatabase(
  sessions: Sessions,
  { schema, table: own }: Pick<PostgresOptions, 'schema' | 'table'>,
  question: SurveyQuestion,
  describe: (query: Query) => Promise<Table | undefined>,
): Promise<Survey> {
  const budget = sessions.budget();
  const { notSeen, note, tried } = surveying((error) => failureOf(error, budget));
  const transaction = <Result>(work: (query: Query) => Promise<Result>, most = Infinity) =>
    sessions.transaction({ ...budget, limit: Math.ceil(Math.min(most, budget.remaining() / 2)) }, work);

  const tables = await tried('tables', () => transaction((query) => query(TABLES, [])));
  if (tables === undefined) {
    const code = notSeen[0]?.code ?? 'STORE_ERROR';
    for (const part of ['records', 'columns'] as const) note(part, code);
    if (question.neverPresent.length > 0) note('never-present', code);
    const neverPresent = question.neverPresent.map((name) => unknownValues(name));
    if (question.datasets.length > 0) note('datasets', code);
    return { personal: [], uncovered: [], neverPresent, datasets: [], notSeen };
  }
  if (tables.length > MOST_TABLES) note('tables', 'TOO_MANY');
  const ofTables = tables.slice(0, MOST_TABLES);
  const oids = ofTables.map(({ oid }) => String(oid));
  const columns = (await tried('columns', () => transaction((query) => query(COLUMNS, [oids])))) ?? [];
  if (columns.length > MOST_COLUMNS) note('columns', 'TOO_MANY');
  const covered = new Set([...question.covered.tables, tableName(schema, own)]);
  const others = ofTables.filter((row) => !covered.has(nameOf(row)));
  const ages = await oldestRows(others, { sessions, transaction });
  const names = Map.groupBy(columns, ({ oid }) => String(oid));
  const found = ofTables.map((row): FoundTable => {
    const fields = (names.get(String(row['oid'])) ?? []).map(({ name }) => String(name));
    const oldest = ages.get(String(row['oid']));
    const records = countOf(row);
    const shown = new Map(
      structureNames(fields.map((name) => ({ name }))).map((name, index) => [fields[index], name]),
    );
    return {
      schema: String(row['schema']),
      table: String(row['table']),
      ...(records && { records }),
      ...(oldest !== undefined && { oldest }),
      personal: personalFields(fields, (name) => shown.get(name)),
      ...(fields.length > 0 && { columns: fields }),
    };
  });
  const mine = found.find((one) => one.schema === schema && one.table === own);
  if (mine === undefined) note('records', 'STORE_SCHEMA');
  return {
    ...(mine?.records && { records: mine.records }),
    personal: mine?.personal ?? [],
    uncovered: uncoveredTables(found, [...covered]),
    neverPresent: await neverPresentIn(question.neverPresent, { describe, transaction, tried }),
    datasets: await countDatasets(question.datasets, { describe, transaction, tried, note }),
    notSeen,
  };
}

function failureOf(error: unknown, budget: Budget): string {
  if (!(error instanceof DriverError)) throw error;
  return postgresFailure(error.cause, budget.isSpent()).code;
}

function nameOf({ schema, table }: Row): string {
  return tableName(String(schema), String(table));
}

function countOf({ rows }: Row): Count | undefined {
  return typeof rows === 'string' ? { count: Number(rows), counted: 'estimate' } : undefined;
}

/** By table. One that cannot be read, or that takes too long, has none: the survey goes on. */
async function oldestRows(
  tables: readonly Row[],
  {
    sessions,
    transaction,
  }: {
    readonly sessions: Sessions;
    readonly transaction: <Result>(work: (query: Query) => Promise<Result>, most?: number) => Promise<Result>;
  },
): Promise<ReadonlyMap<string, number>> {
  const ages = new Map<string, number>();
  const byOid = new Map(tables.map((row) => [String(row['oid']), row]));
  const ask = async (work: (query: Query) => Promise<readonly Row[]>) => {
    try {
      return await transaction(work, AGE_MILLISECONDS);
    } catch (error) {
      if (error instanceof DriverError) return [];
      throw error;
    }
  };
  const columns = new Map<string, string>();
  for (const { oid, name } of await ask((query) => query(CREATED, [[...byOid.keys()]])))
    if (!columns.has(String(oid))) columns.set(String(oid), String(name));
  for (const [oid, column] of [...columns].slice(0, MOST_AGED)) {
    const table = byOid.get(oid);
    if (table === undefined) continue;
    const [schema, name] = [String(table['schema']), String(table['table'])];
    const from = `${sessions.quote(schema)}.${sessions.quote(name)}`;
    const value = `t.${sessions.quote(column)}`;
    const [row] = await ask((query) =>
      query(
        `SELECT (extract(epoch FROM o.at) * 1000)::int8::text AS at FROM (
          SELECT ${value} AS at FROM ${from} AS t WHERE ${value} IS NOT NULL ORDER BY ${value} LIMIT 1) AS o
        WHERE pg_catalog.isfinite(o.at)`,
        [],
      ),
    );
    const at = Number(row?.['at'] ?? Number.NaN);
    if (Number.isSafeInteger(at)) ages.set(oid, at);
  }
  return ages;
}
