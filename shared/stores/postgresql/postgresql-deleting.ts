import type { Acted, Target } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { actedFailure } from '../store-failure.ts';
import { placesOf, single, whyNot } from './postgresql-answers.ts';
import { bothVersions, findJoin, type Joined, movedStatement, otherVersion } from './postgresql-joined.ts';
import type { Listable } from './postgresql-listing.ts';
import { answersFor, columnsOf, type Key } from './postgresql-rows.ts';
import { DriverError, type Query, type Row } from './postgresql-session.ts';
import {
  deleteBothStatement,
  deleteStatement,
  foundStatement,
  lookStatement,
} from './postgresql-statements.ts';

const DELETED: Acted = { outcome: 'deleted', answer: 'DELETE 1' };

type Targets = readonly Asked<Target, Key>[];

/** Deletes the rows that are as they were read, and of which what they name is as it was read. */
export async function deleteRows(
  query: Query,
  listable: Listable,
  asked: Targets,
  mayCascade: boolean,
): Promise<Acted[]> {
  const { table } = listable;
  if (table.unguarded || table.deleteReplaced || (table.cascades && !mayCascade))
    return asked.map(() => actedFailure('STORE_CONSTRAINT'));
  if (asked.every(({ item }) => bothVersions(item.version) === undefined))
    return deleteAlone(query, listable, asked, mayCascade);
  const found = new Map<string, Acted>();
  const byTable = Map.groupBy(asked, ({ item }) => JSON.stringify(bothVersions(item.version)?.table));
  for (const some of byTable.values()) {
    const name = bothVersions(some[0]?.item.version)?.table;
    const acted =
      name === undefined
        ? await deleteAlone(query, listable, some, mayCascade)
        : await deleteJoined(
            query,
            { ...listable, join: await findJoin(query, listable, name) },
            some,
            mayCascade,
          );
    for (const [index, { id }] of some.entries()) found.set(id, acted[index] ?? actedFailure('STORE_ERROR'));
  }
  return asked.map(({ id }) => found.get(id) ?? actedFailure('STORE_ERROR'));
}

async function deleteAlone(
  query: Query,
  { table, keys }: Listable,
  asked: Targets,
  mayCascade: boolean,
): Promise<Acted[]> {
  const versions = asked.map(({ item }) => item.version ?? null);
  const statement = deleteStatement(table, mayCascade);
  const rows = await query(statement, [...columnsOf(asked), versions, table.sql, ...nameOf(keys)]);
  const gone = placesOf(rows);
  return answersFor(query, asked, gone, { acted: DELETED, read: lookStatement(table), why: whyNot });
}

/** Only the row itself is locked: what it names is read again after the rows went, and if it has changed by then, they stay. */
async function deleteJoined(
  query: Query,
  { table, keys, join }: Listable & { readonly join: Awaited<ReturnType<typeof findJoin>> },
  asked: Targets,
  mayCascade: boolean,
): Promise<Acted[]> {
  if (join.state !== 'joined') return asked.map(() => actedFailure('STORE_SCHEMA'));
  const { joined } = join;
  const both = asked.map(({ item }) => bothVersions(item.version));
  const [own, other] = [both.map((one) => one?.own ?? ''), both.map((one) => one?.other ?? '')];
  const sent = { version: otherVersion(joined), by: joined.by.sql };
  const rows = await query(deleteBothStatement(table, mayCascade, sent), [
    ...columnsOf(asked),
    own,
    other,
    table.sql,
    ...nameOf(keys),
  ]);
  await sameOthers(query, joined, { rows, other });
  return answersFor(query, asked, placesOf(rows), {
    acted: DELETED,
    read: foundStatement(table, [`${otherVersion(joined)} AS other`]),
    why: whyNotBoth,
  });
}

/** Of a key that is one column. */
function nameOf(keys: Listable['keys']): string[] {
  return keys.length === 1 ? keys.map(({ name }) => name) : [];
}

/** SQLSTATE `serialization_failure`: the rows are tried again in smaller batches, and see what has changed. */
const CHANGED_MEANWHILE = '40001';

async function sameOthers(
  query: Query,
  joined: Joined,
  { rows, other }: { readonly rows: readonly Row[]; readonly other: readonly string[] },
): Promise<void> {
  if (rows.length === 0) return;
  const named = rows.map((row) => String(row['named']));
  const versions = rows.map(({ n }) => other[Number(n) - 1] ?? '');
  const [answer] = await query(movedStatement(joined), [named, versions]);
  if (Number(answer?.['moved']) !== 0) throw new DriverError({ code: CHANGED_MEANWHILE });
}

function whyNotBoth(rows: readonly Row[] | undefined, target: Target): Acted {
  const both = bothVersions(target.version);
  const alone = whyNot(rows, { ...target, ...(both && { version: both.own }) });
  // Neither gone nor another version: then a trigger kept it, or it names something else by now.
  const isKept = alone.outcome === 'refused' && single(rows) !== 'ambiguous';
  return isKept && rows?.[0]?.['other'] !== both?.other ? { outcome: 'changed' } : alone;
}
