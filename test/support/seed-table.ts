import { dynamoBatches } from '../../shared/adapters/dynamodb/dynamo-batches.ts';
import type { DynamoCall } from '../../shared/adapters/dynamodb/dynamo-call.ts';
import { toFactItem, toPointerItem, toStateItem } from '../../shared/adapters/dynamodb/dynamo-entity-item.ts';
import { holdingKey, toHoldingItem } from '../../shared/adapters/dynamodb/dynamo-holding-item.ts';
import { dynamoRegistry } from '../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { MemoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';

/**
 * Writes what a registry in memory knows of holdings, entities and hints into an empty table, as the adapter itself
 * would write it, with the same versions: thousands of holdings in seconds.
 */
export async function seedTable(from: MemoryRegistry, call: DynamoCall, table: string): Promise<void> {
  await dynamoBatches(call, table).putAll([
    ...from.allHoldings().map((holding) => toHoldingItem(holdingKey(holding.ref), holding)),
    ...from.allPointers().map(({ entity, holding }) => toPointerItem(entity, holding)),
    ...from.allFacts().map(({ entity, fact }) => toFactItem(entity, fact)),
    ...[...from.allStates()].map(([entity, state]) => toStateItem(entity, state)),
  ]);
  const registry = dynamoRegistry(call, table);
  await registry.putHints(from.allHints());
  const moved = from.allCursors().filter(({ version }) => version > 0);
  await registry.moveCursors(moved.map((cursor) => ({ ...cursor, version: 1 })));
}
