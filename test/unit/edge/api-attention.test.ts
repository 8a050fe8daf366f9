import { describe, expect, test } from 'vitest';
import { holdingAnswer } from '../../../functions/api/holding-answer.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aHoldingRef } from '../../support/samples.ts';

const MARKER = 'zoe.marker@example.org';

type World = ReturnType<typeof apiWorld>;

async function register(world: World, id: string, more: object = {}): Promise<void> {
  const holding = {
    store: 'orders',
    locator: [`shop/${MARKER}/${id}`],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id: `${MARKER}-${id}` }],
    ...more,
  };
  await world.call('shop', '/v1/holdings', { holdings: [holding] });
  await world.deliver();
}

async function send(world: World, id: string, type: string, entity: object): Promise<void> {
  const event = {
    specversion: '1.0',
    id,
    source: 'shop.example',
    type,
    data: { entity, occurred: '2026-02-28' },
  };
  await world.call('shop', '/v1/events', { events: [event] });
  await world.deliver();
}

/** All pages of a list. */
async function listed(world: World, path: string, member: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor = '';
  do {
    const { body, text } = await world.call('operator', `${path}${cursor}`);
    expect(text).not.toContain(MARKER);
    items.push(...(body[member] as Record<string, unknown>[]));
    const next = body['next'];
    const sign = path.includes('?') ? '&' : '?';
    cursor = typeof next === 'string' ? `${sign}cursor=${next}` : '';
  } while (cursor !== '');
  return items;
}

const groupsOf = (world: World) => listed(world, '/v1/attention', 'groups');
const holdingsOf = (world: World, reason: string) =>
  listed(world, `/v1/attention/holdings?reason=${reason}`, 'holdings');

/** Records for which no event ever came, and an event without a record. */
async function forgottenWorld(records: number, pageSize?: number) {
  const world = apiWorld('2026-03-01T10:00:00Z', pageSize);
  for (let n = 0; n < records; n += 1) await register(world, String(n));
  await send(world, 'e-1', 'contract.ended', { type: 'contract', id: MARKER });
  await world.sweepAt('2027-04-06T10:00:00Z');
  return world;
}

const FORGOTTEN = {
  reason: 'never-had-a-fact',
  status: 'undetermined',
  store: 'orders',
  policy: 'shop-policy',
  owner: 'shop-team',
};
const WITHOUT_RECORD = {
  reason: 'facts-without-holdings',
  status: 'entity',
  policy: 'shop-policy',
  code: 'contract',
  count: 1,
};

describe('GET /v1/attention', () => {
  test('is empty, and says that no census was made, before the first one', async () => {
    const world = apiWorld();
    const { status, body } = await world.call('operator', '/v1/attention');
    expect([status, body['groups'], body['census']]).toEqual([200, [], undefined]);
    expect(await groupsOf(world)).toEqual([]);
    expect(await holdingsOf(world, 'conflict')).toEqual([]);
  });

  test('names the census, and lists what it counted by reason, with the oldest', async () => {
    const world = await forgottenWorld(2);
    const { body } = await world.call('operator', '/v1/attention');
    expect(body).toMatchObject({ asOf: '2027-04-06T10:01:00.000Z', census: '2027-04-06' });
    const groups = await groupsOf(world);
    expect(groups).toEqual([
      { ...FORGOTTEN, count: 2, oldest: expect.stringMatching(/^2026-03-01T10:/) as unknown },
      { ...WITHOUT_RECORD, oldest: expect.stringMatching(/^2026-03-01T10:/) as unknown },
    ]);
  });

  test('goes on in the census that it began with, when another one ends between two pages', async () => {
    const world = apiWorld();
    const put = async (day: string, stores: readonly string[]): Promise<void> => {
      const at = world.clock.now();
      const counts = stores.map((store) => {
        return { store, policy: '', status: 'due', reason: 'conflict', count: 1, oldest: at };
      });
      const id = `census/${day}`;
      await world.registry.putCensus({ run: `${id}/sums`, page: '0', at, counts, listed: new Map() });
      await world.registry.putNewestCensus(id);
    };
    const names = Array.from({ length: 150 }, (_, n) => `s-${String(n).padStart(3, '0')}`);
    await put('2026-03-01', names);
    const { body } = await world.call('operator', '/v1/attention');
    await put('2026-03-02', names.slice(60));
    const next = await world.call('operator', `/v1/attention?cursor=${String(body['next'])}`);
    const stores = [body, next.body].flatMap(({ groups }) => groups as { readonly store: string }[]);
    expect(stores.map(({ store }) => store)).toEqual(names);
    expect([body['census'], next.body['census']]).toEqual(['2026-03-01', '2026-03-01']);
  });

  test('goes on with the quarantine and with what is set aside, as they are now', async () => {
    const world = await forgottenWorld(1);
    const [holding] = world.registry.allHoldings();
    const store = 'orders';
    const setAside = { store, code: 'LOCATOR_BROKEN', at: world.clock.now() };
    await world.registry.setAside({ ...setAside, holding: holding?.ref ?? aHoldingRef(0) });
    await world.registry.setAside({ ...setAside, holding: aHoldingRef('gone') });
    for (const id of ['e-7', 'e-8', 'e-9'])
      await world.registry.putQuarantined({
        id,
        receivedAt: Date.parse('2027-04-01T00:00:00Z'),
        code: 'EVENT_ID_REUSED',
        reason: 'id',
        producer: 'shop',
        sealed: MARKER,
      });
    const message = { reason: 'quarantined', status: 'message', producer: 'shop', code: 'EVENT_ID_REUSED' };
    const oldest = '2027-04-06T10:01:00.000Z';
    const aside = { reason: 'set-aside', store, code: 'LOCATOR_BROKEN', count: 1, oldest };
    const [quarantined, ...asides] = (await groupsOf(world)).slice(2);
    expect(quarantined).toEqual({ ...message, count: 3, oldest: '2027-04-01T00:00:00.000Z' });
    expect(asides).toHaveLength(2);
    const { policy, owner } = FORGOTTEN;
    expect(asides).toContainEqual({ ...aside, status: 'undetermined', policy, owner });
    expect(asides).toContainEqual({ ...aside, status: 'unknown' });
    const [shown] = await holdingsOf(world, 'set-aside');
    expect(shown).toMatchObject({ store, code: 'LOCATOR_BROKEN', producers: ['shop'] });
  });

  test('is for operators only, and its cursors fit no other list', async () => {
    const world = await forgottenWorld(1);
    for (const path of ['/v1/attention', '/v1/attention/holdings?reason=conflict']) {
      for (const other of ['auditor', 'shop', 'nobody', undefined] as const)
        expect((await world.call(other, path)).body).toMatchObject({ code: 'FORBIDDEN' });
    }
    const { body } = await world.call('operator', '/v1/attention');
    const cursor = String(body['next']);
    const refused = await world.call('operator', `/v1/quarantine?cursor=${cursor}`);
    expect(refused.body).toMatchObject({ code: 'CURSOR_INVALID', path: 'cursor' });
  });
});

