import { describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import {
  ANNA,
  askApi,
  BEN,
  CLEO,
  firstIn,
  type FourEyesWorld,
  fourEyesWorld,
  proposedIn,
} from '../../support/four-eyes/four-eyes-world.ts';
import { CASES, type GatedCase } from '../../support/four-eyes/gated-cases.ts';
import { killedAt } from '../../support/killed-api.ts';

/** Wherever a process dies, and if two ask at the same time: what needs two people is done once, by two, or not at all. */

async function prepared(one: GatedCase): Promise<FourEyesWorld> {
  const world = fourEyesWorld();
  await one.prepare(world);
  return world;
}

async function proposed(one: GatedCase): Promise<{ readonly world: FourEyesWorld; readonly id: string }> {
  const world = await prepared(one);
  const { id } = proposedIn(await world.ask(ANNA, one.path, one.body(world)));
  return { world, id };
}

/** Calls `run` with each call of a port at which the process may die, until it lives. */
async function eachCall(run: (at: number, when: 'before' | 'after') => Promise<boolean>): Promise<number> {
  for (let at = 0; ; at += 1)
    for (const when of ['before', 'after'] as const) if (!(await run(at, when))) return at;
}

describe.each(CASES.map((one) => ({ name: one.kind, one })))('$name', ({ one }) => {
  test('whose confirmation dies at any call was not done without both entries, and is done once', async () => {
    const states = new Set<string>();
    const calls = await eachCall(async (at, when) => {
      const { world, id } = await proposed(one);
      const killed = killedAt(world, at, when);
      const { status } = await askApi(killed.api, BEN, '/v1/proposals/confirm', { id });
      if (status === 200) return false;
      expect(status).toBe(500);
      const [stored] = world.registry.allProposals();
      const noted = world.actions().filter(({ did }) => did === one.did);
      // Looking at the bus takes what is on it.
      const sent = one.kind === 'events' ? world.bus.drain() : [];
      const effect = one.kind === 'events' ? sent.length : await one.effect(world);
      if (effect > 0) {
        expect(noted, killed.calls.join(' ')).toHaveLength(1);
        expect(['confirmed', 'done']).toContain(stored?.state);
      }
      if (stored?.state === 'confirmed')
        expect((await world.confirm(CLEO, id)).body).toMatchObject({ code: 'PROPOSAL_BUSY' });
      world.clock.advance(60_000);
      const again = await world.confirm(CLEO, id);
      expect(again.status, killed.calls.join(' ')).toBe(200);
      const { state } = firstIn(again);
      states.add(state);
      const details = [...sent, ...world.bus.drain()].map(({ detail }) => detail);
      // The bus may have it twice: it is the same event, which is one fact.
      expect(one.kind === 'events' ? new Set(details).size : await one.effect(world)).toBe(1);
      for (const { did, by, proposal } of world.actions())
        if (did === one.did) expect(proposal?.by).not.toBe(by);
      expect(world.registry.allProposals()).toMatchObject([{ state }]);
      return true;
    });
    expect(calls).toBeGreaterThan(6);
    expect(states.has('done')).toBe(true);
  });

  test('whose proposal dies at any call is not done, and is one proposal when it is asked for again', async () => {
    const calls = await eachCall(async (at, when) => {
      const world = await prepared(one);
      const killed = killedAt(world, at, when);
      const { status } = await askApi(killed.api, ANNA, one.path, one.body(world));
      if (status === 202) return false;
      expect(status).toBe(500);
      const stored = world.registry.allProposals();
      if (stored.length > 0) expect(world.actions()).toHaveLength(1);
      const again = await world.ask(ANNA, one.path, one.body(world));
      expect(again.status).toBe(202);
      expect(world.registry.allProposals()).toHaveLength(1);
      expect(await one.effect(world)).toBe(0);
      return true;
    });
    expect(calls).toBeGreaterThan(4);
  });

  test('whose withdrawal dies at any call was not withdrawn without its entry, and can be withdrawn again', async () => {
    await eachCall(async (at, when) => {
      const { world, id } = await proposed(one);
      const killed = killedAt(world, at, when);
      const { status } = await askApi(killed.api, BEN, '/v1/proposals/withdraw', { id });
      if (status === 200) return false;
      const [stored] = world.registry.allProposals();
      if (stored?.state === 'withdrawn')
        expect(world.actions().map(({ did }) => did)).toEqual(['propose', 'withdraw']);
      expect(firstIn(await world.withdraw(CLEO, id))).toMatchObject({ state: 'withdrawn' });
      expect((await world.confirm(CLEO, id)).status).toBe(409);
      expect(await one.effect(world)).toBe(0);
      return true;
    });
  });

  test.each(['confirm', 'withdraw', 'same request'] as const)(
    'that two people confirm, the second (%s) at any moment of the first, is done at most once',
    async (other) => {
      for (let at = 0; ; at += 1) {
        const { world, id } = await proposed(one);
        const second = (): ReturnType<FourEyesWorld['ask']> =>
          other === 'same request'
            ? world.ask(CLEO, one.path, one.body(world))
            : world.ask(CLEO, `/v1/proposals/${other}`, { id });
        const { api, isReached, answered } = interrupted(world, at, second);
        const first = await askApi(api, BEN, '/v1/proposals/confirm', { id });
        if (!isReached()) break;
        const then = answered();
        const doers = world.actions().filter(({ did }) => did === one.did);
        const effect = await one.effect(world);
        const told = `${at}: ${first.status} ${String(first.body['code'])}, ${then?.status} ${String(then?.body['code'])}`;
        expect(doers.length, told).toBeLessThanOrEqual(1);
        expect(effect, told).toBe(doers.length);
        const isWithdrawn = other === 'withdraw' && then?.status === 200;
        expect(effect, told).toBe(isWithdrawn ? 0 : 1);
      }
    },
  );

  test('that a third person takes over, because the confirmation hung at any call, is done once', async () => {
    for (let at = 0; ; at += 1) {
      const { world, id } = await proposed(one);
      const { api, isReached } = interrupted(world, at, () => {
        world.clock.advance(60_000);
        return world.confirm(CLEO, id);
      });
      const { status } = await askApi(api, BEN, '/v1/proposals/confirm', { id });
      if (!isReached()) break;
      expect([200, 409]).toContain(status);
      expect(await one.effect(world), String(at)).toBe(1);
      const [stored] = world.registry.allProposals();
      expect(['done', 'void']).toContain(stored?.state);
    }
  });
});

/** The API in whose n-th call of the registry something else happens first. */
function interrupted(world: FourEyesWorld, at: number, then: () => ReturnType<FourEyesWorld['ask']>) {
  let calls = 0;
  let answer: Awaited<ReturnType<FourEyesWorld['ask']>> | undefined;
  const registry = new Proxy(world.registry, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        calls += 1;
        if (calls === at + 1) answer = await then();
        return Reflect.apply(method, target, args);
      };
    },
  });
  return {
    api: createApi({ ...world, registry }),
    isReached: () => calls > at,
    answered: () => answer,
  };
}
