import type { EntityState, Fact } from '../facts/facts.ts';
import { emptyState, refold } from '../facts/fold.ts';
import { standingOf } from '../facts/standing.ts';
import type { Replaced } from '../facts/standing.ts';
import { foldProfile } from '../configuration/fold-profile.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { plan } from './plan.ts';
import type { Plan, PlanInput } from './plan.ts';

export interface PlanAsOf {
  readonly plan: Plan;
  /** Known, but they do not count: a correction or retraction replaced them. */
  readonly ignored: readonly Replaced[];
  /** Corrections and retractions of events that were not known: they count for nothing. */
  readonly dangling: number;
  /** Received later: none of them count, not even retractions. */
  readonly later: readonly Fact[];
}

/**
 * What was true at a past instant with the facts known then: facts count by when they were received, policies by when
 * they took effect. The caller passes holds and finished stages, because it knows their times.
 */
export function planAsOf(
  input: Omit<PlanInput, 'states' | 'now'>,
  histories: ReadonlyMap<EntityRef, readonly Fact[]>,
  asOf: Instant,
): PlanAsOf {
  const profile = foldProfile(input.policies);
  const states = new Map<EntityRef, EntityState>();
  const ignored: Replaced[] = [];
  let dangling = 0;
  const later: Fact[] = [];
  for (const [ref, history] of histories) {
    const known = history.filter((fact) => fact.received <= asOf);
    later.push(...history.filter((fact) => fact.received > asOf));
    const standing = standingOf(known);
    ignored.push(...standing.replaced);
    dangling += standing.dangling.length;
    states.set(ref, refold(emptyState(profile), known, profile, 'everything'));
  }
  return { plan: plan({ ...input, states, now: asOf }), ignored, dangling, later };
}

/** The ignored facts as sentences, as `explain` ends with them. */
export function explainIgnored({ ignored, dangling, later }: PlanAsOf): string[] {
  return [
    ...ignored.map(
      ({ fact, by }) =>
        `${named(fact)} does not count: it was ${by.kind === 'retraction' ? 'retracted' : `corrected to ${dayOf(by)}`}.`,
    ),
    ...(dangling === 0
      ? []
      : [
          `${dangling} ${dangling === 1 ? 'correction or retraction names' : 'corrections or retractions name'} no event that is known, and so ${dangling === 1 ? 'does' : 'do'} not count.`,
        ]),
    ...(later.length === 0
      ? []
      : [
          `${later.length} ${later.length === 1 ? 'fact was' : 'facts were'} received later and were not known yet.`,
        ]),
  ];
}

function named(fact: Fact): string {
  return fact.kind === 'retraction' ? 'A retraction' : `${fact.type} of ${dayOf(fact)}`;
}

function dayOf({ occurred }: Fact): string {
  return occurred ?? 'an unknown day';
}
