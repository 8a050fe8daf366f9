import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../local/engines/create-table.ts';
import { startDynamoDB } from '../../local/engines/dynamodb.ts';

const REGISTRY_KEYS = [
  { name: 'PK', type: 'text' },
  { name: 'SK', type: 'text' },
] as const;

export interface TestTables {
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  /** One more client of the same engine. */
  connect(): DynamoDBClient;
  /** Creates an empty table with the registry's keys. Returns its name. */
  create(): Promise<string>;
  stop(): Promise<void>;
}

/** A DynamoDB of its own for one test file. */
export async function startTables(): Promise<TestTables> {
  const engine = await startDynamoDB();
  const clients: DynamoDBClient[] = [];
  function connect(): DynamoDBClient {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ endpoint: engine.endpoint, region: 'eu-central-1', credentials });
    clients.push(client);
    return client;
  }
  const client = connect();
  let tables = 0;
  return {
    client,
    documents: DynamoDBDocumentClient.from(client),
    connect,
    async create() {
      tables += 1;
      const TableName = `registry-${tables}`;
      await createTable(client, TableName, REGISTRY_KEYS);
      return TableName;
    },
    async stop() {
      for (const each of clients) each.destroy();
      await engine.stop();
    },
  };
}
