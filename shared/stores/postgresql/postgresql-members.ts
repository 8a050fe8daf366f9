import type { Member, Place } from '../../ports/store.ts';
import type { Asked } from '../answer-each.ts';
import { idOf } from '../listing.ts';
import { grouped, single, unknown } from './postgresql-answers.ts';
import { filterOf, findListing, type Listable } from './postgresql-listing.ts';
import { columnsOf, type Key } from './postgresql-rows.ts';
import type { Query } from './postgresql-session.ts';
import { foundStatement } from './postgresql-statements.ts';

const OUT: Member = { state: 'out' };

/** In which of the places each row is. No index is needed: rows are found by their keys. */
export async function membersOf(
  query: Query,
  listable: Listable,
  place: Omit<Place, 'value'>,
  asked: readonly Asked<unknown, Key>[],
): Promise<Member[]> {
  const { table } = listable;
  const found = await findListing(query, listable, place);
  const filter = filterOf(table, place, table.keys.length + 1);
  if ((found.state !== 'listable' && found.state !== 'no-index') || filter === undefined)
    return asked.map(() => unknown('STORE_SCHEMA'));
  const { by } = found.listing;
  const isMeant = filter.conditions.length > 0 ? `(${filter.conditions.join(' AND ')})` : 'true';
  const columns = [`t.${by.sql}::pg_catalog.text AS id`, `${isMeant} AS "isMeant"`];
  const rows = grouped(await query(foundStatement(table, columns), [...columnsOf(asked), ...filter.values]));
  return asked.map((_, index): Member => {
    const one = single(rows.get(index));
    if (one === 'ambiguous') return unknown('STORE_SCHEMA');
    if (one.row?.['isMeant'] !== true) return OUT;
    const id = idOf(found.type, one.row['id'] ?? undefined);
    return id === undefined ? OUT : { state: 'in', id };
  });
}
