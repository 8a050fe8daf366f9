import type { Dangling, Fact } from './facts.ts';
import { present } from '../present.ts';
import type { EventRef, Instant } from '../record/ids.ts';

/** Which facts of a history count, whatever the order in which they arrived. */
export interface Standing {
  /** Every event that counts, as the correction that stands tells it. */
  readonly counting: readonly Counting[];
  /** Facts that do not count, each with the correction or retraction that is the reason. */
  readonly replaced: readonly Replaced[];
  /** Corrections and retractions that count for nothing yet. The one that was received first comes first. */
  readonly dangling: readonly Dangling[];
}

export interface Counting {
  readonly fact: Fact;
  /** When the event itself was sent, so that an undo sent between it and its correction still undoes it. */
  readonly sent: Instant;
}

export interface Replaced {
  readonly fact: Fact;
  readonly by: Fact;
}

/**
 * - A correction belongs to the event that it names. If it names a correction, it belongs to the event of that one.
 * - Of all corrections of one event, the one that was sent last counts.
 * - A retraction takes back what it names, and every correction of that. A retracted event never happened, whatever
 *   corrected it. When a correction is retracted, what it corrected counts again.
 * - A retraction that is retracted takes nothing back.
 * - A correction that leads to no event counts for nothing: it names an id that is not there, or a retraction, or
 *   corrections that correct each other in a circle.
 *
 * Linear in the history.
 */
export function standingOf(history: readonly Fact[]): Standing {
  const byRef = new Map(history.map((fact) => [fact.ref, fact]));
  const { takenBack, undecided } = retractionsOf(history, byRef);
  const lines = linesOf(history, byRef, takenBack);
  const last = lastCorrections(history, lines);

  const counting: Counting[] = [];
  const replaced: Replaced[] = [];
  const dangling: Dangling[] = [];
  for (const fact of history) {
    const line = lines.get(fact.ref);
    const root = line?.root;
    const stands = root && (last.get(root.ref)?.fact ?? root);
    const by = line?.by ?? takenBack.get(fact.ref) ?? (stands === fact ? undefined : stands);
    if (by !== undefined) replaced.push({ fact, by });
    else if (root !== undefined) counting.push({ fact, sent: root.sent });
    else if (fact.about !== undefined && isDangling(fact, fact.about))
      dangling.push({ ref: fact.ref, about: fact.about, received: fact.received });
  }
  return {
    counting,
    replaced,
    dangling: dangling.toSorted((a, b) => a.received - b.received || byRefAscending(a, b)),
  };

  function isDangling({ kind, ref }: Fact, about: EventRef): boolean {
    return kind === 'correction' || undecided.has(ref) || !byRef.has(about);
  }
}

/**
 * What is taken back, and by which retraction. Retractions that no other names are decided first, then those that they
 * name. `undecided` are retractions that retract each other in a circle: they take nothing back.
 */
function retractionsOf(
  history: readonly Fact[],
  byRef: ReadonlyMap<EventRef, Fact>,
): { readonly takenBack: ReadonlyMap<EventRef, Fact>; readonly undecided: ReadonlySet<EventRef> } {
  const retractions = history.filter(({ kind }) => kind === 'retraction');
  const open = new Map<EventRef, number>();
  for (const { about } of retractions) if (about !== undefined) open.set(about, (open.get(about) ?? 0) + 1);
  const takenBack = new Map<EventRef, Fact>();
  const undecided = new Set(retractions.map(({ ref }) => ref));
  const ready = retractions.filter(({ ref }) => !open.has(ref));
  for (const { ref } of ready) undecided.delete(ref);
  // Grows while it is walked.
  for (const retraction of ready) {
    const { ref, about } = retraction;
    if (about === undefined) continue;
    const holds = !takenBack.has(ref);
    if (holds) takenBack.set(about, firstSent(takenBack.get(about), retraction));
    const left = (open.get(about) ?? 0) - 1;
    open.set(about, left);
    const named = byRef.get(about);
    if (named === undefined || !undecided.has(about) || !(holds || left === 0)) continue;
    undecided.delete(about);
    ready.push(named);
  }
  return { takenBack, undecided };
}

/** How a correction leads to the event that it belongs to. */
interface Line {
  readonly fact: Fact;
  /** The event; absent where the line leads to none. */
  readonly root?: Fact;
  /** The retraction of anything on the line. */
  readonly by?: Fact;
  /** When it counts as sent: never earlier than what it corrects, whatever its sender's clock says. */
  readonly sent: Instant;
  readonly length: number;
}

function linesOf(
  history: readonly Fact[],
  byRef: ReadonlyMap<EventRef, Fact>,
  takenBack: ReadonlyMap<EventRef, Fact>,
): ReadonlyMap<EventRef, Line> {
  const lines = new Map<EventRef, Line>();
  for (const fact of history) {
    const path: Fact[] = [];
    const walked = new Set<Fact>();
    let current: Fact | undefined = fact;
    while (current?.kind === 'correction' && !lines.has(current.ref) && !walked.has(current)) {
      path.push(current);
      walked.add(current);
      current = current.about === undefined ? undefined : byRef.get(current.about);
    }
    // Corrections that correct each other in a circle lead to no event. Each is taken back only by its own retraction.
    const circle = current === undefined ? -1 : path.indexOf(current);
    let line = current && (lines.get(current.ref) ?? startOf(current, takenBack));
    if (line && circle < 0) lines.set(line.fact.ref, line);
    for (const [index, next] of [...path.entries()].toReversed()) {
      const isInCircle = circle >= 0 && index >= circle;
      line = prolonged(isInCircle ? undefined : line, next, takenBack.get(next.ref));
      lines.set(next.ref, line);
    }
  }
  return lines;
}

function startOf(fact: Fact, takenBack: ReadonlyMap<EventRef, Fact>): Line {
  if (fact.kind !== 'event') return { fact, sent: fact.sent, length: 0 };
  return { fact, root: fact, sent: fact.sent, length: 0, ...present({ by: takenBack.get(fact.ref) }) };
}

function prolonged(line: Line | undefined, fact: Fact, retraction: Fact | undefined): Line {
  const { root, sent = fact.sent, length = 0 } = line ?? {};
  const by = retraction ?? line?.by;
  return { fact, sent: Math.max(sent, fact.sent), length: length + 1, ...present({ root, by }) };
}

/** For each event, its correction that was sent last. Of two that were sent at once, the one that corrects the other. */
function lastCorrections(
  history: readonly Fact[],
  lines: ReadonlyMap<EventRef, Line>,
): ReadonlyMap<EventRef, Line> {
  const last = new Map<EventRef, Line>();
  for (const { ref, kind } of history) {
    const line = lines.get(ref);
    if (kind !== 'correction' || line?.root === undefined || line.by !== undefined) continue;
    const other = last.get(line.root.ref);
    if (other === undefined || isLater(line, other)) last.set(line.root.ref, line);
  }
  return last;
}

function isLater(a: Line, b: Line): boolean {
  return (a.sent - b.sent || a.length - b.length || byRefAscending(a.fact, b.fact)) > 0;
}

function firstSent(a: Fact | undefined, b: Fact): Fact {
  return a !== undefined && (a.sent - b.sent || byRefAscending(a, b)) < 0 ? a : b;
}

function byRefAscending(a: { readonly ref: EventRef }, b: { readonly ref: EventRef }): number {
  return a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0;
}
