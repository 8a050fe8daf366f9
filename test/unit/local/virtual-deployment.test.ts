import { expect, test } from 'vitest';
import { laneQueue, virtualDeployment } from '../../../local/virtual/virtual-deployment.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryTimers } from '../../../shared/adapters/memory/memory-timers.ts';
import { parseIngestMessage, parseLaneMessage } from '../../../shared/contract/messages.ts';
import type { Bell } from '../../../shared/ports/queues.ts';
import { configuration } from '../../support/api-world.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const BELL: Bell = { kind: 'chunk', lane: 'orders', producer: 'shop', minute: START, id: 'a'.repeat(22) };

/** What each queue's function receives, with the seconds since the start. */
function world(copies?: (queue: string) => readonly number[]) {
  const clock = memoryClock(START);
  const received: (readonly [seconds: number, queue: string, body: string])[] = [];
  const deployment = virtualDeployment({
    configuration,
    clock,
    timers: memoryTimers(),
    ...(copies === undefined ? {} : { copies }),
    async run({ queue }, messages) {
      for (const { body } of messages) received.push([(clock.now() - START) / 1000, queue, body]);
      return messages;
    },
  });
  return { ...deployment, queues: deployment.queuesOn(clock), received };
}

test('a bell rings in its own lane when its delay is over, on the virtual clock', async () => {
  const { queues, received, runUntil, settle } = world();
  await queues.ring([
    { bell: BELL, delaySeconds: 900 },
    { bell: { ...BELL, lane: 'vault' }, delaySeconds: 20 },
    { bell: BELL, delaySeconds: 0 },
  ]);
  await settle();
  expect(received.map(([seconds, queue]) => [seconds, queue])).toEqual([[0, laneQueue('orders')]]);
  await runUntil(START + 3_600_000);
  expect(received.slice(1).map(([seconds, queue]) => [seconds, queue])).toEqual([
    [20, laneQueue('vault')],
    [900, laneQueue('orders')],
  ]);
  expect(parseLaneMessage(received[2]?.[2] ?? '')).toEqual({ ok: true, value: BELL });
});

test('a copy of a bell comes later by as much as it is told, besides the delay', async () => {
  const { queues, received, runUntil } = world(() => [0, 60]);
  await queues.ring([{ bell: BELL, delaySeconds: 20 }]);
  await runUntil(START + 3_600_000);
  expect(received.map(([seconds]) => seconds)).toEqual([20, 80]);
});

test('a bell for a lane that is not deployed is refused', async () => {
  const { queues } = world();
  await expect(queues.ring([{ bell: { ...BELL, lane: 'gone' }, delaySeconds: 0 }])).rejects.toThrow(
    'there is no queue lane-gone',
  );
});

test('a heartbeat goes the way of events to the ingest queue, with its sender’s time', async () => {
  const { queuesOn, received, settle } = world();
  await queuesOn({ now: () => START - 30_000 }).sendHeartbeat();
  await settle();
  expect(received.map(([, queue]) => queue)).toEqual(['ingest']);
  expect(parseIngestMessage(received[0]?.[2] ?? '')).toEqual({
    ok: true,
    value: { kind: 'heartbeat', sent: START - 30_000 },
  });
});
