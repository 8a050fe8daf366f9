import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Finding } from './simulation-finding.ts';
import type { Outage } from './simulation-outage.ts';
import {
  type Book,
  eventsOf,
  type Registered,
  registeredAt,
  saidOf,
  settledOn,
  stageOf,
  WRITE_LAG,
} from './simulation-book.ts';
import { covers } from './simulation-early.ts';
import type { Settled } from './simulation-journal.ts';
import type { SentEvent } from './simulation-messages.ts';
import { nextOf, stagesOf } from './simulation-oracle.ts';
import { type Changes, rulebook } from './simulation-policies.ts';
import type { Simulation } from './simulation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The hourly sweep finds what a wake-up missed; a hint lies up to three minutes and a started one ahead. */
const SWEEP_HOUR = HOUR + 6 * MINUTE;
/** A bell is delayed by a quarter of an hour at most; the next hourly sweep rings what waits for longer. */
const BELL = 15 * MINUTE;

export interface Hindrances {
  readonly outages: readonly Outage[];
  readonly changes: Changes;
}

interface Timely {
  readonly late: readonly Finding[];
  readonly lost: readonly Finding[];
  readonly slowest: Instant;
}

export function timelyOnes(sim: Simulation, book: Book, hindrances: Hindrances): Timely {
  const [late, lost]: [Finding[], Finding[]] = [[], []];
  let slowest = 0;
  for (const ref of book.entered.keys()) {
    const place = book.places.get(ref) ?? '';
    for (const wait of waitsOf(sim, book, hindrances.changes, ref)) {
      const waited = wait.until - wait.since;
      const excused = excuse(sim, hindrances, ref, wait);
      if (excused === 0) slowest = Math.max(slowest, waited);
      if (waited <= SWEEP_HOUR + excused) continue;
      const what = `due since ${new Date(wait.since).toISOString()}, waited ${Math.round(waited / MINUTE)} min, excused ${Math.round(excused / MINUTE)}`;
      (wait.settled ? late : lost).push({ what, ref, place, at: wait.until });
    }
  }
  return { late, lost, slowest };
}

interface Wait {
  readonly since: Instant;
  readonly until: Instant;
  /** False: it is still waiting at the end of the run. */
  readonly settled: boolean;
  readonly registered: readonly Registered[];
}

/** When a holding became due, and until when it was so; what stopped being due did not wait. */
function waitsOf(sim: Simulation, book: Book, changes: Changes, ref: HoldingRef): Wait[] {
  const waits: Wait[] = [];
  const settled = book.settled.get(ref) ?? [];
  const end = sim.clock.now();
  const points = pointsOf(sim, book, changes, ref);
  let since: Instant | undefined;
  let registered: readonly Registered[] = [];
  for (const [index, point] of points.entries()) {
    const isSettled = settled.some(({ at }) => at === point);
    if (isSettled && since !== undefined) waits.push({ since, until: point, settled: true, registered });
    const until = Math.min(points[index + 1] ?? end, end);
    registered = registeredAt(book, ref, lastOrderAt(sim, book, ref, point));
    const dueAt = dueBetween(sim, book, changes, { ref, registered, at: point });
    const from = dueAt !== undefined && dueAt <= point && !isSettled ? (since ?? dueAt) : dueAt;
    since = from !== undefined && from < until ? from : undefined;
  }
  if (since !== undefined) waits.push({ since, until: end, settled: false, registered });
  return waits;
}

/** The order just after the last thing that happened to this holding at `at` or before. */
function lastOrderAt(_sim: Simulation, book: Book, ref: HoldingRef, at: Instant): number {
  const marks = [...(book.entered.get(ref) ?? []), ...(book.settled.get(ref) ?? [])];
  return 1 + Math.max(0, ...marks.filter((mark) => mark.at <= at).map(({ order }) => order));
}

