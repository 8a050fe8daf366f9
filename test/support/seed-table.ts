import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { MemoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';
import { dynamoRegistry } from '../../shared/adapters/dynamodb/dynamo-registry.ts';

const ITEMS_PER_REQUEST = 25;

/**
 * Puts everything that a registry in memory holds into a table, as the adapter itself would write it, through a client
 * that is not counted: thousands of holdings in seconds. Includes the watermark.
 */
export async function seedTable(from: MemoryRegistry, client: DynamoDBClient, table: string): Promise<void> {
  const items: Record<string, unknown>[] = [];
  const collector = {
    send: async ({ input }: { readonly input: { readonly Item: Record<string, unknown> } }) => {
      items.push(input.Item);
      return {};
    },
  };
  const written = dynamoRegistry(collector as unknown as DynamoDBDocumentClient, table);
  for (const holding of from.allHoldings()) await written.putHolding(holding);
  for (const hint of from.allHints()) await written.putHint(hint);
  for (const { entity, holding } of from.allPointers()) await written.putPointer(entity, holding);
  for (const { entity, fact } of from.allFacts()) await written.putFact(entity, fact);
  for (const [entity, state] of from.allStates()) {
    await written.putState(entity, { ...state, version: state.version - 1 });
  }
  const watermark = await from.watermark();
  if (watermark !== undefined) await written.moveWatermark(undefined, watermark);

  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  for (let start = 0; start < items.length; start += ITEMS_PER_REQUEST) {
    const puts = items.slice(start, start + ITEMS_PER_REQUEST).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [table]: puts } }),
    );
    if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('the engine left seeds unwritten');
  }
}
