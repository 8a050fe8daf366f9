import { describe, expect, test } from 'vitest';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { requestsToken } from '../../../shared/protocol/vendor/open-requests.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { apiWorld } from '../../support/api-world.ts';
import { everythingIn } from '../../support/everything-in.ts';
import { aChunk, aWorkRecord } from '../../conformance/registry/registry-samples.ts';

type World = ReturnType<typeof apiWorld>;

const MARKER = 'zoe.marker@example.org';
const CONTRACT = { entity: { type: 'contract', id: MARKER, producer: 'shop' } };
const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operator/anna';

const asked = (changes: Readonly<Record<string, unknown>> = {}) => ({
  id: 'case-17',
  scope: CONTRACT,
  matter: `matter of ${MARKER}`,
  reason: `reason for ${MARKER}`,
  ...changes,
});
const place = (world: World, changes: Readonly<Record<string, unknown>> = {}) =>
  world.call('operator', '/v1/legal-holds', asked(changes));
const release = (world: World, changes: Readonly<Record<string, unknown>> = {}) =>
  world.call('operator', '/v1/legal-holds/release', { id: 'case-17', reason: 'over', ...changes });
const query = (
  world: World,
  body: Readonly<Record<string, unknown>>,
  as: 'operator' | 'auditor' = 'auditor',
) => world.call(as, '/v1/legal-holds/query', body);

/** A record of the contract, registered and written, and its end in 2026. */
async function registered(world: World, id = 'shop/1', entity: string = MARKER): Promise<void> {
  const holding = {
    store: 'orders',
    locator: [id],
    categories: ['registration'],
    purposes: ['service'],
    entities: [{ type: 'contract', id: entity }],
  };
  world.stores['orders']?.put([id], { text: 'x' });
  expect((await world.call('shop', '/v1/holdings', { holdings: [holding] })).status).toBe(200);
  const event = {
    specversion: '1.0',
    id: `end of ${id}`,
    source: 'shop.example',
    type: 'contract.ended',
    data: { entity: { type: 'contract', id: entity }, occurred: '2026-03-01' },
  };
  expect((await world.call('shop', '/v1/events', { events: [event] })).status).toBe(200);
  await world.deliver();
}

const DUE = '2029-03-02T02:00:00Z';

