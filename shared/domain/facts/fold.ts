import type { EntityState, Fact, FoldProfile, Occurrence, TypeProfile } from './facts.ts';
import { present } from '../present.ts';
import type { EventRef, Instant, Occurred } from '../record/ids.ts';

/** Occurrences of one type that a state keeps; a type with more is read from the history. */
const KEPT_PER_TYPE = 32;

const HOUR = 3_600_000;

export function emptyState(profile: FoldProfile): EntityState {
  return { version: 0, profile: profile.digest, occurrences: {}, killed: [], holds: [] };
}

/**
 * Folds one fact into a state. The fold commutes and is idempotent, so facts may arrive in any order, and more than
 * once. Returns `history` when the state alone is not enough: the caller then reads the history and uses `refold`.
 */
export function fold(state: EntityState, fact: Fact, profile: FoldProfile): EntityState | 'history' {
  if (state.profile !== profile.digest) return 'history';
  if (fact.kind !== 'event' || state.killed.includes(fact.ref)) return 'history';
  const type = profile.types[fact.type];
  if (type === undefined || state.truncated?.includes(fact.type)) return state;
  const known = state.occurrences[fact.type] ?? [];
  if (known.some((occurrence) => occurrence.ref === fact.ref)) return state;
  return compacted(
    state,
    { ...state.occurrences, [fact.type]: [...known, occurrenceOf(fact, fact.sent)] },
    profile,
  );
}

/** Folds a whole history. `keep: 'everything'` gives what a plan reads for a truncated type; it is not for storing. */
export function refold(
  state: EntityState,
  history: readonly Fact[],
  profile: FoldProfile,
  keep: 'compact' | 'everything' = 'compact',
): EntityState {
  const { living, killed } = judge(history);
  const occurrences: Record<string, Occurrence[]> = {};
  for (const fact of living) {
    if (fact.kind === 'retraction' || profile.types[fact.type] === undefined) continue;
    (occurrences[fact.type] ??= []).push(occurrenceOf(fact, sentOfOriginal(fact, history)));
  }
  const next: EntityState = {
    version: state.version,
    profile: profile.digest,
    occurrences,
    killed,
    holds: state.holds,
  };
  return keep === 'everything' ? next : compacted(next, occurrences, profile);
}

/**
 * Which facts live, and which references are killed. A retracted correction kills nothing; what a corrected correction
 * killed stays dead, because the newer one replaces it. Of several corrections of one event, the one that was sent last
 * counts, whichever of the others it names.
 */
export function judge(history: readonly Fact[]): {
  readonly living: readonly Fact[];
  readonly killed: readonly EventRef[];
} {
  const killers = new Map<EventRef, Fact[]>();
  const kill = (ref: EventRef, killer: Fact): void => {
    killers.set(ref, [...(killers.get(ref) ?? []), killer]);
  };
  for (const fact of history) if (fact.kills !== undefined) kill(fact.kills, fact);
  for (const [earlier, later] of rivals(history)) if (later.kills !== earlier.ref) kill(earlier.ref, later);
  const killersOf = (fact: Fact, asked: readonly EventRef[]): Fact[] =>
    (killers.get(fact.ref) ?? []).filter(({ ref }) => !asked.includes(ref));
  const lives = (fact: Fact, asked: readonly EventRef[]): boolean =>
    !killersOf(fact, asked).some((killer) => kills(killer, [...asked, killer.ref]));
  const kills = (killer: Fact, asked: readonly EventRef[]): boolean =>
    lives(killer, asked) ||
    killersOf(killer, asked).some(
      (other) => other.kind === 'correction' && kills(other, [...asked, other.ref]),
    );
  const killed = history.flatMap((fact) =>
    fact.kills !== undefined && kills(fact, [fact.ref]) ? [fact.kills] : [],
  );
  return {
    living: history.filter((fact) => lives(fact, [fact.ref])),
    killed: [...new Set(killed)].toSorted(),
  };
}

/** Corrections of the same event, each with the one that follows it. */
function* rivals(history: readonly Fact[]): Generator<readonly [Fact, Fact]> {
  const byRef = new Map(history.map((fact) => [fact.ref, fact]));
  const byRoot = new Map<
    EventRef,
    { readonly fact: Fact; readonly sent: Instant; readonly depth: number }[]
  >();
  for (const fact of history) {
    if (fact.kind !== 'correction') continue;
    const chain = chainOf(fact, byRef);
    const root = chain.at(-1)?.kills;
    if (root === undefined) continue;
    // Never earlier than what it corrects, whatever its sender's clock says.
    const placed = { fact, sent: Math.max(...chain.map(({ sent }) => sent)), depth: chain.length };
    byRoot.set(root, [...(byRoot.get(root) ?? []), placed]);
  }
  for (const same of byRoot.values()) {
    const order = same.toSorted(
      (a, b) => a.sent - b.sent || a.depth - b.depth || (a.fact.ref < b.fact.ref ? -1 : 1),
    );
    for (const [index, later] of order.slice(1).entries()) {
      const earlier = order[index];
      if (earlier !== undefined) yield [earlier.fact, later.fact];
    }
  }
}