describe('GET /v1/attention/holdings', () => {
  test('lists the holdings of a reason with why, and neither ids nor locators', async () => {
    const world = await forgottenWorld(1);
    const [holding] = await holdingsOf(world, 'never-had-a-fact');
    expect(holding).toMatchObject({
      ref: expect.stringMatching(/^[\w-]{22}$/) as unknown,
      store: 'orders',
      state: 'active',
      generation: 1,
      categories: ['profile'],
      owners: ['shop-team'],
      producers: ['shop'],
      entityTypes: ['account'],
      plan: { status: 'undetermined' },
    });
    expect(JSON.stringify(holding)).toContain('account.disconnected');
    expect(holding).not.toHaveProperty('refs');
    const [found] = world.registry.allHoldings();
    expect(JSON.stringify(holding)).not.toContain(String(found?.ref));
  });

  test('says whether a holding is linked to the deletion log', async () => {
    const world = await forgottenWorld(1);
    const [kept] = await holdingsOf(world, 'never-had-a-fact');
    expect(kept).toMatchObject({ link: 'kept', ref: expect.any(String) as unknown });
    world.destroyedLogKeys.add(2026);
    const [destroyed] = await holdingsOf(world, 'never-had-a-fact');
    expect([destroyed?.['link'], destroyed?.['ref']]).toEqual(['destroyed', undefined]);
  });

  test('leaves out what is in order since the census', async () => {
    const world = await forgottenWorld(2);
    await send(world, 'e-2', 'account.disconnected', { type: 'account', id: `${MARKER}-0` });
    expect(await holdingsOf(world, 'never-had-a-fact')).toHaveLength(1);
    expect(await groupsOf(world)).toContainEqual(expect.objectContaining({ ...FORGOTTEN, count: 2 }));
  });

  test('has every holding once, over all pages of the census', async () => {
    const world = await forgottenWorld(23, 4);
    const refs = (await holdingsOf(world, 'never-had-a-fact')).map(({ ref }) => ref);
    expect(new Set(refs).size).toBe(23);
    expect(refs).toHaveLength(23);
  });

  test('goes on in the census that it began with, when another one ends between two pages', async () => {
    const world = await forgottenWorld(23, 4);
    const path = '/v1/attention/holdings?reason=never-had-a-fact';
    const first = await world.call('operator', path);
    for (let n = 100; n < 140; n += 1) await register(world, String(n));
    await world.sweepAt('2027-04-07T10:00:00Z');
    expect(await world.registry.newestCensus()).toBe('census/2027-04-07');
    const refs = (first.body['holdings'] as Record<string, unknown>[]).map(({ ref }) => ref);
    for (let cursor = first.body['next'] as string | undefined; cursor !== undefined;) {
      const { body } = await world.call('operator', `${path}&cursor=${cursor}`);
      expect(body['census']).toBe('2027-04-06');
      refs.push(...(body['holdings'] as Record<string, unknown>[]).map(({ ref }) => ref));
      cursor = body['next'] as string | undefined;
    }
    expect(refs).toHaveLength(23);
    expect(new Set(refs).size).toBe(23);
  });

  test('shows what it can of a holding whose plan fails', async () => {
    const world = await forgottenWorld(1);
    const [holding] = world.registry.allHoldings();
    if (holding === undefined) throw new Error('nothing is registered');
    const { policies } = configuration.policies;
    // As if a rule had been written for a later release.
    const later = policies.map((policy) => ({
      ...policy,
      categories: { profile: { rules: [null as never] } },
    }));
    const broken = { configuration: { ...configuration, policies: { policies: later } } };
    const shown = { holding, states: new Map(), holds: [], now: world.clock.now() };
    const answer = holdingAnswer(broken, shown);
    expect(answer).toMatchObject({ store: 'orders', producers: ['shop'], planFailed: 'TypeError' });
    expect(answer.plan).toBeUndefined();
  });

  test('refuses a reason that no holding can have', async () => {
    const world = apiWorld();
    for (const reason of ['', 'nonsense', 'quarantined', 'ids-differ-in-case']) {
      const answer = await world.call('operator', `/v1/attention/holdings?reason=${reason}`);
      expect([answer.status, answer.body['path']]).toEqual([400, 'reason']);
    }
  });
});
