import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { dynamoRegistry } from '../shared/adapters/dynamodb/dynamo-registry.ts';
import { signedDynamo } from '../shared/adapters/dynamodb/signed-dynamo.ts';
import { memoryKeys } from '../shared/adapters/memory/memory-keys.ts';
import { s3ArchiveLinks } from '../shared/adapters/s3-archive-links.ts';
import { s3Exports } from '../shared/adapters/s3-exports.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import type { ArchiveLinks, Exports } from '../shared/ports/exports.ts';
import type { Keys } from '../shared/ports/keys.ts';
import type { Signer } from '../shared/ports/log.ts';
import type { Registry } from '../shared/ports/registry.ts';
import type { Store } from '../shared/ports/store.ts';
import { openStore, storeKindName, type StoreKindName } from '../shared/stores/kinds.ts';
import type { StoreConnection } from '../shared/stores/store-kind.ts';
import { createTable } from './engines/create-table.ts';
import type { Engines } from './engines/engines.ts';
import { type FolderBucket, folderBucket } from './engines/folder-bucket.ts';
import { keyFileSigner } from './engines/key-file-signer.ts';
import { REGION } from './engines/queue-engine.ts';

/** What the functions work on. */
export interface LocalPorts {
  readonly registry: Registry;
  readonly bucket: FolderBucket;
  readonly signer: Signer;
  readonly keys: Keys;
  /** The bucket of copies for people. */
  readonly exports: Exports;
  readonly links: ArchiveLinks;
  /** One for each lane. */
  readonly stores: Readonly<Record<string, Store>>;
}

export const REGISTRY_TABLE = 'tenure-registry';
const EXPORTS_BUCKET = 'tenure-exports';
/** The name of the demo's deletion log. */
const ORIGIN = 'tenure-demo/deletion-log';

/** The adapters that run in AWS, over the embedded engines; only keys, the signer and the log's bucket are others here. */
export async function openPorts(
  configuration: Configuration,
  engines: Engines,
  cleanup: AsyncDisposableStack,
): Promise<LocalPorts> {
  await createRegistryTable(engines);
  const { endpoint } = engines.dynamodb;
  const keys = memoryKeys();
  const bucket = folderBucket(engines.logFolder);
  cleanup.defer(() => bucket.close());
  return {
    registry: dynamoRegistry(signedDynamo({ endpoint, region: REGION, credentials }), REGISTRY_TABLE),
    bucket,
    signer: await keyFileSigner(ORIGIN, join(engines.keyFolder, 'signing-key.pem')),
    keys,
    ...(await openExports(engines, cleanup)),
    stores: await openStores(configuration, engines, keys, cleanup),
  };
}

async function createRegistryTable(engines: Engines): Promise<void> {
  const client = dynamoClient(engines);
  await createTable(client, REGISTRY_TABLE, [
    { name: 'PK', type: 'text' },
    { name: 'SK', type: 'text' },
  ]);
  client.destroy();
}

async function openExports(
  { s3: { endpoint } }: Engines,
  cleanup: AsyncDisposableStack,
): Promise<Pick<LocalPorts, 'exports' | 'links'>> {
  const client = new S3Client({ endpoint, region: REGION, credentials: LOCAL, forcePathStyle: true });
  cleanup.defer(async () => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: EXPORTS_BUCKET }));
  const place = { bucket: EXPORTS_BUCKET, region: REGION, endpoint, credentials };
  return { exports: s3Exports(client, EXPORTS_BUCKET), links: s3ArchiveLinks(place) };
}

const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' };
const credentials = async () => LOCAL;

export function dynamoClient({ dynamodb }: Engines): DynamoDBClient {
  return new DynamoDBClient({ endpoint: dynamodb.endpoint, region: REGION, credentials: LOCAL });
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
      exports: { bucket: EXPORTS_BUCKET, region: REGION },
    });
    cleanup.defer(() => open.close());
    return [name, open] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

/** Where the engine of each kind is. */
const CONNECTIONS: Readonly<Record<StoreKindName, (engines: Engines) => StoreConnection>> = {
  dynamodb: ({ dynamodb }) => ({ endpoint: dynamodb.endpoint, credentials }),
  http: ({ vendors }) => ({
    endpoint: vendors.endpoint,
    vendor: { secret: async () => vendors.secret, now: Date.now },
  }),
  postgresql: ({ postgres }) => ({
    endpoint: `postgres://${postgres.host}:${postgres.port}`,
    password: async () => postgres.password,
  }),
  s3: ({ s3 }) => ({ endpoint: s3.endpoint, credentials }),
};
