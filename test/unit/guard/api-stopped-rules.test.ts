import { describe, expect, test } from 'vitest';
import { stopsOf } from '../../../shared/domain/guard/breaker.ts';
import type { LaneGuard } from '../../../shared/domain/guard/lane-guard.ts';
import { ruleKey } from '../../../shared/domain/guard/rule-key.ts';
import { ERASURE_TEXT } from '../../../shared/domain/people/request-texts.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { requestSettings } from '../../support/people-requests.ts';
import { aHoldingRef } from '../../support/samples.ts';

type World = ReturnType<typeof apiWorld>;
const rule = { policy: 'shop-policy', rule: 'within 30 days after account.disconnected' };
const AT = Date.parse('2026-03-01T09:00:00Z');

/** A lane in which these rules are stopped, by their keys. */
function guardWith(
  rules: Readonly<Record<string, { readonly policy: string; readonly rule: string }>>,
): LaneGuard {
  const stopped = Object.entries(rules).map(([key, named]) => [
    key,
    {
      day: { at: AT, count: 9 },
      stop: { ...named, at: AT, because: 'VOLUME' as const, taken: 9, most: 9 },
    },
  ]);
  return { version: 1, by: 't', rules: Object.fromEntries(stopped) };
}

async function stoppedWorld(): Promise<World> {
  const world = apiWorld();
  await world.registry.writeLaneGuard('orders', guardWith({ k: rule, other: { ...rule, rule: 'other' } }));
  const chunk = { lane: 'orders', producer: 'shop', attempts: 0, failures: 0, uncertain: [], version: 1 };
  await world.registry.putChunks([
    {
      ...chunk,
      minute: 0,
      id: 'c-1',
      refs: [aHoldingRef(1)],
      waits: [{ code: 'RULE_STOPPED', count: 40, rule: 'k' }],
    },
    {
      ...chunk,
      minute: 60_000,
      id: 'c-2',
      refs: [aHoldingRef(2)],
      waits: [
        { code: 'RULE_STOPPED', count: 2, rule: 'k' },
        { code: 'RULE_STOPPED', count: 7, rule: 'other' },
        { code: 'RULE_PAUSED', count: 5 },
      ],
    },
  ]);
  return world;
}

async function guardOf(world: World): Promise<LaneGuard> {
  const guard = await world.registry.laneGuard('orders');
  if (guard === undefined) throw new Error('no guard');
  return guard;
}

/** Between the next request's read of the guard and its write. */
function workerWritesFirst(world: World, change: (guard: LaneGuard) => LaneGuard): void {
  const writeLaneGuard = world.registry.writeLaneGuard.bind(world.registry);
  world.registry.writeLaneGuard = async (lane, next) => {
    world.registry.writeLaneGuard = writeLaneGuard;
    await writeLaneGuard(lane, { ...change(await guardOf(world)), version: 2, by: 'worker' });
    return writeLaneGuard(lane, next);
  };
}

const actionsIn = (world: World): readonly unknown[] =>
  world.registry.allResults().flatMap((result) => ('void' in result ? [] : (result.actions ?? [])));

