import { expect, test } from 'vitest';
import { localBus } from '../../../local/event-bus.ts';
import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { parseIngestMessage } from '../../../shared/contract/messages.ts';

const clock = memoryClock(Date.parse('2026-03-01T10:00:12.345Z'));
const DETAIL = { specversion: '1.0', id: 'e-1', source: 'com.example.app', type: 'contract.ended', data: {} };

test('an application’s event reaches the ingest queue in EventBridge’s envelope, under its own source', async () => {
  const bodies: string[] = [];
  const bus = localBus(clock, async (body) => void bodies.push(body));
  await bus.putEvent('com.example.app', 'contract.ended', DETAIL);
  const message = parseIngestMessage(bodies[0] ?? '');
  expect(message).toMatchObject({
    ok: true,
    value: {
      kind: 'bus',
      envelope: {
        source: 'com.example.app',
        'detail-type': 'contract.ended',
        time: '2026-03-01T10:00:12Z',
        detail: DETAIL,
      },
    },
  });
});

test('what the api publishes comes under the api’s source, each in an envelope with an id of its own', async () => {
  const bodies: string[] = [];
  const bus = localBus(clock, async (body) => void bodies.push(body));
  const detail = JSON.stringify(DETAIL);
  expect(
    await bus.publish([
      { type: 'contract.ended', detail },
      { type: 'contract.ended', detail },
    ]),
  ).toEqual(['durable', 'durable']);
  const envelopes = bodies.map((body) => JSON.parse(body) as { source: string; id: string });
  expect(envelopes.map(({ source }) => source)).toEqual(['tenure.api', 'tenure.api']);
  expect(new Set(envelopes.map(({ id }) => id)).size).toBe(2);
});

test('a heartbeat comes under the sweep’s source, with the time at which it was sent', async () => {
  const bodies: string[] = [];
  const bus = localBus(clock, async (body) => void bodies.push(body));
  await bus.sendHeartbeat();
  expect(parseIngestMessage(bodies[0] ?? '')).toEqual({
    ok: true,
    value: { kind: 'heartbeat', sent: clock.now() },
  });
});

test('only what the queue has is durable', async () => {
  let sends = 0;
  const bus = localBus(clock, async () => {
    sends += 1;
    if (sends === 2) throw new Error('no queue');
  });
  const detail = JSON.stringify(DETAIL);
  const three = Array.from({ length: 3 }, () => ({ type: 'contract.ended', detail }));
  expect(await bus.publish(three)).toEqual(['durable', 'failed', 'durable']);
});
