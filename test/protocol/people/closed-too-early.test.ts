import { expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { localBus } from '../../../local/event-bus.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { requestsOf } from '../../../shared/domain/people/effects.ts';
import { API_SOURCE } from '../../../shared/contract/bus.ts';
import { sweepRequests } from '../../../shared/protocol/people/sweep-requests.ts';
import { happened, linked } from '../../support/driver/envelopes.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aPolicy, aRule, anEvent } from '../../support/rules/rule-world.ts';

/** The hourly sweep runs while the fact of a request has been taken in half, and asks whether anything is left to do. */

const NOW = '2026-03-01T10:00:00Z';
const HOUR = 3_600_000;
const policies = {
  policies: [
    aPolicy(
      { registration: [aRule('10 years after account.closed')] },
      { name: 'brands', events: { 'account.closed': anEvent({ entity: 'account' }) } },
    ),
  ],
};
const { orders, invoices } = configuration.stores;
const { shop } = configuration.producers;
if (orders === undefined || invoices === undefined || shop === undefined)
  throw new Error('a store or the producer is not configured');
const person = { type: 'person', id: 'p-1' };
const account = { type: 'account', id: 'a-1' };

const world = () =>
  apiWorld(NOW, undefined, {
    ...configuration,
    stores: {
      orders,
      invoices: {
        ...invoices,
        collections: [{ category: 'registration', entity: 'person', by: 'person', producer: 'shop' }],
      },
    },
    producers: { shop: { ...shop, events: ['account.closed'] } },
    entityTypes: {
      ...configuration.entityTypes,
      account: { ids: 'owned', normalise: [], identifies: 'person' },
    },
    policies,
    foldProfile: foldProfile(policies),
  });
type World = ReturnType<typeof world>;

const post = async (w: World, who: 'shop' | 'operator', path: string, body: object): Promise<void> => {
  const { status, text } = await w.call(who, path, body);
  if (status !== 200) throw new Error(text);
};

/** What was published, as `ingest` gets it. */
async function published(w: World): Promise<readonly string[]> {
  const bodies: string[] = [];
  const bus = localBus(w.clock, async (body) => void bodies.push(body));
  for (const { type, detail } of w.bus.drain())
    await bus.putEvent(API_SOURCE, type, JSON.parse(detail) as unknown);
  return bodies;
}

/** Every call of the registry from this one on fails. */
function dying(w: World, at: number, calls: string[]): World {
  const registry = new Proxy(w.registry, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]) => {
        calls.push(String(name));
        if (calls.length > at) throw new Error('killed');
        return (await method.apply(target, args)) as unknown;
      };
    },
  });
  return { ...w, registry };
}

const stateOf = (w: World) => w.registry.allRequests().map(({ state }) => state);

async function asked(kind: string, before: (w: World) => Promise<void>) {
  const w = world();
  await before(w);
  await w.deliver();
  w.clock.set(Date.parse(NOW) + HOUR);
  await post(w, 'operator', '/v1/requests', {
    id: 't-1',
    kind,
    entity: person,
    jurisdiction: 'DE',
    ...(kind === 'object' && { scope: { purposes: ['service'] } }),
  });
  const [body, ...more] = await published(w);
  if (body === undefined || more.length > 0) throw new Error('there is not one fact');
  return { w, body };
}

async function neverClosedHalfWay(
  kind: string,
  before: (w: World) => Promise<void>,
  isDone: (w: World) => Promise<boolean>,
): Promise<void> {
  const calls: string[] = [];
  const whole = await asked(kind, before);
  await ingest(dying(whole.w, Infinity, calls), whole.body, 1);
  expect(calls.length).toBeGreaterThan(6);
  for (const at of calls.keys()) {
    const { w, body } = await asked(kind, before);
    await ingest(dying(w, at, []), body, 1).catch(() => undefined);
    await sweepRequests(w);
    if (!(await isDone(w))) expect(stateOf(w), `before ${calls[at]}`).not.toContain('closed');
    // It comes again.
    await ingest(w, body, 2);
    for (const hour of [1, 2, 3, 4])
      await w.sweepAt(new Date(Date.parse(NOW) + (1 + hour) * HOUR).toISOString());
    expect(stateOf(w)).toEqual(['closed']);
    expect(await isDone(w)).toBe(true);
  }
}

test('an erasure is not closed before its person’s collections are there and gone', async () => {
  await neverClosedHalfWay(
    'erase',
    async () => {},
    async (w) => {
      const all = w.registry.allHoldings();
      return (
        all.length === 1 &&
        all.every(({ state, collection }) => collection !== undefined && state === 'disposed')
      );
    },
  );
});

test.each(['object', 'erase'])(
  'a request to %s is not closed before it has reached the accounts',
  async (kind) => {
    const locator = ['shop/device'];
    await neverClosedHalfWay(
      kind,
      async (w) => {
        w.stores['orders']?.put(locator, { name: 'Zoe' });
        const holding = { store: 'orders', locator, categories: ['registration'], purposes: ['service'] };
        await post(w, 'shop', '/v1/holdings', { holdings: [{ ...holding, entities: [account] }] });
        const sending = { source: 'shop.example', id: 'l-1', arrived: w.clock.now() };
        await ingest(w, linked(sending, person, account), 1);
        // Its policy keeps it for ten years.
        await ingest(w, happened({ ...sending, id: 'e-1' }, 'account.closed', account, '2026-01-01'), 1);
      },
      async (w) => {
        const [request] = w.registry.allRequests();
        const holdings = w.registry.allHoldings();
        const refs = holdings.flatMap(({ variants }) =>
          variants.flatMap(({ entities }) => entities.map(({ ref }) => ref)),
        );
        const states = await w.registry.states(refs);
        return [...states.values()].every((state) =>
          requestsOf(state).some((effect) => effect.request === request?.ref),
        );
      },
    );
  },
);
