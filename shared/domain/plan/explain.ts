import { endOf, formatDistance, formatInstant } from '../calendar/calendar.ts';
import type { Evaluated } from '../evaluate/evaluated.ts';
import type { EvaluatedRule, Group } from '../evaluate/join.ts';
import { own } from '../own.ts';
import type { Instant } from '../record/ids.ts';
import type { PolicyRule } from '../configuration/policy.ts';
import type { Chosen, Located } from '../configuration/precedence.ts';
import { attributesOf, eventsOf } from '../rule/walk.ts';
import type { Erasure, Registered } from './erasure.ts';
import { explainPurposes } from './explain-purposes.ts';
import { explainRedactions } from './redactions.ts';
import { explainStep } from './explain-step.ts';
import type { PurposeStanding } from './purposes.ts';
import { NO_FLOOR } from '../record/window.ts';
import type { PlannedStage } from '../record/window.ts';

/** A category under one registration: the chosen rules, the zone, and the result. */
export interface Considered {
  readonly zone: string;
  readonly chosen?: Chosen;
  /** Where the people are for whom these rules count; empty where that makes no difference. */
  readonly located?: readonly Located[];
  /** When a fact that is known already changes that. */
  readonly changesAt?: Instant;
  /** The rules as they are without the cap, where that counts. */
  readonly uncapped?: readonly EvaluatedRule[];
  /** With the erasure that people asked for, if it covers this. */
  readonly group: Group;
  readonly registered?: Registered;
  readonly erasure?: Erasure;
  /** Why an erasure that was asked for does not cover this. */
  readonly notCovered?: readonly string[];
}

interface Explained {
  readonly considered: readonly Considered[];
  readonly stages: readonly PlannedStage[];
  readonly next: PlannedStage | undefined;
  /** Of which at least one may end. */
  readonly purposes: readonly PurposeStanding[];
  readonly now: Instant;
}

/** The whole reasoning as sentences, in the order in which it was made. Instants are in the zone of the rule. */
export function explainPlan({ considered, stages, next, purposes, now }: Explained): string[] {
  const zone = considered[0]?.zone ?? 'UTC';
  const sentences = [
    ...considered.flatMap(explainCategory),
    ...explainRedactions(considered.flatMap(({ registered }) => registered ?? [])),
    ...explainPurposes(purposes, stages, now),
    ...stages.flatMap((stage) => explainStage(stage, considered, zone)),
    next === undefined
      ? 'Nothing is scheduled.'
      : `Next: ${called(next)}${next.actAt === undefined ? '' : ` at ${formatInstant(next.actAt, zone)}`}.`,
    ...considered.flatMap(({ group }) => group.rules.flatMap(whatWouldChange)),
    ...considered.flatMap(whatWouldMove),
    ...purposes.flatMap(({ evaluated }) => evaluated.flatMap(whatWouldChange)),
  ];
  return [...new Set(sentences)];
}

/** The rules with what each comes to, and last the cap, where it counts. */
export function shownRules({
  group,
  uncapped,
}: Pick<Considered, 'group' | 'uncapped'>): readonly EvaluatedRule[] {
  if (uncapped === undefined) return group.rules;
  return [...uncapped, ...group.rules.filter(({ rule }) => rule.isCap === true)];
}

