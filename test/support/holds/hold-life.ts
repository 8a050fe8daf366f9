import { takeHold } from '../../../functions/ingest/take-hold.ts';
import type { SentHold } from '../../../shared/contract/people/hold-message.ts';
import { effectivePolicies } from '../../../shared/domain/configuration/effective-policies.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { RESTRICT_REQUESTED, RESTRICTION_RELEASED } from '../../../shared/domain/people/effects.ts';
import { isOnEntity, isSameScope, type LegalHold } from '../../../shared/domain/record/hold.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { censusId, censusSegment } from '../../../shared/protocol/census.ts';
import { readStates } from '../../../shared/protocol/facts/read-states.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { entityRefsOf, lastRegistered, planOf } from '../../../shared/protocol/plan-of.ts';
import { rePlan } from '../../../shared/protocol/plan-writer.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { OTHER_PRODUCER, PRODUCER, STORE, world } from '../driver/world.ts';
import { mulberry32 } from '../model/explore.ts';
import { isCovered, POLICIES } from './hold-covers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What is due and under no hold is gone by then. */
const LATE = 6 * HOUR;

const RECORDS = ['n-0', 'n-1', 'n-2', 'n-3', 'n-4'];
const CONTRACTS = ['c-0', 'c-1', 'c-2'];
const CATEGORIES = ['notes', 'letters', 'files'];
/** Ids are used once; some of them differ in case only, or are names that every object has. */
const IDS = ['h', 'H', 'h.1', 'h-1', 'h_1', 'h-10', '0', 'constructor', 'x'.repeat(64), 'case-17'];

/**
 * One life of a deployment with holds, in an order that the seed gives: holds that are placed and released by the api and
 * over the bus, in pieces, with ids that are used again; registrations, withdrawals, events, restrictions, and policies that
 * lose a category or get another name. Some of it happens between two calls of a worker. What is held and what is late is
 * worked out here, and not asked of the code. Answers what is wrong, with all that happened before it.
 */
