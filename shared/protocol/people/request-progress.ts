import { roundUpToMinute } from '../../domain/calendar/calendar.ts';
import type { Source } from '../../domain/configuration/policy.ts';
import { codeOf } from '../../domain/error-code.ts';
import { covers } from '../../domain/people/effects.ts';
import { hasEffect, type PersonRequest } from '../../domain/people/request.ts';
import type { PlannedStage } from '../../domain/plan/plan.ts';
import type { LaneGuard } from '../../domain/guard/lane-guard.ts';
import { ruleKey } from '../../domain/guard/rule-key.ts';
import { present } from '../../domain/present.ts';
import { destroys, type StoreAction } from '../../domain/record/actions.ts';
import type { WideHold } from '../../domain/record/hold.ts';
import type { Holding, HoldingVariant } from '../../domain/record/holding.ts';
import type { EntityRef, Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';
import { pausedBy } from '../guard/paused-by.ts';
import { heldBy } from '../lane/held-by.ts';
import { planOf, policyNamesOf, type States, unique } from '../plan-of.ts';

/**
 * What a request comes to for one record. `gone`: deleted, anonymised or withdrawn. `due`: something will be done now.
 * `restricted`: as the request wants it. `kept-by-law`: a law keeps it. `held`: a legal hold keeps it. `later`: it was
 * registered after the request, which does not cover it. `undetermined`: it cannot be told. `kept`: by a policy, or
 * because the record's other purposes need it.
 */
export const PROGRESS_STATES = [
  'gone',
  'due',
  'restricted',
  'kept-by-law',
  'held',
  'later',
  'undetermined',
  'kept',
] as const;
export type ProgressState = (typeof PROGRESS_STATES)[number];

export interface HoldingProgress {
  readonly store: string;
  /** It is about all records of this collection, and not about one record. */
  readonly collection?: string;
  /** Of a collection that is `gone`: this number of its records stays for their own reasons. They are listed on their own. */
  readonly kept?: number;
  readonly generation: number;
  /** Those that the request is about. */
  readonly categories: readonly string[];
  readonly producers: readonly string[];
  readonly state: ProgressState;
  /** What was done, or comes next. */
  readonly action?: StoreAction;
  /** `gone`: when it was done; `due`: by when it is; else until when it is kept. */
  readonly at?: Instant;
  /** Its use is blocked while it is kept. */
  readonly restricted?: true;
  /** Of a collection: when its records were marked as restricted. What was written later may not be marked. */
  readonly markedAt?: Instant;
  readonly policy?: string;
  readonly rule?: string;
  readonly source?: Source;
  /** Why it is kept, or has no date. */
  readonly reasons: readonly string[];
}

/** What everything is judged by. `states`: with the request's fact in them, or as if it were. */
export interface Judging {
  readonly request: PersonRequest;
  /** The person, and the accounts by which applications know the person. */
  readonly reached: readonly EntityRef[];
  readonly states: States;
  readonly holds: readonly WideHold[];
  /** By store: which rules wait for a person there. */
  readonly guards?: ReadonlyMap<string, LaneGuard>;
  readonly now: Instant;
}

/** Pure: the plan says what happens, and this says it in the words of a request. Nothing: the request is not about it. */
export function progressOf(
  core: Pick<Core, 'configuration'>,
  holding: Holding,
  judging: Judging,
): HoldingProgress | undefined {
  const { request } = judging;
  const variants = holding.variants.filter((variant) => isAbout(judging, variant));
  if (variants.length === 0) return undefined;
  const about = {
    store: holding.store,
    ...present({ collection: holding.collection }),
    generation: holding.generation,
    categories: unique(variants.flatMap(({ categories }) => categories)),
    producers: unique(variants.map(({ producer }) => producer)),
  };
  if (holding.state === 'withdrawn') return { ...about, state: 'gone', reasons: [] };
  if (holding.state === 'disposed') return { ...about, ...gone(holding) };
  if (isKeptSince(holding, request)) return { ...about, ...goneButFor(holding.kept) };
  if (isLater(request, variants)) return { ...about, state: 'later', reasons: [] };
  try {
    const judgement = alsoHeldFor(judged(core, holding, judging), otherPurposes(request, variants));
    return { ...about, ...judgement, ...(judgement.restricted === true && marked(holding)) };
  } catch (error) {
    return { ...about, state: 'undetermined', reasons: [`its plan cannot be made (${codeOf(error)})`] };
  }
}

/** Whether nothing is left to do for this record, so that the request can be closed. What an erasure leaves needs a reason. */
export function isSettled(
  { kind }: Pick<PersonRequest, 'kind'>,
  { state, reasons }: Pick<HoldingProgress, 'state' | 'reasons'>,
): boolean {
  switch (state) {
    case 'gone':
    case 'restricted':
    case 'kept-by-law':
    case 'held':
    case 'later':
      return true;
    case 'kept':
      return kind !== 'erase' || reasons.length > 0;
    case 'due':
    case 'undetermined':
      return false;
  }
}

function isAbout({ request, reached }: Judging, variant: HoldingVariant): boolean {
  if (!variant.entities.some(({ ref }) => reached.includes(ref))) return false;
  const { producer, purposes, categories } = variant;
  if (endsPurposes(request)) return purposes.some((purpose) => request.scope.purposes.includes(purpose));
  return categories.some((category) => covers(request.scope, { category, producer, purposes }));
}

type ByPurpose = PersonRequest & { readonly scope: { readonly purposes: readonly string[] } };

/** It ends these purposes, also of a record that is held for others, too. */
function endsPurposes(request: PersonRequest): request is ByPurpose {
  return 'purposes' in request.scope && (request.kind === 'erase' || request.kind === 'object');
}

function otherPurposes(request: PersonRequest, variants: readonly HoldingVariant[]): readonly string[] {
  if (!endsPurposes(request)) return [];
  const all = unique(variants.flatMap(({ purposes }) => purposes));
  return all.filter((purpose) => !request.scope.purposes.includes(purpose));
}

/** What its other purposes come to is not what was asked for. */
function alsoHeldFor(judgement: Judgement, others: readonly string[]): Judgement {
  const { state, reasons } = judgement;
  if (others.length === 0 || (state !== 'kept' && state !== 'undetermined')) return judgement;
  return { ...judgement, state: 'kept', reasons: [...reasons, `it is also held for ${others.join(', ')}`] };
}

type Kept = Holding & { readonly kept: NonNullable<Holding['kept']> };

/**
 * Of a collection only records are left that stay for their own reasons. What asks for something asks for it from then on:
 * its fact has the collection looked at again.
 */
function isKeptSince(holding: Holding, request: PersonRequest): holding is Kept {
  if (holding.kept === undefined || holding.state !== 'active') return false;
  return !hasEffect(request) || holding.kept.at >= request.receivedAt;
}

function goneButFor({ records, at }: Kept['kept']): Judgement & Pick<HoldingProgress, 'kept'> {
  return { state: 'gone', action: 'delete', at, kept: records, reasons: [] };
}

/** What was registered after the request keeps the whole record. */
function isLater(request: PersonRequest, variants: readonly HoldingVariant[]): boolean {
  if (request.kind !== 'erase' || request.alsoLater === true) return false;
  return variants.some(({ sent }) => sent > request.receivedAt);
}

function isStopped(
  { configuration }: Pick<Core, 'configuration'>,
  stage: PlannedStage,
  guard: LaneGuard | undefined,
): boolean {
  if (guard === undefined || !destroys(stage.action)) return false;
  return guard.rules?.[ruleKey(configuration.policies, stage)]?.stop !== undefined;
}

/** What a person has to end before what is due is done. */
const PAUSED = {
  lane: 'its lane is paused',
  rule: 'the rule or policy that it goes by is paused',
  stopped: 'the rule that it goes by was stopped, and waits for a person to approve it',
} as const;

type Judgement = Omit<
  HoldingProgress,
  'store' | 'collection' | 'kept' | 'markedAt' | 'generation' | 'categories' | 'producers'
>;

function judged(
  core: Pick<Core, 'configuration'>,
  holding: Holding,
  { request, states, holds, guards, now }: Judging,
): Judgement {
  const plan = planOf(core, holding, states, now);
  const restriction = plan.stages.find(({ action }) => action === 'restrict');
  const restricted = restriction?.status === 'done' ? (true as const) : undefined;
  const stages = plan.stages.filter(({ action }) => action === 'anonymise' || action === 'delete');
  const open = stages.filter(({ status }) => status !== 'done');
  const whole = stages.some(({ part }) => part === undefined);
  if (whole && open.length === 0) return gone(holding);
  const ruling = plan.next ?? open[0] ?? plan.stages[0];
  const held =
    ruling !== undefined &&
    heldBy({
      holding,
      policies: [ruling.policy, ...policyNamesOf(core, holding, now)],
      states,
      holds,
      action: ruling.action,
    }) !== undefined;
  // Actions are planned for full minutes, so what a request wants at once is planned for the end of this one.
  const isNow = plan.next?.actAt !== undefined && plan.next.actAt <= roundUpToMinute(now);
  if (plan.next !== undefined && isNow && plan.next.heldByRule !== true) {
    const { next } = plan;
    const paused =
      pausedBy(core, { holding, stage: next }, holds, now) ??
      (isStopped(core, next, guards?.get(holding.store)) ? 'stopped' : undefined);
    const because = why(core, next);
    return {
      ...because,
      reasons: [...because.reasons, ...(paused === undefined ? [] : [PAUSED[paused]])],
      state: held ? 'held' : 'due',
      ...present({ action: next.action, at: held ? undefined : next.deadline, restricted }),
    };
  }
  if (request.kind === 'restrict' && restricted === true)
    return { ...why(core, restriction), state: 'restricted', restricted, action: 'restrict' };
  const keeping = open.find(({ status }) => status === 'due') ?? open[0];
  if (keeping === undefined) return { state: 'kept', reasons: [], ...present({ restricted }) };
  const because = why(core, keeping);
  const action = keeping.action;
  const at = keeping.heldByRule === true ? undefined : keeping.actAt;
  return { ...because, state: keptAs(core, keeping), action, ...present({ at, restricted }) };
}

/** A record is marked whole. A collection goes on: only what there was then is. */
function marked({ collection, done = [] }: Holding): Pick<HoldingProgress, 'markedAt'> {
  if (collection === undefined) return {};
  return present({ markedAt: done.findLast(({ stage }) => stage === 'restrict')?.at });
}

/** What was done to the whole record. What only restricted it, or masked a part, did not remove it. */
function gone({ done = [] }: Holding): Judgement {
  const last = done.findLast(
    ({ stage, part }) => part === undefined && (stage === 'anonymise' || stage === 'delete'),
  );
  return { state: 'gone', reasons: [], ...present({ action: last?.stage, at: last?.at }) };
}

function keptAs(core: Pick<Core, 'configuration'>, stage: PlannedStage): ProgressState {
  if (stage.status !== 'due' && stage.status !== 'never') return 'undetermined';
  const basis = stage.window?.basis ?? ruleOf(core, stage)?.basis;
  return basis === 'law' ? 'kept-by-law' : 'kept';
}

function why(
  core: Pick<Core, 'configuration'>,
  stage: PlannedStage | undefined,
): Pick<HoldingProgress, 'policy' | 'rule' | 'source' | 'reasons'> {
  if (stage === undefined) return { reasons: [] };
  const { policy, ruleText, reasons } = stage;
  return {
    reasons,
    ...present({
      policy: policy === '' ? undefined : policy,
      rule: ruleText === '' ? undefined : ruleText,
      source: ruleOf(core, stage)?.source,
    }),
  };
}

/** The rule of the policy that decided, for where it comes from. */
function ruleOf({ configuration }: Pick<Core, 'configuration'>, stage: PlannedStage) {
  const { policy: name, policyVersion, ruleText } = stage;
  const policy = configuration.policies.policies.find(
    (each) => each.name === name && each.version === policyVersion,
  );
  return Object.values(policy?.categories ?? {})
    .flatMap(({ rules }) => rules)
    .find(({ text }) => text === ruleText);
}
