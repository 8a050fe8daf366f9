import { sentEarlier } from '../../domain/facts/fold.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { ABSENT_STATE } from '../absent-state.ts';
import type { Entities } from '../../ports/entities.ts';
import {
  entityPartition,
  FACT_PREFIX,
  factKey,
  fromFactItem,
  fromStateItem,
  stateKey,
  toFactItem,
  toSpellingItem,
  toStateWrite,
} from './dynamo-entity-item.ts';
import type { ItemKey } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** Facts and their fold: one partition an entity, in which the pointers to its holdings lie, too. */
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

    async facts(entity, refs) {
      const items = await table.batchGet([...new Set(refs)].map((ref) => factKey(entity, ref)));
      return items.map(fromFactItem);
    },

    async states(entities) {
      const items = await table.batchGet(entities.map(stateKey));
      const found = new Map(items.map(fromStateItem));
      return new Map(entities.map((entity) => [entity, found.get(entity) ?? ABSENT_STATE]));
    },

    async putState(entity, state) {
      const [isWritten] = await table.writeEach([toStateWrite(entity, state)]);
      return isWritten === true ? 'written' : 'moved';
    },

    async putSpellings(spellings) {
      const items = spellings.map(toSpellingItem);
      const once = new Map(items.map((item) => [`${item.PK} ${item.SK}`, item]));
      await table.writeEach([...once.values()].map((item) => ({ kind: 'insert', item })));
    },
  };
}

/** Only ever earlier, so that it makes no difference which of several writers comes first. */
async function lowerSent(table: DynamoTable, { PK, SK }: ItemKey, sent: Instant): Promise<void> {
  const change = { expression: 'SET s = :sent', values: { ':sent': sent } };
  await table.update({ PK, SK }, change, 'attribute_exists(PK) AND s > :sent');
}
