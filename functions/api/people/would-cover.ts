import type { CoverAnswer } from '../../../shared/contract/people/legal-holds.ts';
import { datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import type { DefinedDataset } from '../../../shared/domain/datasets/row-holding.ts';
import { pages, parts } from '../../../shared/domain/each.ts';
import { own } from '../../../shared/domain/own.ts';
import { isOnEntity, type WideScope } from '../../../shared/domain/record/hold.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { IN_CATEGORY, IN_POLICY, IN_STORE } from '../../../shared/protocol/attention.ts';
import { scopeCounts, dayOfCensus } from '../../../shared/protocol/census.ts';

import type { CensusCount } from '../../../shared/ports/upkeep.ts';
import { linksOf } from '../../../shared/protocol/people/links.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { ScopeOfHold } from './hold-scope.ts';

/** Pages of records of one entity that are read at most: 10,000 records. */
const MOST_PAGES = 100;
/** Records that wait for a release are counted up to there. */
const MOST_PARKED_PAGES = 20;

/** How many records that are not disposed of a hold of this scope covers now, and of which datasets it covers rows. */
export async function wouldCover(ports: ApiPorts, asked: ScopeOfHold): Promise<CoverAnswer> {
  const { scope, named } = asked;
  const datasets = datasetsUnder(ports, asked);
  const rows = datasets.length > 0 ? { datasets } : {};
  if (!isOnEntity(scope)) return { ...(await ofCensus(ports, scope)), ...rows };
  const covered = await ofEntity(ports, scope.entity);
  const accounts = 'entity' in named ? await accountsOf(ports, named.entity.type, scope.entity) : 0;
  return { ...covered, ...rows, ...(accounts > 0 && { notCoveredAccounts: accounts }) };
}

/** Of an entity, those with a column for its type. */
function datasetsUnder(
  { configuration }: ApiPorts,
  { named, categories = [] }: ScopeOfHold,
): NonNullable<CoverAnswer['datasets']> {
  const isCovered = ({ store, category, entities = {} }: DefinedDataset): boolean => {
    if ('entity' in named) return own(entities, named.entity.type) !== undefined;
    if ('store' in named) return store === named.store;
    if ('category' in named) return category === named.category;
    return 'everything' in named || categories.includes(category);
  };
  const all = Object.keys(configuration.stores).flatMap((store) => datasetsIn(configuration, store));
  return all.filter(isCovered).map(({ store, category }) => ({ store, category }));
}

/** An erasure that the person asks for reaches them, so the person who places the hold has to know of them. */
async function accountsOf(ports: ApiPorts, type: string, ref: EntityRef): Promise<number> {
  const { linked, shared } = await linksOf(ports, { type, ref });
  return linked.length + shared.length;
}

async function ofEntity({ registry }: ApiPorts, entity: EntityRef): Promise<CoverAnswer> {
  const stores = new Map<string, number>();
  let collections = 0;
  let read = 0;
  let isMore = false;
  for await (const { items, next } of pages((after) => registry.pointers(entity, after))) {
    for (const part of parts(items, 100)) {
      const { holdings, damaged } = await registry.readHoldings(part);
      const open = [...holdings.values()].filter(({ state }) => state === 'active' || state === 'pending');
      collections += open.filter(({ collection }) => collection !== undefined).length;
      for (const { store = '' } of [...open, ...damaged]) stores.set(store, (stores.get(store) ?? 0) + 1);
    }
    read += 1;
    isMore = next !== undefined && read >= MOST_PAGES;
    if (isMore) break;
  }
  return {
    ...summed(stores),
    ...(collections > 0 && { collections }),
    from: 'entity',
    ...(isMore && { atLeast: true as const }),
  };
}

/** What the daily census has counted: what was registered since is covered, too, and is not in the count. */
async function ofCensus(ports: ApiPorts, scope: WideScope): Promise<CoverAnswer> {
  const newest = await ports.registry.newestCensus();
  if (newest === undefined) return { holdings: 0, byStore: [], from: 'none' };
  const stores = new Map<string, number>();
  for (const one of await scopeCounts(ports, newest)) {
    if (isCounted(scope, one)) stores.set(one.store, (stores.get(one.store) ?? 0) + one.count);
  }
  return { ...summed(stores), from: 'census', census: dayOfCensus(newest) };
}

/** Every open record has one row for each of its categories and policies. */
function isCounted(scope: WideScope, { reason, policy, store, code }: CensusCount): boolean {
  if ('category' in scope) return reason === IN_CATEGORY && code === scope.category;
  if ('policy' in scope) return reason === IN_POLICY && policy === scope.policy;
  return reason === IN_STORE && ('everything' in scope || store === scope.store);
}

function summed(stores: ReadonlyMap<string, number>): Pick<CoverAnswer, 'holdings' | 'byStore'> {
  const byStore = [...stores]
    .map(([store, holdings]) => ({ store, holdings }))
    .toSorted((a, b) => (a.store < b.store ? -1 : 1));
  return { holdings: byStore.reduce((sum, { holdings }) => sum + holdings, 0), byStore };
}

/** Records that came due under the hold, and are looked at again once it is released. */
export async function waitingUnder(
  { registry }: ApiPorts,
  hold: string,
): Promise<{ readonly holdings: number; readonly atLeast?: true }> {
  let [holdings, read] = [0, 0];
  for await (const { items, next } of pages((after) => registry.parked(hold, after))) {
    holdings += items.length;
    read += 1;
    if (next !== undefined && read >= MOST_PARKED_PAGES) return { holdings, atLeast: true };
  }
  return { holdings };
}
