import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Simulation } from './simulation.ts';
import type { Claimed, Mark } from './simulation-journal.ts';
import { type Action, nextOf, stagesOf } from './simulation-oracle.ts';
import type { SentMessage, SentEvent, SentRegistration } from './simulation-messages.ts';
import { placeOf, type Script } from './simulation-producers.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** An application may take that long to write what it registered: until then `gone` means nothing. */
const WRITE_LAG = HOUR;
/** The hourly sweep finds what a wake-up missed; a hint lies up to three minutes and a started one ahead. */
const SWEEP_HOUR = HOUR + 6 * MINUTE;
/** More facts than that are never on their way at the same time as a worker. */
const MOST_UNDECIDED = 8;

/** A time in which a store is not to be had, or its lane is paused; `after`: how much longer that may hold things up. */
export interface Outage {
  readonly store: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly after: Instant;
}

export interface Finding {
  readonly what: string;
  readonly ref: HoldingRef;
  readonly place: string;
  readonly at: Instant;
}

export interface Audit {
  readonly early: readonly Finding[];
  readonly late: readonly Finding[];
  readonly lost: readonly Finding[];
  readonly disposals: number;
  /** How long after it was due the latest disposal came that no outage and no death held up. */
  readonly slowest: Instant;
}

/** Judges a whole run by what was said and when it became durable, with nothing of the code under test. */
export async function audit(sim: Simulation, script: Script, outages: readonly Outage[]): Promise<Audit> {
  const key = await sim.keys.registryKey();
  const places = new Map<HoldingRef, string>();
  for (const said of script.messages.values()) {
    if (!('place' in said)) continue;
    const [store = '', ...locator] = said.place.split('|');
    places.set(holdingRef(key, store, locator.join('|')), said.place);
  }
  const refs = new Map([...places].map(([ref, place]) => [place, ref]));
  const book = bookOf(sim, script);
  const early = earlyOnes(sim, book, refs);
  const timely = timelyOnes(sim, book, places, outages);
  const disposals = [...sim.effects.values()].reduce((sum, marks) => sum + marks.length, 0);
  return { early, disposals, ...timely };
}

/** What is known of each holding and entity, in the order in which it became so. */
interface Book {
  readonly registrations: ReadonlyMap<HoldingRef, readonly Entered[]>;
  readonly events: ReadonlyMap<string, readonly SentEvent[]>;
}
interface Entered extends Mark {
  readonly generation: number;
  readonly said: SentMessage;
}

function bookOf({ journal }: Simulation, { messages }: Script): Book {
  const registrations = new Map<HoldingRef, Entered[]>();
  for (const { id, ref, generation, order, at } of journal.applied) {
    const message = messages.get(id);
    if (message === undefined) throw new Error(`no message was sent as ${id}`);
    const list = registrations.get(ref) ?? [];
    list.push({ order, at, generation, said: message });
    registrations.set(ref, list);
  }
  const events = new Map<string, SentEvent[]>();
  for (const message of messages.values()) {
    if (!('entity' in message)) continue;
    const list = events.get(message.entity) ?? [];
    list.push(message);
    events.set(message.entity, list);
  }
  return { registrations, events };
}

/** What is registered in this generation just before this place in the order. */
function registeredAt(book: Book, ref: HoldingRef, generation: number, order: number): SentRegistration[] {
  let registered: SentRegistration[] = [];
  for (const entered of book.registrations.get(ref) ?? []) {
    if (entered.generation !== generation || entered.order >= order) continue;
    const { said } = entered;
    if (said.kind === 'registration') registered.push(said);
    if (said.kind === 'withdrawal')
      registered = registered.filter(({ producer }) => producer !== said.producer);
  }
  return registered;
}

function eventsOf(book: Book, registrations: readonly SentRegistration[]): SentEvent[] {
  const entities = new Set(registrations.flatMap((registration) => registration.entities));
  return [...entities].flatMap((entity) => book.events.get(entity) ?? []);
}

function doneBefore({ journal }: Simulation, ref: HoldingRef, generation: number, order: number): Action[] {
  const settled = (journal.settled.get(ref) ?? []).filter(
    (one) => one.generation === generation && one.order < order,
  );
  return settled.map(({ stage }) => stage as Action);
}

