import { describe, expect, test } from 'vitest';
import type { createApi } from '../../../functions/api/api.ts';
import { logRef, principalRef } from '../../../shared/domain/configuration/references.ts';
import type { ActionEntry, OperatorAction } from '../../../shared/domain/record/entry.ts';
import { putHold } from '../../../shared/protocol/hold.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { apiWorld, principals } from '../../support/api-world.ts';
import { killedAt } from '../../support/killed-api.ts';

/** What operators do is in the deletion log, before it is done. */

type World = ReturnType<typeof apiWorld>;
const MARKER = 'zoe.marker@example.org';

interface Action {
  readonly path: string;
  readonly body?: unknown;
  readonly did: OperatorAction;
  /** What makes it possible. */
  prepare(world: World): Promise<unknown>;
  /** The answer to a request that comes again after it took effect, if that is not 200 or 404. */
  readonly again?: number;
  /** Whether it took effect. */
  isDone(world: World): Promise<boolean> | boolean;
}

const operatorEvent = (id: string, data: Readonly<Record<string, string>>, type: string) => ({
  specversion: '1.0',
  id,
  source: 'operators.example',
  type,
  data: { entity: { type: 'contract', id: MARKER }, producer: 'shop', ...data },
});

async function quarantined(world: World): Promise<void> {
  const sealed = await world.keys.encrypt(
    { scope: 'quarantine', context: MARKER },
    '2026-03-01',
    Buffer.from('{}'),
  );
  const receivedAt = world.clock.now();
  await world.registry.putQuarantined({ id: MARKER, receivedAt, code: 'X', reason: 'x', sealed });
}
const isSettled = async (world: World): Promise<boolean> =>
  (await world.registry.quarantinedItem(MARKER)) === undefined;
const isPaused = async (world: World): Promise<boolean> => (await world.registry.wideHolds()).length > 0;
/** Messages that were published since the preparation. */
const isPublished = (world: World): boolean => world.bus.drain().length > 0;

const STOPPED = { policy: 'shop-policy', rule: 'within 30 days after account.disconnected' };
async function stopped(world: World): Promise<void> {
  const stop = { ...STOPPED, at: 0, because: 'VOLUME', taken: 1, most: 1 } as const;
  const rules = { k: { day: { at: 0, count: 1 }, stop } };
  await world.registry.writeLaneGuard('orders', { version: 1, by: 't', rules });
}
const isLetGo = async (world: World): Promise<boolean> =>
  (await world.registry.laneGuard('orders'))?.rules?.['k']?.stop === undefined;

const ACTIONS: readonly Action[] = [
  {
    path: '/v1/lanes/pause',
    did: 'pause',
    prepare: async () => undefined,
    isDone: isPaused,
  },
  {
    path: '/v1/lanes/orders/pause',
    did: 'pause',
    prepare: async () => undefined,
    isDone: isPaused,
  },
  {
    path: '/v1/lanes/orders/resume',
    did: 'resume',
    prepare: (world) =>
      world.registry.placeWideHold({
        id: 'h',
        kind: 'pause',
        scope: { store: 'orders' },
        state: 'placed',
        at: 0,
      }),
    isDone: async (world) => !(await isPaused(world)) || world.waiting('sweep').length > 0,
  },
  {
    path: '/v1/lanes/orders/pause',
    body: { policy: 'shop-policy', rule: 'within 30 days after account.disconnected' },
    did: 'pause',
    prepare: async () => undefined,
    isDone: isPaused,
  },
  {
    path: '/v1/lanes/orders/approve',
    body: STOPPED,
    did: 'approve',
    prepare: stopped,
    isDone: isLetGo,
    again: 409,
  },
  {
    path: '/v1/lanes/orders/abort',
    body: STOPPED,
    did: 'abort',
    prepare: stopped,
    isDone: isPaused,
    again: 409,
  },
  {
    path: '/v1/quarantine/replay',
    body: { id: MARKER },
    did: 'replay',
    prepare: quarantined,
    isDone: async (world) => (await isSettled(world)) || world.waiting('ingest').length > 0,
  },
  {
    path: '/v1/quarantine/discard',
    body: { id: MARKER },
    did: 'discard',
    prepare: quarantined,
    isDone: isSettled,
  },
  {
    path: '/v1/events',
    body: {
      events: [operatorEvent('o-1', { corrects: MARKER, occurred: '2026-02-01' }, 'contract.ended')],
    },
    did: 'correct',
    prepare: async () => undefined,
    isDone: isPublished,
  },
  {
    path: '/v1/events',
    body: { events: [operatorEvent('o-2', { retracts: MARKER }, 'tenure.event.retracted')] },
    did: 'retract',
    prepare: async () => undefined,
    isDone: isPublished,
  },
  {
    path: '/v1/legal-holds',
    body: {
      id: 'h-1',
      scope: { entity: { type: 'contract', id: MARKER, producer: 'shop' } },
      matter: MARKER,
      reason: MARKER,
    },
    did: 'hold',
    prepare: async () => undefined,
    isDone: async (world) => (await world.registry.holdRecord('h-1')) !== undefined || isPublished(world),
  },
  {
    path: '/v1/legal-holds/release',
    body: { id: 'h-1', reason: MARKER },
    did: 'release',
    prepare: (world) =>
      putHold(world, { id: 'h-1', kind: 'hold', scope: { everything: true }, state: 'placed', at: 0 }),
    isDone: async (world) =>
      (await world.registry.holdRecord('h-1'))?.state === 'released' ||
      world.waiting('sweep').length > 0 ||
      isPublished(world),
  },
];

