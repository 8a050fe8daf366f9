import { asDataset } from '../../../shared/domain/columns/fact-columns.ts';
import type { DatasetConfiguration, FactColumn } from '../../../shared/domain/configuration/configuration.ts';
import { filterOf, type Listable } from '../../../shared/stores/postgresql/postgresql-listing.ts';
import { findClock, isClock } from '../../../shared/stores/postgresql/postgresql-range.ts';
import type { Query } from '../../../shared/stores/postgresql/postgresql-session.ts';
import { withoutRequests } from './preflight-datasets.ts';
import { type Finding, fails } from '../preflight-finding.ts';
import type { ReachedCollection } from '../preflight-reach.ts';

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
  {
    datasets = [],
    collections = [],
  }: {
    readonly datasets?: readonly DatasetConfiguration[];
    readonly collections?: readonly ReachedCollection[];
  },
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
  const clocks = Object.values(clock).map(({ column }) => column);
  const missing = [...new Set([...clocks, ...Object.values(attributes), ...Object.values(entities)])].filter(
    (column) => !table.columns.has(column),
  );
  const problems = missing.map((column) => `the table has no column ${column}; correct its name`);
  if (filterOf(table, { ...(where && { where }) }, 1) === undefined)
    problems.push(
      '`where` names a column that the table does not have, or a value that its type cannot be; correct `where`',
    );
  for (const written of Object.values(clock)) {
    const column = table.columns.get(written.column);
    if (column !== undefined && !isClock(column, written))
      problems.push(`the column ${written.column} has the type ${column.declared}; ${CLOCKS}`);
  }
  const swept = clock[by];
  if (problems.length > 0 || swept === undefined) return problems;
  const { state } = await findClock(query, listable, { clock: swept, until: UNTIL });
  const column = table.columns.get(swept.column)?.sql ?? swept.column;
  return state === 'no-index'
    ? [
        `no index has the rows in the order of ${swept.column}, so each page would read the whole table; run: CREATE INDEX CONCURRENTLY ON ${table.sql} (${column})`,
      ]
    : [];
}
