import { asDataset } from '../../../shared/domain/columns/fact-columns.ts';
import type {
  ClockColumn,
  DatasetConfiguration,
  FactColumn,
} from '../../../shared/domain/configuration/configuration.ts';
import { filterOf, type Listable } from '../../../shared/stores/postgresql/postgresql-listing.ts';
import { findJoin, isSweepable, type Joined } from '../../../shared/stores/postgresql/postgresql-joined.ts';
import { findClock, isClock } from '../../../shared/stores/postgresql/postgresql-range.ts';
import { isList } from '../../../shared/stores/postgresql/postgresql-ranged-row.ts';
import type { Query } from '../../../shared/stores/postgresql/postgresql-session.ts';
import { withoutRequests } from './preflight-datasets.ts';
import { type Finding, fails } from '../preflight-finding.ts';
import type { StoreReach } from '../preflight-reach.ts';

/** What a clock can be: as the store reads it. */
const CLOCKS =
  'a clock is a column of `timestamptz` or `date`, of `timestamp` with a `zone`, or of whole numbers or `numeric` with a `unit`';
/** Any instant: only whether rows can be read is asked. */
const UNTIL = { at: 0, date: '1970-01-01' };

/** Whether the rows of each dataset can be read by their clocks, and whether requests of people reach them. */
export async function checkDatasets(
  name: string,
  query: Query,
  listable: Listable,
  { datasets = [], collections = [] }: Pick<StoreReach, 'datasets' | 'collections'>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const dataset of datasets) {
    const said = `the dataset ${dataset.category}: `;
    for (const message of await problemsOf(query, listable, dataset))
      findings.push(fails(name, said + message));
    findings.push(...withoutRequests(name, dataset, collections));
  }
  return findings;
}

/** Whether each column of facts can be read in its order. What has ended is not read. */
export async function checkFacts(
  name: string,
  query: Query,
  listable: Listable,
  columns: readonly FactColumn[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const column of columns.filter(({ ended }) => ended !== true))
    for (const message of await problemsOf(query, listable, asDataset(column)))
      findings.push(fails(name, `the column of ${column.event}: ${message}`));
  return findings;
}

async function problemsOf(
  query: Query,
  listable: Listable,
  { clock, by, attributes = {}, entities = {}, where }: DatasetConfiguration,
): Promise<readonly string[]> {
  const { table } = listable;
  const clocks = Object.values(clock).flatMap((one) => (one.in === undefined ? [one.column] : []));
  const missing = [...new Set([...clocks, ...Object.values(attributes), ...Object.values(entities)])].filter(
    (column) => !table.columns.has(column),
  );
  const problems = missing.map((column) => `the table has no column ${column}; correct its name`);
  for (const name of new Set([...Object.values(attributes), ...Object.values(entities)])) {
    const column = table.columns.get(name);
    if (column !== undefined && isList(column))
      problems.push(
        `the column ${name} has the type ${column.declared}, and no row that has a list in it ever goes; name a column with one value`,
      );
  }
  if (filterOf(table, { ...(where && { where }) }, 1) === undefined)
    problems.push(
      '`where` names a column that the table does not have, or a value that its type cannot be; correct `where`',
    );
  problems.push(...(await joinProblems(query, listable, { clock, by })));
  for (const written of Object.values(clock)) {
    if (written.in !== undefined) continue;
    const column = table.columns.get(written.column);
    if (column !== undefined && !isClock(column, written))
      problems.push(`the column ${written.column} has the type ${column.declared}; ${CLOCKS}`);
  }
  const swept = clock[by];
  if (problems.length > 0 || swept === undefined || swept.in !== undefined) return problems;
  const { state } = await findClock(query, listable, { clock: swept, until: UNTIL });
  const column = table.columns.get(swept.column)?.sql ?? swept.column;
  return state === 'no-index'
    ? [
        `no index has the rows in the order of ${swept.column}, so each page would read the whole table; run: CREATE INDEX CONCURRENTLY ON ${table.sql} (${column})`,
      ]
    : [];
}

/** The first thing that is wrong with the other table that clocks are in. */
async function joinProblems(
  query: Query,
  listable: Listable,
  { clock, by }: Pick<DatasetConfiguration, 'clock' | 'by'>,
): Promise<readonly string[]> {
  const joined = Object.values(clock).filter((one) => one.in !== undefined);
  const name = joined[0]?.in;
  if (name === undefined) return [];
  const { table, key } = name;
  const sql = listable.table.beside(table);
  const found = await findJoin(query, listable, name);
  switch (found.state) {
    case 'no-table':
      return [
        `the schema has no table ${table}, or its rows are in several tables: correct \`in\`; views, foreign tables, partitioned tables and tables that others inherit from cannot be read beside the rows`,
      ];
    case 'no-column':
      return [`${table} has no column ${key}, or the rows have no column ${name.by}; correct \`in\``];
    case 'no-match':
      return [
        `${key} of ${table} and ${name.by} are not of one type that tells rows apart; both are whole numbers, uuids or texts with one collation that is deterministic`,
      ];
    case 'not-unique':
      return [
        `several rows of ${table} may have one ${key}; name a column that is its primary key, or run: CREATE UNIQUE INDEX CONCURRENTLY ON ${sql} (${quoted(key)})`,
      ];
    case 'joined':
      return otherProblems(query, listable, { joined: found.joined, clocks: joined, swept: clock[by] });
  }
}

async function otherProblems(
  query: Query,
  listable: Listable,
  {
    joined,
    clocks,
    swept,
  }: {
    readonly joined: Joined;
    readonly clocks: readonly ClockColumn[];
    readonly swept: ClockColumn | undefined;
  },
): Promise<readonly string[]> {
  const { name, sql, columns } = joined;
  const problems: string[] = [];
  for (const written of clocks) {
    const column = columns.get(written.column);
    if (column === undefined)
      problems.push(`${name.table} has no column ${written.column}; correct its name`);
    else if (!isClock(column, written))
      problems.push(`${written.column} of ${name.table} has the type ${column.declared}; ${CLOCKS}`);
  }
  const [may] = await query("SELECT pg_catalog.has_table_privilege($1, 'SELECT') AS read", [sql]);
  if (may?.['read'] !== true)
    problems.push(`the user cannot read ${name.table}; run: GRANT SELECT ON ${sql} TO the user`);
  if (problems.length > 0 || swept?.in === undefined) return problems;
  const table = listable.table.sql;
  switch (await isSweepable(query, listable.table, joined, swept.column)) {
    case 'sweepable':
      return [];
    case 'no-index':
      return [
        `no index has the rows of ${name.table} in the order of ${swept.column}, so each page would read all of them; run: CREATE INDEX CONCURRENTLY ON ${sql} (${quoted(swept.column)})`,
      ];
    case 'no-own-index':
      return [
        `no index finds the rows by ${name.by}, so each page would read the whole table; run: CREATE INDEX CONCURRENTLY ON ${table} (${[name.by, ...listable.keys.map((key) => key.name)].map(quoted).join(', ')})`,
      ];
    case 'nullable':
      return [
        `a key of the rows can be NULL, and such a row would never be found; run: ALTER TABLE ${table} ALTER COLUMN … SET NOT NULL for ${listable.keys.map((key) => key.name).join(' and ')}`,
      ];
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
