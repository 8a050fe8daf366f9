import { formatInstant, timeZoneDatabase } from '../calendar/calendar.ts';
import type { Evaluated } from '../evaluate/evaluated.ts';
import { explainedStep } from './explain-step.ts';
import type { ExplainedStep } from './explain-step.ts';
import { shownRules, whatWouldChange } from './explain.ts';
import type { Considered } from './explain.ts';
import type { Level, PolicyRule, Source } from '../configuration/policy.ts';
import type { StageBounds } from '../evaluate/across-entities.ts';
import { present } from '../present.ts';

/** One bound of one stage: how it was reached, or why it was not. */
export interface ReasonedBound {
  readonly action: string;
  readonly bound: 'notBefore' | 'notAfter';
  readonly status: Evaluated['kind'];
  readonly at?: string;
  readonly reasons: readonly string[];
  readonly facts: readonly { readonly type: string; readonly occurred: string }[];
  readonly steps: readonly ExplainedStep[];
}

export interface ReasonedRule {
  readonly id: string;
  readonly text: string;
  readonly level: Level;
  readonly basis: 'law' | 'policy';
  readonly source?: Source;
  /**
   * `replaced`: a more explicit rule counts. `elsewhere`: it is for another jurisdiction. `gave-way`: to an erasure that
   * people asked for.
   */
  readonly standing: 'applies' | 'replaced' | 'elsewhere' | 'gave-way';
  readonly bounds: readonly ReasonedBound[];
  readonly wouldChange: readonly string[];
}

/** A category under one registration, for programs: what `explain` says in sentences. */
export interface Reasoning {
  readonly category: string;
  readonly policy?: string;
  readonly version?: string;
  readonly zone: string;
  readonly timeZoneDatabase: string;
  readonly undetermined?: string;
  readonly rules: readonly ReasonedRule[];
}

export function reasonPlan(considered: readonly Considered[]): Reasoning[] {
  return considered.map((one) => {
    const { zone, chosen, group, erasure } = one;
    const { category, policy, undetermined } = group;
    const idle = (
      standing: Exclude<ReasonedRule['standing'], 'applies'>,
      rules: readonly PolicyRule[] = [],
    ): ReasonedRule[] => rules.map((rule) => ({ ...stated(rule), standing, bounds: [], wouldChange: [] }));
    return {
      category,
      ...(policy && { policy: policy.name, version: policy.version }),
      zone,
      timeZoneDatabase: timeZoneDatabase(),
      ...present({ undetermined }),
      rules: [
        ...shownRules(one).map((evaluated): ReasonedRule => ({
          ...stated(evaluated.rule),
          standing: 'applies',
          bounds: evaluated.stages.flatMap((stage) => boundsOf(stage, zone)),
          wouldChange: whatWouldChange(evaluated),
        })),
        ...idle('gave-way', erasure?.gaveWay),
        ...idle('replaced', chosen?.replaced),
        ...idle('elsewhere', chosen?.elsewhere),
      ],
    };
  });
}

function stated({ id, text, level, basis, source }: PolicyRule) {
  return { id, text, level, basis, ...present({ source }) };
}

function boundsOf(stage: StageBounds, zone: string): ReasonedBound[] {
  return (['notBefore', 'notAfter'] as const).flatMap((bound) => {
    const found = stage[bound];
    if (found === undefined) return [];
    const known = found.kind === 'determined';
    return {
      action: stage.action,
      bound,
      status: found.kind,
      ...(known && { at: formatInstant(found.at, zone) }),
      reasons: known ? [] : found.reasons,
      facts: known ? found.facts.map(({ type, occurred }) => ({ type, occurred })) : [],
      steps: found.steps.map((step) => explainedStep(step, zone)),
    };
  });
}
