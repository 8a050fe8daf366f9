import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { KeyColumn } from '../../shared/domain/configuration/configuration.ts';
import { KEY_ATTRIBUTES } from '../../shared/stores/dynamodb/dynamodb-values.ts';

/** Creates a table, and answers once it can be used: an engine says yes a little before that. */
export async function createTable(
  client: DynamoDBClient,
  TableName: string,
  keys: readonly KeyColumn[],
  more: Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'GlobalSecondaryIndexes'> = {},
): Promise<void> {
  const { AttributeDefinitions = [], ...indexes } = more;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map(({ name }, index) => ({
        AttributeName: name,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
      AttributeDefinitions: [
        ...keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: KEY_ATTRIBUTES[type] })),
        ...AttributeDefinitions,
      ],
      ...indexes,
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.01, maxDelay: 0.5 }, { TableName });
}