export async function holdLife(seed: number, operations: number): Promise<readonly string[]> {
  const random = mulberry32(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new TypeError('nothing to pick from');
    return item;
  };
  const some = <Item>(items: readonly Item[]): readonly Item[] => {
    const found = items.filter(() => random() < 0.5);
    return found.length > 0 ? found : [pick(items)];
  };
  const maybe = (chance: number): boolean => random() < chance;

  const w = world({ policies: POLICIES[0] ?? [], restricts: true, pageSize: 2 });
  const trace: string[] = [];
  const wrong: string[] = [];
  const holds = new Map<string, LegalHold>();
  /** By hold: attempts that its answer named. */
  const named = new Map<string, ReadonlySet<string>>();
  let isWorking = false;
  let meanwhile = 0.1;
  const again: (() => Promise<{ readonly kind: string }>)[] = [];
  let number = 0;
  const next = (): number => (number += 1);

  const isIdle = (): boolean => w.registry.allWorkRecords().length === 0;
  const inForce = (): readonly LegalHold[] => [...holds.values()].filter(({ state }) => state === 'placed');
  const covers = (hold: LegalHold, one: Holding): boolean =>
    isCovered(hold, one, effectivePolicies(w.core.configuration.policies, w.clock.now()));
  const holding = (id: string): Holding | undefined => w.holding(id);
  const isHeld = (id: string, action: string, isActing = false): string | undefined => {
    const found = holding(id);
    if (found === undefined) return undefined;
    const destroys = action === 'delete' || action === 'anonymise';
    const at = w.registry.allWorkRecords().filter(({ refs }) => refs.includes(found.ref));
    return inForce().find(
      (hold) =>
        (destroys || hold.freeze === true) &&
        covers(hold, found) &&
        !(isActing && at.some(({ token }) => named.get(hold.id)?.has(token) === true)),
    )?.id;
  };
  const checked = (action: string, targets: readonly { readonly locator: readonly unknown[] }[]): void => {
    for (const { locator } of targets) {
      const hold = isHeld(String(locator[0]), action, true);
      if (hold !== undefined) wrong.push(`${action} of ${String(locator[0])} under ${hold}`);
    }
  };
  const store = { ...w.store };
  Object.assign(w.core, {
    store: {
      ...store,
      delete: async (batch: Parameters<typeof store.delete>[0]) => (
        checked('delete', batch),
        store.delete(batch)
      ),
      restrict: async (batch: Parameters<typeof store.restrict>[0], on: boolean) => (
        checked(on ? 'restrict' : 'lift', batch),
        store.restrict(batch, on)
      ),
    },
  });

  async function lateNow(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const id of RECORDS) {
      const one = holding(id);
      if (one === undefined || (one.state !== 'active' && one.state !== 'pending')) continue;
      const states = await readStates(w.core, entityRefsOf([one]));
      const { next: stage } = planOf(w.core, one, states, w.clock.now());
      if (stage?.actAt === undefined || stage.heldByRule === true) continue;
      const since = Math.max(stage.actAt, lastRegistered(one) + 2 * HOUR);
      if (since < w.clock.now() && isHeld(id, stage.action) === undefined) found.set(id, stage.action);
    }
    return found;
  }
  /** Whatever was due and not held before this time has passed is not due any more. */
  async function passes(time: number): Promise<void> {
    const before = await lateNow();
    isWorking = true;
    await w.run(w.clock.now() + time - HOUR);
    isWorking = false;
    for (const message of again.splice(0)) if ((await message()).kind === 'again') again.push(message);
    await w.run(w.clock.now() + HOUR);
    if (time < LATE) return;
    const after = await lateNow();
    for (const [id, action] of before)
      if (after.get(id) === action)
        wrong.push(
          `${action} of ${id} is late: ${JSON.stringify([holding(id)?.parked, holding(id)?.hintAt])}`,
        );
  }

  const scopes = () =>
    pick<() => LegalHold['scope']>([
      () => ({ entity: w.entity('contract', pick(CONTRACTS)).ref }),
      () => ({ category: pick(CATEGORIES) }),
      () => ({ policy: pick(['first', 'second']) }),
      () => ({ store: STORE }),
      () => ({ everything: true }),
    ])();
  const asked = (id: string): LegalHold => {
    const known = holds.get(id);
    const scope = known === undefined || maybe(0.3) ? scopes() : known.scope;
    const categories =
      'policy' in scope
        ? w.core.configuration.policies.policies
            .filter(({ name }) => name === scope.policy)
            .flatMap((policy) => Object.keys(policy.categories))
        : undefined;
    const own = known !== undefined && isSameScope(known.scope, scope) ? known : undefined;
    return (
      own ?? {
        id,
        kind: 'hold',
        scope,
        state: 'placed',
        at: w.clock.now(),
        ...(maybe(0.3) && { freeze: true as const }),
        ...(categories !== undefined && { categories }),
      }
    );
  };
  async function releases(hold: LegalHold): Promise<void> {
    const ended: LegalHold = { ...hold, state: 'released', released: { at: w.clock.now() } };
    holds.set(hold.id, ended);
    // A run that ends after each page, or dies: what it has not done comes again, perhaps hours later.
    for (let times = 0; times < 30; times += 1) {
      if ((await release(w.core, ended, () => maybe(0.5))) === 'done') return;
      if (isIdle() && maybe(0.3)) await w.run(w.clock.now() + 10 * 60_000);
    }
    throw new Error('the release does not end');
  }
  const sent = (
    scope: SentHold['scope'],
    categories: readonly string[] | undefined,
    freeze: true | undefined,
  ): SentHold => ({
    scope,
    at: w.clock.now(),
    by: 'x',
    matter: 'm',
    reason: 'r',
    ...(categories !== undefined && { categories }),
    ...(freeze !== undefined && { freeze }),
  });

  const OPERATIONS: Readonly<Record<string, () => Promise<string>>> = {
    async place() {
      const hold = asked(pick(IDS));
      const known = holds.get(hold.id);
      const should =
        known === undefined || (known.state === 'placed' && isSameScope(known.scope, hold.scope))
          ? 'placed'
          : 'refused';
      const placed = await placeHold(w.core, hold);
      const { kind } = placed;
      if (placed.kind === 'placed' && known === undefined)
        named.set(hold.id, new Set(placed.inFlight.map(({ token }) => token)));
      if (kind !== should) wrong.push(`placing ${hold.id} was ${kind}`);
      if (kind === 'placed' && known === undefined) holds.set(hold.id, hold);
      return `${hold.id} ${JSON.stringify(hold.scope)} ${kind}`;
    },
    async release() {
      const id = pick(IDS);
      const known = holds.get(id);
      if (known === undefined && maybe(0.8)) return 'nothing';
      await releases(known ?? asked(id));
      return id;
    },
    async bus() {
      const id = pick(IDS);
      const known = holds.get(id);
      const hold = known ?? asked(id);
      const { scope } = hold;
      if (known === undefined && isOnEntity(scope)) return 'nothing';
      const called = isOnEntity(scope) ? { entity: { type: 'contract', id: 'any' } } : scope;
      const message = {
        kind: 'hold',
        id,
        hold: sent(called, hold.categories, hold.freeze),
        ...(maybe(0.5) && { isReplayed: true as const }),
      } as const;
      if (maybe(0.6)) {
        await takeHold(w.core as never, message);
        // No caller waits for an answer.
        if (known === undefined) {
          named.set(id, new Set(w.registry.allWorkRecords().map(({ token }) => token)));
          holds.set(id, hold);
        }
        return `${id} is placed`;
      }
      holds.set(id, { ...hold, state: 'released', released: { at: w.clock.now() } });
      await takeHold(w.core as never, { ...message, released: { at: w.clock.now(), by: 'x', reason: 'r' } });
      // As a rule the message of the api comes, too, sooner or later.
      if (message.isReplayed !== true) await releases(holds.get(id) ?? hold);
      return `${id} is released`;
    },
    async register() {
      const id = pick(RECORDS);
      if (w.store.fields([id]) === undefined) w.store.put([id], { email: 'a' });
      const about = some(CONTRACTS).map((name) => w.entity('contract', name));
      const producer = pick([PRODUCER, OTHER_PRODUCER]);
      const categories = some(CATEGORIES);
      const fact = await w.registration(id, about, { producer, categories });
      if ((await w.register(fact)).kind === 'again') again.push(() => w.register(fact));
      return `${id} ${producer} ${categories.join()} ${about.length}`;
    },
    async withdraw() {
      const id = pick(RECORDS);
      if (holding(id) === undefined) return 'nothing';
      const producer = pick([PRODUCER, OTHER_PRODUCER]);
      const fact = await w.withdrawal(id, { producer });
      if ((await w.withdraw(fact)).kind === 'again') again.push(() => w.withdraw(fact));
      return `${id} ${producer}`;
    },
    async happens() {
      const contract = w.entity('contract', pick(CONTRACTS));
      const type = maybe(0.75) ? 'contract.ended' : 'contract.renewed';
      const day = new Date(w.clock.now() - Math.floor(random() * 6) * DAY).toISOString().slice(0, 10);
      await w.happened(contract, w.fact(type, day, { id: `event ${next()}` }));
      return `${type} ${day}`;
    },
    async restricts() {
      const contract = w.entity('contract', pick(CONTRACTS));
      const request = pick(['r-1', 'r-2', 'r-3']);
      const type = maybe(0.5) ? RESTRICT_REQUESTED : RESTRICTION_RELEASED;
      const fact = w.fact(type, new Date(w.clock.now()).toISOString(), { id: `request ${next()}` });
      const attributes = {
        request,
        ...(type === RESTRICT_REQUESTED && { scope: '{"all":true}', forbidsDeletion: maybe(0.3) }),
      };
      await w.happened(contract, { ...fact, attributes });
      return `${type} ${request}`;
    },
    async configures() {
      const policies = { policies: pick(POLICIES) };
      const configuration: Configuration = {
        ...w.core.configuration,
        policies,
        foldProfile: foldProfile(policies),
      };
      Object.assign(w.core, { configuration });
      await rePlan(
        w.core,
        w.registry.allHoldings().map(({ ref }) => ref),
      );
      return policies.policies.map(({ name }) => name).join();
    },
    async census() {
      for (let segment = 0; segment < SEGMENTS; segment += 1)
        await censusSegment(w.core, { walk: censusId(w.clock.now()), segment }, () => true);
      const found = w.reports.lines.filter(({ code }) => code === 'census.re-hinted').length;
      if (found > 0) wrong.push('the census found something that nothing pointed at');
      return '';
    },
    async passes() {
      const hours = 1 + Math.floor(random() * 24);
      await passes(hours * HOUR);
      return `${hours} hours`;
    },
  };
  const names = Object.keys(OPERATIONS);
  const MEANWHILE = ['place', 'release', 'bus', 'register', 'withdraw', 'happens', 'restricts'];
  const GATES = new Set([
    'wideHolds',
    'states',
    'actOn',
    'putResult',
    'park',
    'wideHold',
    'holdRecord',
    'writeHoldings',
    'unpark',
    'deleteChunk',
    'writeChunk',
    'deleteWork',
    'putWork',
    'readHoldings',
  ]);
  const registry = w.core.registry;
  Object.assign(w.core, {
    registry: new Proxy(registry, {
      get(target, method) {
        const real: unknown = Reflect.get(target, method);
        if (typeof real !== 'function' || !GATES.has(String(method))) return real;
        return async (...args: unknown[]): Promise<unknown> => {
          if (isWorking && maybe(meanwhile)) {
            isWorking = false;
            const name = pick(MEANWHILE);
            trace.push(
              `  ${new Date(w.clock.now()).toISOString()} before ${String(method)}, ${name}: ${(await OPERATIONS[name]?.()) ?? ''}`,
            );
            isWorking = true;
          }
          return Reflect.apply(real, target, args) as unknown;
        };
      },
    }),
  });
  for (const name of ['register', 'register', 'happens', 'register', 'register', 'happens', 'happens'])
    trace.push(`${name}: ${(await OPERATIONS[name]?.()) ?? ''}`);
  for (let index = 0; index < operations && wrong.length === 0; index += 1) {
    const name = maybe(0.3) ? 'passes' : pick(names);
    trace.push(`${new Date(w.clock.now()).toISOString()} ${name}: ${(await OPERATIONS[name]?.()) ?? ''}`);
    while (w.fanOuts.length > 0) await w.deliver();
  }
  if (wrong.length > 0) return [...wrong, ...trace];
  meanwhile = 0;
  for (const request of ['r-1', 'r-2', 'r-3']) {
    for (const name of CONTRACTS) {
      const fact = w.fact(RESTRICTION_RELEASED, new Date(w.clock.now()).toISOString(), {
        id: `last ${request} ${name}`,
      });
      await w.happened(w.entity('contract', name), { ...fact, attributes: { request } });
    }
  }
  // After the day of the last renewal.
  await passes(2 * DAY);
  for (const name of CONTRACTS) {
    const today = new Date(w.clock.now()).toISOString().slice(0, 10);
    await w.happened(
      w.entity('contract', name),
      w.fact('contract.ended', today, { id: `last end of ${name}` }),
    );
  }
  await passes(6 * DAY);
  trace.push('the end: all is released');
  for (const hold of inForce()) await releases(hold);
  await passes(2 * DAY);
  for (const id of RECORDS) {
    const { state = 'none' } = holding(id) ?? {};
    if (state === 'active' || state === 'pending')
      wrong.push(
        `${id} is due for ever: ${JSON.stringify([holding(id)?.decision, holding(id)?.parked, holding(id)?.hintAt])}`,
      );
  }
  if (w.registry.allParked().length > 0) wrong.push('something is parked under a released hold');
  return wrong.length > 0 ? [...wrong, ...trace] : [];
}
