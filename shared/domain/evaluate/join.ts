import { strength } from '../record/actions.ts';
import type { Action } from '../record/actions.ts';
import type { StageBounds } from './across-entities.ts';
import { mostFinal, openingOf } from './evaluated.ts';
import type { Determined, Unknown } from './evaluated.ts';
import type { Instant } from '../record/ids.ts';
import type { Policy, PolicyRule } from '../configuration/policy.ts';
import { present } from '../present.ts';
import type { WinningFact } from '../record/window.ts';

/** The rules that count for one category under one registration, evaluated. */
export interface Group {
  readonly category: string;
  readonly policy?: Policy;
  readonly rules: readonly EvaluatedRule[];
  /** Why the category as a whole keeps the holding. */
  readonly undetermined?: string;
}

export interface EvaluatedRule {
  readonly policy: Policy;
  readonly rule: PolicyRule;
  readonly stages: readonly StageBounds[];
}

/** A rule's bound that decided something. */
export interface Deciding {
  readonly policy: Policy;
  readonly rule: PolicyRule;
  readonly facts: readonly WinningFact[];
}

/** From when a category lets an action happen. */
type Permission = Permitted | (Unknown & { readonly by?: Deciding });
interface Permitted {
  readonly kind: 'permitted';
  /** The later of `notBefore` and `floor`. */
  readonly from: Instant;
  readonly notBefore?: Instant;
  readonly floor: Instant;
  /** The floor is the instant of a personal event. */
  readonly floorIsPersonal: boolean;
  readonly by: Deciding;
}

export type Joined =
  | {
      readonly kind: 'window';
      readonly action: Action;
      readonly notBefore?: Instant;
      readonly notAfter?: Instant;
      readonly floor: Instant;
      /** The floor may be the instant of a personal event. */
      readonly floorIsPersonal: boolean;
      readonly permittedBy: Deciding;
      readonly requiredBy?: Deciding;
      readonly openHolds: readonly string[];
    }
  | {
      readonly kind: Unknown['kind'];
      readonly action: Action;
      readonly reasons: readonly string[];
      readonly tooMany?: true;
      readonly by?: Deciding;
    };

/**
 * Promise 9, second half, and the only place where rules meet. For an action `a` that any category names:
 *
 *   notBefore(a) = the latest over categories c of the earliest over actions b at least as strong as a of notBefore(c, b)
 *   notAfter(a)  = the earliest over the categories that name a
 *
 * A category that only says "delete at T" thus permits anonymising from T on, and one that never names anything as
 * strong as `a` never permits it. Within a category, rules that name the same action join in the same way: latest
 * notBefore and floor, earliest notAfter. A rule with an upper bound alone permits from its floor on; while that bound
 * is unknown the rule adds nothing, and a category that has only such rules permits nothing. An unknown lower bound
 * keeps the holding.
 */
export function joinGroups(groups: readonly Group[]): readonly Joined[] {
  const named = groups.flatMap((group) =>
    group.rules.flatMap(({ stages }) => stages.map(({ action }) => action)),
  );
  const actions: readonly Action[] = named.length > 0 ? [...new Set(named)] : ['delete'];
  return actions.toSorted((a, b) => strength(a) - strength(b)).map((action) => joinAction(action, groups));
}

function joinAction(action: Action, groups: readonly Group[]): Joined {
  const permissions = groups.map((group) => groupPermission(action, group));
  const unknown = combinedUnknown(permissions);
  if (unknown !== undefined) return { action, ...unknown };
  const permitted = permissions.filter(
    (permission): permission is Permitted => permission.kind === 'permitted',
  );
  const together = latestOf(permitted);
  if (together === undefined)
    return { kind: 'undetermined', action, reasons: ['the holding has no category'] };
  const required = earliestBound(
    groups.flatMap((group) => group.rules),
    action,
  );
  return {
    kind: 'window',
    action,
    ...present({ notBefore: together.notBefore, notAfter: required?.at, requiredBy: required?.by }),
    floor: together.floor,
    floorIsPersonal: together.floorIsPersonal,
    permittedBy: together.by,
    openHolds: [...new Set(groups.flatMap((group) => openHoldsOf(action, group)))],
  };
}

/** Of all rules that have a say: in each category those that name the action, otherwise those that name a stronger one. */
function openHoldsOf(action: Action, { rules }: Group): readonly string[] {
  const stages = rules.flatMap((rule) => rule.stages);
  const naming = stages.filter((stage) => stage.action === action);
  const stronger = stages.filter((stage) => strength(stage.action) > strength(action));
  return (naming.length > 0 ? naming : stronger).flatMap((stage) => stage.openHolds);
}

