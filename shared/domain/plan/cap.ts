import { localDate } from '../calendar/calendar.ts';
import { REGISTERED } from '../configuration/policy.ts';
import type { CategoryPolicy, Policy } from '../configuration/policy.ts';
import { evaluateRule } from '../evaluate/across-entities.ts';
import type { StageBounds, Subjects } from '../evaluate/across-entities.ts';
import type { Evaluated } from '../evaluate/evaluated.ts';
import { openingOf } from '../evaluate/evaluated.ts';
import type { EvaluatedRule } from '../evaluate/join.ts';
import type { EntityState } from '../facts/facts.ts';
import type { Action } from '../record/actions.ts';
import { strength } from '../record/actions.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../record/ids.ts';

/** Stands for the record itself: what it was registered on is a fact like any other. */
const RECORD = 'tenure.record';
const REF = RECORD as EntityRef;

export interface Capped {
  /** What counts: without the stages that wait for an event, and with the cap. */
  readonly rules: readonly EvaluatedRule[];
  /** As they are without the cap: for explanations. */
  readonly uncapped: readonly EvaluatedRule[];
}

/**
 * The cap of a category counts where no event has come that would give its last step a date, and nothing else is missing.
 * It never replaces a law, a rule that has a date, or one that keeps for ever; holds of the rules that it replaces stay.
 */
export function cappedRules(
  rules: readonly EvaluatedRule[],
  { cap }: CategoryPolicy,
  given: {
    readonly policy: Policy;
    readonly subjects: Subjects;
    /** Of the registration that keeps longest. */
    readonly registeredAt: Instant | undefined;
    readonly now: Instant;
  },
): Capped | undefined {
  const { policy, subjects, registeredAt, now } = given;
  if (cap === undefined || registeredAt === undefined) return undefined;
  if (rules.some(({ rule }) => rule.basis === 'law')) return undefined;
  const action = strongest(rules);
  if (action === undefined) return undefined;
  const isReplaced = (stage: StageBounds): boolean => stage.action === action;
  const waiting = rules.flatMap(({ stages }) => stages.filter(isReplaced));
  if (!waiting.every(waitsForEvent)) return undefined;
  const registered = registeredOn(registeredAt, subjects);
  const evaluated = evaluateRule(cap, withRegistration(policy), registered, now);
  const openHolds = waiting.flatMap((stage) => stage.openHolds);
  const stages = evaluated.map((stage) => ({ ...stage, action, openHolds }));
  const others = rules.map((one) => ({
    ...one,
    stages: one.stages.filter((stage) => !isReplaced(stage)),
  }));
  return { rules: [...others, { policy, rule: cap, stages }], uncapped: rules };
}

function strongest(rules: readonly EvaluatedRule[]): Action | undefined {
  const actions = rules.flatMap(({ stages }) => stages.map(({ action }) => action));
  return actions.toSorted((a, b) => strength(b) - strength(a))[0];
}

/** Both bounds: a maximum that is known says that its event has come. */
function waitsForEvent(stage: StageBounds): boolean {
  const waits = (bound: Evaluated | undefined): boolean =>
    bound === undefined || (bound.kind === 'undetermined' && bound.why !== 'waits');
  return openingOf(stage) !== undefined && waits(stage.notBefore) && waits(stage.notAfter);
}

/** Only the day: the deletion log names it, and a time would tell which record it is. */
function registeredOn(at: Instant, subjects: Subjects): Subjects {
  const occurred = localDate({ kind: 'instant', at }, subjects.zone).toString() as Occurred;
  const state: EntityState = {
    version: 0,
    profile: subjects.profile,
    occurrences: { [REGISTERED]: [{ ref: REGISTERED as EventRef, occurred, sent: at }] },
    rebuilt: 0,
    dangling: [],
    holds: [],
  };
  return { ...subjects, entities: [{ type: RECORD, ref: REF }], states: new Map([[REF, state]]) };
}

const extended = new WeakMap<Policy, Policy>();

/** Policies live as long as the process, and much is looked up once for each. */
function withRegistration(policy: Policy): Policy {
  const known = extended.get(policy);
  if (known !== undefined) return known;
  const registration = { entity: RECORD, undoneBy: [], personal: false, attributes: {} };
  const own = { ...policy, events: { ...policy.events, [REGISTERED]: registration } };
  extended.set(policy, own);
  return own;
}
