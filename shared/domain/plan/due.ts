import { actAtOf } from './act-at.ts';
import { evaluateBound } from '../evaluate/across-entities.ts';
import type { Subjects } from '../evaluate/across-entities.ts';
import { formatInstant, timeZoneDatabase } from '../calendar/calendar.ts';
import { openingOf } from '../evaluate/evaluated.ts';
import type { Determined, Evaluated } from '../evaluate/evaluated.ts';
import { conflictsOf } from './conflicts-of.ts';
import { explainedStep } from './explain-step.ts';
import type { ExplainedStep } from './explain-step.ts';
import { explainBound } from './explain.ts';
import type { EntityState } from '../facts/facts.ts';
import type { Attributes, PlanStatus } from '../record/about.ts';
import type { EntityRef, EventRef, Instant, Occurred } from '../record/ids.ts';
import { own } from '../own.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import type { LeapBirthday, YearEnds } from '../calendar/units.ts';
import type { WorkingCalendar } from '../calendar/working-days.ts';
import { present } from '../present.ts';
import type { Moment, Rule, Stage, StageAction } from '../rule/ast.ts';
import { printAction } from '../rule/print.ts';
import { ordinal } from '../rule/print-period.ts';
import { nextOccasion } from './repeated.ts';
import type { Occasion } from './repeated.ts';
import { attributesOf, eventsOf } from '../rule/walk.ts';

/** One rule without a policy, and what happened to one record. */
export interface DueQuestion extends YearEnds, WorkingCalendar {
  readonly text: string;
  readonly rule: Rule;
  readonly zone: string;
  readonly events: Readonly<Record<string, readonly Occurred[]>>;
  readonly attributes: Attributes;
  readonly leapBirthday?: LeapBirthday;
  readonly assumeAbsent?: false;
  /** Of a step that is repeated, the first date at or after this instant is meant; without it, the first of all. */
  readonly now?: Instant;
}

export type DueStatus = Exclude<PlanStatus, 'done'>;

/** Dates on the local clock with their offset. */
interface Dates {
  readonly status: DueStatus;
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** What would be scheduled. */
  readonly actAt?: string;
  /** The bound itself: the maximum where there are two. */
  readonly due?: string;
}

export interface DueStage extends Dates {
  readonly name: string;
  readonly action: StageAction;
  /** Why there is no date, or which bounds contradict each other: sentences without a full stop. */
  readonly reasons: readonly string[];
  /** Of a step that is repeated: which of its dates it is, from 1. */
  readonly occasion?: number;
}

export interface DueAnswer extends Dates {
  readonly stages: readonly DueStage[];
  readonly explanation: readonly ExplainedStep[];
  /** The same as sentences, with what would change it. */
  readonly sentences: readonly string[];
  /** Bounds that contradict each other for these facts: what a person has to correct. */
  readonly conflicts: readonly string[];
  readonly rule: string;
  readonly zone: string;
  readonly timeZoneDatabase: string;
}

const ENTITY = 'record';
const LEAD_SECONDS = 24 * 3600;

/** All events of the record are given, also future ones: the answer depends only on the question. */
export function due(question: DueQuestion): DueAnswer {
  const { zone, text } = question;
  const [policy, rule] = policyOf(question);
  const subjects = subjectsOf(question);
  const bound = (moment: Stage['notBefore']): Evaluated | undefined =>
    moment && evaluateBound(moment, { rule, policy, subjects });
  const read = question.rule.stages.map((stage) => {
    const occasion = occasionOf(stage, question.now, (moment) =>
      evaluateBound(moment, { rule, policy, subjects }),
    );
    const bounds = { notBefore: occasion?.bound ?? bound(stage.notBefore), notAfter: bound(stage.notAfter) };
    const dates = datesOf(bounds);
    return { stage, occasion, ...bounds, ...dates, conflicts: conflictsOf(stage, dates, zone) };
  });
  const conflicts = read.flatMap((one) => one.conflicts);
  const explanation = read.flatMap(({ notBefore, notAfter }) =>
    [notBefore, notAfter].flatMap((one) => one?.steps.map((step) => explainedStep(step, zone)) ?? []),
  );
  const sentences = read.flatMap(({ stage, occasion, notBefore, notAfter, conflicts: found }) => [
    ...(notBefore ? explainBound(notBefore, { action: called(stage), bound: 'notBefore' }, zone) : []),
    ...(notAfter ? explainBound(notAfter, { action: called(stage), bound: 'notAfter' }, zone) : []),
    ...(occasion ? [`${called(stage)} is repeated: this is its ${ordinal(occasion.count)} date.`] : []),
    ...found.map((conflict) => `Conflict: ${conflict}.`),
  ]);
  const changes = [
    ...[...eventsOf(question.rule)].map((event) => `It would change with another ${event}.`),
    ...attributesOf(question.rule).map(
      ({ name, event = 'the record' }) => `It would change with another ${name} of ${event}.`,
    ),
  ];
  return {
    ...together(read, zone),
    stages: read.map((one) => ({
      name: one.stage.label ?? one.stage.action,
      action: one.stage.action,
      ...printed(one, zone),
      ...(one.occasion && { occasion: one.occasion.count }),
      reasons: [...new Set([...unknown(one), ...one.conflicts])],
    })),
    explanation,
    sentences: [...new Set([...sentences, ...changes])],
    conflicts,
    rule: text,
    zone,
    timeZoneDatabase: timeZoneDatabase(),
  };
}