function explainCategory(considered: Considered): string[] {
  const { group, chosen, zone, located = [], changesAt, erasure, notCovered = [] } = considered;
  const { category, policy, undetermined } = group;
  const head =
    policy === undefined
      ? `Category ${category} is kept.`
      : `Category ${category} follows policy ${policy.name}, version ${policy.version}, in zone ${zone}.`;
  const by = group.rules[0]?.rule.level;
  return [
    head,
    ...(policy?.jurisdictionFrom === undefined ? [] : located.flatMap(explainPlace)),
    ...(changesAt === undefined
      ? []
      : [
          `${policy?.jurisdictionFrom?.event ?? ''} will change the jurisdiction of somebody at a time that is known already; then the rules are chosen again.`,
        ]),
    ...(undetermined === undefined ? [] : [`Category ${category} keeps the holding: ${undetermined}.`]),
    ...(chosen?.elsewhere ?? []).map(
      (rule) => `${named(rule)} applies only in jurisdiction ${rule.jurisdiction ?? ''}.`,
    ),
    ...(chosen?.replaced ?? []).map(
      (rule) => `${named(rule)} is replaced: a ${by ?? ''} rule takes precedence.`,
    ),
    ...(erasure?.gaveWay ?? []).map(
      (rule) =>
        `${named(rule)} gives way to the erasure request of ${formatInstant(erasure?.at ?? 0, zone)}.`,
    ),
    ...notCovered.map(
      (reason) => `Erasure was asked for and does not cover category ${category}: ${reason}.`,
    ),
    ...shownRules(considered).flatMap((evaluated) => explainRule(evaluated, zone)),
  ];
}

/** Dates of personal events stay out. */
function explainPlace(located: Located): string[] {
  if (located.kind === 'unknown') return [];
  const { jurisdiction, fact } = located;
  if (fact === undefined)
    return [`The rules of jurisdiction ${jurisdiction} count, as it was registered or is the default.`];
  const of = fact.personal ? '' : ` of ${fact.occurred}`;
  return [
    `The rules of jurisdiction ${jurisdiction} count, because ${fact.type}${of} decides, and not the registration.`,
  ];
}

function named({ id, level, text }: PolicyRule): string {
  return `Rule ${id} (${level}) “${text}”`;
}

function explainRule({ rule, stages }: EvaluatedRule, zone: string): string[] {
  const source = rule.source === undefined ? '' : `, from ${rule.source.document}`;
  const basis = rule.basis === 'law' ? ', required by law' : '';
  return [
    rule.isCap === true
      ? `No event has come that gives a date, and no law keeps the record, so the cap “${rule.text}” counts.`
      : `${named(rule)} applies${basis}${source}.`,
    ...stages.flatMap(({ action, notBefore, notAfter }) => [
      ...(notBefore === undefined ? [] : explainBound(notBefore, { action, bound: 'notBefore' }, zone)),
      ...(notAfter === undefined ? [] : explainBound(notAfter, { action, bound: 'notAfter' }, zone)),
    ]),
  ];
}

/** Which bound of which action the sentences are about. */
interface BoundOfAction {
  readonly action: string;
  readonly bound: 'notBefore' | 'notAfter';
}

export function explainBound(found: Evaluated, { action, bound }: BoundOfAction, zone: string): string[] {
  const steps = found.steps.map((step) => explainStep(step, zone));
  return [...steps, `So: ${concluded(found, action, bound, zone)}.`];
}

function concluded(found: Evaluated, action: string, bound: BoundOfAction['bound'], zone: string): string {
  const which = bound === 'notBefore' ? 'earliest' : 'latest';
  if (found.kind === 'determined') {
    const at = formatInstant(endOf(found.point, zone), zone);
    return `${action} not ${bound === 'notBefore' ? 'before' : 'after'} ${at}`;
  }
  const reasons = found.reasons.join('; ');
  if (found.why === 'not-applicable') return `the rule gives no ${which} date for ${action}: ${reasons}`;
  switch (found.kind) {
    case 'undetermined':
      return `the ${which} date for ${action} is not known yet: ${reasons}`;
    case 'never':
      return bound === 'notBefore'
        ? `${action} never happens: ${reasons}`
        : `there is no latest date for ${action}: ${reasons}`;
    case 'not-computable':
      return `no ${which} date for ${action} can be computed: ${reasons}`;
  }
}

/** With the part of the record that the stage is about, such as `purpose:marketing`. */
function called({ action, part }: PlannedStage): string {
  return part === undefined ? action : `${action} (${part})`;
}

