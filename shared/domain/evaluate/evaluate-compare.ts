import { startOf } from '../calendar/calendar.ts';
import { mostFinal } from './evaluated.ts';
import type { Determined, Evaluated } from './evaluated.ts';
import type { Instant } from '../record/ids.ts';
import type { Operand } from '../rule/ast.ts';
import type { Step } from './step.ts';

export interface Candidate extends Operand {
  readonly result: Evaluated;
}

/** Needs every operand that is not optional. The floor is the latest of all: each start must have happened. */
export function laterOf(candidates: readonly Candidate[]): Evaluated {
  const needed = candidates.filter(
    ({ optional, result }) => !(optional && result.kind === 'undetermined' && result.why !== 'waits'),
  );
  const considered = needed.length > 0 ? needed : candidates;
  const steps = stepsOf(candidates, considered);
  const unknown = mostFinal(considered);
  if (unknown !== undefined) return { ...unknown, steps };
  const winner = won(considered, 'later');
  return {
    ...winner,
    floor: Math.max(...floors(considered)),
    steps: [...steps, ...comparisons(considered, winner, 'later')],
  };
}

/** Leaves out what is unknown: if it becomes known, the result can only be earlier. */
export function earlierOf(candidates: readonly Candidate[], zone: string): Evaluated {
  const known = candidates.filter(({ result }) => result.kind === 'determined');
  if (known.length === 0) {
    const undeterminedOnes = candidates.filter(({ result }) => result.kind === 'undetermined');
    const unknown = mostFinal(undeterminedOnes.length > 0 ? undeterminedOnes : candidates);
    return { kind: 'undetermined', reasons: [], ...unknown, steps: stepsOf(candidates, candidates) };
  }
  const winner = won(known, 'earlier');
  return {
    ...onDay(known, winner, zone),
    steps: [...stepsOf(candidates, known), ...comparisons(known, winner, 'earlier')],
  };
}

/** The winner's time, or an event of the same day without a time, which may have come before it. */
function onDay(candidates: readonly Candidate[], winner: Determined, zone: string): Determined {
  if (winner.day !== undefined) return winner;
  for (const { result } of candidates) {
    if (result.kind !== 'determined' || result.day === undefined) continue;
    if (startOf(result.day, zone) < winner.at) return { ...winner, day: result.day };
  }
  return winner;
}

function won(candidates: readonly Candidate[], how: 'later' | 'earlier'): Determined {
  const results = candidates.map(({ result }) => result).filter((result) => result.kind === 'determined');
  return results.reduce((best, next) =>
    (how === 'later' ? next.at > best.at : next.at < best.at) ? next : best,
  );
}

function floors(candidates: readonly Candidate[]): Instant[] {
  return candidates.flatMap(({ result }) => (result.kind === 'determined' ? [result.floor] : []));
}

/** What is left out comes first, so that the last date is one that counts. */
function stepsOf(candidates: readonly Candidate[], considered: readonly Candidate[]): Step[] {
  const leftOut = candidates.filter((candidate) => !considered.includes(candidate));
  return [
    ...leftOut.flatMap(({ moment, result }): Step[] => [
      ...result.steps,
      { kind: 'left-out', operand: moment },
    ]),
    ...considered.flatMap(({ result }) => result.steps),
  ];
}

function comparisons(candidates: readonly Candidate[], won: Determined, how: 'later' | 'earlier'): Step[] {
  const winner = candidates.find(({ result }) => result === won)?.moment;
  return candidates.flatMap(({ moment: over, result }): Step[] => {
    if (winner === undefined || result === won || result.kind !== 'determined') return [];
    return [{ kind: 'won', how, winner, over, at: won.at, other: result.at }];
  });
}
