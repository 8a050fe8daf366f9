import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Store } from '../../../shared/ports/store.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import type { InFlight } from '../../../shared/protocol/hold.ts';
import { isOver } from '../../../shared/protocol/lane/begin.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { shardOf } from '../../../shared/domain/record/shard.ts';
import { chunksOf, sweepHints } from '../../../shared/protocol/sweep.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import type { Gate, Model, Move, ProcessPlan } from '../model/model.ts';
import { PRODUCER, STORE, world, type World } from './world.ts';

const SUCCESS = ['deleted', 'already-so', 'anonymised', 'restricted'];

export interface LaneOptions {
  /** Chunks that name the record: `a`, `ab` … */
  readonly chunks?: string;
  /** Which chunks each worker takes, and how often it may die. */
  readonly workers?: readonly { readonly on: string; readonly deaths: number }[];
  readonly deaths?: number;
  /** How often a lease may end under a living worker. */
  readonly stalls?: number;
  /** How often the store does not answer. */
  readonly silences?: number;
  /** Something in the registry that is wrong, for one worker. */
  readonly alter?: (registry: Registry, w: World) => Registry;
  /** A sweep runs, too, and time goes on to the next hint. */
  readonly sweeps?: boolean;
  readonly lag?: number;
  readonly others?: (w: World, lane: Lane) => readonly ProcessPlan[];
}

/** What the model's processes share besides the ports. */
export interface Lane {
  renewed: boolean;
  readonly sweeps: boolean;
  /** Messages that were acknowledged. */
  readonly acknowledged: Set<string>;
  /** Tokens that the answer of the hold named. */
  answered: readonly InFlight[] | undefined;
  violation: string | undefined;
  /** Time may go on to the next hint. */
  mayPass: () => boolean;
  /** Names of the tokens of attempts that are alive, by process. */
  readonly alive: Map<string, string[]>;
}

