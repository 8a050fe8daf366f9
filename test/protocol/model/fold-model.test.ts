import { describe, expect, it } from 'vitest';
import { countOccurrences } from '../../../shared/domain/evaluate/counting.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { emptyState, fold, refold } from '../../../shared/domain/facts/fold.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { altered } from '../../support/altered.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreAll, type Build } from '../../support/model/explore.ts';
import type { ProcessPlan } from '../../support/model/model.ts';
import { factsThatCount } from '../../support/rules/reference-facts.ts';
import { world, type World } from '../../support/driver/world.ts';

/**
 * Facts of one contract folded into its state: ends, undos, corrections and retractions. Two rules ask for the first
 * and the last end that counts; a reference that looks at all facts at once gives the right answer.
 */
interface Told {
  readonly id: string;
  readonly type: 'end' | 'undo' | 'retraction';
  /** A day of March 2026. */
  readonly at: number;
  readonly sent: number;
  readonly about?: string;
}
const end = (id: string, at: number, more: Partial<Told> = {}): Told => ({
  id,
  type: 'end',
  at,
  sent: 30,
  ...more,
});
const undo = (id: string, at: number): Told => ({ id, type: 'undo', at, sent: 30 });
const retraction = (id: string, about: string): Told => ({ id, type: 'retraction', at: 1, sent: 30, about });

const e1 = end('e1', 1);
const e3 = end('e3', 3);
const e5 = end('e5', 5);
const announced = end('e9', 9, { sent: 1 });
const undoes2 = undo('u2', 2);
const undoes3 = undo('u3', 3);
const undoes4 = undo('u4', 4);
const retracts3 = retraction('r3', 'e3');
const corrects3 = end('c3', 6, { about: 'e3' });
const correctsAnnounced = end('c9', 8, { about: 'e9' });
const retractsCorrection = retraction('rc', 'c3');
const correctsCorrection = end('cc', 2, { about: 'c3' });
const retractsNewer = retraction('rn', 'cc');
const retractsUndo = retraction('ru', 'u4');

const SETS: Readonly<Record<string, readonly Told[]>> = {
  'an end announced ahead': [announced, e5, undoes2, e3],
  'an undo': [e1, e3, e5, undoes2],
  'a late undo': [e1, e3, e5, undoes2, undoes4],
  'an undo at the same time': [e3, undoes3, e5],
  'a retraction': [e1, e3, undoes2, retracts3],
  'a correction': [e1, e3, corrects3, undoes2],
  'a correction of what was announced': [announced, correctsAnnounced, undoes4, e3],
  'a retracted correction': [e3, corrects3, retractsCorrection, undoes2],
  'a corrected correction': [e3, corrects3, correctsCorrection, undo('u1', 1)],
  'a retracted correction of a correction': [e3, corrects3, correctsCorrection, retractsNewer],
  'a retracted undo': [e1, e3, undoes4, retractsUndo],
  'a chain of corrections of which the first event is retracted': [
    e3,
    corrects3,
    correctsCorrection,
    retracts3,
  ],
  'a correction of what is not there': [e3, end('ct', 7, { about: 'typo' }), undoes2],
  'an end that was announced, and sent again later': [announced, { ...announced, sent: 30 }, undoes2, e1],
};

/** From all facts at once: which count, which undo is the last, which ends outlive it. */
function truth(facts: readonly Told[]): string {
  const told = facts.map(({ type, ...one }) => ({ ...one, type, kind: kindOf({ type, ...one }) }));
  // Of an event that was sent twice, the earlier time of sending stands.
  const firstSent = told.filter(
    ({ id, sent }) => !told.some((other) => other.id === id && other.sent < sent),
  );
  const counting = factsThatCount(firstSent);
  const undos = counting.filter(({ told: { type } }) => type === 'undo');
  const lastUndo = Math.max(0, ...undos.map(({ told: { at } }) => at));
  const ends = counting
    .filter(({ told: { type, at }, sent }) => type === 'end' && Math.min(at, sent) > lastUndo)
    .map(({ told: { at } }) => at);
  return ends.length === 0 ? 'no end' : `${Math.min(...ends)} to ${Math.max(...ends)}`;
}

function kindOf({ type, about }: Told): Fact['kind'] {
  if (about === undefined) return 'event';
  return type === 'retraction' ? 'retraction' : 'correction';
}

