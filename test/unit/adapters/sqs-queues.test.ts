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
import type { Bell, SweepMessage } from '../../../shared/ports/queues.ts';
import { at } from '../../support/samples.ts';

const segments = (count: number): SweepMessage[] =>
  Array.from({ length: count }, (_, segment) => ({ kind: 'walk', walk: 'w', segment }));

const aBell = (lane: string, n = 0): Bell => ({
  kind: 'chunk',
  lane,
  producer: 'portal',
  minute: at('2026-03-01T10:00:00Z') + n * 60_000,
  id: 'Vq3rYp9mQXKc2w0H5bTnLg',
});

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
    await queues.ring([{ bell: aBell('crm'), delaySeconds: 0 }]);
    await queues.toIngest({ kind: 'fan-out', walk: 'w-1', version: 2 });
    await queues.replay('{"id":"event-1"}');
    await queues.toSeal({ kind: 'seal' });
    expect(await received(urls.lanes.crm)).toEqual([aBell('crm')]);
    expect(await received(urls.lanes.shop)).toEqual([]);
    expect(await received(urls.ingest)).toEqual([
      { kind: 'fan-out', walk: 'w-1', version: 2 },
      { id: 'event-1' },
    ]);
    expect(await received(urls.seal)).toEqual([{ kind: 'seal' }]);
  });

  test('bells of several lanes arrive in their own queues, more than fit in one request too', async () => {
    const [first, second] = await Promise.all(['lane-a', 'lane-b'].map(queue));
    const queues = sqsQueues(client, { lanes: { a: first ?? '', b: second ?? '' } });
    const bells = Array.from({ length: 23 }, (_, n) => aBell(n % 2 === 0 ? 'a' : 'b', n));
    await queues.ring(bells.map((bell) => ({ bell, delaySeconds: 0 })));
    const sorted = (found: unknown[]) => (found as Bell[]).toSorted((a, b) => a.minute - b.minute);
    expect(sorted(await received(first ?? ''))).toEqual(bells.filter(({ lane }) => lane === 'a'));
    expect(sorted(await received(second ?? ''))).toEqual(bells.filter(({ lane }) => lane === 'b'));
  });

  test('a delayed bell is not there yet', async () => {
    const url = await queue('delayed');
    await sqsQueues(client, { lanes: { crm: url } }).ring([{ bell: aBell('crm'), delaySeconds: 20 }]);
    expect(await received(url)).toEqual([]);
  });

  test('more sweep messages than fit in one request all arrive', async () => {
    const sweep = await queue('sweep');
    await sqsQueues(client, { sweep }).toSweep(segments(23));
    const found = (await received(sweep)) as { segment: number }[];
    expect(found.toSorted((a, b) => a.segment - b.segment)).toEqual(segments(23));
  });
});

test('a message of the ingest queue is hidden by its receipt', async () => {
  const client = new SQSClient();
  const mock = mockClient(client);
  await sqsQueues(client, { ingest: 'https://sqs/ingest' }).hide('receipt-1', 240);
  expect(mock.calls().map(({ args: [{ input }] }) => input)).toEqual([
    { QueueUrl: 'https://sqs/ingest', ReceiptHandle: 'receipt-1', VisibilityTimeout: 240 },
  ]);
});

describe('queues that refuse', () => {
  test('a queue that the function was not given is an error that names it', async () => {
    const queues = sqsQueues(new SQSClient(), { lanes: {} });
    const unknown = expect.objectContaining({ code: 'QUEUE_UNKNOWN' });
    const bells = [{ bell: aBell('crm'), delaySeconds: 0 }];
    await expect(queues.ring(bells)).rejects.toEqual(unknown);
    await expect(queues.ring(bells)).rejects.toThrow('lane crm');
    await expect(queues.toSweep([{ kind: 'hourly' }])).rejects.toEqual(unknown);
    await expect(queues.toSeal({ kind: 'seal' })).rejects.toEqual(unknown);
    await expect(queues.toIngest({ kind: 'fan-out', walk: 'w', version: 1 })).rejects.toEqual(unknown);
    await expect(queues.sendHeartbeat()).rejects.toEqual(unknown);
    await expect(queues.sendHeartbeat()).rejects.toThrow('heartbeats');
    await expect(queues.retry(['q-1'])).rejects.toThrow('retries');
    await expect(queues.retryRefused(['q-1'], 'digest')).rejects.toThrow('retries');
    await expect(queues.sendFacts([])).rejects.toThrow('facts');
    await expect(queues.tellIngest([])).rejects.toThrow('columns');
    await expect(queues.notify([])).rejects.toThrow('notices');
    await expect(queues.hide('receipt', 60)).rejects.toEqual(unknown);
  });

  test('an empty list of messages makes no request', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    const queues = sqsQueues(client, { sweep: 'https://sqs/sweep', lanes: {} });
    await queues.toSweep([]);
    await queues.ring([]);
    expect(mock.calls()).toHaveLength(0);
  });

  test('heartbeats, retries and facts go the way that was given, and no other', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    let sent = 0;
    const retried: string[] = [];
    const again: unknown[] = [];
    const queues = sqsQueues(
      client,
      {},
      {
        async sendHeartbeat() {
          sent += 1;
        },
        retry: async (ids) => void retried.push(...ids),
        retryRefused: async (ids, policies) => void retried.push(...ids, policies),
        sendFacts: async (facts) => void again.push(...facts),
        tellIngest: async (messages) => void again.push(...messages),
        notify: async (notices) => notices.map(() => 'failed'),
      },
    );
    await queues.sendHeartbeat();
    await queues.retry(['q-1', 'q-2']);
    await queues.retryRefused(['q-3'], 'digest');
    const entity = { type: 'person', id: 'p-1' };
    const fact = { kind: 'retraction', id: 'r', source: 's', entity, retracts: 'e' } as const;
    await queues.sendFacts([{ speaker: { role: 'operator' }, sent: fact }]);
    expect([sent, retried, again.length]).toEqual([1, ['q-1', 'q-2', 'q-3', 'digest'], 1]);
    await queues.tellIngest([{ kind: 'column-read', column: 'c', at: 1 }]);
    expect(again).toHaveLength(2);
    expect(await queues.notify([{ id: 'n', kind: 'failed', at: 1, data: {} }])).toEqual(['failed']);
    expect([sent, retried]).toEqual([1, ['q-1', 'q-2', 'q-3', 'digest']]);
    expect(mock.calls()).toHaveLength(0);
  });

  test('messages of a batch that the queue could not take are sent again, and only they', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    mock
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '2', Code: 'InternalError', SenderFault: false }] })
      .resolves({ Successful: [] });
    await sqsQueues(client, { sweep: 'https://sqs/sweep' }).toSweep(segments(5));
    const sent = mock.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input.Entries ?? []);
    expect(sent.map((entries) => entries.length)).toEqual([5, 1]);
    expect(sent[1]?.[0]?.MessageBody).toBe(JSON.stringify(segments(5)[2]));
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
    await expect(queues.toSweep(segments(1))).rejects.toEqual(refused);
    expect(mock.calls()).toHaveLength(4);
  });

  test('a message that is refused as the sender’s fault is not sent again', async () => {
    const client = new SQSClient();
    const mock = mockClient(client);
    mock.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [{ Id: '0', Code: 'AccessDenied', SenderFault: true }],
    });
    await expect(sqsQueues(client, { sweep: 'https://sqs/sweep' }).toSweep(segments(1))).rejects.toThrow(
      'AccessDenied',
    );
    expect(mock.calls()).toHaveLength(1);
  });
});
