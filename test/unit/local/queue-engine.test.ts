import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalQueueEngine, startQueueEngine } from '../../../local/engines/queue-engine.ts';
import { runHandler } from '../../../local/run-handler.ts';
import { sqsQueues } from '../../../shared/adapters/sqs-queues.ts';

let engine: LocalQueueEngine;
beforeAll(async () => {
  engine = await startQueueEngine();
});
afterAll(() => engine.stop());

test('messages are taken once, each from its queue, oldest first, with the delay that they were sent with', async () => {
  const [sweep, lane] = [await engine.create('sweep'), await engine.create('lane')];
  const queues = sqsQueues(engine.client, { sweep, lanes: { crm: lane } });
  // More than SQS accepts or returns at a time.
  const holds = Array.from({ length: 23 }, (_, n) => `hold-${n}`);
  await queues.toSweep(holds.map((hold) => ({ kind: 'release', hold })));
  const bell = { kind: 'chunk', lane: 'crm', producer: 'shop', minute: 60_000, id: 'a'.repeat(22) } as const;
  await queues.ring([
    { bell, delaySeconds: 20 },
    { bell, delaySeconds: 900 },
  ]);
  await engine.client.send(new SendMessageCommand({ QueueUrl: lane, MessageBody: 'late', DelaySeconds: 30 }));
  const taken = await engine.take();
  const from = (name: string) => taken.filter(({ queue }) => queue === name);
  expect(from('sweep').map(({ body }) => (JSON.parse(body) as { hold: string }).hold)).toEqual(holds);
  expect(from('lane').map(({ body, delaySeconds }) => [body, delaySeconds])).toEqual([
    [JSON.stringify(bell), 20],
    [JSON.stringify(bell), 900],
    ['late', 30],
  ]);
  expect(await engine.take()).toEqual([]);
});

test('a handler is done with what it does not name as failed, and hears where and how often a message came', async () => {
  const events: SQSEvent[] = [];
  const handler = async (event: SQSEvent) => {
    events.push(event);
    return { batchItemFailures: [{ itemIdentifier: 'm-2' }] };
  };
  const messages = [1, 2, 3].map((n) => ({ id: `m-${n}`, body: `body ${n}`, sentAt: 5, deliveries: n }));
  const done = await runHandler(handler, 'sweep', messages);
  expect(done.map(({ id }) => id)).toEqual(['m-1', 'm-3']);
  expect(
    events[0]?.Records.map(({ body, attributes, eventSourceARN }) => [
      body,
      attributes.ApproximateReceiveCount,
      eventSourceARN.split(':').at(-1),
    ]),
  ).toEqual([
    ['body 1', '1', 'sweep'],
    ['body 2', '2', 'sweep'],
    ['body 3', '3', 'sweep'],
  ]);
});
