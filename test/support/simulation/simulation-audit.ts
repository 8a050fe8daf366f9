import type { Instant } from '../../../shared/domain/record/ids.ts';
import { type Book, bookOf } from './simulation-book.ts';
import { earlyOnes } from './simulation-early.ts';
import { timelyOnes } from './simulation-late.ts';
import type { Outage } from './simulation-outage.ts';
import type { Finding } from './simulation-finding.ts';
import { forgottenOnes } from './simulation-forgotten.ts';
import type { Changes } from './simulation-policies.ts';
import type { Script } from './simulation-producers.ts';
import type { Simulation } from './simulation.ts';

export interface Audit {
  /** Disposed of too early, without being registered, or under a hold. */
  readonly early: readonly Finding[];
  readonly late: readonly Finding[];
  readonly lost: readonly Finding[];
  readonly disposals: number;
  /** How long after it was due the latest disposal came that no outage and no death held up. */
  readonly slowest: Instant;
}

/** What a run is judged by, besides what was said. */
export interface Circumstances {
  readonly outages: readonly Outage[];
  readonly changes: Changes;
}

/** Judges a whole run by what was said and when it became durable, with nothing of the code under test. */
export async function audit(
  sim: Simulation,
  script: Script,
  { outages, changes }: Circumstances,
): Promise<Audit> {
  const book: Book = await bookOf(sim, script);
  const early = earlyOnes(sim, book, changes);
  const { late, lost, slowest } = timelyOnes(sim, book, { outages, changes });
  const disposals = [...sim.effects.values()].reduce((sum, marks) => sum + marks.length, 0);
  return { early, late, lost: [...lost, ...forgottenOnes(sim, book, script)], slowest, disposals };
}