describe('placing a legal hold', () => {
  test('keeps what it covers, is shown with its words, and is over when it is released', async () => {
    const world = apiWorld();
    await registered(world);
    const placed = await place(world, { reviewBy: '2029-01-01' });
    expect(placed.status).toBe(200);
    const hold = {
      id: 'case-17',
      scope: CONTRACT,
      state: 'in-force',
      matter: `matter of ${MARKER}`,
      reason: `reason for ${MARKER}`,
      placedBy: OPERATOR,
      placedAt: expect.stringMatching(/^2026-03-01T/),
      freeze: false,
      reviewBy: '2029-01-01',
    };
    expect(placed.body).toEqual({ dryRun: false, hold: { ...hold, inFlight: [] } });
    expect((await query(world, {})).body).toEqual({ holds: [hold] });
    expect((await query(world, CONTRACT)).body).toEqual({ holds: [hold] });
    expect((await query(world, { id: 'case-17' })).body).toEqual({ holds: [{ ...hold, inFlight: [] }] });
    await world.deliver();

    await world.sweepAt(DUE);
    await world.wakeUntil('2029-03-02T04:00:00Z');
    expect(world.stores['orders']?.size()).toBe(1);
    expect((await query(world, { state: 'in-force' })).body).toEqual({
      holds: [{ ...hold, reviewOverdue: true }],
    });
    expect((await release(world, { dryRun: true })).body).toMatchObject({
      dryRun: true,
      hold: { state: 'in-force' },
      waiting: { holdings: 1 },
    });
    const released = await release(world);
    expect(released.body).toMatchObject({
      dryRun: false,
      hold: { state: 'released', released: { by: OPERATOR, reason: 'over' } },
    });
    await world.deliver();
    await world.wakeUntil('2029-03-02T04:10:00Z');
    expect(world.stores['orders']?.size()).toBe(0);
    expect((await query(world, { state: 'released' })).body['holds']).toHaveLength(1);
    expect((await query(world, CONTRACT)).body).toEqual({ holds: [] });
  });

  test('again with the same words changes nothing, also by somebody else', async () => {
    const world = apiWorld();
    const first = await place(world);
    const again = await place(world);
    expect(again.body).toEqual(first.body);
    await world.deliver();
    expect(world.registry.allHoldRecords()).toHaveLength(1);
  });

  test.for([
    ['another scope', { scope: { everything: true } }],
    ['another matter', { matter: 'another' }],
    ['another reason', { reason: 'another' }],
    ['another review date', { reviewBy: '2030-01-01' }],
    ['a freeze', { freeze: true }],
  ] as const)('with an id that is used and %s is refused, and changes nothing', async ([, changes]) => {
    const world = apiWorld();
    await place(world);
    const before = JSON.stringify(await everythingIn(world.registry));
    const again = await place(world, changes);
    expect([again.status, again.body['code'], again.body['path']]).toEqual([409, 'HOLD_ID_REUSED', 'id']);
    expect(JSON.stringify(await everythingIn(world.registry))).toBe(before);
  });

  test('with the id of a hold that was released is refused', async () => {
    const world = apiWorld();
    await place(world);
    await release(world);
    expect((await place(world)).body['code']).toBe('HOLD_ID_REUSED');
    expect((await place(world, { id: 'restored' })).body['code']).toBe('HOLD_ID_REUSED');
  });

  test.for([
    [{ scope: { store: 'nowhere' } }, 'HOLD_SCOPE_UNKNOWN', 'scope.store'],
    [{ scope: { category: 'nothing' } }, 'HOLD_SCOPE_UNKNOWN', 'scope.category'],
    [{ scope: { policy: 'nothing' } }, 'HOLD_SCOPE_UNKNOWN', 'scope.policy'],
    [{ scope: { entity: { type: 'ghost', id: 'x' } } }, 'ENTITY_TYPE_UNKNOWN', 'scope.entity.type'],
    [{ scope: { entity: { type: 'contract', id: 'x' } } }, 'BODY_INVALID', 'scope.entity.producer'],
    [{ scope: { entity: { type: 'person', id: ' ' } } }, 'ENTITY_ID_BLANK', 'scope.entity.id'],
    [{ scope: { store: 'orders', category: 'profile' } }, 'BODY_INVALID', 'scope'],
    [{ scope: {} }, 'BODY_INVALID', 'scope'],
    [{ reviewBy: '2026-02-28' }, 'HOLD_REVIEW_PAST', 'reviewBy'],
    [{ reviewBy: MARKER }, 'BODY_INVALID', 'reviewBy'],
    [{ reviewBy: '2500-01-01' }, 'EVENT_DATE_OUT_OF_RANGE', 'reviewBy'],
    [{ id: MARKER }, 'BODY_INVALID', 'id'],
    [{ matter: '' }, 'BODY_INVALID', 'matter'],
    [{ reason: 'x'.repeat(2001) }, 'BODY_INVALID', 'reason'],
  ] as const)('%j is refused with %s at %s', async ([changes, code, path]) => {
    const world = apiWorld();
    const answer = await place(world, changes);
    expect([answer.body['code'], answer.body['path']]).toEqual([code, path]);
    expect(answer.text).not.toContain('zoe');
    expect(world.registry.allHoldRecords()).toEqual([]);
    expect(world.registry.allResults()).toEqual([]);
  });

  test('is for operators, and looking at holds for auditors, too', async () => {
    const world = apiWorld();
    for (const caller of ['shop', 'auditor', 'nobody'] as const) {
      expect((await world.call(caller, '/v1/legal-holds', asked())).status).toBe(403);
      expect((await world.call(caller, '/v1/legal-holds/release', { id: 'h', reason: 'r' })).status).toBe(
        403,
      );
    }
    expect((await world.call('shop', '/v1/legal-holds/query', {})).status).toBe(403);
    expect((await query(world, {})).status).toBe(200);
    expect((await query(world, { id: 'unknown' })).status).toBe(404);
    expect((await release(world)).status).toBe(404);
  });

  test('leaves no words and no ids in the registry, in logs or in entries', async () => {
    const world = apiWorld();
    await place(world);
    await release(world, { reason: `over for ${MARKER}` });
    await world.deliver();
    await world.sweepAt('2026-03-01T11:00:00Z');
    const stored = JSON.stringify(await everythingIn(world.registry));
    for (const text of [stored, JSON.stringify(world.lines), JSON.stringify(world.waiting('sweep'))])
      expect(text).not.toMatch(/zoe|anna|reason for/);
  });

  test('when the bus does not take it is in force, and the caller has to repeat it', async () => {
    const world = apiWorld();
    const publish = world.bus.publish.bind(world.bus);
    world.bus.publish = async (details) => details.map(() => 'failed' as const);
    expect((await place(world)).body['code']).toBe('NOT_DURABLE');
    const [{ holds } = { holds: [] }] = world.registry.allStates().values();
    expect(holds).toEqual(['case-17']);
    // A restored registry would not have it.
    expect((await query(world, { id: 'case-17' })).body['holds']).toMatchObject([{ state: 'placing' }]);
    world.bus.publish = publish;
    expect((await place(world)).body['hold']).toMatchObject({ state: 'in-force' });
    expect((await query(world, {})).body['holds']).toMatchObject([{ state: 'in-force' }]);
  });

  test('that did not end is shown as such until it is repeated', async () => {
    const world = apiWorld();
    const putState = world.registry.putState.bind(world.registry);
    world.registry.putState = async () => Promise.reject(new Error('killed'));
    expect((await place(world)).status).toBe(500);
    expect((await query(world, { id: 'case-17' })).body['holds']).toMatchObject([{ state: 'placing' }]);
    world.registry.putState = putState;
    expect((await place(world)).body['hold']).toMatchObject({ state: 'in-force' });
  });

  test('on an entity that has as many as it can have is refused, and does not look as if it were in force', async () => {
    const world = apiWorld();
    for (let n = 0; n < 50; n += 1) await place(world, { id: `case-${n}` });
    const answer = await place(world, { id: 'one-more' });
    expect([answer.status, answer.body['code']]).toEqual([409, 'HOLD_LIMIT']);
    expect((await query(world, { id: 'one-more' })).body['holds']).toMatchObject([{ state: 'released' }]);
  });
});

