import { describe, expect, test } from 'vitest';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import { apiWorld } from '../../support/api-world.ts';
import { aHoldingRef } from '../../support/samples.ts';

const MARKER = 'zoe.marker@example.org';
const END = '2026-02-28';

/** Two rows of one account each, which must be gone within 30 days after a disconnection on this date. */
async function disconnectedWorld(rows = 2) {
  const world = apiWorld('2026-03-01T10:00:00Z');
  await world.sweepAt('2026-03-01T10:00:00Z');
  const keys = Array.from({ length: rows }, (_, row) => `shop/${MARKER}/${row}`);
  for (const key of keys) world.stores['orders']?.put([key]);
  await world.call('shop', '/v1/holdings', {
    holdings: keys.map((key) => ({
      store: 'orders',
      locator: [key],
      categories: ['profile'],
      purposes: ['login'],
      entities: [{ type: 'account', id: MARKER }],
    })),
  });
  await world.call('shop', '/v1/events', {
    events: [
      {
        specversion: '1.0',
        id: 'e-1',
        source: 'shop.example',
        type: 'account.disconnected',
        data: { entity: { type: 'account', id: MARKER }, occurred: END },
      },
    ],
  });
  await world.deliver();
  return world;
}

async function overdueOf(world: ReturnType<typeof apiWorld>): Promise<unknown> {
  const groups: unknown[] = [];
  let path: string | undefined = '/v1/overdue';
  while (path !== undefined) {
    const { body } = await world.call('auditor', path);
    groups.push(...(body['groups'] as unknown[]));
    const next = body['next'] as string | undefined;
    path = next === undefined ? undefined : `/v1/overdue?cursor=${next}`;
  }
  return groups;
}

describe('GET /v1/overdue', () => {
  test('lists nothing while nothing is late', async () => {
    const world = await disconnectedWorld();
    world.clock.set(Date.parse('2026-03-30T00:00:00Z'));
    expect(await overdueOf(world)).toEqual([]);
  });

  test('lists in groups what the lane has not come to, what fails, and what a pause keeps', async () => {
    const world = await disconnectedWorld();
    await world.sweepOnlyAt('2026-04-02T00:00:00Z');
    const oldestDeadline = '2026-03-31T00:00:00.000Z';
    const group = { store: 'orders', producer: 'shop', count: 2, oldestDeadline };
    expect(await overdueOf(world)).toEqual([{ ...group, because: 'waiting' }]);

    world.stores['orders']?.fail({ call: 'delete', code: 'STORE_UNREACHABLE' });
    await world.sweepAt('2026-04-02T01:00:00Z');
    expect(await overdueOf(world)).toEqual([{ ...group, because: 'failing', code: 'STORE_UNREACHABLE' }]);
    expect(world.lines).toContainEqual({
      code: 'dispose.left',
      fields: { store: 'orders', code: 'STORE_UNREACHABLE', count: 2 },
    });

    await world.call('operator', '/v1/lanes/pause', {});
    await world.sweepAt('2026-04-02T04:00:00Z');
    expect(await overdueOf(world)).toEqual([{ ...group, because: 'paused' }]);

    world.stores['orders']?.repair();
    await world.call('operator', '/v1/lanes/resume', {});
    await world.settleAll();
    await world.sweepAt('2026-04-02T05:00:00Z');
    expect(await overdueOf(world)).toEqual([]);
    expect(world.stores['orders']?.size()).toBe(0);
  });

  test('says that a store refuses, and which code it gave', async () => {
    const world = await disconnectedWorld();
    world.stores['orders']?.fail({ call: 'delete', code: 'STORE_LOCKED' });
    await world.sweepAt('2026-04-02T01:00:00Z');
    expect(await overdueOf(world)).toMatchObject([{ because: 'failing', code: 'STORE_LOCKED', count: 2 }]);
  });

  test('does not list what a legal hold keeps', async () => {
    const world = await disconnectedWorld();
    await world.registry.placeWideHold({
      id: 'case-7',
      kind: 'hold',
      scope: { category: 'profile' },
      state: 'placed',
      at: world.clock.now(),
    });
    await world.sweepAt('2026-04-02T00:00:00Z');
    expect(world.registry.allParked()).toHaveLength(2);
    expect(await overdueOf(world)).toEqual([]);
  });

  test('refuses the cursor of another list', async () => {
    const world = await disconnectedWorld();
    expect((await world.call('operator', '/v1/overdue?cursor=abc')).body).toMatchObject({
      code: 'CURSOR_INVALID',
    });
    expect((await world.call('operator', '/v1/overdue?cursor=a&x=1')).body).toMatchObject({
      code: 'BODY_INVALID',
    });
  });
});

