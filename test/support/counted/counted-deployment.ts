import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { dispose } from '../../../functions/dispose/dispose.ts';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { sweep } from '../../../functions/sweep/sweep.ts';
import { dynamoLogIndex } from '../../../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { type MemoryClock, memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryKeys } from '../../../shared/adapters/memory/memory-keys.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { memoryTimers, type MemoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { randomTokens } from '../../../shared/adapters/random-tokens.ts';
import { s3LogBucket } from '../../../shared/adapters/s3-log-bucket.ts';
import { sqsQueues } from '../../../shared/adapters/sqs-queues.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { LogIndex } from '../../../shared/ports/log.ts';
import type { LaneMessage, SealMessage, SweepMessage } from '../../../shared/ports/queues.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { seal } from '../../../shared/protocol/seal.ts';
import { memoryStore, type MemoryStore } from '../../../shared/stores/memory-store.ts';
import { countRequests, type RequestCounter } from './counting-client.ts';
import { prepareTable, type Preparing } from '../prepared-table.ts';
import type { TestTables } from '../registry-table.ts';

/** Requests by service, as their SDK clients were asked for them. */
export interface Requests {
  readonly dynamodb: number;
  readonly s3: number;
  readonly sqs: number;
  readonly all: number;
}

/** The functions over a real table, and every request of registry, log and queues counted at the SDK client. */
export interface CountedDeployment {
  readonly configuration: Configuration;
  readonly clock: MemoryClock;
  readonly timers: MemoryTimers;
  readonly registry: Registry;
  readonly index: LogIndex;
  readonly counter: RequestCounter;
  requests(): Requests;
  reset(): void;
  store(name: string): MemoryStore;
  ingest(body: string): Promise<void>;
  sweep(message: SweepMessage): Promise<void>;
  /** Runs what was sent to the lanes, and after each chunk the `seal` that it rings for. Answers how large they were. */
  disposeAndSeal(): Promise<number[]>;
  /** The same functions over memory, at the same keys: what they leave is then put into the table, uncounted. */
  prepare(start: Instant, build: (world: Preparing) => Promise<void>): Promise<void>;
}

type Sent = LaneMessage | SweepMessage | SealMessage;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';

export async function countedDeployment(
  tables: TestTables,
  configuration: Configuration,
  start: Instant,
): Promise<CountedDeployment> {
  const counted = tables.connect();
  const counter = countRequests(counted, tables.connect());
  const table = await tables.create();
  const documents = DynamoDBDocumentClient.from(counted);
  const [registry, index] = [dynamoRegistry(documents, table), dynamoLogIndex(documents, table)];
  const clock = memoryClock(start);
  const keys = memoryKeys(new Uint8Array(32).fill(7));
  const tokens = randomTokens();
  const { report } = memoryReport();
  const timers = memoryTimers();
  const sqs = countedQueues(configuration);
  const s3 = countedBucket();
  const shared = { configuration, registry, clock, timers, queues: sqs.queues, tokens, report };
  const stores = new Map(
    Object.entries(configuration.stores).map(([name, store]) => [
      name,
      memoryStore({ now: () => clock.now(), keys: store.keys }),
    ]),
  );
  const storeOf = (name: string): MemoryStore => {
    const store = stores.get(name);
    if (store === undefined) throw new Error(`no store is named ${name}`);
    return store;
  };

  return {
    configuration,
    clock,
    timers,
    registry,
    index,
    counter,
    store: storeOf,
    requests() {
      const [dynamodb, s3Requests, sqsRequests] = [counter.totalRequests(), s3.requests(), sqs.requests()];
      return { dynamodb, s3: s3Requests, sqs: sqsRequests, all: dynamodb + s3Requests + sqsRequests };
    },
    reset() {
      counter.reset();
      s3.reset();
      sqs.reset();
    },
    async ingest(body) {
      const done = await ingest({ ...shared, keys }, body, 1);
      if (done !== 'done') throw new Error('ingest wants the message again');
    },
    sweep: (message) => sweep(shared, message, () => true),
    async disposeAndSeal() {
      const sizes: number[] = [];
      for (const message of sqs.take('lane') as LaneMessage[]) {
        const store = storeOf(message.store);
        await dispose({ ...shared, keys, lane: message.store, store, bucket: s3.bucket, index }, message);
        sizes.push(message.holdings.length);
        for (const ring of sqs.take('seal') as SealMessage[]) {
          await seal({ ...shared, bucket: s3.bucket, index }, ring);
        }
      }
      return sizes;
    },
    prepare: (at, build) => prepareTable({ tables, table }, { configuration, keys }, at, build),
  };
}

/** The adapter for SQS over a client that only keeps what is sent. */
function countedQueues(configuration: Configuration) {
  const client = new SQSClient({ region, credentials });
  const mock = mockClient(client);
  const sent: { readonly queue: string; readonly message: Sent }[] = [];
  const keep = (queue: string | undefined, body: string | undefined): void => {
    sent.push({ queue: queue ?? '', message: JSON.parse(body ?? '') as Sent });
  };
  mock.on(SendMessageCommand).callsFake(({ QueueUrl, MessageBody }) => {
    keep(QueueUrl, MessageBody);
    return {};
  });
  mock.on(SendMessageBatchCommand).callsFake(({ QueueUrl, Entries }) => {
    for (const { MessageBody } of Entries) keep(QueueUrl, MessageBody);
    return {};
  });
  const lanes = Object.fromEntries(Object.keys(configuration.stores).map((name) => [name, 'lane']));
  return {
    queues: sqsQueues(client, { lanes, sweep: 'sweep', ingest: 'ingest', seal: 'seal' }),
    requests: () => mock.calls().length,
    reset: () => mock.resetHistory(),
    take(queue: 'lane' | 'seal'): Sent[] {
      const taken = sent.filter((one) => one.queue === queue).map(({ message }) => message);
      sent.splice(0, sent.length, ...sent.filter((one) => one.queue !== queue));
      return taken;
    },
  };
}

/** The adapter for S3 over a client that keeps objects in memory and their conditions as S3 does. */
function countedBucket() {
  const client = new S3Client({ region, credentials });
  const mock = mockClient(client);
  const objects = new Map<string, Uint8Array>();
  mock.on(PutObjectCommand).callsFake(({ Key, Body }) => {
    if (objects.has(Key)) {
      throw Object.assign(new Error('PreconditionFailed'), { $metadata: { httpStatusCode: 412 } });
    }
    objects.set(Key, Body);
    return {};
  });
  mock.on(GetObjectCommand).callsFake(({ Key }) => {
    const bytes = objects.get(Key);
    if (bytes === undefined) throw Object.assign(new Error('NoSuchKey'), { name: 'NoSuchKey' });
    return { Body: { transformToByteArray: async () => bytes } };
  });
  return {
    bucket: s3LogBucket(client, 'log'),
    requests: () => mock.calls().length,
    reset: () => mock.resetHistory(),
  };
}