function explainStage(stage: PlannedStage, considered: readonly Considered[], zone: string): string[] {
  const { status, window, actAt, deadline, reasons } = stage;
  const action = called(stage);
  switch (status) {
    case 'done':
      return [`${action} is done.`];
    case 'undetermined':
      return [`${action} is not yet determined: ${reasons.join('; ')}. Until then the holding is kept.`];
    case 'never':
      return [`${action} never happens: ${reasons.join('; ')}.`];
    case 'not-computable':
      return [`${action} cannot be computed and the holding is kept: ${reasons.join('; ')}.`];
    case 'conflict':
      return [
        `${action} is in conflict and the holding is kept: ${reasons.join('; ')}.`,
        ...margins(stage, considered),
      ];
    case 'due': {
      const bounds = [
        ...(window?.notBefore === undefined ? [] : [`not before ${formatInstant(window.notBefore, zone)}`]),
        ...(window?.notAfter === undefined ? [] : [`not after ${formatInstant(window.notAfter, zone)}`]),
        ...(window === undefined || window.floor === NO_FLOOR
          ? []
          : [`floor ${formatInstant(window.floor, zone)}`]),
        ...(actAt === undefined ? [] : [`acts at ${formatInstant(actAt, zone)}`]),
        ...(deadline === undefined ? [] : [`overdue after ${formatInstant(deadline, zone)}`]),
      ];
      return [
        `${action} by “${stage.ruleText}”: ${bounds.join(', ')}.`,
        ...(stage.shown === undefined
          ? []
          : [
              `So that the deletion log does not tell the date of a personal event, ${action} acts when it would for every date of the same ${stage.shown.period}.`,
            ]),
        ...(stage.heldByRule === true
          ? [`${action} is held by a rule, whatever its date: ${reasons.join('; ')}.`]
          : []),
        ...(window?.notAfter === undefined || window.notAfter >= window.floor
          ? []
          : [
              `The maximum ${formatInstant(window.notAfter, zone)} is before the floor ${formatInstant(window.floor, zone)}: ${action} can only be late, because it does not happen before the floor. Correct the rule, or the event.`,
            ]),
        ...margins(stage, considered),
      ];
    }
  }
}

/** By how much the rule that decided holds longer than each other rule of the same action. */
function margins(stage: PlannedStage, considered: readonly Considered[]): string[] {
  const decided = stage.window?.notBefore;
  if (decided === undefined) return [];
  return considered.flatMap(({ group }) =>
    group.rules.flatMap(({ rule, stages }) =>
      stages.flatMap(({ action, notBefore }) => {
        if (action !== stage.action || notBefore?.kind !== 'determined' || notBefore.at >= decided) return [];
        return [
          `For ${action}, “${stage.ruleText}” holds longer than “${rule.text}” of category ${group.category} by ${formatDistance(notBefore.at, decided)}.`,
        ];
      }),
    ),
  );
}

function whatWouldMove({ group: { policy }, located = [] }: Considered): string[] {
  const from = policy?.jurisdictionFrom;
  if (from === undefined || located.length === 0) return [];
  return [`It would change with another ${from.event}, or with a correction or retraction.`];
}

/** The events and attributes that can still change the result. */
export function whatWouldChange({ policy, rule }: Pick<EvaluatedRule, 'policy' | 'rule'>): string[] {
  if (rule.isCap === true) return [];
  const events = [...eventsOf(rule.rule)].map((event) => {
    const undoneBy = own(policy.events, event)?.undoneBy ?? [];
    const undo = undoneBy.length === 0 ? '' : `, or ${undoneBy.join(' or ')}, which undoes it`;
    return `It would change with another ${event}${undo}, or with a correction or retraction.`;
  });
  const attributes = attributesOf(rule.rule).map(
    ({ name, event }) => `It would change with another ${name} of ${event ?? 'the holding'}.`,
  );
  return [...events, ...new Set(attributes)];
}
