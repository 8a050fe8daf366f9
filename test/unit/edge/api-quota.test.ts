import { describe, expect, test } from 'vitest';
import { apiWorld, configuration } from '../../support/api-world.ts';

const [shop, rival] = [configuration.producers['shop'], configuration.producers['rival']];
if (shop === undefined || rival === undefined) throw new Error('the API world has other producers');
const producers = { shop: { ...shop, itemsPerHour: 250 }, rival };

const world = (start = '2026-03-01T10:20:00Z') => apiWorld(start, undefined, { ...configuration, producers });

function events(count: number, source = 'shop.example') {
  return {
    events: Array.from({ length: count }, (_, n) => ({
      specversion: '1.0',
      id: `e-${n}`,
      source,
      type: 'contract.ended',
      data: { entity: { type: 'contract', id: `c-${n}` }, occurred: '2026-02-28' },
    })),
  };
}

const holdings = {
  holdings: [
    {
      store: 'orders',
      locator: ['shop/1'],
      categories: ['profile'],
      purposes: ['login'],
      entities: [{ type: 'account', id: 'a-1' }],
    },
  ],
};

describe('the items of a producer in an hour', () => {
  test('are accepted up to its quota; a request beyond it is refused as a whole, with the time to come again', async () => {
    const w = world();
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await w.call('shop', '/v1/events', events(100))).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(w.bus.published).toHaveLength(200);
    const refused = await w.call('shop', '/v1/events', events(51));
    expect(refused).toMatchObject({
      status: 429,
      type: 'application/problem+json',
      retryAfter: '2400',
      body: { code: 'QUOTA_EXCEEDED', status: 429 },
    });
    // A smaller one still fits, of whatever kind.
    expect((await w.call('shop', '/v1/events', events(49))).status).toBe(200);
    expect((await w.call('shop', '/v1/holdings', holdings)).status).toBe(200);
    const withdrawn = { holdings: [{ store: 'orders', locator: ['shop/1'] }] };
    expect((await w.call('shop', '/v1/holdings/withdraw', withdrawn)).status).toBe(429);
    expect(w.bus.published).toHaveLength(250);
  });

  test('are counted again from the next hour', async () => {
    const w = world('2026-03-01T10:59:59.500Z');
    for (let n = 0; n < 2; n += 1) await w.call('shop', '/v1/events', events(100));
    const refused = await w.call('shop', '/v1/events', events(100));
    expect([refused.status, refused.retryAfter]).toEqual([429, '1']);
    w.clock.set(w.clock.now() + 1000);
    expect((await w.call('shop', '/v1/events', events(100))).status).toBe(200);
  });

  test('do not touch another producer, an operator, or what is only read', async () => {
    const w = world();
    for (let n = 0; n < 5; n += 1) await w.call('shop', '/v1/events', events(100));
    expect((await w.call('rival', '/v1/events', events(100, 'rival.example'))).status).toBe(200);
    expect((await w.call('operator', '/v1/lanes/pause', {})).status).toBe(200);
    const entity = { type: 'contract', id: 'c-1' };
    expect((await w.call('shop', '/v1/subjects/query', { entity })).status).toBe(200);
  });

  test('are only those that are right: a mistake costs nothing of the quota', async () => {
    const w = world();
    for (let n = 0; n < 10; n += 1)
      expect((await w.call('shop', '/v1/events', events(100, 'rival.example'))).status).toBe(400);
    for (let n = 0; n < 2; n += 1) expect((await w.call('shop', '/v1/events', events(100))).status).toBe(200);
  });

  test('cost one write for a thousand with the default quota', async () => {
    const w = world();
    let writes = 0;
    const takeQuota = w.registry.takeQuota.bind(w.registry);
    w.registry.takeQuota = async (...asked) => {
      writes += 1;
      return takeQuota(...asked);
    };
    for (let n = 0; n < 25; n += 1)
      expect((await w.call('rival', '/v1/events', events(100, 'rival.example'))).status).toBe(200);
    expect(writes).toBe(3);
  });

  test('are reported with their code', async () => {
    const w = world();
    for (let n = 0; n < 3; n += 1) await w.call('shop', '/v1/events', events(100));
    expect(w.lines.at(-1)).toMatchObject({
      code: 'api.refused',
      fields: { route: 'POST /v1/events', code: 'QUOTA_EXCEEDED', status: 429 },
    });
  });
});