describe('pausing and resuming lanes', () => {
  test('keeps a lane from acting until it is resumed', async () => {
    const world = await disconnectedWorld();
    const paused = await world.call('operator', '/v1/lanes/orders/pause', {});
    expect(paused.body).toEqual({
      lanes: [
        {
          lane: 'orders',
          state: 'paused',
          pauses: [{ of: 'lane', since: '2026-03-01T10:01:00.000Z' }],
          inFlight: [],
        },
      ],
    });
    await world.sweepAt('2026-04-02T00:00:00Z');
    expect(world.stores['orders']?.size()).toBe(2);
    const resumed = await world.call('operator', '/v1/lanes/orders/resume', {});
    expect(resumed.body).toMatchObject({ lanes: [{ lane: 'orders', state: 'running', pauses: [] }] });
    await world.settleAll();
    await world.sweepAt('2026-04-02T02:00:00Z');
    expect(world.stores['orders']?.size()).toBe(0);
  });

  test('twice is once', async () => {
    const world = apiWorld();
    for (const _ of [1, 2]) await world.call('operator', '/v1/lanes/pause', {});
    expect(await world.registry.wideHolds()).toHaveLength(1);
    for (const _ of [1, 2]) await world.call('operator', '/v1/lanes/resume', {});
    expect(await world.registry.wideHolds()).toEqual([]);
    expect(world.waiting('sweep')).toHaveLength(1);
  });

  test('of one lane leaves a pause of all in place, and the other way round', async () => {
    const world = apiWorld();
    await world.call('operator', '/v1/lanes/pause', {});
    await world.call('operator', '/v1/lanes/orders/pause', {});
    await world.call('operator', '/v1/lanes/orders/resume', {});
    const lanes = (await world.call('auditor', '/v1/lanes')).body['lanes'] as {
      lane: string;
      state: string;
    }[];
    expect(lanes.map(({ lane, state }) => `${lane} ${state}`)).toEqual([
      'invoices paused',
      'orders paused',
      'vault paused',
    ]);
    await world.call('operator', '/v1/lanes/orders/pause', {});
    await world.call('operator', '/v1/lanes/resume', {});
    const after = (await world.call('auditor', '/v1/lanes')).body['lanes'] as { state: string }[];
    expect(after.map(({ state }) => state)).toEqual(['running', 'paused', 'running']);
  });

  test('of one rule leaves the lane running, and is listed until it is resumed', async () => {
    const world = apiWorld();
    const rule = { policy: 'shop-policy', rule: 'within 30 days after account.disconnected' };
    const since = '2026-03-01T10:00:00.000Z';
    const paused = await world.call('operator', '/v1/lanes/orders/pause', rule);
    const listed = {
      lane: 'orders',
      state: 'running',
      pauses: [{ of: 'lane', since, ...rule }],
      inFlight: [],
    };
    expect(paused.body).toEqual({ lanes: [listed] });
    await world.call('operator', '/v1/lanes/orders/pause', rule);
    await world.call('operator', '/v1/lanes/orders/pause', { policy: 'shop-policy' });
    expect(await world.registry.wideHolds()).toMatchObject([
      { only: rule },
      { only: { policy: 'shop-policy' } },
    ]);
    // Neither the lane nor all lanes are paused, and this ends only the pause of the whole policy.
    await world.call('operator', '/v1/lanes/orders/resume', {});
    await world.call('operator', '/v1/lanes/resume', rule);
    await world.call('operator', '/v1/lanes/orders/resume', { policy: 'shop-policy' });
    expect((await world.call('auditor', '/v1/lanes')).body['lanes']).toContainEqual(listed);
    const resumed = await world.call('operator', '/v1/lanes/orders/resume', rule);
    expect(resumed.body).toMatchObject({ lanes: [{ lane: 'orders', state: 'running', pauses: [] }] });
  });

  test.for([
    ['a policy that is not deployed', { policy: 'others' }, 404, 'NOT_FOUND', 'policy'],
    [
      'a rule that the policy does not have',
      { policy: 'shop-policy', rule: 'never' },
      404,
      'NOT_FOUND',
      'rule',
    ],
    ['a rule without its policy', { rule: 'never' }, 400, 'BODY_INVALID', 'policy'],
  ] as const)('refuses %s, because nothing would be paused', async ([, body, status, code, path]) => {
    const world = apiWorld();
    for (const verb of ['pause', 'resume'])
      for (const where of ['/v1/lanes', '/v1/lanes/orders'])
        expect(await world.call('operator', `${where}/${verb}`, body)).toMatchObject({
          status,
          body: { code, path },
        });
    expect(await world.registry.wideHolds()).toEqual([]);
  });

  test('takes the words that stand for a rule where a person decides', async () => {
    const world = apiWorld();
    const body = { policy: 'shop-policy', rule: 'erasure request of the person' };
    expect((await world.call('operator', '/v1/lanes/pause', body)).status).toBe(200);
  });

  test('names what a worker may still act on, as long as its lease may last', async () => {
    const world = apiWorld();
    const until = world.clock.now() + 600_000;
    await world.registry.putWork({
      lane: 'orders',
      chunk: { lane: 'orders', producer: 'shop', minute: 0, id: 'c' },
      token: 't',
      begunAt: world.clock.now(),
      until,
      refs: [aHoldingRef(1), aHoldingRef(2)],
      actedOn: [],
    });
    const inFlight = async (): Promise<unknown> =>
      (
        (await world.call('operator', '/v1/lanes/orders/pause', {})).body['lanes'] as { inFlight: unknown }[]
      )[0]?.inFlight;
    expect(await inFlight()).toEqual([{ lane: 'orders', holdings: 2, until: '2026-03-01T10:10:00.000Z' }]);
    world.clock.set(until + 60_000);
    expect(await inFlight()).toHaveLength(1);
    world.clock.set(until + 60_001);
    expect(await inFlight()).toEqual([]);
  });

  test('of a lane that is not there is refused', async () => {
    const world = apiWorld();
    for (const path of ['/v1/lanes/nowhere/pause', '/v1/lanes/constructor/resume']) {
      const answer = await world.call('operator', path, {});
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'NOT_FOUND', path: 'lane' });
    }
  });

  test('a release that dies half-way is finished by its message', async () => {
    const world = await disconnectedWorld();
    await world.call('operator', '/v1/lanes/pause', {});
    await world.sweepAt('2026-04-02T00:00:00Z');
    const [pause] = await world.registry.wideHolds();
    // Died right after the message: the pause itself was not yet marked.
    await world.queues.toSweep([{ kind: 'release', hold: pause?.id ?? '' }]);
    await world.settleAll();
    await world.sweepAt('2026-04-02T02:00:00Z');
    expect(world.stores['orders']?.size()).toBe(0);
    expect(world.registry.allParked()).toEqual([]);
  });
});