function pointsOf(sim: Simulation, book: Book, changes: Changes, ref: HoldingRef): readonly Instant[] {
  const entered = book.entered.get(ref) ?? [];
  const registrations = entered.flatMap((one) =>
    one.said.kind === 'registration' ? [{ ...one, said: one.said }] : [],
  );
  const sent = [...entered.map(({ id }) => id), ...eventsOf(book, registrations).map(({ id }) => id)];
  const marks = sent.flatMap((id) => {
    const { put, acknowledged } = sim.journal.progress.get(id) ?? {};
    return [put, acknowledged].flatMap((mark) => mark?.at ?? []);
  });
  const first = entered[0]?.at ?? 0;
  const lags = entered.map(({ received }) => received + WRITE_LAG);
  const all = [
    ...entered.map(({ at }) => at),
    ...(book.settled.get(ref) ?? []).map(({ at }) => at),
    ...changes,
    ...lags,
    ...marks,
  ].filter((at) => at <= sim.clock.now());
  return [...new Set(all.map((at) => Math.max(at, first)))].toSorted((a, b) => a - b);
}

/** Since when it is due, by what was acknowledged at `at` and also by what was merely durable then. */
function dueBetween(
  sim: Simulation,
  book: Book,
  changes: Changes,
  { ref, registered, at }: { ref: HoldingRef; registered: readonly Registered[]; at: Instant },
): Instant | undefined {
  if (registered.length === 0) return undefined;
  const progress = (id: string) => sim.journal.progress.get(id);
  if (registered.some(({ id }) => (progress(id)?.acknowledged?.at ?? Infinity) > at)) return undefined;
  const written = Math.max(...registered.map(({ received }) => received + WRITE_LAG));
  if (written > at) return undefined;
  const settled = settledOn(book, ref, registered, lastOrderAt(sim, book, ref, at));
  const events = eventsOf(book, registered);
  const dues = (['acknowledged', 'put'] as const).map((mark) => {
    const facts = events.filter(({ id }) => (progress(id)?.[mark]?.at ?? Infinity) <= at);
    const done = settled
      .filter((one) => isStillDone(sim, changes, one, { registered, facts, at }))
      .map(stageOf);
    return nextOf(stagesOf(rulebook(changes, at), saidOf(registered), facts, done));
  });
  const [surely, maybe] = dues;
  if (surely === undefined || maybe === undefined) return undefined;
  return Math.max(surely.actAt, maybe.actAt, at);
}

/**
 * Facts that moved its window since make a stage due again; edits of a policy do not. Certain only where they moved the
 * window of every producer: of several that registered one record, one decides.
 */
function isStillDone(
  sim: Simulation,
  changes: Changes,
  done: Settled,
  { registered, facts, at }: { registered: readonly Registered[]; facts: readonly SentEvent[]; at: Instant },
): boolean {
  const stage = stageOf(done);
  const period = (instant: Instant): number => changes.filter((from) => from <= instant).length;
  if (period(done.begun.at) !== period(at)) return true;
  const then = facts.filter(
    ({ id }) => (sim.journal.progress.get(id)?.put?.order ?? Infinity) < done.begun.order,
  );
  const book = rulebook(changes, at);
  const fromOf = (own: readonly Registered[], known: readonly SentEvent[]): Instant | undefined =>
    stagesOf(book, saidOf(own), known, []).get(stage)?.from;
  const byProducer = [...Map.groupBy(registered, ({ said }) => said.producer).values()];
  return byProducer.some((own) => fromOf(own, then) === fromOf(own, facts));
}

/**
 * A store that was down is tried again after its back-off, a worker that died keeps its chunk for a lease, and what a
 * queue lost is rung again by the next hourly sweep.
 */
function excuse(
  sim: Simulation,
  { outages, changes }: Hindrances,
  ref: HoldingRef,
  { since, until, registered }: Wait,
): Instant {
  const { lease, functionTimeout } = sim.configuration.timing;
  const stood = outages
    .filter(
      ({ scope, from, to, after }) =>
        from <= until && to + after >= since && covers(scope, registered, changes, since),
    )
    .map(({ from, to, after }) => Math.max(0, to - Math.max(since, from)) + after);
  const meanwhile = sim.setbacks.filter(({ at }) => at >= since - HOUR && at <= until);
  const setbacks = meanwhile.map(({ kind, holdings }) => {
    if (holdings === undefined) return kind === 'lost' ? 0 : functionTimeout * 1000;
    if (!holdings.includes(ref)) return 0;
    return kind === 'lost' ? HOUR : 2 * lease * 1000 + HOUR + BELL;
  });
  const rePlan = changes.some((change) => change <= until && change >= since - HOUR) ? 2 * HOUR : 0;
  const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);
  return sum(stood) + sum(setbacks) + rePlan;
}