describe('a rule that is stopped', () => {
  test('is listed with its lane, and what waits', async () => {
    const world = await stoppedWorld();
    const { body } = await world.call('auditor', '/v1/lanes');
    const lanes = body['lanes'] as { lane: string; stops?: unknown }[];
    expect(lanes.map(({ lane, stops }) => [lane, stops !== undefined])).toEqual([
      ['invoices', false],
      ['orders', true],
      ['vault', false],
    ]);
    const since = '2026-03-01T09:00:00.000Z';
    expect(lanes[1]?.stops).toEqual([
      { ...rule, since, because: 'VOLUME', taken: 9, most: 9, waiting: 42 },
      { policy: rule.policy, rule: 'other', since, because: 'VOLUME', taken: 9, most: 9, waiting: 7 },
    ]);
  });

  test('goes on with what waits when it is approved, with an entry and a bell', async () => {
    const world = await stoppedWorld();
    const answer = await world.call('operator', '/v1/lanes/orders/approve', rule);
    expect(answer.body).toMatchObject({ lanes: [{ lane: 'orders', stops: [{ rule: 'other' }] }] });
    const guard = await guardOf(world);
    expect(guard.rules?.['k']).toEqual({
      day: { at: AT, count: 9 },
      approved: { until: world.clock.now() + 2 * 86_400_000, count: 42 },
    });
    expect(actionsIn(world)).toMatchObject([{ did: 'approve', lane: 'orders', ...rule, records: 42 }]);
    expect(world.waiting('sweep')).toHaveLength(1);
  });

  test('goes on with the number of records that the request says', async () => {
    const world = await stoppedWorld();
    await world.call('operator', '/v1/lanes/orders/approve', { ...rule, records: 5 });
    expect((await guardOf(world)).rules?.['k']?.approved?.count).toBe(5);
  });

  test('is paused when it is aborted, and nothing else is', async () => {
    const world = await stoppedWorld();
    const answer = await world.call('operator', '/v1/lanes/orders/abort', rule);
    expect(answer.body).toMatchObject({
      lanes: [{ state: 'running', pauses: [{ of: 'lane', ...rule }], stops: [{ rule: 'other' }] }],
    });
    expect(stopsOf(await guardOf(world)).map((stop) => stop.rule)).toEqual(['other']);
    expect((await guardOf(world)).rules?.['k']).not.toHaveProperty('approved');
    expect(actionsIn(world)).toMatchObject([{ did: 'abort', lane: 'orders', ...rule }]);
    const resumed = await world.call('operator', '/v1/lanes/orders/resume', rule);
    expect(resumed.body).toMatchObject({ lanes: [{ pauses: [] }] });
  });

  test('gives each of two that have the same words what waits for it, and no more', async () => {
    const world = await stoppedWorld();
    const guard = await guardOf(world);
    const edited = guardWith({ k: rule, edited: rule });
    await world.registry.writeLaneGuard('orders', { ...guard, version: 2, rules: edited.rules! });
    const [chunk] = (await world.registry.chunks('orders')).items;
    const waits = [{ code: 'RULE_STOPPED', count: 3, rule: 'edited' } as const];
    await world.registry.putChunks([{ ...chunk!, id: 'c-3', waits }]);
    await world.call('operator', '/v1/lanes/orders/approve', rule);
    const { rules } = await guardOf(world);
    expect([rules?.['k']?.approved?.count, rules?.['edited']?.approved?.count]).toEqual([42, 3]);
    expect(actionsIn(world)).toMatchObject([{ did: 'approve', records: 45 }]);
  });

  test('goes on, but not one with the same words that was stopped since', async () => {
    const world = await stoppedWorld();
    const later = guardWith({ later: rule }).rules;
    workerWritesFirst(world, (guard) => ({ ...guard, rules: { ...guard.rules, ...later } }));
    await world.call('operator', '/v1/lanes/orders/approve', rule);
    expect(stopsOf(await guardOf(world), rule).map(({ key }) => key)).toEqual(['later']);
  });

  test('by its canary goes on without more room in the breaker, unless the person says a number', async () => {
    for (const [body, approved] of [
      [rule, undefined],
      [{ ...rule, records: 5 }, 5],
    ] as const) {
      const world = await stoppedWorld();
      const guard = await guardOf(world);
      const stop = { ...guard.rules!['k']!.stop!, because: 'CANARY' as const, most: 3 };
      const rules = { ...guard.rules, k: { day: { at: AT, count: 9 }, stop } };
      await world.registry.writeLaneGuard('orders', { ...guard, version: 2, rules });
      await world.call('operator', '/v1/lanes/orders/approve', body);
      const after = (await guardOf(world)).rules?.['k'];
      expect(after?.canary).toEqual({ verified: 3, trials: 0 });
      expect(after?.approved?.count).toBe(approved);
      expect(actionsIn(world)).toMatchObject([{ did: 'approve', records: approved ?? 0 }]);
    }
  });

  test('by its canary is tried again after an abort: a person did not take its first records as proved', async () => {
    const world = await stoppedWorld();
    const guard = await guardOf(world);
    const stop = { ...guard.rules!['k']!.stop!, because: 'CANARY' as const, most: 3 };
    const k = {
      day: { at: AT, count: 9 },
      stop,
      canary: { verified: 2, trials: 3 },
      approved: { until: AT + 1e9, count: 4 },
    };
    await world.registry.writeLaneGuard('orders', {
      ...guard,
      version: 2,
      rules: { ...guard.rules, k },
    });
    await world.call('operator', '/v1/lanes/orders/abort', rule);
    expect((await guardOf(world)).rules?.['k']).toEqual({ day: { at: AT, count: 9 } });
  });

  test('stays paused in its lane after an abort, when a pause of the rule in all lanes ends', async () => {
    const world = await stoppedWorld();
    await world.call('operator', '/v1/lanes/pause', rule);
    await world.call('operator', '/v1/lanes/orders/abort', rule);
    const { body } = await world.call('operator', '/v1/lanes/resume', rule);
    const lanes = body['lanes'] as { lane: string; pauses: unknown }[];
    expect(lanes.find(({ lane }) => lane === 'orders')?.pauses).toMatchObject([{ of: 'lane', ...rule }]);
  });

  test('that a worker writes at the same time keeps what the worker has counted', async () => {
    const world = await stoppedWorld();
    workerWritesFirst(world, (guard) => ({ ...guard, hour: { at: AT, count: 77 } }));
    await world.call('operator', '/v1/lanes/orders/approve', rule);
    const guard = await guardOf(world);
    expect(guard).toMatchObject({ version: 3, hour: { count: 77 } });
    expect(stopsOf(guard, rule)).toEqual([]);
  });
});