function actionsIn(world: World): readonly ActionEntry[] {
  return world.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])) as readonly ActionEntry[]);
}

async function ask(api: ReturnType<typeof createApi>, { path, body = {} }: Action): Promise<number> {
  const request = new Request(`https://api.example${path}`, { method: 'POST', body: JSON.stringify(body) });
  return (await api.fetch(request, { principal: principals.operator })).status;
}

describe.each(ACTIONS.map((action) => ({ name: `${action.did} at ${action.path}`, action })))(
  '$name',
  ({ action }) => {
    test('has an entry with the keyed principal, which comes into the log, and names nothing else', async () => {
      const world = apiWorld();
      await action.prepare(world);
      const answer = await world.call('operator', action.path, action.body ?? {});
      expect(answer.status).toBe(200);
      expect(await action.isDone(world)).toBe(true);
      const [entry, ...more] = actionsIn(world);
      expect(more).toEqual([]);
      const key = await world.keys.logKey(2026);
      const by = logRef(key, principalRef(await world.keys.registryKey(), principals.operator));
      expect(entry).toMatchObject({ v: 2, did: action.did, by, at: '2026-03-01T10:00:00.000Z' });
      expect(entry?.lane).toBe(action.path.includes('orders') ? 'orders' : undefined);
      expect(entry?.target === undefined).toBe(action.path.startsWith('/v1/lanes'));
      await seal(world);
      const log = world.bucket.allObjects().map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
      expect(log.map((line) => JSON.parse(line))).toEqual([entry]);
      expect(log.join('')).not.toMatch(/zoe|anna|operator\//);
      const found = await world.call('auditor', '/v1/log/entries/query', {
        from: '2026-03-01',
        to: '2026-03-02',
      });
      expect(found.body).toEqual({
        entries: [],
        actions: [{ token: entry?.token, line: 0, index: 0, action: entry }],
      });
    });

    test('is never done without its entry, wherever its process is killed, and can be asked for again', async () => {
      let count = 1;
      for (let at = 0; at < count; at += 1) {
        for (const when of ['before', 'after'] as const) {
          const world = apiWorld();
          await action.prepare(world);
          const { api, calls } = killedAt(world, at, when);
          expect(await ask(api, action)).toBe(500);
          count = Math.max(count, at + 2);
          const entries = actionsIn(world);
          if (await action.isDone(world)) expect(entries, calls.join(' ')).toHaveLength(1);
          const again = await world.call('operator', action.path, action.body ?? {});
          // What was done already may be said to be unknown now: it was discarded or replayed.
          expect([200, action.again ?? 404]).toContain(again.status);
          expect(actionsIn(world).length).toBeGreaterThanOrEqual(1);
          if (calls.length <= at) throw new Error('it was not killed');
        }
        const world = apiWorld();
        await action.prepare(world);
        const { api, calls } = killedAt(world, Infinity, 'before');
        expect(await ask(api, action)).toBe(200);
        count = calls.length;
      }
      expect(count).toBeGreaterThan(3);
    });
  },
);

describe('what has no entry', () => {
  test('is what changes nothing: pausing twice, resuming what runs, a message that is not there', async () => {
    const world = apiWorld();
    await world.call('operator', '/v1/lanes/pause', {});
    await world.call('operator', '/v1/lanes/pause', {});
    await world.call('operator', '/v1/lanes/orders/resume', {});
    await world.call('operator', '/v1/quarantine/discard', { id: 'unknown' });
    expect(actionsIn(world).map(({ did }) => did)).toEqual(['pause']);
  });

  test('is what a producer says of its own events, and what an operator is refused', async () => {
    const world = apiWorld();
    const own = {
      specversion: '1.0',
      id: 'e-2',
      source: 'shop.example',
      type: 'tenure.event.retracted',
      data: { entity: { type: 'contract', id: 'c-1' }, retracts: 'e-1' },
    };
    expect((await world.call('shop', '/v1/events', { events: [own] })).status).toBe(200);
    const unnamed = { ...operatorEvent('o-3', { retracts: 'e-1' }, 'tenure.event.retracted') };
    const { producer: _, ...data } = unnamed.data;
    expect((await world.call('operator', '/v1/events', { events: [{ ...unnamed, data }] })).status).toBe(400);
    expect((await world.call('shop', '/v1/lanes/pause', {})).status).toBe(403);
    expect(actionsIn(world)).toEqual([]);
  });
});

describe('what cannot be done', () => {
  test('has no entry: a message that cannot be decrypted is not replayed, however often that is asked for', async () => {
    const world = apiWorld();
    const receivedAt = world.clock.now();
    const sealed = Buffer.from('broken').toString('base64url');
    await world.registry.putQuarantined({ id: MARKER, receivedAt, code: 'X', reason: 'x', sealed });
    for (const _ of [1, 2]) {
      const { status } = await world.call('operator', '/v1/quarantine/replay', { id: MARKER });
      expect(status).toBe(500);
    }
    expect(actionsIn(world)).toEqual([]);
    expect((await world.call('operator', '/v1/quarantine/discard', { id: MARKER })).status).toBe(200);
    expect(actionsIn(world).map(({ did }) => did)).toEqual(['discard']);
  });
});

describe('entries of actions', () => {
  test('are found by time and lane, and not by rule, outcome or subject', async () => {
    const world = apiWorld();
    await world.call('operator', '/v1/lanes/orders/pause', {});
    await world.call('operator', '/v1/lanes/pause', {});
    await seal(world);
    const find = async (filter: Readonly<Record<string, unknown>>) => {
      const query = { from: '2026-03-01', to: '2026-03-02', ...filter };
      return (await world.call('auditor', '/v1/log/entries/query', query)).body['actions'];
    };
    expect(await find({})).toHaveLength(2);
    expect(await find({ store: 'orders' })).toHaveLength(1);
    expect(await find({ from: '2026-03-02', to: '2026-03-03' })).toEqual([]);
    for (const filter of [
      { rule: '3 years after contract.ended' },
      { outcome: 'deleted' },
      { subject: { type: 'person', id: 'p' } },
    ])
      expect(await find(filter)).toEqual([]);
  });

  test('one of a batch each, in the order of the batch', async () => {
    const world = apiWorld();
    const events = ['a', 'b', 'c'].map((id) =>
      operatorEvent(`o-${id}`, { retracts: id }, 'tenure.event.retracted'),
    );
    await world.call('operator', '/v1/events', { events });
    const entries = actionsIn(world);
    expect(entries.map(({ did }) => did)).toEqual(['retract', 'retract', 'retract']);
    expect(new Set(entries.map(({ target }) => target)).size).toBe(3);
    expect(new Set(entries.map(({ token }) => token)).size).toBe(1);
  });
});
