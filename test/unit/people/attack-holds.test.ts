import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { API_SOURCE } from '../../../shared/contract/bus.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { heldBy } from '../../../shared/protocol/lane/held-by.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aHolding, aVariant } from '../../support/samples.ts';

type World = ReturnType<typeof apiWorld>;

const ASKED = { id: 'case-17', scope: { everything: true }, matter: 'case 17', reason: 'a claim' };
const place = (world: World, changes: Readonly<Record<string, unknown>> = {}) =>
  world.call('operator', '/v1/legal-holds', { ...ASKED, ...changes });
const release = (world: World) =>
  world.call('operator', '/v1/legal-holds/release', { id: 'case-17', reason: 'over' });

/** Another registry of the same deployment, with nothing but what the archive of the bus has. */
async function restoredFrom(world: World, own: Configuration): Promise<World> {
  const restored = apiWorld('2026-03-01T10:00:00Z', undefined, own);
  const core = restored as unknown as Parameters<typeof ingest>[0];
  for (const [index, { type, detail }] of world.bus.published.entries()) {
    const body = {
      version: '0',
      id: `bus-${index}`,
      source: API_SOURCE,
      'detail-type': type,
      time: '2026-03-01T10:00:00Z',
      detail: JSON.parse(detail) as object,
      'replay-name': 'restore',
    };
    expect(await ingest(core, JSON.stringify(body), 1)).toBe('done');
  }
  return restored;
}

describe('an operator who is also a producer', () => {
  const { shop } = configuration.producers;
  if (shop === undefined) throw new Error('the configuration has no shop');
  const both = { ...shop, principals: [...shop.principals, ...configuration.operators] };
  const own: Configuration = { ...configuration, producers: { ...configuration.producers, shop: both } };
  const scope = { entity: { type: 'contract', id: 'c-1' } };

  test('may leave out whose contract it is, and a restored registry holds the same one', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, own);
    expect((await place(world, { scope })).body['hold']).toMatchObject({
      scope: { entity: { ...scope.entity, producer: 'shop' } },
    });
    const restored = await restoredFrom(world, own);
    const [record] = world.registry.allHoldRecords();
    expect(restored.registry.allHoldRecords().map((one) => one.scope)).toEqual([record?.scope]);
    const listed = await restored.call('auditor', '/v1/legal-holds/query', {});
    expect(listed.body['holds']).toMatchObject([{ id: 'case-17', state: 'in-force' }]);
  });

  test('releases it in a restored registry that only has the release', async () => {
    const world = apiWorld('2026-03-01T10:00:00Z', undefined, own);
    await place(world, { scope });
    world.bus.drain();
    await release(world);
    const restored = await restoredFrom(world, own);
    const [record] = world.registry.allHoldRecords();
    expect(restored.registry.allHoldRecords()).toMatchObject([{ scope: record?.scope, state: 'released' }]);
  });
});

test('a release that stops before it asks for what waits is completed with the next census, also if it is not repeated', async () => {
  const world = apiWorld();
  const holding = {
    store: 'orders',
    locator: ['shop/1'],
    categories: ['registration'],
    purposes: ['service'],
    entities: [{ type: 'contract', id: 'c-1' }],
  };
  world.stores['orders']?.put(['shop/1'], { text: 'x' });
  await world.call('shop', '/v1/holdings', { holdings: [holding] });
  const event = {
    specversion: '1.0',
    id: 'end',
    source: 'shop.example',
    type: 'contract.ended',
    data: { entity: { type: 'contract', id: 'c-1' }, occurred: '2026-03-01' },
  };
  await world.call('shop', '/v1/events', { events: [event] });
  await world.deliver();
  await place(world);
  await world.deliver();
  await world.sweepAt('2029-03-02T02:00:00Z');
  await world.wakeUntil('2029-03-02T22:59:00Z');
  expect(world.registry.allParked()).toHaveLength(1);
  const toSweep = world.queues.toSweep.bind(world.queues);
  world.queues.toSweep = async () => Promise.reject(new Error('killed'));
  expect((await release(world)).status).toBe(500);
  world.queues.toSweep = toSweep;
  await world.deliver();
  expect(await world.registry.wideHolds()).toEqual([]);
  await world.sweepAt('2029-03-03T00:00:00Z');
  await world.wakeUntil('2029-03-03T01:00:00Z');
  expect(world.stores['orders']?.size()).toBe(0);
  expect(world.lines.filter(({ code }) => code === 'census.re-hinted')).toEqual([]);
});

describe('two requests with one id at the same time', () => {
  test.for([
    ['another matter', { matter: 'another' }],
    ['another review date', { reviewBy: '2030-01-01' }],
    ['a freeze', { freeze: true }],
    ['another scope', { scope: { store: 'orders' } }],
  ] as const)(
    'one with %s: one is placed as it was asked for, and the other is refused',
    async ([, other]) => {
      for (const scope of [{ everything: true }, { entity: { type: 'person', id: 'p-17' } }]) {
        for (const order of [
          [{ scope }, { scope, ...other }],
          [{ scope, ...other }, { scope }],
        ]) {
          const world = apiWorld();
          const answers = await Promise.all(order.map((changes) => place(world, changes)));
          expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
          const placed = order[answers.findIndex(({ status }) => status === 200)];
          expect((await place(world, placed)).status).toBe(200);
          const restored = await restoredFrom(world, configuration);
          const [here, there] = [world, restored].map(({ registry }) =>
            registry.allHoldRecords().map(({ freeze, reviewBy, scope: own }) => [freeze, reviewBy, own]),
          );
          expect(there).toEqual(here);
          const frozen = placed !== undefined && 'freeze' in placed;
          const [inForce] = await world.registry.wideHolds();
          if (inForce !== undefined) expect(inForce.freeze === true).toBe(frozen);
        }
      }
    },
  );

  test('and the same words: both are placed', async () => {
    const world = apiWorld();
    const answers = await Promise.all([place(world), place(world)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(world.registry.allHoldRecords()).toHaveLength(1);
  });
});

describe('a hold on a policy', () => {
  test('keeps what belonged to it, whatever becomes of the policy, also in a restored registry', async () => {
    const world = apiWorld();
    expect((await place(world, { scope: { policy: 'shop-policy' } })).status).toBe(200);
    const restored = await restoredFrom(world, configuration);
    for (const { registry } of [world, restored]) {
      const holds = await registry.wideHolds();
      const held = (categories: readonly string[], policies: readonly string[]) => {
        const holding = aHolding(1, { variants: [aVariant(1, { categories })] });
        return heldBy({ holding, policies, states: new Map(), holds, action: 'delete' })?.id;
      };
      expect(held(['registration'], ['shop-policy'])).toBe('case-17');
      // It was renamed, or the category moved to another one.
      expect(held(['registration'], ['a-new-name'])).toBe('case-17');
      expect(held(['other', 'profile'], ['a-new-name'])).toBe('case-17');
      // It got another category.
      expect(held(['other'], ['shop-policy'])).toBe('case-17');
      expect(held(['abroad'], ['abroad'])).toBeUndefined();
    }
    await release(world);
    expect(await world.registry.wideHolds()).toEqual([]);
  });
});
