import { sentEarlier } from '../../domain/facts/fold.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Registry } from '../../ports/registry.ts';
import { ABSENT_STATE } from '../absent-state.ts';
import {
  entityPartition,
  FACT_PREFIX,
  fromFactItem,
  fromPointerItem,
  fromStateItem,
  POINTER_PREFIX,
  stateKey,
  toFactItem,
  toPointerItem,
  toStateItem,
} from './dynamo-entity-item.ts';
import type { ItemKey } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, PAGE_ITEMS, versionIs } from './dynamo-table.ts';

type Entities = Pick<Registry, 'putFact' | 'history' | 'states' | 'putState' | 'putPointer' | 'pointers'>;

/** Facts, their fold and the pointers to holdings: one partition an entity. */
export function dynamoEntities(table: DynamoTable): Entities {
  return {
    async putFact(entity, fact) {
      const item = toFactItem(entity, fact);
      const there = await table.putIfAbsent(item);
      if (there === undefined) return 'new';
      const stored = fromFactItem(there);
      if (stored.bodyHash !== fact.bodyHash) return 'reused';
      if (sentEarlier(stored, fact) !== undefined) await lowerSent(table, item, fact.sent);
      return 'duplicate';
    },

    async history(entity) {
      const items = await table.all({ partition: entityPartition(entity), prefix: FACT_PREFIX });
      return items.map(fromFactItem);
    },

    async states(entities) {
      const items = await table.batchGet([...new Set(entities)].map(stateKey));
      const found = new Map(items.map(fromStateItem));
      return new Map(entities.map((entity) => [entity, found.get(entity) ?? ABSENT_STATE]));
    },

    async putState(entity, state) {
      const item = toStateItem(entity, { ...state, version: state.version + 1 });
      return (await table.put(item, versionIs(state.version))) ? 'written' : 'moved';
    },

    async putPointer(entity, holding) {
      await table.put(toPointerItem(entity, holding), ABSENT);
    },

    async pointers(entity, after) {
      const partition = entityPartition(entity);
      const { items, ...next } = await table.page({
        partition,
        prefix: POINTER_PREFIX,
        after,
        limit: PAGE_ITEMS,
      });
      return { items: items.map(fromPointerItem), ...next };
    },
  };
}

/** Only ever earlier, so that it makes no difference which of several writers comes first. */
async function lowerSent(table: DynamoTable, { PK, SK }: ItemKey, sent: Instant): Promise<void> {
  const change = { expression: 'SET s = :sent', values: { ':sent': sent } };
  await table.update({ PK, SK }, change, 'attribute_exists(PK) AND s > :sent');
}
