import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../local/engines/create-table.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../local/engines/dynamodb.ts';
import type { DynamoCall } from '../../shared/adapters/dynamodb/dynamo-call.ts';
import { signedDynamo } from '../../shared/adapters/dynamodb/signed-dynamo.ts';

const REGISTRY_KEYS = [
  { name: 'PK', type: 'text' },
  { name: 'SK', type: 'text' },
] as const;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

export interface TestTables {
  readonly endpoint: string;
  /** How the registry asks. */
  readonly call: DynamoCall;
  /** For looking into a table without the registry. */
  readonly documents: DynamoDBDocumentClient;
  /** Creates an empty table with the registry's keys. Returns its name. */
  create(): Promise<string>;
  /** The name of the last one. */
  newest(): string;
  stop(): Promise<void>;
}

/**
 * A DynamoDB of its own for one test file, or the engine at `TENURE_DYNAMODB_ENDPOINT`: the end-to-end run points it at
 * an emulator. `start`: starts that of its own.
 */
export async function startTables(start: () => Promise<LocalDynamoDB> = startDynamoDB): Promise<TestTables> {
  const elsewhere = process.env['TENURE_DYNAMODB_ENDPOINT'];
  const engine = elsewhere === undefined ? await start() : { endpoint: elsewhere, stop: async () => {} };
  // Test files share the engine elsewhere.
  const prefix = elsewhere === undefined ? 'registry' : `registry-${crypto.randomUUID()}`;
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  let tables = 0;
  return {
    endpoint: engine.endpoint,
    call: signedDynamo({ endpoint: engine.endpoint, region, credentials: async () => credentials }),
    documents: DynamoDBDocumentClient.from(client),
    async create() {
      tables += 1;
      const name = `${prefix}-${tables}`;
      await createTable(client, name, REGISTRY_KEYS);
      return name;
    },
    newest: () => `${prefix}-${tables}`,
    async stop() {
      client.destroy();
      await engine.stop();
    },
  };
}
