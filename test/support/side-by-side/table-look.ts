import { minuteId } from '../../../shared/domain/calendar/utc-time.ts';
import { fromAttributes } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import type { DynamoCall } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import {
  entityOf,
  FACT_PREFIX,
  fromFactItem,
  fromStateItem,
  STATE_SK,
} from '../../../shared/adapters/dynamodb/dynamo-entity-item.ts';
import { fromHoldingItem, HOLDING_SK } from '../../../shared/adapters/dynamodb/dynamo-holding-item.ts';
import type { StoredItem } from '../../../shared/adapters/dynamodb/dynamo-item.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { fromResultItem } from '../../../shared/adapters/dynamodb/dynamo-result-item.ts';
import {
  fromQuarantinedItem,
  fromSetAsideItem,
} from '../../../shared/adapters/dynamodb/dynamo-upkeep-item.ts';
import { fromChunkItem, fromWorkItem } from '../../../shared/adapters/dynamodb/dynamo-work-item.ts';
import { type SealedIndex, VOID } from '../../../shared/domain/record/work.ts';
import type { ToBeSealed } from '../../../shared/ports/results.ts';
import type { LookedRegistry } from '../simulation/simulation-functions.ts';
import type { ItemTable } from './item-table.ts';

/** What a judge looks at, in a table; `look` reads again what only requests can tell. */
export type TableLook = LookedRegistry & { readonly look: () => Promise<void> };

export function tableLook(table: ItemTable, call: DynamoCall, tableName: string): TableLook {
  const registry = dynamoRegistry(call, tableName);
  let sealed: SealedIndex[] = [];
  let toBeSealed: ToBeSealed[] = [];

  const itemsOf = (prefix: string): StoredItem[] =>
    table
      .all()
      .map(fromAttributes)
      .filter(({ PK }) => String(PK).startsWith(prefix));
  const holdings = (isTombstone: boolean) =>
    itemsOf('H#')
      .filter(({ SK }) => (SK !== HOLDING_SK) === isTombstone)
      .map(fromHoldingItem);
  // Of attempts, of operators, and of what facts did.
  const results = () => ['R#', 'O#', 'V#', 'ST#'].flatMap((family) => itemsOf(family).map(fromResultItem));

  return {
    ...registry,
    async look() {
      sealed = [...(await registry.sealed(results().map(([token]) => token))).values()];
      toBeSealed = [...(await registry.toBeSealed()).items];
    },
    allHoldings: () => holdings(false),
    allTombstones: () => holdings(true),
    allFacts: () =>
      itemsOf('E#').flatMap((item) => {
        const entity = entityOf(String(item['PK']));
        if (entity === undefined || !String(item['SK']).startsWith(FACT_PREFIX)) return [];
        return [{ entity, fact: fromFactItem(item) }];
      }),
    allStates: () =>
      new Map(
        itemsOf('E#')
          .filter(({ SK }) => SK === STATE_SK)
          .map(fromStateItem),
      ),
    allChunks: () => itemsOf('K#').map(fromChunkItem),
    allWorkRecords: () => itemsOf('W#').map(fromWorkItem),
    allResults: () =>
      results().map(([token, result]) => (result === VOID ? { token, void: true as const } : result)),
    allSealed: () => sealed,
    allToBeSealed: () => toBeSealed,
    allSetAside: () => itemsOf('A#').map(fromSetAsideItem),
    allQuarantined: () => itemsOf('Q#').map(fromQuarantinedItem),
    expireHints(before) {
      const old = table.all().filter(({ PK, SK }) => {
        const [partition, key] = [fromAttributes({ PK: PK ?? { S: '' } })['PK'], SK];
        return (
          String(partition).startsWith('B#') && key !== undefined && 'S' in key && key.S < minuteId(before)
        );
      });
      for (const item of old) table.remove(item);
      return old.length;
    },
  };
}
