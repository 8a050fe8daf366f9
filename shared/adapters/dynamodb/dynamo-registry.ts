import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Registry } from '../../ports/registry.ts';
import { dynamoEntities } from './dynamo-entities.ts';
import { dynamoHints } from './dynamo-hints.ts';
import { dynamoHoldings } from './dynamo-holdings.ts';
import { dynamoHolds } from './dynamo-holds.ts';
import { dynamoOperations } from './dynamo-operations.ts';
import { dynamoTable } from './dynamo-table.ts';

/**
 * The registry in one DynamoDB table: string keys `PK` and `SK`, time to live in `ttl`, no index. The design's table of
 * items says where each item is stored; the codec of each kind says what the short names of attributes mean.
 */
export function dynamoRegistry(client: DynamoDBDocumentClient, tableName: string): Registry {
  const table = dynamoTable(client, tableName);
  return {
    ...dynamoEntities(table),
    ...dynamoHoldings(table),
    ...dynamoHints(table),
    ...dynamoHolds(table),
    ...dynamoOperations(table),
  };
}
