import { describe, expect, test } from 'vitest';
import { requestsOf } from '../../../shared/domain/people/effects.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { ActionEntry } from '../../../shared/domain/record/entry.ts';
import { openSecret } from '../../../shared/protocol/people/request-secret.ts';
import { type RequestCore, sweepRequests } from '../../../shared/protocol/people/sweep-requests.ts';
import { apiWorld, principals } from '../../support/api-world.ts';
import { killedAt } from '../../support/killed-api.ts';

/** What the hourly sweep makes of requests: what did not arrive is published again, and what is done is closed. */

type World = ReturnType<typeof apiWorld>;
const NOW = '2026-03-01T10:00:00Z';
const erasure = { id: 'ticket-1', kind: 'erase', entity: { type: 'person', id: 'p-1' }, jurisdiction: 'DE' };

const one = (w: World): PersonRequest => {
  const [request, ...more] = w.registry.allRequests();
  if (request === undefined || more.length > 0) throw new Error('there is not one request');
  return request;
};
async function ask(w: World, path: string, body: object): Promise<void> {
  const { status, text } = await w.call('operator', path, body);
  if (status !== 200) throw new Error(text);
}
/** The effects among the facts of the person. */
async function effects(w: World) {
  const { entity } = one(w);
  const state = (await w.registry.states([entity])).get(entity);
  return state === undefined ? [] : requestsOf(state);
}
const hours = (n: number): string => new Date(Date.parse(NOW) + n * 3_600_000).toISOString();
const closing = (w: World): ActionEntry[] =>
  w.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])) as readonly ActionEntry[])
    .filter(({ request }) => request?.step === 'closed');

describe('the hourly sweep over requests', () => {
  test('publishes a fact that got lost, and closes the request when nothing is left to do', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', erasure);
    w.bus.drain();
    await w.sweepAt(hours(1));
    expect(await effects(w)).toMatchObject([{ kind: 'erase', request: one(w).ref, at: Date.parse(NOW) }]);
    await w.sweepAt(hours(2));
    expect(one(w).state).toBe('closed');
    expect(closing(w)).toMatchObject([{ did: 'request', request: { kind: 'erase', step: 'closed' } }]);
    expect(closing(w)[0]).not.toHaveProperty('by');
    await w.sweepAt(hours(3));
    // What names the person is gone, and the record itself goes later.
    const secret = await openSecret(w.keys, one(w));
    expect(secret).toMatchObject({ id: 'ticket-1' });
    expect(secret).not.toHaveProperty('entity');
    expect(one(w).keptUntil).toBe(Date.parse(hours(3)) + 1096 * 86_400_000);
    expect(w.registry.allListedRequests()).toEqual([]);
    expect(await effects(w)).toHaveLength(1);
  });

  test('does not publish what is still on its way', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', erasure);
    w.bus.drain();
    await w.sweepAt(hours(0.2));
    expect(await effects(w)).toEqual([]);
  });

  test('leaves alone what waits for the identity, and access, which people close', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', { ...erasure, identity: 'open' });
    await w.sweepAt(hours(1));
    await w.sweepAt(hours(2));
    expect(one(w).state).toBe('awaiting-identity');
    const other = apiWorld(NOW);
    await ask(other, '/v1/requests', { ...erasure, kind: 'access' });
    await other.sweepAt(hours(1));
    expect(one(other).state).toBe('running');
    await ask(other, '/v1/requests/close', { request: one(other).ref });
    await other.sweepAt(hours(2));
    expect(other.registry.allListedRequests()).toEqual([]);
  });

  test('publishes the retraction of a request that was called off, and keeps it until nothing can arrive any more', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', erasure);
    await w.deliver();
    await ask(w, '/v1/requests/cancel', { request: one(w).ref });
    w.bus.drain();
    expect(await effects(w)).toHaveLength(1);
    await w.sweepAt(hours(1));
    expect(await effects(w)).toEqual([]);
    await w.sweepAt(hours(2));
    expect(w.registry.allListedRequests()).toHaveLength(1);
    await w.sweepOnlyAt(hours(24 * 17));
    expect(w.registry.allListedRequests()).toEqual([]);
    expect(one(w)).toMatchObject({ state: 'cancelled', keptUntil: expect.any(Number) as number });
  });

  test('publishes the release of a restriction, also of one that was closed and left the list', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', { ...erasure, kind: 'restrict' });
    await w.deliver();
    await w.sweepAt(hours(1));
    await w.sweepAt(hours(2));
    expect([one(w).state, w.registry.allListedRequests().length]).toEqual(['closed', 0]);
    await ask(w, '/v1/requests/release', { request: one(w).ref });
    w.bus.drain();
    await w.sweepAt(hours(3));
    expect(await effects(w)).toMatchObject([{ kind: 'restrict', released: Date.parse(hours(2)) + 60_000 }]);
    await w.sweepAt(hours(4));
    expect(w.registry.allListedRequests()).toEqual([]);
    expect(await openSecret(w.keys, one(w))).not.toHaveProperty('entity');
  });

  test('says which deadlines come near, and which have passed', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', { ...erasure, kind: 'access' });
    const found = (): unknown[] =>
      w.lines.flatMap(({ fields }) => (fields.code?.startsWith('request-') === true ? [fields] : []));
    await w.sweepOnlyAt('2026-03-25T09:00:00Z');
    expect(found()).toEqual([]);
    await w.sweepOnlyAt('2026-03-25T11:00:00Z');
    const left = 6 * 86_400 + 23 * 3600;
    expect(found()).toEqual([{ code: 'request-due', count: 1, seconds: left }]);
    await w.sweepOnlyAt('2026-04-01T11:00:00Z');
    expect(found().at(-1)).toEqual({ code: 'request-late', count: 1, seconds: 3600 });
  });

  test('forgets a place in the list without a request after a day', async () => {
    const w = apiWorld(NOW);
    await ask(w, '/v1/requests', { ...erasure, dryRun: true });
    const ref = 'request-of-nobody-0000' as PersonRequest['ref'];
    await w.registry.listRequest({ ref, at: Date.parse(NOW) });
    await w.sweepOnlyAt(hours(23));
    expect(w.registry.allListedRequests()).toHaveLength(1);
    await w.sweepOnlyAt(hours(25));
    expect(w.registry.allListedRequests()).toEqual([]);
  });
});