/** One record that is due, and workers on chunks that name it. The store cannot tell that a record was rewritten: the hard case. */
export async function laneModel(options: LaneOptions): Promise<Model> {
  const {
    chunks = 'ab',
    workers = [
      { on: 'a', deaths: 1 },
      { on: 'ab', deaths: 0 },
    ],
  } = options;
  const w = world({
    versions: false,
    start: '2026-03-01T10:00:00Z',
    policy: { writeLagSeconds: options.lag ?? 0 },
  });
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1'], { row: '1' });
  await w.register(await w.registration('n-1', [contract], { sent: 1 }));
  await w.happened(contract, w.fact('contract.ended', '2026-01-01'));
  await w.registry.putHeartbeat(Date.parse('2100-01-01T00:00:00Z'));
  w.clock.set(Date.parse('2026-03-01T12:00:00Z'));
  const all = new Map(chunks.split('').map((name) => [name, chunkOf(w, name)]));
  await w.registry.putChunks([...all.values()]);
  const lane: Lane = {
    renewed: false,
    sweeps: options.sweeps ?? false,
    acknowledged: new Set(),
    answered: undefined,
    violation: undefined,
    mayPass: () => true,
    alive: new Map(),
  };
  let silences = options.silences ?? 0;

  const mayBegin = (chunk: Chunk): boolean => {
    const stored = w.registry.allChunks().find(({ id }) => id === chunk.id);
    if (stored === undefined || (stored.notBefore ?? 0) > w.clock.now()) return false;
    const work = w.registry.allWorkRecords().find((one) => one.chunk.id === chunk.id);
    return work === undefined || isOver(w.core, work);
  };
  /** The first chunk of these names that is free; `*`: of all that there are. */
  const takeable = (on: string): Chunk | undefined => {
    if (on === '*') return w.registry.allChunks().find(mayBegin);
    return on
      .split('')
      .map((name) => chunkNamed(all, name))
      .find(mayBegin);
  };
  const processes: ProcessPlan[] = workers.map(({ on, deaths }, index) => ({
    name: `w${index + 1}`,
    deaths,
    repeats: true,
    died: () => void lane.alive.delete(`w${index + 1}`),
    after: () => takeable(on) !== undefined,
    async run(gate) {
      const chunk = takeable(on);
      if (chunk === undefined) return 'nothing';
      const names: string[] = [];
      lane.alive.set(`w${index + 1}`, names);
      const core = coreOf(w, gate, lane, {
        names,
        alter: index === 0 ? options.alter : undefined,
        silent: () => silences > 0,
        silence: () => {
          silences -= 1;
        },
      });
      const ended = await workOnChunk(core, chunk);
      lane.alive.delete(`w${index + 1}`);
      return ended;
    },
  }));
  if (lane.sweeps) processes.push(sweeper(w));
  const moves: Move[] = [
    {
      name: 'a lease ends under a worker',
      times: options.stalls ?? 0,
      may: () =>
        w.registry.allWorkRecords().some((work) => !isOver(w.core, work) && isAlive(lane, work.token)),
      make: () => w.clock.advance(LEASE_AND_MORE),
    },
    {
      name: 'the lease of an attempt that ended runs out',
      may: () => {
        const live = w.registry.allWorkRecords().filter((work) => !isOver(w.core, work));
        return live.length > 0 && live.every((work) => !isAlive(lane, work.token));
      },
      make: () => w.clock.advance(LEASE_AND_MORE),
    },
    {
      name: 'the next hint comes',
      may: () =>
        lane.alive.size === 0 &&
        lane.mayPass() &&
        lane.sweeps &&
        w.registry.allChunks().length === 0 &&
        nextHint(w) !== undefined &&
        nextHint(w)! + 60_000 > w.clock.now(),
      make: () => w.clock.set((nextHint(w) ?? 0) + 60_000),
    },
    {
      name: 'time passes',
      times: 12,
      may: () =>
        w.registry.allChunks().length > 0 &&
        w.registry.allChunks().every((chunk) => (chunk.notBefore ?? 0) > w.clock.now()),
      make: () => w.clock.set(Math.min(...w.registry.allChunks().map(({ notBefore = 0 }) => notBefore)) + 1),
    },
    {
      name: 'the hourly sweep removes a work record without a chunk',
      may: () => orphans(w).length > 0,
      make: () => {
        for (const work of orphans(w)) void w.registry.deleteWork(work);
      },
    },
  ];
  return {
    deaths: options.deaths ?? 1,
    processes: [...processes, ...(options.others?.(w, lane) ?? [])],
    moves,
    state: () => [
      w.registry.allHoldings(),
      w.registry.allChunks(),
      w.registry.allWorkRecords(),
      w.registry.allResults(),
      [...w.registry.allStates()],
      w.store.fields(['n-1']),
      w.registry.allParked(),
      w.clock.now(),
      silences,
      lane.renewed,
      lane.answered,
      [...lane.alive],
      [...lane.acknowledged],
      w.registry.allTombstones(),
      ...(lane.sweeps ? [w.registry.allHints(), cursorsOf(w)] : []),
    ],
    wrongNow: () => lane.violation,
    wrongAtEnd: () => wrongAtEnd(w, lane),
  };
}

const LEASE_AND_MORE = 11 * 60_000 + 60_001;

function isNamed(names: readonly string[], token: string): boolean {
  return names.some((name) => token.endsWith(`.${name}`));
}

function isAlive(lane: Lane, token: string): boolean {
  return [...lane.alive.values()].some((names) => isNamed(names, token));
}

function chunkNamed(all: ReadonlyMap<string, Chunk>, name: string): Chunk {
  const chunk = all.get(name);
  if (chunk === undefined) throw new TypeError(`no chunk ${name}`);
  return chunk;
}

export function chunkOf(w: World, name: string): Chunk {
  const minute: Instant = Date.parse('2026-02-01T00:00:00Z') + name.charCodeAt(0) * 60_000;
  const [chunk] = chunksOf({ tokens: { next: () => name } }, [
    { minute, holding: w.ref('n-1'), lane: STORE, producer: PRODUCER },
  ]);
  if (chunk === undefined) throw new TypeError('no chunk was made');
  return chunk;
}

function orphans(w: World) {
  const chunks = new Set(w.registry.allChunks().map(({ id }) => id));
  return w.registry.allWorkRecords().filter((work) => isOver(w.core, work) && !chunks.has(work.chunk.id));
}

interface Hands {
  readonly names: string[];
  readonly alter: LaneOptions['alter'] | undefined;
  readonly silent: () => boolean;
  readonly silence: () => void;
}

