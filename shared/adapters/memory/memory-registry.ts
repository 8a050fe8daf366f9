import type { EntityState, Fact } from '../../domain/facts/facts.ts';
import { sentEarlier } from '../../domain/facts/fold.ts';
import { hourId, hourOf, minuteId } from '../../domain/calendar/utc-time.ts';
import { shardOf } from '../../domain/record/shard.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { EntityRef, HoldingRef, Instant } from '../../domain/record/ids.ts';
import type {
  Cursor,
  Hint,
  InFlight,
  PolicyVersionRecord,
  Quarantined,
  Registry,
} from '../../ports/registry.ts';
import { ABSENT_STATE } from '../absent-state.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { isSameHold, type WideHold } from '../../domain/record/hold.ts';

/** Read access for tests. Every returned object is frozen. */
export interface MemoryRegistry extends Registry {
  allHoldings(): Holding[];
  allTombstones(): Holding[];
  allHints(): Hint[];
  allStates(): ReadonlyMap<EntityRef, EntityState>;
  allFacts(): { readonly entity: EntityRef; readonly fact: Fact }[];
  allPointers(): { readonly entity: EntityRef; readonly holding: HoldingRef }[];
  allParked(): { readonly hold: string; readonly holding: HoldingRef }[];
  allInFlight(): InFlight[];
  allQuarantined(): Quarantined[];
  /** Does what a table's time-to-live does: removes hints of hours before that of `instant`. Returns how many. */
  expireHints(instant: Instant): number;
  /** Everything as plain data: equal registries give equal snapshots. */
  snapshot(): Readonly<Record<string, unknown>>;
}

export interface MemoryRegistryOptions {
  /** Items on a page of pointers, parked and quarantined ones (default 100), of hints and of a scan (default 1,000). */
  readonly pageSize?: number;
}

