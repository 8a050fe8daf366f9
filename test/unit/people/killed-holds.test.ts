import { describe, expect, test } from 'vitest';
import { apiWorld, principals } from '../../support/api-world.ts';
import { killedAt } from '../../support/killed-api.ts';

type World = ReturnType<typeof apiWorld>;
type Kill = Parameters<typeof killedAt>[2];

const CONTRACT = { type: 'contract', id: 'c-1', producer: 'shop' };
const SCOPES = {
  'an entity': { entity: CONTRACT },
  'a policy': { policy: 'shop-policy' },
  everything: { everything: true },
} as const;
const PLACE = '/v1/legal-holds';
const RELEASE = '/v1/legal-holds/release';
const placing = (scope: object) => ({ id: 'case-17', scope, matter: 'case 17', reason: 'a claim' });
const RELEASING = { id: 'case-17', reason: 'over' };

/** Three records that come due in 2029. */
async function registered(): Promise<World> {
  const world = apiWorld('2026-03-01T10:00:00Z', 2);
  const holdings = ['shop/1', 'shop/2', 'shop/3'].map((id) => {
    world.stores['orders']?.put([id], { text: 'x' });
    return {
      store: 'orders',
      locator: [id],
      categories: ['registration'],
      purposes: ['service'],
      entities: [{ type: CONTRACT.type, id: CONTRACT.id }],
    };
  });
  const event = {
    specversion: '1.0',
    id: 'end',
    source: 'shop.example',
    type: 'contract.ended',
    data: { entity: { type: CONTRACT.type, id: CONTRACT.id }, occurred: '2026-03-01' },
  };
  expect((await world.call('shop', '/v1/holdings', { holdings })).status).toBe(200);
  expect((await world.call('shop', '/v1/events', { events: [event] })).status).toBe(200);
  await world.deliver();
  return world;
}

/** Kills the request at each call of a port, in a new world each time, and lets `then` look at what is left. */
async function atEachCall(
  prepare: () => Promise<World>,
  request: readonly [path: string, body: object],
  then: (world: World, at: string) => Promise<void>,
): Promise<number> {
  for (let at = 0; ; at += 1) {
    for (const when of ['before', 'after'] as const satisfies readonly Kill[]) {
      const world = await prepare();
      const { api, calls } = killedAt(world, at, when);
      const sent = new Request(`https://api.example${request[0]}`, {
        method: 'POST',
        body: JSON.stringify(request[1]),
      });
      await api.fetch(sent, { principal: principals.operator });
      if (calls.length <= at) return at;
      await then(world, `killed ${when} call ${at}, ${calls[at] ?? ''}`);
    }
  }
}

const left = (world: World): number => world.stores['orders']?.size() ?? 0;
const stateOf = async (world: World): Promise<unknown> =>
  (
    (await world.call('auditor', '/v1/legal-holds/query', {})).body['holds'] as { readonly state: string }[]
  )[0]?.state;
const reHinted = (world: World): number =>
  world.lines.filter(({ code }) => code === 'census.re-hinted').length;

describe.each(Object.entries(SCOPES))(
  'a request about a hold on %s that is killed at each of its calls',
  (_, scope) => {
    test('places what the list says, and is completed when it is repeated', async () => {
      const points = await atEachCall(registered, [PLACE, placing(scope)], async (world, at) => {
        const state = await stateOf(world);
        expect([undefined, 'placing', 'in-force'], at).toContain(state);
        expect((await world.call('operator', PLACE, placing(scope))).body['hold'], at).toMatchObject({
          state: 'in-force',
        });
        await world.deliver();
        await world.sweepAt('2029-03-02T02:00:00Z');
        await world.wakeUntil('2029-03-02T05:00:00Z');
        expect(left(world), at).toBe(3);
      });
      expect(points).toBeGreaterThan(12);
    });

    test('keeps what the list says is in force, and nothing for ever, if it is not repeated', async () => {
      await atEachCall(registered, [PLACE, placing(scope)], async (world, at) => {
        const state = await stateOf(world);
        await world.deliver();
        await world.sweepAt('2029-03-02T02:00:00Z');
        await world.wakeUntil('2029-03-02T05:00:00Z');
        if (state === 'in-force') expect(left(world), at).toBe(3);
        if (state === undefined) expect(left(world), at).toBe(0);
        if (state !== undefined)
          expect((await world.call('operator', RELEASE, RELEASING)).status, at).toBe(200);
        await world.deliver();
        await world.wakeUntil('2029-03-02T06:00:00Z');
        expect(left(world), at).toBe(0);
      });
    });

    test('releases it wholly or not at all, if it is not repeated: what waits goes with the next census', async () => {
      const points = await atEachCall(
        async () => {
          const world = await registered();
          await world.call('operator', PLACE, placing(scope));
          await world.deliver();
          await world.sweepAt('2029-03-02T02:00:00Z');
          await world.wakeUntil('2029-03-02T23:30:00Z');
          expect(world.registry.allParked()).toHaveLength(3);
          return world;
        },
        [RELEASE, RELEASING],
        async (world, at) => {
          await world.deliver();
          const state = await stateOf(world);
          await world.sweepAt('2029-03-03T00:00:00Z');
          await world.wakeUntil('2029-03-03T01:00:00Z');
          expect([at, state, left(world)]).toEqual([at, state, state === 'released' ? 0 : 3]);
          expect(reHinted(world), at).toBe(0);
          await world.call('operator', RELEASE, RELEASING);
          await world.deliver();
          await world.wakeUntil('2029-03-03T02:00:00Z');
          expect(left(world), at).toBe(0);
          expect(world.registry.allParked(), at).toEqual([]);
        },
      );
      expect(points).toBeGreaterThan(8);
    });
  },
);
