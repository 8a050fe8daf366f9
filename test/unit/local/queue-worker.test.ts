import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type LocalQueueEngine,
  type QueuePair,
  startQueueEngine,
} from '../../../local/engines/queue-engine.ts';
import { type Handler, queueWorker } from '../../../local/queue-worker.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';

let engine: LocalQueueEngine;
let queue: QueuePair;
let queues = 0;
beforeAll(async () => {
  engine = await startQueueEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  queues += 1;
  queue = await engine.create(`queue-${queues}`);
});

const START = Date.UTC(2026, 2, 1);

/** A worker over a queue of its own; `fails` says which bodies come back. */
function world(
  fails: (body: string, delivery: number) => boolean,
  batchSize = 10,
  meanwhile: (body: string) => Promise<void> = async () => {},
) {
  const clock = memoryClock(START);
  const runs: string[][] = [];
  const handler: Handler = async ({ Records }) => {
    runs.push(Records.map(({ body }) => body));
    for (const { body } of Records) await meanwhile(body);
    const failed = Records.filter(({ body, attributes }) =>
      fails(body, Number(attributes.ApproximateReceiveCount)),
    );
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
  const seen: string[] = [];
  const worker = queueWorker({
    client: engine.client,
    queue,
    clock,
    handler,
    batchSize,
    visibilitySeconds: 600,
    seen: (from, body) => seen.push(`${from}: ${body}`),
  });
  const send = async (...bodies: readonly string[]): Promise<void> => {
    for (const MessageBody of bodies) {
      await engine.client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    }
    worker.ring();
  };
  return { clock, runs, worker, send, seen };
}

test('runs the function until the queue is empty, in batches', async () => {
  const { worker, send, runs, seen } = world(() => false, 2);
  await send('a', 'b', 'c');
  expect(await worker.drain()).toBe(true);
  expect(runs).toEqual([['a', 'b'], ['c']]);
  expect(seen).toEqual([`${queue.name}: a`, `${queue.name}: b`, `${queue.name}: c`]);
  expect(await worker.drain()).toBe(false);
});

test('only what failed comes back, when its timeout is over on the virtual clock', async () => {
  const { worker, send, runs, clock } = world((body, delivery) => body === 'b' && delivery === 1);
  await send('a', 'b', 'c');
  await worker.drain();
  expect(worker.nextVisible()).toBe(START + 600_000);
  clock.set(START + 599_999);
  await worker.reveal();
  await worker.drain();
  expect(runs).toEqual([['a', 'b', 'c']]);
  clock.set(START + 600_000);
  await worker.reveal();
  await worker.drain();
  expect(runs).toEqual([['a', 'b', 'c'], ['b']]);
  expect(worker.nextVisible()).toBeUndefined();
});

test('all of a batch comes back when the function dies', async () => {
  let deaths = 0;
  const { worker, send, runs, clock } = world(() => {
    deaths += 1;
    if (deaths === 1) throw new Error('killed');
    return false;
  });
  await send('a', 'b');
  await worker.drain();
  clock.advance(600_000);
  await worker.reveal();
  await worker.drain();
  expect(runs.map((run) => run.toSorted())).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('what fails ten times ends in the dead-letter queue', async () => {
  const { worker, send, runs, clock } = world(() => true);
  await send('hopeless');
  for (let delivery = 0; delivery < 12; delivery += 1) {
    await worker.drain();
    clock.advance(600_000);
    await worker.reveal();
  }
  expect(runs).toHaveLength(10);
  const dead = await engine.client.send(new ReceiveMessageCommand({ QueueUrl: queue.deadLetterUrl }));
  expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['hopeless']);
});

test('a message that is sent while the function runs is not forgotten', async () => {
  const { worker, send, runs } = world(
    () => false,
    10,
    async (body) => {
      if (body === 'first') await send('second');
    },
  );
  await send('first');
  await worker.drain();
  expect(runs).toEqual([['first'], ['second']]);
});