/** The correction, the correction that it corrects, and so on, as far as they are known. */
function chainOf(fact: Fact, byRef: ReadonlyMap<EventRef, Fact>): readonly Fact[] {
  const chain: Fact[] = [];
  let current: Fact | undefined = fact;
  while (current?.kind === 'correction' && !chain.includes(current)) {
    chain.push(current);
    current = current.kills === undefined ? undefined : byRef.get(current.kills);
  }
  return chain;
}

/** A correction keeps the `sent` of what it corrects, so that an undo sent in between still undoes it. */
function sentOfOriginal(fact: Fact, history: readonly Fact[]): Instant {
  let sent = fact.sent;
  const asked = new Set<EventRef>();
  let current: Fact | undefined = fact;
  while (current?.kind === 'correction' && current.kills !== undefined && !asked.has(current.ref)) {
    asked.add(current.ref);
    const { kills }: Fact = current;
    current = history.find((earlier) => earlier.ref === kills);
    if (current !== undefined) sent = current.sent;
  }
  return sent;
}

function occurrenceOf(fact: Fact, sent: Instant): Occurrence {
  if (fact.occurred === undefined) throw new TypeError(`a fact of kind ${fact.kind} has no date to fold`);
  return {
    ref: fact.ref,
    occurred: fact.occurred,
    sent,
    ...present({ attributes: fact.attributes }),
  };
}

function compacted(
  state: EntityState,
  occurrences: Readonly<Record<string, readonly Occurrence[]>>,
  profile: FoldProfile,
): EntityState {
  const kept: Record<string, readonly Occurrence[]> = {};
  const truncated = new Set(state.truncated ?? []);
  for (const [name, list] of Object.entries(occurrences)) {
    const type = profile.types[name];
    if (type === undefined) continue;
    const undos = type.undoneBy.flatMap((undo) => occurrences[undo] ?? []);
    const needed = neededOf(list, undos, type).toSorted(byDateThenRef);
    if (needed.length > KEPT_PER_TYPE) truncated.add(name);
    if (!truncated.has(name)) kept[name] = needed;
  }
  const { truncated: _, ...rest } = state;
  return {
    ...rest,
    occurrences: kept,
    ...(truncated.size > 0 ? { truncated: [...truncated].toSorted() } : {}),
  };
}

/**
 * Drops only what no rule can need in any zone: what is surely undone, and what is neither first nor last whatever
 * undo may still come. `late` is later than `x` and outlives every undo that `x` outlives: `x` is never the last.
 */
function neededOf(
  list: readonly Occurrence[],
  undos: readonly Occurrence[],
  type: TypeProfile,
): readonly Occurrence[] {
  const living = list.filter((x) => !undos.some((undo) => earliest(undo.occurred) >= latestSince(x)));
  if (type.keepAll) return living;
  const outlives = (y: Occurrence, x: Occurrence): boolean =>
    type.undoneBy.length === 0 || toldAt(y) >= latestSince(x);
  const same = (y: Occurrence, x: Occurrence): boolean =>
    y.occurred === x.occurred && y.attributes === undefined && x.attributes === undefined && y.ref < x.ref;
  const neverLast = (x: Occurrence): boolean =>
    living.some((y) => (earliest(y.occurred) > latest(x.occurred) || same(y, x)) && outlives(y, x));
  const neverFirst = (x: Occurrence): boolean =>
    living.some((y) => (latest(y.occurred) < earliest(x.occurred) || same(y, x)) && outlives(y, x));
  return living.filter((x) => !(neverLast(x) && neverFirst(x)));
}

function byDateThenRef(a: Occurrence, b: Occurrence): number {
  return earliest(a.occurred) - earliest(b.occurred) || (a.ref < b.ref ? -1 : 1);
}

/*
 * A date without a time is a day in a zone that the fold does not know: bounds over all zones, UTC+14 to UTC-12. They
 * decide only what may be dropped; which of two comes first is decided by the plan, in the zone.
 */
function earliest(occurred: Occurred): Instant {
  return isDate(occurred) ? Date.parse(occurred) - 14 * HOUR : Date.parse(occurred);
}
function latest(occurred: Occurred): Instant {
  return isDate(occurred) ? Date.parse(occurred) + 36 * HOUR : Date.parse(occurred);
}
/** When it happened or was announced, whichever was earlier; of a day, its earliest beginning in any zone. */
export function toldAt(x: Pick<Occurrence, 'occurred' | 'sent'>): Instant {
  return Math.min(earliest(x.occurred), x.sent);
}
function latestSince(x: Occurrence): Instant {
  return Math.min(isDate(x.occurred) ? Date.parse(x.occurred) + 12 * HOUR : Date.parse(x.occurred), x.sent);
}
function isDate(occurred: Occurred): boolean {
  return occurred.length === 10;
}
