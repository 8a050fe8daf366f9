import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamoLogIndex } from '../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../shared/adapters/dynamodb/dynamo-registry.ts';
import { memoryKeys } from '../shared/adapters/memory/memory-keys.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { Keys } from '../shared/ports/keys.ts';
import type { LogBucket, LogIndex } from '../shared/ports/log.ts';
import type { Registry } from '../shared/ports/registry.ts';
import type { Store } from '../shared/ports/store.ts';
import { openStore, storeKindName, type StoreKindName } from '../shared/stores/kinds.ts';
import type { StoreConnection } from '../shared/stores/store-kind.ts';
import { createTable } from './engines/create-table.ts';
import type { Engines } from './engines/engines.ts';
import { folderBucket } from './engines/folder-bucket.ts';
import { REGION } from './engines/queue-engine.ts';

/** What the functions work on. */
export interface LocalPorts {
  readonly registry: Registry;
  readonly index: LogIndex;
  readonly bucket: LogBucket;
  readonly keys: Keys;
  /** One for each lane. */
  readonly stores: Readonly<Record<string, Store>>;
}

export const REGISTRY_TABLE = 'tenure-registry';

/** The adapters that run in AWS, over the embedded engines; only keys and the log's bucket are others here. */
export async function openPorts(
  configuration: Configuration,
  engines: Engines,
  cleanup: AsyncDisposableStack,
): Promise<LocalPorts> {
  const client = dynamoClient(engines);
  cleanup.defer(async () => client.destroy());
  await createRegistryTable(client);
  const documents = DynamoDBDocumentClient.from(client);
  const keys = memoryKeys();
  const bucket = folderBucket(engines.logFolder);
  cleanup.defer(() => bucket.close());
  return {
    registry: dynamoRegistry(documents, REGISTRY_TABLE),
    index: dynamoLogIndex(documents, REGISTRY_TABLE),
    bucket,
    keys,
    stores: await openStores(configuration, engines, keys, cleanup),
  };
}

export function dynamoClient({ dynamodb }: Engines): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new DynamoDBClient({ endpoint: dynamodb.endpoint, region: REGION, credentials });
}

async function createRegistryTable(client: DynamoDBClient): Promise<void> {
  await createTable(client, REGISTRY_TABLE, [
    { name: 'PK', type: 'text' },
    { name: 'SK', type: 'text' },
  ]);
}

/** Each store as its lane opens it, except that the local engine is where its data lies. */
async function openStores(
  configuration: Configuration,
  engines: Engines,
  keys: Keys,
  cleanup: AsyncDisposableStack,
): Promise<Readonly<Record<string, Store>>> {
  const opened = Object.entries(configuration.stores).map(async ([name, store]) => {
    const open = await openStore(store, {
      timeoutSeconds: configuration.timing.storeTimeout,
      pseudonymKey: () => keys.pseudonymKey(name),
      connection: CONNECTIONS[storeKindName(store.kind)](engines),
    });
    cleanup.defer(() => open.close());
    return [name, open] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

const credentials = async () => ({ accessKeyId: 'local', secretAccessKey: 'local' });

/** Where the engine of each kind is. */
const CONNECTIONS: Readonly<Record<StoreKindName, (engines: Engines) => StoreConnection>> = {
  dynamodb: ({ dynamodb }) => ({ endpoint: dynamodb.endpoint, credentials }),
  postgresql: ({ postgres }) => ({
    endpoint: `postgres://${postgres.host}:${postgres.port}`,
    password: async () => postgres.password,
  }),
  s3: ({ s3 }) => ({ endpoint: s3.endpoint, credentials }),
};