/** Every effect on a store has to be allowed by what the worker had to know, or could have learned on the way. */
function earlyOnes(sim: Simulation, book: Book, refs: ReadonlyMap<string, HoldingRef>): Finding[] {
  const early: Finding[] = [];
  for (const [store, marks] of sim.effects) {
    for (const [index, mark] of marks.entries()) {
      const effect = sim.store(store).effects[index];
      if (effect === undefined) throw new Error(`effect ${index} of ${store} is missing`);
      const place = placeOf({ store, locator: effect.locator });
      const ref = refs.get(place) ?? ('' as HoldingRef);
      const claim = (sim.journal.claims.get(ref) ?? []).findLast(({ order }) => order < mark.order);
      const wrong =
        claim === undefined
          ? 'was never claimed'
          : whyEarly(sim, book, { ref, claim, mark, call: effect.call });
      if (wrong !== undefined) early.push({ what: `${effect.call}: ${wrong}`, ref, place, at: mark.at });
    }
  }
  return early;
}

function whyEarly(
  sim: Simulation,
  book: Book,
  {
    ref,
    claim,
    mark,
    call,
  }: { readonly ref: HoldingRef; readonly claim: Claimed; readonly mark: Mark; readonly call: Action },
): string | undefined {
  const registrations = registeredAt(book, ref, claim.generation, claim.order);
  if (registrations.length === 0) return 'nothing was registered';
  const done = doneBefore(sim, ref, claim.generation, mark.order);
  const events = eventsOf(book, registrations);
  const progress = (event: SentEvent) => sim.journal.progress.get(event.id);
  const must = events.filter((event) => (progress(event)?.folded?.order ?? Infinity) < claim.order);
  const may = events.filter(
    (event) => !must.includes(event) && (progress(event)?.put?.order ?? Infinity) < mark.order,
  );
  if (may.length > MOST_UNDECIDED) throw new Error(`${may.length} facts are on their way at once`);
  let from: Instant | undefined;
  for (let chosen = 0; chosen < 2 ** may.length; chosen += 1) {
    const facts = [...must, ...may.filter((_, bit) => (chosen >> bit) % 2 === 1)];
    from = stagesOf(registrations, facts, done).get(call)?.from;
    if (from !== undefined && from <= mark.at) return undefined;
  }
  return from === undefined ? 'not allowed at all' : `allowed from ${new Date(from).toISOString()}`;
}

function timelyOnes(
  sim: Simulation,
  book: Book,
  places: ReadonlyMap<HoldingRef, string>,
  outages: readonly Outage[],
): Pick<Audit, 'late' | 'lost' | 'slowest'> {
  const [late, lost]: [Finding[], Finding[]] = [[], []];
  let slowest = 0;
  for (const [ref, entered] of book.registrations) {
    const place = places.get(ref) ?? '';
    for (const generation of new Set(entered.map((one) => one.generation))) {
      const born = entered.find((one) => one.generation === generation)?.at ?? 0;
      for (const wait of waitsOf(sim, book, ref, generation)) {
        const since = Math.max(wait.since, Math.min(wait.until, born + WRITE_LAG));
        const waited = wait.until - since;
        const excused = excuse(sim, outages, { ref, place, since: wait.since, until: wait.until });
        if (excused === 0) slowest = Math.max(slowest, waited);
        if (waited <= SWEEP_HOUR + excused) continue;
        const what = `due since ${new Date(wait.since).toISOString()}, waited ${Math.round(waited / MINUTE)} min`;
        (wait.settled ? late : lost).push({ what, ref, place, at: wait.until });
      }
    }
  }
  return { late, lost, slowest };
}

interface Wait {
  readonly since: Instant;
  readonly until: Instant;
  /** False: it is still waiting at the end of the run. */
  readonly settled: boolean;
}

