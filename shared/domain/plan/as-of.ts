import type { EntityState, Fact } from '../facts/facts.ts';
import { emptyState, judge, refold } from '../facts/fold.ts';
import { foldProfile } from '../configuration/fold-profile.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import { plan } from './plan.ts';
import type { Plan, PlanInput } from './plan.ts';

/** A fact that was known, and does not count. */
export interface Ignored {
  readonly fact: Fact;
  /** The retraction or correction that took its place. */
  readonly by: Fact;
}

export interface PlanAsOf {
  readonly plan: Plan;
  readonly ignored: readonly Ignored[];
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
  const ignored: Ignored[] = [];
  const later: Fact[] = [];
  for (const [ref, history] of histories) {
    const known = history.filter((fact) => fact.received <= asOf);
    later.push(...history.filter((fact) => fact.received > asOf));
    const { killed } = judge(known);
    for (const fact of known) {
      const by = known.findLast((other) => other.kills === fact.ref);
      if (by !== undefined && killed.includes(fact.ref)) ignored.push({ fact, by });
    }
    states.set(ref, refold(emptyState(profile), known, profile, 'everything'));
  }
  return { plan: plan({ ...input, states, now: asOf }), ignored, later };
}

/** The ignored facts as sentences, as `explain` ends with them. */
export function explainIgnored({ ignored, later }: PlanAsOf): string[] {
  return [
    ...ignored.map(({ fact, by }) =>
      by.kind === 'retraction'
        ? `${fact.type} of ${fact.occurred ?? 'an unknown day'} does not count: it was retracted.`
        : `${fact.type} of ${fact.occurred ?? 'an unknown day'} does not count: it was corrected to ${by.occurred ?? 'an unknown day'}.`,
    ),
    ...(later.length === 0
      ? []
      : [
          `${later.length} ${later.length === 1 ? 'fact was' : 'facts were'} received later and were not known yet.`,
        ]),
  ];
}