describe('what is in flight when a hold is placed', () => {
  test('is named with its state, and can be polled until it is settled', async () => {
    const world = apiWorld();
    await registered(world);
    const [holding] = world.registry.allHoldings();
    if (holding === undefined) throw new Error('nothing was registered');
    const chunk = { ...aChunk('c-1'), lane: 'orders', refs: [holding.ref] };
    const work = { ...aWorkRecord(chunk, '2026-03-01T10.token'), lane: 'orders', refs: [holding.ref] };
    await world.registry.putWork(work);
    const states = async (body: Readonly<Record<string, unknown>>) =>
      (body['holds'] as { readonly inFlight: readonly unknown[] }[])[0]?.inFlight;
    const named = { lane: 'orders', token: work.token, until: expect.any(String), holdings: 1 };
    expect((await place(world)).body['hold']).toMatchObject({ inFlight: [{ ...named, state: 'working' }] });
    await world.registry.actOn(work, [
      { ref: holding.ref, generation: 1, stage: 'delete', version: 1, lookedAt: 0 },
    ]);
    expect(await states((await query(world, { id: 'case-17' })).body)).toEqual([
      { ...named, state: 'acting' },
    ]);
    // Another attempt that begins later sees the hold, and is not added.
    await world.registry.deleteWork(work);
    await world.registry.putWork({ ...work, token: '2026-03-01T10.later' });
    expect((await place(world)).body['hold']).toMatchObject({ inFlight: [{ ...named, state: 'settled' }] });
    expect(await states((await query(world, { id: 'case-17' })).body)).toEqual([
      { ...named, state: 'settled' },
    ]);
  });
});