function groupPermission(action: Action, group: Group): Permission {
  if (group.undetermined !== undefined)
    return { kind: 'undetermined', reasons: [group.undetermined], steps: [] };
  const named = new Set(group.rules.flatMap(({ stages }) => stages.map((stage) => stage.action)));
  const strongEnough = [...named].filter((other) => strength(other) >= strength(action));
  if (strongEnough.length === 0) {
    const reason = `no rule of category ${group.category} allows “${action}”`;
    return { kind: 'never', reasons: [reason], steps: [] };
  }
  const permissions = strongEnough.map((other) => actionPermission(other, group.rules));
  const permitted = permissions.filter(
    (permission): permission is Permitted => permission.kind === 'permitted',
  );
  if (permitted.length > 0) return permitted.reduce((best, next) => (next.from < best.from ? next : best));
  // Nothing is permitted yet. What a fact can still determine says more than what never happens.
  const hopeful = permissions.filter(({ kind }) => kind === 'undetermined');
  return (
    combinedUnknown(hopeful.length > 0 ? hopeful : permissions) ?? { kind: 'never', reasons: [], steps: [] }
  );
}

/** All rules of one category that name exactly this action, joined. An unknown upper bound adds nothing, nor does a rule that does not apply. */
function actionPermission(action: Action, rules: readonly EvaluatedRule[]): Permission {
  const named = rules.flatMap((rule) =>
    rule.stages.flatMap((stage) =>
      stage.action === action ? [{ stage, permission: stagePermission(stage, rule) }] : [],
    ),
  );
  const adding = named.filter(
    ({ stage, permission }) =>
      permission.kind !== 'undetermined' ||
      (openingOf(stage)?.side === 'notBefore' && permission.why !== 'not-applicable'),
  );
  const permissions = (adding.length > 0 ? adding : named).map(({ permission }) => permission);
  return (
    combinedUnknown(permissions) ??
    latestOf(permissions.filter((permission) => permission.kind === 'permitted')) ?? {
      kind: 'never',
      reasons: [],
      steps: [],
    }
  );
}

function stagePermission(stage: StageBounds, { policy, rule }: EvaluatedRule): Permission {
  const { notAfter } = stage;
  const { side, bound: opening } = openingOf(stage) ?? {};
  if (opening === undefined)
    return {
      kind: 'undetermined',
      reasons: ['the stage has no bound'],
      steps: [],
      by: { policy, rule, facts: [] },
    };
  if (opening.kind !== 'determined') return { ...opening, by: { policy, rule, facts: [] } };
  const floor = Math.max(opening.floor, notAfter?.kind === 'determined' ? notAfter.floor : opening.floor);
  const by = { policy, rule, facts: opening.facts };
  const facts = [...opening.facts, ...(notAfter?.kind === 'determined' ? notAfter.facts : [])];
  const floorIsPersonal = facts.some(({ personal }) => personal);
  if (side === 'notAfter') return { kind: 'permitted', from: floor, floor, floorIsPersonal, by };
  const from = Math.max(opening.at, floor);
  return { kind: 'permitted', from, notBefore: opening.at, floor, floorIsPersonal, by };
}

/** Latest notBefore and latest floor; the rule that holds longest decides. */
function latestOf(permitted: readonly Permitted[]): Permitted | undefined {
  const [first] = permitted;
  if (first === undefined) return undefined;
  const bounds = permitted.flatMap(({ notBefore }) => (notBefore === undefined ? [] : [notBefore]));
  const decides = permitted.reduce((best, next) => (holdsLonger(next, best) ? next : best), first);
  const floor = Math.max(...permitted.map((permission) => permission.floor));
  const notBefore = bounds.length === 0 ? undefined : Math.max(...bounds);
  return {
    kind: 'permitted',
    from: Math.max(floor, notBefore ?? floor),
    floor,
    floorIsPersonal: permitted.some((permission) => permission.floor === floor && permission.floorIsPersonal),
    ...present({ notBefore }),
    by: decides.by,
  };
}

/** A bound decides over a floor; of two equal bounds, the law decides over the policy. */
function holdsLonger(a: Permitted, b: Permitted): boolean {
  if ((a.notBefore === undefined) !== (b.notBefore === undefined)) return a.notBefore !== undefined;
  if (a.from !== b.from) return a.from > b.from;
  return a.by.rule.basis === 'law' && b.by.rule.basis !== 'law';
}

function earliestBound(
  rules: readonly EvaluatedRule[],
  action: Action,
): { at: Instant; by: Deciding } | undefined {
  let earliest: { at: Instant; by: Deciding } | undefined;
  for (const { policy, rule, stages } of rules) {
    for (const stage of stages) {
      if (stage.action !== action || stage.notAfter?.kind !== 'determined') continue;
      const bound: Determined = stage.notAfter;
      if (earliest === undefined || bound.at < earliest.at)
        earliest = { at: bound.at, by: { policy, rule, facts: bound.facts } };
    }
  }
  return earliest;
}

function combinedUnknown(permissions: readonly Permission[]): (Unknown & { by?: Deciding }) | undefined {
  const unknown = permissions.filter((permission) => permission.kind !== 'permitted');
  const final = mostFinal(unknown.map((result) => ({ result })));
  if (final === undefined) return undefined;
  const by = unknown.find(({ kind, by: deciding }) => kind === final.kind && deciding !== undefined)?.by;
  return by === undefined ? final : { ...final, by };
}
