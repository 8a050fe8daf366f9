import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from '../../../local/engines/create-table.ts';
import { startDynamoDB } from '../../../local/engines/dynamodb.ts';
import type { DynamoCall } from '../../../shared/next/dynamodb/dynamo-call.ts';
import { signedDynamo } from '../../../shared/next/dynamodb/signed-dynamo.ts';

const REGISTRY_KEYS = [
  { name: 'PK', type: 'text' },
  { name: 'SK', type: 'text' },
] as const;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

export interface DynamoTables {
  readonly endpoint: string;
  readonly call: DynamoCall;
  /** A new empty table with the registry's keys; answers its name. */
  create(): Promise<string>;
  /** The name of the last one. */
  newest(): string;
  stop(): Promise<void>;
}

/** A DynamoDB of its own for one test file. */
export async function dynamoTables(): Promise<DynamoTables> {
  const engine = await startDynamoDB();
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  let tables = 0;
  return {
    endpoint: engine.endpoint,
    call: signedDynamo({ endpoint: engine.endpoint, region, credentials: async () => credentials }),
    async create() {
      tables += 1;
      const name = `registry-${tables}`;
      await createTable(client, name, REGISTRY_KEYS);
      return name;
    },
    newest: () => `registry-${tables}`,
    async stop() {
      client.destroy();
      await engine.stop();
    },
  };
}