test('what a vendor was asked for is named until it has confirmed', async () => {
  const world = apiWorld();
  await registered(world);
  const [holding] = world.registry.allHoldings();
  const entity = holding?.variants[0]?.entities[0]?.ref;
  if (holding === undefined || entity === undefined) throw new Error('nothing was registered');
  await world.registry.recordHold(aHoldOn(entity, { id: 'case-18' }));
  const asked = {
    number: 1,
    round: 0,
    at: 0,
    since: 0,
    accepted: true,
    next: Date.parse('2026-03-02'),
  } as const;
  const one = { ref: holding.ref, generation: 1, stage: 'delete', version: 1, lookedAt: 0, asked } as const;
  const chunk = { ...aChunk('c-1'), lane: 'orders', refs: [holding.ref], uncertain: [one] };
  const token = requestsToken(chunk);
  await world.registry.putChunks([chunk]);
  await world.registry.recordInFlight('case-18', [{ lane: 'orders', token, until: 0, holdings: 1 }]);
  const shown = async () => (await query(world, { id: 'case-18' })).body['holds'];
  const named = { lane: 'orders', token, holdings: 1 };
  expect(await shown()).toMatchObject([
    { inFlight: [{ ...named, state: 'requested', until: '2026-03-02T00:00:00.000Z' }] },
  ]);
  await world.registry.deleteChunk(chunk);
  expect(await shown()).toMatchObject([{ inFlight: [{ ...named, state: 'settled' }] }]);
});

describe('a dry run', () => {
  test('places nothing and has no entry', async () => {
    const world = apiWorld();
    await registered(world);
    const before = JSON.stringify(await everythingIn(world.registry));
    await place(world, { dryRun: true });
    expect(JSON.stringify(await everythingIn(world.registry))).toBe(before);
  });

  test('of a hold on an entity counts its records now, those of others and disposed ones not', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', 2);
    for (const n of [1, 2, 3, 4, 5]) await registered(world, `shop/${n}`);
    await registered(world, 'shop/other', 'another contract');
    const first = { store: 'orders', locator: ['shop/1'] };
    world.clock.advance(1000);
    await world.call('shop', '/v1/holdings/withdraw', { holdings: [first] });
    await world.deliver();
    expect((await place(world, { dryRun: true })).body).toEqual({
      dryRun: true,
      wouldCover: { holdings: 4, byStore: [{ store: 'orders', holdings: 4 }], from: 'entity' },
    });
  });

  test('of another scope says what the newest census has counted, and that there was none', async () => {
    const world = apiWorld();
    for (const n of [1, 2, 3]) await registered(world, `shop/${n}`);
    const count = async (scope: object) => (await place(world, { scope, dryRun: true })).body['wouldCover'];
    expect(await count({ everything: true })).toEqual({ holdings: 0, byStore: [], from: 'none' });
    await world.sweepAt('2026-03-02T00:00:00Z');
    await world.wakeUntil('2026-03-02T03:00:00Z');
    const three = {
      holdings: 3,
      byStore: [{ store: 'orders', holdings: 3 }],
      from: 'census',
      census: '2026-03-02',
    };
    for (const scope of [
      { everything: true },
      { store: 'orders' },
      { policy: 'shop-policy' },
      { category: 'registration' },
    ])
      expect(await count(scope), JSON.stringify(scope)).toEqual(three);
    for (const scope of [{ store: 'vault' }, { policy: 'abroad' }, { category: 'profile' }])
      expect(await count(scope)).toEqual({ holdings: 0, byStore: [], from: 'census', census: '2026-03-02' });
  });
});

test('pages of holds name each once', async () => {
  const world = apiWorld('2026-03-01T10:00:00Z', 2);
  for (let n = 0; n < 5; n += 1) await place(world, { id: `case-${n}` });
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await query(world, { ...(cursor !== undefined && { cursor }) });
    ids.push(...(body['holds'] as { readonly id: string }[]).map(({ id }) => id));
    cursor = body['next'] as string | undefined;
  } while (cursor !== undefined);
  expect(ids).toEqual(['case-0', 'case-1', 'case-2', 'case-3', 'case-4']);
});

test('a hold whose words cannot be read any more is shown, and can be released', async () => {
  const world = apiWorld();
  const [entity] = [aHoldOn('AAAAAAAAAAAAAAAAAAAAAA' as never, { id: 'case-17', sealed: 'A'.repeat(60) })];
  await placeHold(world, entity);
  await world.registry.recordInFlight('case-17', []);
  expect((await query(world, { id: 'case-17' })).body['holds']).toMatchObject([
    { scope: { entity: {} }, state: 'in-force', unreadable: true },
  ]);
  expect((await release(world)).body['hold']).toMatchObject({ state: 'released' });
  await world.deliver();
});