/** What the real rules read from the stored state. */
function answer(it: World): string {
  const state = it.registry.allStates().get(it.entity('contract', 'c').ref);
  const [policy] = it.core.configuration.policies.policies;
  if (state === undefined || policy === undefined) return 'nothing is stored';
  const [first, last] = (['first', 'last'] as const).map((pick) => {
    const { picked } = countOccurrences(state, 'contract.ended', pick, { policy, zone: 'UTC' });
    return picked && Number(picked.occurrence.occurred.slice(8, 10));
  });
  return first === undefined ? 'no end' : `${first} to ${last}`;
}

const dayOfMarch = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T00:00:00Z`;
const TYPES = { end: 'contract.ended', undo: 'contract.renewed', retraction: '' } as const;

function factOf(it: World, { id, type, at, sent, about }: Told): Fact {
  const more = { id, sent: Date.parse(dayOfMarch(sent)), ...present({ about }) };
  return it.fact(TYPES[type], dayOfMarch(at), more);
}

type Alter = (registry: Registry, it: World) => Registry;
const asItIs: Alter = (registry) => registry;

/** The state forgets which events are named by what came before them. */
const forgetsDangling: Alter = (registry) =>
  altered(registry, () => ({
    putState: (entity, state) => registry.putState(entity, { ...state, dangling: [] }),
  }));
/** A fact that was there before is folded as if it was new. */
const foldsDuplicates: Alter = (registry) =>
  altered(registry, () => ({
    async putFact(entity, fact) {
      const put = await registry.putFact(entity, fact);
      return put === 'duplicate' ? 'new' : put;
    },
  }));
/** Of an event that is sent twice the time that arrives first stands. */
const keepsFirstArrival: Alter = (registry) =>
  altered(registry, () => ({
    async putFact(entity, fact) {
      const there = (await registry.history(entity)).find(({ ref }) => ref === fact.ref);
      return registry.putFact(entity, there ?? fact);
    },
  }));
/** The state does not say how often it was rebuilt. */
const forgetsRebuilt: Alter = (registry) =>
  altered(registry, () => ({
    putState: (entity, state) => registry.putState(entity, { ...state, rebuilt: 0 }),
  }));
/** An undo is compared with `occurred` alone. */
const ignoresSent: Alter = (registry) =>
  altered(registry, () => ({
    putState(entity, state) {
      const occurrences = Object.entries(state.occurrences).map(([type, list]) => [
        type,
        list.map((one) => ({ ...one, sent: Date.parse(dayOfMarch(31)) })),
      ]);
      return registry.putState(entity, { ...state, occurrences: Object.fromEntries(occurrences) });
    },
  }));
/** Only the first and the last end are kept. */
const keepsFirstAndLast: Alter = (registry) =>
  altered(registry, () => ({
    putState(entity, state) {
      const ends = state.occurrences['contract.ended'] ?? [];
      const kept = ends.filter((_, index) => index === 0 || index === ends.length - 1);
      return registry.putState(entity, {
        ...state,
        occurrences: { ...state.occurrences, 'contract.ended': kept },
      });
    },
  }));

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => {
    const rest = items.filter((_, other) => other !== index);
    return items.indexOf(item) < index ? [] : permutations(rest).map((tail) => [item, ...tail]);
  });
}

/** Every order of a set, each fact once twice; up to the first wrong answer. */
async function inEveryOrder(alter: Alter): Promise<{ orders: number; wrong?: string }> {
  let orders = 0;
  for (const [name, facts] of Object.entries(SETS)) {
    for (const twice of facts) {
      for (const order of permutations([...facts, twice])) {
        orders += 1;
        const it = world();
        const registry = alter(it.registry, it);
        const { ref } = it.entity('contract', 'c');
        for (const fact of order) await recordFact({ ...it.core, registry }, ref, factOf(it, fact));
        const said = answer(it);
        if (said === truth(facts)) continue;
        const told = order.map(({ id }) => id).join(' > ');
        return { orders, wrong: `${name}: ${told} gives ${said}, not ${truth(facts)}` };
      }
    }
  }
  return { orders };
}

describe('facts in every order, one of them twice', () => {
  it('end in the state that all facts together say', async () => {
    const { orders, wrong } = await inEveryOrder(asItIs);
    console.log(`m10 in every order: ${orders.toLocaleString('en')} orders`);
    expect(wrong).toBeUndefined();
  });

  it.each([
    ['forgetting what is named before it arrives', forgetsDangling],
    ['folding a duplicate as if it was new', foldsDuplicates],
    ['keeping the time of sending that arrived first', keepsFirstArrival],
    ['comparing an undo with `occurred` alone', ignoresSent],
    ['keeping only the first and the last end', keepsFirstAndLast],
  ])('%s is caught', async (_, alter) => {
    expect((await inEveryOrder(alter)).wrong).toContain(' gives ');
  });
});

const afterAll = { start: dayOfMarch(31) };

/** Concurrent handlers. Each may die anywhere and run again, and the first fact may arrive twice. */
function handlers(
  facts: readonly Told[],
  { below = asItIs, above = asItIs, record = recordFact, deaths = 1, twice = false }: Partial<How> = {},
): Build {
  return () => {
    const it = world(afterAll);
    const { ref } = it.entity('contract', 'c');
    const shared = below(it.registry, it);
    const run =
      (fact: Told, times: number): ProcessPlan['run'] =>
      async (gate) => {
        const registry = above(gate(shared, { open: (method) => method === 'pointers' }), it);
        for (let time = 0; time < times; time += 1)
          await record({ ...it.core, registry }, ref, factOf(it, fact));
      };
    return {
      processes: facts.map((fact, index) => ({
        name: fact.id,
        deaths: 1,
        run: run(fact, twice && index === 0 ? 2 : 1),
      })),
      deaths,
      state: () => [it.registry.allFacts(), [...it.registry.allStates()]],
      wrongAtEnd() {
        const said = answer(it);
        return said === truth(facts) ? undefined : `the state says ${said}, the facts say ${truth(facts)}`;
      },
    };
  };
}

interface How {
  readonly below: Alter;
  readonly above: Alter;
  readonly record: typeof recordFact;
  /** Of all handlers together. */
  readonly deaths: number;
  readonly twice: boolean;
}

/** The history is read before the version on which the state is written. */
const historyFirst: Alter = (registry, it) => {
  let history: Promise<Fact[]> | undefined;
  return altered(registry, () => ({
    async states(entities) {
      history = registry.history(it.entity('contract', 'c').ref);
      await history;
      return registry.states(entities);
    },
    history: (entity) => history ?? registry.history(entity),
  }));
};
const readsStateLate: typeof recordFact = async (core, entity, fact) => {
  const put = await core.registry.putFact(entity, fact);
  const profile = core.configuration.foldProfile;
  for (;;) {
    const stored = (await core.registry.states([entity])).get(entity) ?? emptyState(profile);
    const state = { ...stored, profile: profile.digest };
    const folded = put === 'new' ? fold(state, state, fact, profile) : 'history';
    const next = folded === 'history' ? refold(state, await core.registry.history(entity), profile) : folded;
    if ((await core.registry.putState(entity, next)) === 'written') return put;
  }
};
const ignoresVersion: Alter = (registry, it) =>
  altered(registry, () => ({
    putState: (entity, state) =>
      registry.putState(entity, { ...state, version: it.registry.allStates().get(entity)?.version ?? 0 }),
  }));

const AT_ONCE: readonly (readonly [string, readonly Told[]])[] = [
  ['an end, its retraction and an undo', [e3, retracts3, undoes2]],
  ['an end, its correction and the retraction of that', [e3, corrects3, retractsCorrection]],
  ['an end, its correction and its retraction', [e3, corrects3, retracts3]],
  ['an undo, its retraction and an end', [undoes4, retractsUndo, e3]],
  ['an end announced ahead, an undo before it, and another end', [announced, undoes2, e5]],
];

describe('three handlers at once', () => {
  it.each(AT_ONCE)(
    '%s: with any one death, every interleaving ends in what the facts say',
    async (name, facts) => {
      const explored = await exploreAll(handlers(facts));
      expectNothingWrong(`fold model, ${name}`, explored);
    },
  );

  it('the first one may come twice besides, in every interleaving', async () => {
    const explored = await exploreAll(handlers([e3, retracts3, undoes2], { twice: true, deaths: 0 }));
    expectNothingWrong('fold model, the first one twice', explored);
  });

  it.each<[string, readonly Told[], Partial<How>]>([
    ['history before version', [e3, retracts3, e5], { above: historyFirst }],
    ['writing without the version', [e3, retracts3, undoes2], { below: ignoresVersion }],
    ['forgetting what is named before it arrives', [e3, retracts3, undoes2], { below: forgetsDangling }],
    ['forgetting that the state was rebuilt', [e3, retracts3, undoes2], { below: forgetsRebuilt }],
    ['reading the state only after the fact is put', [e3, retracts3, undoes2], { record: readsStateLate }],
  ])('%s is caught', async (name, facts, how) => {
    const explored = await exploreAll(handlers(facts, how), { enough: 100 });
    expectCaught(`fold model, ${name}`, explored, /the state says .*, the facts say/);
  });
});