/** Several stages may have one action: the name says which is meant. */
function called(stage: Stage): string {
  const action = printAction(stage);
  return stage.label === undefined ? action : `${action} in stage “${stage.label}”`;
}

function occasionOf(
  { notBefore, repeats }: Stage,
  now: Instant | undefined,
  evaluate: (moment: Moment) => Evaluated,
): Occasion | undefined {
  return repeats && notBefore?.kind === 'after' ? nextOccasion(notBefore, evaluate, now) : undefined;
}

interface Instants {
  readonly status: DueStatus;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly actAt?: Instant;
  readonly floor?: Instant;
}

function datesOf(bounds: { notBefore: Evaluated | undefined; notAfter: Evaluated | undefined }): Instants {
  const { notBefore, notAfter } = bounds;
  const opening = openingOf(bounds)?.bound;
  if (opening === undefined) return { status: 'undetermined' };
  if (opening.kind !== 'determined') return { status: opening.kind };
  const known = [notBefore, notAfter].filter((one): one is Determined => one?.kind === 'determined');
  const floor = Math.max(...known.map((one) => one.floor));
  const [from, until] = [instantOf(notBefore), instantOf(notAfter)];
  const window = {
    floor,
    ...present({ notBefore: from, notAfter: until }),
  };
  return {
    ...(from !== undefined && until !== undefined && from > until
      ? { status: 'conflict' }
      : { status: 'due', actAt: actAtOf(window, LEAD_SECONDS) }),
    floor,
    ...present({ from, until }),
  };
}

/** Why the stage has no date. A maximum that is not known adds nothing to a minimum. */
function unknown(bounds: {
  readonly [bound in 'notBefore' | 'notAfter']: Evaluated | undefined;
}): readonly string[] {
  const opening = openingOf(bounds)?.bound;
  return opening === undefined || opening.kind === 'determined' ? [] : opening.reasons;
}

function instantOf(bound: Evaluated | undefined): Instant | undefined {
  return bound?.kind === 'determined' ? bound.at : undefined;
}

function printed({ status, from, until, actAt }: Instants, zone: string): Dates {
  const bound = until ?? from;
  return {
    status,
    ...(from !== undefined && { notBefore: formatInstant(from, zone) }),
    ...(until !== undefined && { notAfter: formatInstant(until, zone) }),
    ...(actAt !== undefined && { actAt: formatInstant(actAt, zone) }),
    ...(bound !== undefined && { due: formatInstant(bound, zone) }),
  };
}

/** The rule as a whole is due when its last stage is; what would be scheduled is its first. */
function together(stages: readonly Instants[], zone: string): Dates {
  for (const status of ['conflict', 'undetermined', 'not-computable', 'never'] as const)
    if (stages.some((stage) => stage.status === status)) return { status };
  const bound = (stage: Instants): Instant => stage.until ?? stage.from ?? -Infinity;
  const last = stages.reduce((best, next) => (bound(next) > bound(best) ? next : best));
  const first = Math.min(...stages.flatMap(({ actAt }) => actAt ?? []));
  return printed({ ...last, actAt: first }, zone);
}

function policyOf({ text, rule, zone, events, ...options }: DueQuestion): [Policy, PolicyRule] {
  const { fiscalYearEnd, taxYearEnd, academicYearEnd, leapBirthday } = options;
  const { holidays, weekend, workdays } = options;
  const names = new Set([...eventsOf(rule), ...Object.keys(events)]);
  const declaration = { entity: ENTITY, undoneBy: [], personal: false, attributes: {} };
  const policy: Policy = {
    name: 'none',
    version: '',
    effectiveFrom: 0,
    zone,
    regions: [],
    leadSeconds: LEAD_SECONDS,
    graceSeconds: 0,
    writeLagSeconds: 0,
    reportAfterSeconds: 0,
    ...present({ fiscalYearEnd, taxYearEnd, academicYearEnd, leapBirthday }),
    ...present({ holidays, weekend, workdays }),
    events: Object.fromEntries([...names].map((name) => [name, declaration])),
    attributes: {},
    categories: {},
    notComputable: [],
  };
  return [policy, { id: 'rule', level: 'default', text, rule, basis: 'policy', across: 'latest' }];
}

function subjectsOf({ rule, zone, events, attributes, assumeAbsent }: DueQuestion): Subjects {
  const ref = ENTITY as EntityRef;
  const occurrences = [...eventsOf(rule)].map((name) => {
    const dates = own(events, name) ?? [];
    const occurrences = dates.map((occurred, index) => ({
      ref: `${name} ${index}` as EventRef,
      occurred,
      sent: 0,
    }));
    return [name, occurrences] as const;
  });
  const state: EntityState = {
    version: 1,
    profile: '',
    occurrences: Object.fromEntries(occurrences),
    rebuilt: 0,
    dangling: [],
    holds: [],
  };
  return {
    entities: [{ type: ENTITY, ref }],
    states: new Map([[ref, state]]),
    profile: '',
    zone,
    attributes,
    ...(assumeAbsent === false && { assumeAbsent }),
  };
}
