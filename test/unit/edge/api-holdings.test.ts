import { describe, expect, test } from 'vitest';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

const holding = {
  store: 'orders',
  locator: ['shop/1'],
  categories: ['registration'],
  purposes: ['billing'],
  entities: [{ type: 'contract', id: 'c-9' }],
};

describe('POST /v1/holdings', () => {
  test('registers what is right and says of the rest where and why', async () => {
    const world = apiWorld();
    const answer = await world.call('shop', '/v1/holdings', {
      holdings: [
        holding,
        { ...holding, locator: [MARKER] },
        { ...holding, locator: [7] },
        { ...holding, store: MARKER },
        { ...holding, store: 'vault' },
        { ...holding, categories: ['profile', 'secret'] },
        { ...holding, categories: ['abroad'] },
        { ...holding, attributes: { email: MARKER } },
        { ...holding, zone: MARKER },
        { ...holding, purposes: [] },
        { ...holding, locator: ['shop/2'] },
      ],
    });
    expect(answer.status).toBe(200);
    const results = answer.body['results'] as { code?: string; path?: string; status: string }[];
    expect(results.map(({ status, code = '', path = '' }) => `${status} ${code} ${path}`.trim())).toEqual([
      'accepted',
      'rejected LOCATOR_NOT_GRANTED locator.0',
      'rejected LOCATOR_TYPE locator.0',
      'rejected BODY_INVALID store',
      'rejected STORE_NOT_GRANTED store',
      'rejected CATEGORY_NOT_GRANTED categories.1',
      'rejected REGION_NOT_ALLOWED categories.0',
      'rejected ATTRIBUTE_UNDECLARED attributes',
      'rejected ZONE_UNKNOWN zone',
      'rejected BODY_INVALID purposes',
      'accepted',
    ]);
    expect(answer.text).not.toContain(MARKER);
    await world.deliver();
    expect(world.registry.allHoldings()).toHaveLength(2);
    expect(world.registry.allQuarantined()).toEqual([]);
  });

  test('without an id every request is a new one, with an id the same request is one', async () => {
    const world = apiWorld();
    for (const item of [holding, holding, { ...holding, id: 'r-1' }, { ...holding, id: 'r-1' }]) {
      await world.call('shop', '/v1/holdings', { holdings: [item] });
    }
    const ids = world.bus.published.map(({ detail }): unknown => JSON.parse(detail).id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.slice(2)).toEqual(['r-1', 'r-1']);
  });

  test('is published in the name and with the source of the producer', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [{ ...holding, id: 'r-1' }] });
    expect(world.bus.published.map(({ detail }) => JSON.parse(detail))).toEqual([
      {
        specversion: '1.0',
        id: 'r-1',
        source: 'shop.example',
        type: 'tenure.holding.registered',
        time: '2026-03-01T10:00:00.000Z',
        data: holding,
        tenureproducer: 'shop',
      },
    ]);
  });
});

describe('POST /v1/holdings/withdraw', () => {
  test('takes back what the producer itself registered', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [holding] });
    await world.deliver();
    world.clock.advance(1);
    const answer = await world.call('shop', '/v1/holdings/withdraw', {
      holdings: [{ store: 'orders', locator: ['shop/1'] }],
    });
    expect(answer.body).toEqual({ results: [{ index: 0, status: 'accepted' }] });
    await world.deliver();
    expect(world.registry.allHoldings()).toMatchObject([{ state: 'withdrawn' }]);
  });

  test('reaches no row of another producer', async () => {
    const world = apiWorld();
    const rival = await world.call('rival', '/v1/holdings/withdraw', {
      holdings: [{ store: 'orders', locator: ['shop/1'] }],
    });
    expect(rival.status).toBe(400);
    expect(rival.body).toMatchObject({ results: [{ code: 'LOCATOR_NOT_GRANTED', path: 'locator.0' }] });
  });

  test('of what was never registered is kept, because the registration may still be under way', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/holdings', { holdings: [holding] });
    const [registration] = world.bus.drain();
    world.clock.advance(1);
    await world.call('shop', '/v1/holdings/withdraw', {
      holdings: [{ store: 'orders', locator: ['shop/1'] }],
    });
    await world.deliver();
    expect(world.registry.allHoldings()).toMatchObject([{ state: 'withdrawn', variants: [] }]);
    await world.bus.publish([registration ?? { type: '', detail: '' }]);
    await world.deliver();
    expect(world.registry.allHoldings()).toMatchObject([{ state: 'withdrawn', variants: [] }]);
    expect(world.registry.allQuarantined()).toEqual([]);
  });
});