function coreOf(w: World, gate: Gate, lane: Lane, hands: Hands): LaneCore {
  const tokens = gate.tokens();
  const { names } = hands;
  const gated = gate<Registry>(w.registry, { open: (method) => OPEN.has(method) });
  const registry = hands.alter?.(gated, w) ?? gated;
  return {
    ...w.core,
    registry,
    clock: gate.clock(w.clock),
    tokens: {
      next() {
        const name = tokens.next();
        names.push(name);
        return name;
      },
    },
    store: watched(w, gate, lane, {
      ...hands,
      isOwn: (token) => names.some((name) => token.endsWith(`.${name}`)),
    }),
  };
}

/** Nothing that another process does can tell when these happened, or it plays no part here. */
export const OPEN: ReadonlySet<string> = new Set([
  'putHints',
  'putToBeSealed',
  'laneGuard',
  'writeLaneGuard',
  'unpark',
  'setAside',
  'history',
  'putTombstone',
  'recordHold',
]);

/** The store, with an eye on who deletes what when. */
function watched(
  w: World,
  gate: Gate,
  lane: Lane,
  { silent, silence, isOwn }: Hands & { readonly isOwn: (token: string) => boolean },
): Store {
  const store: Store = {
    ...w.store,
    async delete(batch) {
      const live = w.registry.allWorkRecords().filter(({ actedOn }) => actedOn.length > 0);
      if (live.some((work) => !isOver(w.core, work) && !isOwn(work.token)))
        lane.violation ??= 'two workers act on one record';
      if (lane.answered !== undefined && !lane.answered.some(({ token }) => isOwn(token)))
        lane.violation ??= 'acted on after an answered hold that did not name the attempt';
      return w.store.delete(batch);
    },
    async readBack(batch) {
      if (!silent()) return w.store.readBack(batch);
      silence();
      return batch.map(() => ({ state: 'unknown', code: 'STORE_TIMEOUT' }));
    },
  };
  return gate<Store>(store);
}

/** The earliest hint after its shard's cursor. */
function nextHint(w: World): Instant | undefined {
  const open = w.registry.allHints().filter((hint) => {
    const { after } = cursorsOf(w)[shardOf(hint.holding)] ?? {};
    return after === undefined || hint.minute > after.minute;
  });
  return open.length === 0 ? undefined : Math.min(...open.map(({ minute }) => minute));
}

function cursorsOf(w: World) {
  return w.registry.allCursors();
}

function sweeper(w: World): ProcessPlan {
  return {
    name: 'sweep',
    repeats: true,
    after: () => (nextHint(w) ?? Infinity) + 60_000 <= w.clock.now(),
    run: (gate) =>
      sweepHints({
        ...w.core,
        registry: gate<Registry>(w.registry),
        clock: gate.clock(w.clock),
        tokens: gate.tokens(),
      }),
  };
}

function wrongAtEnd(w: World, lane: Lane): string | undefined {
  const entries = w.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
  const holding = w.holding('n-1');
  if (holding === undefined) return 'the holding is lost';
  for (let generation = 1; generation <= holding.generation; generation += 1) {
    const done = entries.filter(
      (entry) => entry.generation === generation && SUCCESS.includes(entry.outcome),
    );
    if (done.length > 1)
      return `two results of one stage: ${done.map(({ outcome }) => outcome).join(' and ')}`;
    const one = [...w.registry.allTombstones(), holding].find((item) => item.generation === generation);
    const isDisposed = one?.state === 'disposed';
    if (isDisposed && done.length === 0) return 'a disposal without an entry';
    if (!isDisposed && done.length > 0) return 'an entry without its disposal';
  }
  const isFirstDeleted = w.store.effects.some(({ before }) => before['row'] === '1');
  const tellsIt = entries.some(
    ({ generation, outcome, interrupted }) =>
      generation === 1 && (SUCCESS.includes(outcome) || interrupted === true),
  );
  if (isFirstDeleted && !tellsIt) return 'the first row was deleted, and no entry tells it';
  if (w.registry.allChunks().length > 0) return 'a chunk is left for ever';
  if (w.registry.allWorkRecords().length > 0) return 'a work record is left for ever';
  const isOpen = holding.state === 'active' && holding.decision?.actAt !== undefined;
  const isHinted = w.registry.allHints().some(({ minute }) => minute > Date.parse('2026-03-01T12:00:00Z'));
  if (isOpen && !lane.renewed && holding.parked === undefined && !isHinted)
    return 'due, and nothing points at it';
  if (w.store.fields(['n-1']) === undefined && holding.state === 'active' && holding.generation === 1)
    return 'the record is gone, and the holding does not say so';
  return undefined;
}