/** When a generation became due, and until when it was so; what stopped being due is no wait. */
function waitsOf(sim: Simulation, book: Book, ref: HoldingRef, generation: number): Wait[] {
  const waits: Wait[] = [];
  const settled = (sim.journal.settled.get(ref) ?? []).filter((one) => one.generation === generation);
  const changes = changesOf(sim, book, ref, generation).concat(settled);
  const points = [...new Set(changes.map(({ at }) => at))].toSorted((a, b) => a - b);
  const over = nextGenerationAt(book, ref, generation) ?? sim.clock.now();
  let since: Instant | undefined;
  for (const [index, point] of points.entries()) {
    const isSettled = settled.some(({ at }) => at === point);
    if (isSettled && since !== undefined) waits.push({ since, until: point, settled: true });
    const until = Math.min(points[index + 1] ?? over, over);
    const dueAt = dueBetween(sim, book, {
      ref,
      generation,
      at: point,
      carried: isSettled ? undefined : since,
    });
    since = dueAt !== undefined && dueAt < until ? dueAt : undefined;
  }
  if (since !== undefined && over === sim.clock.now()) waits.push({ since, until: over, settled: false });
  return waits;
}

/** Since when it is due, by what was acknowledged at `at` and also by what was merely durable then. */
function dueBetween(
  sim: Simulation,
  book: Book,
  {
    ref,
    generation,
    at,
    carried,
  }: { ref: HoldingRef; generation: number; at: Instant; carried: Instant | undefined },
): Instant | undefined {
  const done = (sim.journal.settled.get(ref) ?? []).filter(
    (one) => one.generation === generation && one.at <= at,
  );
  const lastOrder = Infinity;
  const entered = (book.registrations.get(ref) ?? []).filter((one) => one.at <= at);
  const registrations = registeredAt(
    { ...book, registrations: new Map([[ref, entered]]) },
    ref,
    generation,
    lastOrder,
  );
  if (registrations.length === 0) return undefined;
  const acknowledged = registrations.every(
    ({ id }) => (sim.journal.progress.get(id)?.acknowledged?.at ?? Infinity) <= at,
  );
  if (!acknowledged) return undefined;
  const stages = done.map(({ stage }) => stage as Action);
  const events = eventsOf(book, registrations);
  const known = (mark: 'put' | 'acknowledged') =>
    events.filter((event) => (sim.journal.progress.get(event.id)?.[mark]?.at ?? Infinity) <= at);
  const [surely, maybe] = [known('acknowledged'), known('put')].map((facts) =>
    nextOf(stagesOf(registrations, facts, stages)),
  );
  if (surely === undefined || maybe === undefined) return undefined;
  const actAt = Math.max(surely.actAt, maybe.actAt);
  return actAt <= at ? (carried ?? at) : actAt;
}

function changesOf(sim: Simulation, book: Book, ref: HoldingRef, generation: number): { at: Instant }[] {
  const entered = (book.registrations.get(ref) ?? []).filter((one) => one.generation === generation);
  const registrations = entered.flatMap(({ said }) => (said.kind === 'registration' ? [said] : []));
  const sent = [...entered.map(({ said }) => said), ...eventsOf(book, registrations)];
  const marks = sent.flatMap(({ id }) => {
    const { put, acknowledged } = sim.journal.progress.get(id) ?? {};
    return [put, acknowledged].filter((mark) => mark !== undefined);
  });
  const first = entered[0]?.at ?? 0;
  return [...entered, ...marks].map(({ at }) => ({ at: Math.max(at, first) }));
}

function nextGenerationAt(book: Book, ref: HoldingRef, generation: number): Instant | undefined {
  return (book.registrations.get(ref) ?? []).find((one) => one.generation > generation)?.at;
}

/**
 * A store that was down is tried again after its back-off, a worker that died keeps its claim for a lease, and what a
 * queue lost is sent again by the next hourly sweep.
 */
function excuse(
  sim: Simulation,
  outages: readonly Outage[],
  { ref, place, since, until }: { ref: HoldingRef; place: string; since: Instant; until: Instant },
): Instant {
  const { lease, functionTimeout } = sim.configuration.timing;
  const down = outages
    .filter(({ store, from, to }) => place.startsWith(`${store}|`) && from <= until && to >= since)
    .map(({ to, after }) => Math.max(0, to - since) + after);
  const meanwhile = sim.setbacks.filter(({ at }) => at >= since - HOUR && at <= until);
  const setbacks = meanwhile.map(({ kind, holdings }) => {
    if (holdings === undefined) return kind === 'death' ? functionTimeout * 1000 : 0;
    if (!holdings.includes(ref)) return 0;
    return kind === 'death' ? 2 * lease * 1000 + HOUR : HOUR;
  });
  return Math.max(0, ...down) + setbacks.reduce((sum, each) => sum + each, 0);
}
