/*
 * Which facts count, by the sentences of `docs/api.md`, one function a sentence. It looks at all facts again and again
 * and shares nothing with the code under test.
 */

export interface ToldFact {
  readonly id: string;
  readonly kind: 'event' | 'correction' | 'retraction';
  readonly sent: number;
  /** Id of what a correction or retraction is about. */
  readonly about?: string;
}

/** What is said of each event in the end, and when the event was sent. */
export interface Counts<Told> {
  readonly told: Told;
  readonly sent: number;
}

export function factsThatCount<Told extends ToldFact>(facts: readonly Told[]): Counts<Told>[] {
  const takenBack = idsTakenBack(facts);
  const events = facts.filter(({ kind }) => kind === 'event');
  const corrections = facts.filter(({ kind }) => kind === 'correction');
  return events.flatMap((event) => {
    // Retracting an event takes back all that was said of it.
    if (takenBack.has(event.id)) return [];
    // Of several corrections of one event the last sent stands.
    const its = corrections.filter((fact) => leadsTo(event, fact, facts, takenBack));
    const told = its.toSorted((a, b) => inOrder(a, b, facts)).at(-1) ?? event;
    // A correction keeps the time at which the event was sent.
    return [{ told, sent: event.sent }];
  });
}

/** Corrections and retractions that count for nothing: they lead to no event, and were not taken back. */
export function danglingOf<Told extends ToldFact>(facts: readonly Told[]): Told[] {
  const takenBack = idsTakenBack(facts);
  const inCircle = circles(facts);
  const isThere = (id: string | undefined): boolean => facts.some((fact) => fact.id === id);
  return facts.filter((fact) => {
    if (fact.kind === 'event' || takenBack.has(fact.id)) return false;
    if (fact.kind === 'retraction') return !isThere(fact.about) || !takenBack.has(fact.about ?? '');
    // What goes round in a circle is taken back by itself alone.
    const line = lineOf(fact, facts);
    const circle = line.findIndex(({ id }) => inCircle.has(id));
    const own = circle < 0 ? line : line.slice(0, circle + 1);
    return line.at(-1)?.kind !== 'event' && !own.some(({ id }) => takenBack.has(id));
  });
}

/** Whether it is a correction of the event, or of a correction of it, of which nothing on the way was taken back. */
function leadsTo(
  event: ToldFact,
  correction: ToldFact,
  facts: readonly ToldFact[],
  takenBack: ReadonlySet<string>,
): boolean {
  const line = lineOf(correction, facts);
  return line.at(-1) === event && !line.some(({ id }) => takenBack.has(id));
}

/** The correction, what it corrects, and so on to the event; it ends early where something is missing. */
function lineOf(fact: ToldFact, facts: readonly ToldFact[]): readonly ToldFact[] {
  const line = [fact];
  for (;;) {
    const last = line.at(-1);
    const next = last?.kind === 'correction' ? facts.find(({ id }) => id === last.about) : undefined;
    if (next === undefined || next.kind === 'retraction' || line.includes(next)) return line;
    line.push(next);
  }
}

function circles(facts: readonly ToldFact[]): ReadonlySet<string> {
  const goesRound = (fact: ToldFact): boolean => {
    let current: ToldFact | undefined = fact;
    for (let step = 0; step <= facts.length && current?.kind === 'correction'; step += 1) {
      const { about }: ToldFact = current;
      current = facts.find(({ id }) => id === about);
      if (current === fact) return true;
    }
    return false;
  };
  return new Set(facts.filter(goesRound).map(({ id }) => id));
}

/** By the time of sending, but never before what is corrected; then the correction of a correction; then by id. */
function inOrder(a: ToldFact, b: ToldFact, facts: readonly ToldFact[]): number {
  const [lineA, lineB] = [lineOf(a, facts), lineOf(b, facts)];
  const sentOf = (line: readonly ToldFact[]): number => Math.max(...line.map(({ sent }) => sent));
  return sentOf(lineA) - sentOf(lineB) || lineA.length - lineB.length || (a.id < b.id ? -1 : 1);
}

/**
 * A retraction takes back what it names, unless it is taken back itself. Decided again and again, until nothing is left
 * to decide: what is named only by decided retractions. Who retracts in a circle takes nothing back.
 */
function idsTakenBack(facts: readonly ToldFact[]): ReadonlySet<string> {
  const retractions = facts.filter(({ kind }) => kind === 'retraction');
  const holds = new Map<string, boolean>();
  for (let round = 0; round <= retractions.length; round += 1) {
    for (const { id } of retractions) {
      const against = retractions.filter(({ about }) => about === id).map((other) => holds.get(other.id));
      if (against.includes(true)) holds.set(id, false);
      else if (against.every((held) => held === false)) holds.set(id, true);
    }
  }
  const effective = retractions.filter(({ id }) => holds.get(id) === true);
  return new Set(effective.flatMap(({ about }) => about ?? []));
}
