import type { HoldScope } from '../../../shared/domain/record/hold.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { InFlight } from '../../../shared/protocol/hold.ts';
import { chunksOf } from '../../../shared/protocol/sweep.ts';
import type { Hint } from '../../../shared/ports/hints.ts';
import { PRODUCER, STORE, world, type World } from '../driver/world.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';

/** How wide a hold is. Each covers the record `n-1`; only the last two cover `n-2`, too. */
export const SCOPES = {
  entity: { entity: world().entity('contract', 'c-1').ref },
  category: { category: 'letters' },
  // The policy of a category that does not decide when the record goes.
  policy: { policy: 'letters-policy' },
  store: { store: STORE },
  everything: { everything: true },
} as const satisfies Record<string, HoldScope>;
export type ScopeName = keyof typeof SCOPES;

const COVERED: Readonly<Record<ScopeName, readonly string[]>> = {
  entity: ['n-1'],
  category: ['n-1'],
  policy: ['n-1'],
  store: ['n-1', 'n-2'],
  everything: ['n-1', 'n-2'],
};

export const NOON = Date.parse('2026-03-01T12:00:00Z');
const HINTED: Instant = Date.parse('2026-03-01T11:00:00Z');

/** A hold whose placing was answered, and what the answer named. */
interface Answered {
  readonly scope: ScopeName;
  readonly named: readonly InFlight[];
}

/** Two records that are due, and an eye on what is done to them under which hold. */
export interface HoldWorld {
  readonly w: World;
  /** Holds whose placing was answered, until their release begins. */
  readonly answered: Map<string, Answered>;
  /** Messages that come until they are acknowledged. */
  readonly messages: Map<string, 'waits' | 'done'>;
  /** Operations that came to their end. */
  readonly ended: Set<string>;
  /** What must never be, as soon as it is. */
  violation: string | undefined;
  /** The world's ports without gates. */
  readonly registry: Registry;
  storeFor(isOwn: (token: string) => boolean): Store;
  /** `a` names `n-1`, and comes from the hint. `b` names both, `c` only `n-2`. */
  readonly chunks: { readonly a: Chunk; readonly b: Chunk; readonly c: Chunk };
  readonly hint: Hint;
}

export const POLICIES = [
  aPolicy({ notes: [aRule('30 days after contract.ended')] }, { name: 'notes-policy', writeLagSeconds: 0 }),
  aPolicy(
    { letters: [aRule('10 days after contract.ended')] },
    { name: 'letters-policy', writeLagSeconds: 0 },
  ),
  aPolicy({ files: [aRule('30 days after contract.ended')] }, { name: 'files-policy', writeLagSeconds: 0 }),
];

async function emptyWorld(): Promise<World> {
  const w = world({ versions: false, start: '2026-03-01T10:00:00Z', policies: POLICIES });
  // Heartbeats have a model of their own.
  await w.registry.putHeartbeat(Date.parse('2100-01-01T00:00:00Z'));
  return w;
}

/** Prepared once: planning the same records for each of thousands of runs would take most of their time. */
async function prepared() {
  const w = await emptyWorld();
  const one = w.entity('contract', 'c-1');
  const two = w.entity('contract', 'c-2');
  await w.happened(one, w.fact('contract.ended', '2026-01-01', { id: 'end 1' }));
  await w.happened(two, w.fact('contract.ended', '2026-01-01', { id: 'end 2' }));
  await w.register(await w.registration('n-1', [one], { sent: 1, categories: ['notes', 'letters'] }));
  await w.register(await w.registration('n-2', [two], { sent: 1, categories: ['files'] }));
  return {
    holdings: w.registry.allHoldings(),
    pointers: w.registry.allPointers(),
    facts: w.registry.allFacts(),
    states: [...w.registry.allStates()],
  };
}

let once: ReturnType<typeof prepared> | undefined;

export async function holdWorld(): Promise<HoldWorld> {
  once ??= prepared();
  const { holdings, pointers, facts, states } = await once;
  const w = await emptyWorld();
  for (const holding of holdings)
    await w.registry.writeHoldings([{ before: undefined, after: first(holding) }]);
  for (const { entity, holding } of pointers) await w.registry.putPointers([entity], holding);
  for (const { entity, fact } of facts) await w.registry.putFact(entity, fact);
  for (const [entity, state] of states) await w.registry.putState(entity, { ...state, version: 0 });
  w.store.put(['n-1'], { row: '1' });
  w.store.put(['n-2'], { row: '2' });
  w.clock.set(NOON);
  const hint = { minute: HINTED, holding: w.ref('n-1'), lane: STORE, producer: PRODUCER };
  const other = { ...hint, minute: HINTED + 60_000 };
  const [a] = chunksOf({ tokens: { next: () => 'a' } }, [hint]);
  const alone = { ...other, holding: w.ref('n-2') };
  const [b] = chunksOf({ tokens: { next: () => 'b' } }, [other, alone]);
  const [c] = chunksOf({ tokens: { next: () => 'c' } }, [alone]);
  if (a === undefined || b === undefined || c === undefined) throw new TypeError('no chunk was made');
  const answered = new Map<string, Answered>();

  function wrongAct(id: string, isOwn: (token: string) => boolean): string | undefined {
    for (const { scope, named } of answered.values()) {
      if (COVERED[scope].includes(id) && !named.some(({ token }) => isOwn(token)))
        return `acted on ${id} after the answer of a hold that did not name the attempt`;
    }
    const others = w.registry.allWorkRecords().filter(({ token }) => !isOwn(token));
    if (others.some(({ actedOn }) => actedOn.some(({ ref }) => ref === w.ref(id))))
      return `two attempts act on ${id}`;
    return undefined;
  }

  const held: HoldWorld = {
    w,
    answered,
    messages: new Map(),
    ended: new Set(),
    violation: undefined,
    chunks: { a, b, c },
    hint,
    registry: {
      ...w.registry,
      async recordRelease(hold) {
        answered.delete(hold.id);
        return w.registry.recordRelease(hold);
      },
    },
    storeFor: (isOwn) => ({
      ...w.store,
      async delete(batch) {
        for (const { locator } of batch) held.violation ??= wrongAct(String(locator[0]), isOwn);
        return w.store.delete(batch);
      },
    }),
  };
  return held;
}

/** As it is stored first: every model begins with the first version. */
function first(holding: ReturnType<World['registry']['allHoldings']>[number]) {
  const variants = holding.variants.map((one) => ({ ...one, since: 1, folded: 1 }));
  return { ...holding, version: 1, variants };
}