describe('wherever a process is killed', () => {
  test('while it files a request, the sweep brings what is on record to its effect', async () => {
    const file = async ({ api }: ReturnType<typeof killedAt>): Promise<number> => {
      const body = JSON.stringify(erasure);
      const request = new Request('https://api.example/v1/requests', { method: 'POST', body });
      return (await api.fetch(request, { principal: principals.operator })).status;
    };
    const whole = killedAt(apiWorld(NOW), Infinity, 'before');
    expect(await file(whole)).toBe(200);
    let recorded = 0;
    for (let at = 0; at < whole.calls.length; at += 1)
      for (const when of ['before', 'after'] as const) {
        const w = apiWorld(NOW);
        expect(await file(killedAt(w, at, when))).toBe(500);
        await w.deliver();
        await w.sweepAt(hours(1));
        await w.sweepAt(hours(2));
        if (w.registry.allRequests().length === 0) {
          await w.sweepOnlyAt(hours(26));
          expect(w.registry.allListedRequests()).toEqual([]);
          continue;
        }
        recorded += 1;
        expect(await effects(w)).toHaveLength(1);
        expect(['running', 'closed']).toContain(one(w).state);
      }
    expect(recorded).toBeGreaterThan(4);
  });

  test('while it sweeps, the next sweeps end in the same', async () => {
    const prepared = async (): Promise<World> => {
      const w = apiWorld(NOW);
      await ask(w, '/v1/requests', erasure);
      await w.deliver();
      w.clock.set(Date.parse(hours(1)));
      return w;
    };
    const calls = await countCalls(await prepared());
    expect(calls).toBeGreaterThan(8);
    for (let at = 0; at < calls; at += 1)
      for (const when of ['before', 'after'] as const) {
        const w = await prepared();
        await sweepRequests(dying(w, at, when)).catch(() => undefined);
        for (const hour of [2, 3, 4]) await w.sweepOnlyAt(hours(hour));
        expect(one(w).state).toBe('closed');
        expect(w.registry.allListedRequests()).toEqual([]);
        expect(await openSecret(w.keys, one(w))).not.toHaveProperty('entity');
        expect(closing(w).length).toBeGreaterThanOrEqual(1);
        expect(closing(w).length).toBeLessThanOrEqual(2);
      }
  });
});

async function countCalls(w: World): Promise<number> {
  let calls = 0;
  await sweepRequests(
    watched(w, async (make) => {
      calls += 1;
      return make();
    }),
  );
  w.clock.set(w.clock.now() + 3_600_000);
  await sweepRequests(
    watched(w, async (make) => {
      calls += 1;
      return make();
    }),
  );
  return calls;
}

/** Dies at its n-th call of a port, before it or after it; from then on every call fails. */
function dying(w: World, at: number, when: 'before' | 'after'): RequestCore {
  let calls = 0;
  let isDead = false;
  return watched(w, async (make) => {
    const isThis = calls === at;
    calls += 1;
    if (isDead || (isThis && when === 'before')) {
      isDead = true;
      throw new Error('killed');
    }
    const answer = await make();
    if (isThis) isDead = true;
    if (isDead) throw new Error('killed');
    return answer;
  });
}

function watched(w: World, around: (make: () => Promise<unknown>) => Promise<unknown>): RequestCore {
  const port = <Port extends object>(inner: Port): Port =>
    new Proxy(inner, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]) => around(async () => method.apply(target, args) as unknown);
      },
    });
  return { ...w, registry: port(w.registry), queues: port(w.queues), keys: port(w.keys) };
}