test('a dry run is listed with what it would have done', async () => {
  const orders = { ...configuration.stores['orders']!, dryRun: true };
  const world = apiWorld('2026-03-01T10:00:00Z', undefined, {
    ...configuration,
    stores: { ...configuration.stores, orders },
  });
  const dryRunOf = async (): Promise<unknown> => {
    const { body } = await world.call('auditor', '/v1/lanes');
    const lanes = body['lanes'] as { lane: string; dryRun?: unknown }[];
    expect(lanes.filter(({ dryRun }) => dryRun !== undefined).map(({ lane }) => lane)).toEqual(['orders']);
    return lanes.find(({ lane }) => lane === 'orders')?.dryRun;
  };
  expect(await dryRunOf()).toEqual({ rules: [] });
  const counts = [{ ...rule, action: 'delete', records: 7 }] as const;
  const dryRun = { day: '2026-03-01', counts };
  await world.registry.writeLaneGuard('orders', { version: 1, by: 't', dryRun });
  expect(await dryRunOf()).toEqual({ day: '2026-03-01', rules: counts });
});

describe('approve and abort', () => {
  test.for([
    ['a rule that is not stopped', 'orders', { ...rule, rule: 'never' }, '409 RULE_NOT_STOPPED'],
    ['the same rule of another policy', 'orders', { ...rule, policy: 'abroad' }, '409 RULE_NOT_STOPPED'],
    ['a rule that is stopped in another lane', 'vault', rule, '409 RULE_NOT_STOPPED'],
    ['a lane that is not configured', 'nowhere', rule, '404 NOT_FOUND'],
    ['no rule', 'orders', { policy: rule.policy }, '400 BODY_INVALID'],
    ['nothing at all', 'orders', {}, '400 BODY_INVALID'],
  ] as const)('refuse %s, and change nothing', async ([, lane, body, answer]) => {
    const world = await stoppedWorld();
    const before = await guardOf(world);
    for (const verb of ['approve', 'abort']) {
      const { status, body: problem } = await world.call('operator', `/v1/lanes/${lane}/${verb}`, body);
      expect(`${status} ${String(problem['code'])}`).toBe(answer);
    }
    expect(await guardOf(world)).toEqual(before);
    expect(actionsIn(world)).toEqual([]);
    expect(await world.registry.wideHolds()).toEqual([]);
  });

  test('are for operators only', async () => {
    const world = await stoppedWorld();
    for (const who of ['auditor', 'shop', 'nobody'] as const)
      for (const verb of ['approve', 'abort'])
        expect((await world.call(who, `/v1/lanes/orders/${verb}`, rule)).status).toBe(403);
    expect(stopsOf(await guardOf(world))).toHaveLength(2);
  });
});

test('the progress of an erasure says that its rule was stopped', async () => {
  const world = apiWorld('2026-03-01T10:00:00Z', undefined, {
    ...configuration,
    requests: requestSettings({ filers: { person: ['shop'] } }),
  });
  const person = { type: 'person', id: 'p-1' };
  world.stores['orders']?.put(['shop/1']);
  await world.call('shop', '/v1/holdings', {
    holdings: [
      {
        store: 'orders',
        locator: ['shop/1'],
        categories: ['registration'],
        purposes: ['login'],
        entities: [person, { type: 'contract', id: 'c-1' }],
      },
    ],
  });
  await world.deliver();
  await world.call('operator', '/v1/requests', {
    id: 'ticket-1',
    kind: 'erase',
    entity: person,
    jurisdiction: 'DE',
  });
  await world.deliver();
  const erasure = { policy: 'shop-policy', rule: ERASURE_TEXT };
  const key = ruleKey(configuration.policies, {
    policy: 'shop-policy',
    policyVersion: '1',
    ruleText: ERASURE_TEXT,
  });
  const reasons = async (): Promise<unknown> => {
    const { body } = await world.call('operator', '/v1/requests/query', { id: 'ticket-1' });
    return JSON.stringify(body);
  };
  expect(await reasons()).toContain('"state":"due"');
  expect(await reasons()).not.toContain('was stopped');
  await world.registry.writeLaneGuard('orders', guardWith({ [key]: erasure }));
  expect(await reasons()).toContain(
    'the rule that it goes by was stopped, and waits for a person to approve it',
  );
  await world.call('operator', '/v1/lanes/orders/abort', erasure);
  expect(await reasons()).toContain('the rule or policy that it goes by is paused');
});