describe('quarantine', () => {
  async function quarantinedWorld() {
    const world = apiWorld();
    const body = JSON.stringify({
      id: 'x',
      source: 'shop.example',
      'detail-type': 'contract.ended',
      time: '2026-03-01T10:00:00Z',
      detail: {
        specversion: '1.0',
        id: 'e-1',
        source: 'shop.example',
        type: 'contract.ended',
        data: { entity: MARKER },
      },
    });
    await world.queues.replay(body);
    await world.settleAll();
    return { world, id: bodyHash(body).slice(0, 32) };
  }

  test('is listed by reason, without what was in it', async () => {
    const { world, id } = await quarantinedWorld();
    const answer = await world.call('operator', '/v1/quarantine');
    expect(answer.body).toEqual({
      items: [
        {
          id,
          receivedAt: '2026-03-01T10:00:00.000Z',
          code: 'BODY_INVALID',
          reason: 'data.entity',
          producer: 'shop',
        },
      ],
    });
  });

  test('what is replayed and refused again stays in the list', async () => {
    const { world, id } = await quarantinedWorld();
    const answer = await world.call('operator', '/v1/quarantine/replay', { id });
    expect(answer.body).toEqual({ id, settled: 'replayed' });
    await world.settleAll();
    const left = world.registry.allQuarantined();
    expect(left).toHaveLength(1);
    expect(left[0]?.id).not.toBe(id);
  });

  test('a replay that is refused before it is settled is not lost', async () => {
    const { world, id } = await quarantinedWorld();
    const replay = world.queues.replay.bind(world.queues);
    world.queues.replay = async (body) => {
      await replay(body);
      await world.settleAll();
    };
    await world.call('operator', '/v1/quarantine/replay', { id });
    expect(world.registry.allQuarantined()).toHaveLength(1);
  });

  test('what is discarded is gone, and an unknown id is refused', async () => {
    const { world, id } = await quarantinedWorld();
    expect((await world.call('operator', '/v1/quarantine/discard', { id })).body).toEqual({
      id,
      settled: 'discarded',
    });
    for (const verb of ['discard', 'replay']) {
      const answer = await world.call('operator', `/v1/quarantine/${verb}`, { id });
      expect(answer.status).toBe(404);
    }
    expect(world.registry.allQuarantined()).toEqual([]);
    expect(world.isIdle()).toBe(true);
  });

  test('goes on page by page', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', 2);
    for (const id of ['a', 'b', 'c']) {
      await world.registry.putQuarantined({
        id,
        receivedAt: 0,
        code: 'BODY_INVALID',
        reason: '',
        sealed: '',
      });
    }
    const first = await world.call('operator', '/v1/quarantine');
    const second = await world.call('operator', `/v1/quarantine?cursor=${String(first.body['next'])}`);
    const ids = [first, second].flatMap(({ body }) =>
      (body['items'] as { id: string }[]).map(({ id }) => id),
    );
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(second.body['next']).toBeUndefined();
  });
});