/** Keeps every promise of the port in this process, for tests and simulations. Stores frozen objects. */
export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const shortPage = options.pageSize ?? 100;
  const longPage = options.pageSize ?? 1000;
  const facts = memoryPartitions<{ readonly entity: EntityRef; readonly fact: Fact }>();
  const states = new Map<EntityRef, EntityState>();
  const pointers = memoryPartitions<{ readonly entity: EntityRef; readonly holding: HoldingRef }>();
  const holdings = memoryRows<Holding>();
  const tombstones = memoryPartitions<Holding>();
  const hints = memoryPartitions<Hint>();
  const wideHolds = memoryRows<WideHold>();
  const parked = memoryPartitions<{ readonly hold: string; readonly holding: HoldingRef }>();
  const inFlight = memoryPartitions<InFlight>();
  const allowances = new Map<string, number>();
  const cursors = new Map<string, Cursor>();
  const policies = new Map<string, PolicyVersionRecord>();
  const quarantine = memoryRows<Quarantined>();
  let watermark: Instant | undefined;

  return {
    async putFact(entity, fact) {
      const history = facts.of(entity);
      const stored = history.get(fact.ref);
      if (stored !== undefined && stored.fact.bodyHash !== fact.bodyHash) return 'reused';
      const kept = stored === undefined ? fact : sentEarlier(stored.fact, fact);
      if (kept !== undefined) history.put(fact.ref, deepFreeze({ entity, fact: kept }));
      return stored === undefined ? 'new' : 'duplicate';
    },
    history: async (entity) =>
      facts
        .of(entity)
        .all()
        .map(({ fact }) => fact),
    states: async (entities) =>
      new Map(entities.map((entity) => [entity, states.get(entity) ?? ABSENT_STATE])),
    async putState(entity, state) {
      if ((states.get(entity) ?? ABSENT_STATE).version !== state.version) return 'moved';
      states.set(entity, deepFreeze({ ...state, version: state.version + 1 }));
      return 'written';
    },

    putPointer: async (entity, holding) => pointers.of(entity).put(holding, deepFreeze({ entity, holding })),
    async pointers(entity, after) {
      const page = pointers.at(entity).page(shortPage, after);
      return { ...page, items: page.items.map(({ holding }) => holding) };
    },

    holding: async (ref) => holdings.get(ref),
    async holdings(refs) {
      const found = refs.map((ref) => [ref, holdings.get(ref)] as const);
      return new Map(found.filter((pair): pair is readonly [HoldingRef, Holding] => pair[1] !== undefined));
    },
    async putHolding(next) {
      if ((holdings.get(next.ref)?.version ?? 0) !== next.version - 1) return 'moved';
      holdings.put(next.ref, deepFreeze(next));
      return 'written';
    },
    async putTombstone(tombstone) {
      const earlier = tombstones.of(tombstone.ref);
      const generation = String(tombstone.generation).padStart(9, '0');
      if (earlier.get(generation) === undefined) earlier.put(generation, deepFreeze(tombstone));
    },
    tombstones: async (ref) => tombstones.at(ref).all(),
    async scanHoldings(segment, segments, after) {
      const page = holdings.page(longPage, after);
      return { ...page, items: page.items.filter(({ ref }) => segmentOf(ref, segments) === segment) };
    },

    async putHint(hint) {
      const partition = hintPartition(hourOf(hint.minute), shardOf(hint.holding));
      hints.of(partition).put(`${minuteId(hint.minute)}#${hint.holding}`, deepFreeze(hint));
    },
    async hints(hour, shard, { minute, after } = {}) {
      const prefix = minute === undefined ? '' : `${minuteId(minute)}#`;
      return hints.at(hintPartition(hour, shard)).page(longPage, after, prefix);
    },
    async hasHint(minute, holding) {
      const partition = hints.at(hintPartition(hourOf(minute), shardOf(holding)));
      return partition.get(`${minuteId(minute)}#${holding}`) !== undefined;
    },
    watermark: async () => watermark,
    async moveWatermark(from, to) {
      if (watermark !== from || (from !== undefined && to < from)) return 'moved';
      watermark = to;
      return 'written';
    },

    wideHolds: async () => wideHolds.all().filter(({ state }) => state === 'placed'),
    wideHold: async (id) => wideHolds.get(id),
    async placeWideHold(hold) {
      const stored = wideHolds.get(hold.id);
      if (stored !== undefined) return isSameHold(stored, hold) ? 'written' : 'refused';
      wideHolds.put(hold.id, deepFreeze({ ...hold, state: 'placed' }));
      return 'written';
    },
    releaseWideHold: async (hold) => wideHolds.put(hold.id, deepFreeze({ ...hold, state: 'released' })),
    park: async (hold, holding) => parked.of(hold).put(holding, deepFreeze({ hold, holding })),
    async parked(hold, after) {
      const page = parked.at(hold).page(shortPage, after);
      return { ...page, items: page.items.map(({ holding }) => holding) };
    },
    unpark: async (hold, holding) => void parked.at(hold).delete(holding),

    putInFlight: async (chunk) => inFlight.of(chunk.lane).put(chunk.token, deepFreeze(chunk)),
    inFlight: async (lane) => inFlight.at(lane).all(),
    deleteInFlight: async (lane, token) => void inFlight.at(lane).delete(token),

    async takeAllowance(lane, hour, wanted, cap) {
      const taken = allowances.get(`${hourId(hour)}#${lane}`) ?? 0;
      allowances.set(`${hourId(hour)}#${lane}`, taken + wanted);
      return Math.max(0, Math.min(wanted, cap - taken));
    },

    putCursor: async (cursor) => void cursors.set(cursor.id, deepFreeze(cursor)),
    cursor: async (id) => cursors.get(id),
    deleteCursor: async (id) => void cursors.delete(id),

    async recordPolicies(record) {
      const stored = policies.get(record.digest);
      if (stored !== undefined) return { record: stored, isNew: false };
      policies.set(record.digest, deepFreeze(record));
      return { record, isNew: true };
    },

    putQuarantined: async (item) => quarantine.put(item.id, deepFreeze(item)),
    quarantined: async (after) => quarantine.page(shortPage, after),
    quarantinedItem: async (id) => quarantine.get(id),
    removeQuarantined: async (id) => (quarantine.delete(id) ? 'removed' : 'unknown'),

    allHoldings: () => holdings.all(),
    allTombstones: () => tombstones.all(),
    allHints: () => hints.all(),
    allStates: () => states,
    allFacts: () => facts.all(),
    allPointers: () => pointers.all(),
    allParked: () => parked.all(),
    allInFlight: () => inFlight.all(),
    allQuarantined: () => quarantine.all(),
    expireHints: (instant) => hints.dropBefore(hourId(instant)),
    snapshot: () => ({
      facts: facts.all(),
      states: sorted(states),
      pointers: pointers.all(),
      holdings: holdings.all(),
      tombstones: tombstones.all(),
      hints: hints.all(),
      wideHolds: wideHolds.all(),
      parked: parked.all(),
      inFlight: inFlight.all(),
      allowances: sorted(allowances),
      cursors: sorted(cursors),
      policies: sorted(policies),
      quarantine: quarantine.all(),
      watermark,
    }),
  };
}

function hintPartition(hour: Instant, shard: number): string {
  return `${hourId(hour)}#${String(shard).padStart(2, '0')}`;
}

function segmentOf(ref: HoldingRef, segments: number): number {
  return (ref.charCodeAt(0) * 31 + ref.charCodeAt(1)) % segments;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
