import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { FauxqsServer } from 'fauxqs';
import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqsQueues } from '../../../shared/adapters/sqs-queues.ts';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { aHoldingRef, at } from '../../support/samples.ts';

const minutes = (count: number): SweepMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'minute',
    minute: at('2026-03-01T10:00:00Z') + n * 60_000,
  }));

describe('queues on a real SQS protocol', () => {
  let server: FauxqsServer;
  let client: SQSClient;
  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
    client = new SQSClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  async function queue(name: string): Promise<string> {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name }));
    return QueueUrl;
  }
  async function received(QueueUrl: string): Promise<unknown[]> {
    const bodies: unknown[] = [];
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown));
    }
  }

  test('each message arrives in its own queue as it was sent', async () => {
    const [crm, shop, ingest, seal] = await Promise.all(['crm', 'shop', 'ingest', 'seal'].map(queue));
    const urls = { lanes: { crm: crm ?? '', shop: shop ?? '' }, ingest: ingest ?? '', seal: seal ?? '' };
    const queues = sqsQueues(client, urls);
    const holdings = Array.from({ length: 100 }, (_, n) => aHoldingRef(n));
    await queues.toLane({ kind: 'chunk', store: 'crm', holdings });
    await queues.toIngest({ kind: 'fan-out', cursor: 'c-1' });
    await queues.replay('{"id":"event-1"}');
    await queues.toSeal({ kind: 'seal', hour: '2026-03-01T10' });
    expect(await received(urls.lanes.crm)).toEqual([{ kind: 'chunk', store: 'crm', holdings }]);
    expect(await received(urls.lanes.shop)).toEqual([]);
    expect(await received(urls.ingest)).toEqual([{ kind: 'fan-out', cursor: 'c-1' }, { id: 'event-1' }]);
    expect(await received(urls.seal)).toEqual([{ kind: 'seal', hour: '2026-03-01T10' }]);
  });

  test('more sweep messages than fit in one request all arrive', async () => {
    const sweep = await queue('sweep');
    await sqsQueues(client, { sweep }).toSweep(minutes(23));
    const found = (await received(sweep)) as { minute: number }[];
    expect(found.map(({ minute }) => minute).toSorted((a, b) => a - b)).toEqual(
      minutes(23).map((message) => (message.kind === 'minute' ? message.minute : 0)),
    );
  });
});

describe('queues that refuse', () => {
  test('a queue that the function was not given is an error that names it', async () => {
    const queues = sqsQueues(new SQSClient(), { lanes: {} });
    const unknown = expect.objectContaining({ code: 'QUEUE_UNKNOWN' });
    const chunk = { kind: 'chunk', store: 'crm', holdings: [aHoldingRef(1)] } as const;
    await expect(queues.toLane(chunk)).rejects.toEqual(unknown);
    await expect(queues.toLane(chunk)).rejects.toThrow('lane crm');
    await expect(queues.toSweep([{ kind: 'hourly' }])).rejects.toEqual(unknown);
    await expect(queues.toSeal({ kind: 'seal' })).rejects.toEqual(unknown);
    await expect(queues.toIngest({ kind: 'fan-out', cursor: 'c' })).rejects.toEqual(unknown);
  });

  test('an empty list of sweep messages makes no request', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    await sqsQueues(client, { sweep: 'https://sqs/sweep' }).toSweep([]);
    expect(mock.calls()).toHaveLength(0);
  });

  test('messages of a batch that the queue could not take are sent again, and only they', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    mock
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '2', Code: 'InternalError', SenderFault: false }] })
      .resolves({ Successful: [] });
    await sqsQueues(client, { sweep: 'https://sqs/sweep' }).toSweep(minutes(5));
    const sent = mock.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(sent.map((entries) => entries.length)).toEqual([5, 1]);
    expect(sent[1]?.[0]?.MessageBody).toBe(JSON.stringify(minutes(5)[2]));
  });

  test('messages that stay refused are an error, for a send that resolves is durable', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    mock.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }],
    });
    const queues = sqsQueues(client, { sweep: 'https://sqs/sweep' });
    const refused = expect.objectContaining({ code: 'QUEUE_REFUSED' });
    await expect(queues.toSweep(minutes(1))).rejects.toEqual(refused);
    expect(mock.calls()).toHaveLength(4);
  });

  test('a message that is refused as the sender’s fault is not sent again', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    mock.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [{ Id: '0', Code: 'AccessDenied', SenderFault: true }],
    });
    await expect(sqsQueues(client, { sweep: 'https://sqs/sweep' }).toSweep(minutes(1))).rejects.toThrow(
      'AccessDenied',
    );
    expect(mock.calls()).toHaveLength(1);
  });
});
