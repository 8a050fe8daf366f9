import { findListing, type Listable } from '../../shared/stores/postgresql/postgresql-listing.ts';
import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { type Finding, fails } from './preflight-finding.ts';
import type { ReachedCollection } from './preflight-reach.ts';

/** Whether the rows of each collection can be listed by an index. */
export async function checkCollections(
  name: string,
  query: Query,
  listable: Listable,
  collections: readonly ReachedCollection[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const collection of collections) {
    const message = await whyNot(query, listable, collection);
    if (message !== undefined)
      findings.push(fails(name, `the collection ${collection.category}: ${message}`));
  }
  return findings;
}

async function whyNot(
  query: Query,
  { table, keys }: Listable,
  { by, where }: ReachedCollection,
): Promise<string | undefined> {
  const { state } = await findListing(query, { table, keys }, { by, ...(where && { where }) });
  switch (state) {
    case 'listable':
      return undefined;
    case 'no-column':
      return `the table has no column ${by}; correct \`by\``;
    case 'no-ids':
      return `the column ${by} has a type that holds no ids; use a column of text, varchar, whole numbers, numeric, uuid or date`;
    case 'no-filter':
      return '`where` names a column that the table does not have, or a value that its type cannot be; correct `where`';
    case 'inexact':
      return `the column ${by} takes different texts as equal, so one id could find the rows of another one; use a column with a deterministic collation`;
    case 'no-index':
      return `no index finds the rows by ${by}, so each page would read the whole table; run: CREATE INDEX CONCURRENTLY ON ${table.sql} (${table.columns.get(by)?.sql ?? by})`;
  }
}
