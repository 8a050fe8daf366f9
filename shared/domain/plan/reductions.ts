import { allMasks } from '../configuration/masks-of.ts';
import { openingOf } from '../evaluate/evaluated.ts';
import type { Determined } from '../evaluate/evaluated.ts';
import { joinGroups } from '../evaluate/join.ts';
import type { Group, Joined } from '../evaluate/join.ts';
import type { StageBounds } from '../evaluate/across-entities.ts';
import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';
import { maskPath } from '../record/mask-tree.ts';
import type { MaskStep } from '../record/mask-tree.ts';
import type { Masks } from '../record/masks.ts';
import { purposePart } from '../record/stage-name.ts';
import type { StageName } from '../record/stage-name.ts';
import type { PlannedStage } from '../record/window.ts';
import { type DoneStage, isDone } from './done.ts';
import type { PurposeEnd, PurposeStanding } from './purposes.ts';

/** The stage for what was joined. */
export type ToStage = (joined: Joined, part: string | undefined) => PlannedStage;

export interface Reducing {
  /** The stages by the rules of the categories. */
  readonly byRules: readonly PlannedStage[];
  readonly groups: readonly Group[];
  readonly purposes: readonly PurposeStanding[];
  readonly done: readonly DoneStage[];
  readonly now: Instant;
}

/**
 * The stages of a holding with those that its purposes lead to. While another purpose lives, the fields that only the
 * ended one needs are masked: a stage of its own. When the last one has ended, the record is deleted, whatever the
 * policy's own rules say; if these delete it earlier, they do. What the law requires, and holds of rules, keep it all the
 * same.
 */
export function withPurposes(reducing: Reducing, toStage: ToStage): readonly PlannedStage[] {
  const { byRules, purposes } = reducing;
  const others = byRules.filter(({ action }) => action !== 'delete');
  const deletion = earliest([
    ...byRules.filter(({ action }) => action === 'delete'),
    ...lastEnd(reducing, toStage),
  ]);
  const reductions = purposes.flatMap((one) => reductionOf(one, reducing, toStage));
  return withParts([...others, ...(deletion === undefined ? [] : [deletion])], reductions);
}

/** With stages that are about parts of the record, each as long as the record is not deleted by then. */
export function withParts(
  stages: readonly PlannedStage[],
  parts: readonly PlannedStage[],
): readonly PlannedStage[] {
  if (parts.length === 0) return stages;
  const deletions = stages.filter(({ action }) => action === 'delete');
  const deletedAt = deletions.find(({ status }) => status === 'due')?.actAt ?? Infinity;
  const before = parts
    .filter(({ status, actAt }) => status !== 'due' || (actAt ?? 0) < deletedAt)
    .toSorted((a, b) => (a.actAt ?? 0) - (b.actAt ?? 0));
  return [...stages.filter(({ action }) => action !== 'delete'), ...before, ...deletions];
}

/** Of two deletions one is enough. Without a date, what the rules of the categories say counts. */
function earliest([byRules, byPurposes]: readonly PlannedStage[]): PlannedStage | undefined {
  if (byRules === undefined || byPurposes === undefined) return byRules ?? byPurposes;
  if (byRules.status === 'done' || byPurposes.status !== 'due') return byRules;
  return byRules.status === 'due' && (byRules.actAt ?? 0) <= (byPurposes.actAt ?? 0) ? byRules : byPurposes;
}

/** Nothing as long as one purpose lives, or may live. */
function lastEnd(reducing: Reducing, toStage: ToStage): readonly PlannedStage[] {
  const { purposes } = reducing;
  const ends = purposes.flatMap(({ standing }) => (standing.kind === 'ended' ? [standing.end] : []));
  const [first] = ends;
  if (first === undefined || ends.length < purposes.length) return [];
  const last = ends.reduce((latest, end) => (end.at > latest.at ? end : latest), first);
  const before = Math.max(-Infinity, ...ends.filter((end) => end !== last).map(({ at }) => at));
  return staged({ action: 'delete' }, notEarlierThan(before, last), reducing.groups, toStage);
}

function reductionOf(one: PurposeStanding, reducing: Reducing, toStage: ToStage): readonly PlannedStage[] {
  const { purpose, standing } = one;
  const name = { action: 'anonymise', part: purposePart(purpose) } as const;
  const wasDone = isDone(name, reducing.done);
  if (standing.kind !== 'ended') {
    // It lives again. What was masked before that stays masked.
    const nothing = { policy: '', policyVersion: '', ruleText: '', facts: [], reasons: [] };
    return wasDone ? [{ ...name, status: 'done', ...nothing }] : [];
  }
  const { end } = standing;
  const isLast = reducing.purposes.every(
    (other) => other === one || (other.standing.kind === 'ended' && other.standing.end.at <= end.at),
  );
  if (isLast && !wasDone) return [];
  return staged(name, end, reducing.groups, toStage).filter(({ status, actAt }) => {
    const then = Math.max(reducing.now, actAt ?? end.at);
    return status === 'done' || Object.keys(reductionMasks(reducing.purposes, purpose, then)).length > 0;
  });
}

/** The purpose's end as a rule of the policy, joined with what the law requires. */
export function staged(
  name: StageName & { readonly action: 'anonymise' | 'delete' },
  { policy, rule, stage }: Pick<PurposeEnd, 'policy' | 'rule' | 'stage'>,
  groups: readonly Group[],
  toStage: ToStage,
): readonly PlannedStage[] {
  const own: Group = {
    category: name.part ?? 'purposes',
    policy,
    rules: [{ policy, rule, stages: [{ ...stage, action: name.action }] }],
  };
  const joined = joinGroups([...groups.flatMap(lawOf), own]).find(({ action }) => action === name.action);
  if (joined === undefined) return [];
  const openHolds = groups.flatMap(({ rules }) =>
    rules.flatMap((one) => one.stages.flatMap((each) => each.openHolds)),
  );
  return [toStage(joined.kind === 'window' ? withHolds(inOrder(joined), openHolds) : joined, name.part)];
}

type JoinedWindow = Extract<Joined, { readonly kind: 'window' }>;

/** What the law keeps for longer is late by the purpose's own maximum, and no conflict: the law counts. */
function inOrder({ notAfter, requiredBy, ...rest }: JoinedWindow): JoinedWindow {
  const isLate = notAfter !== undefined && notAfter < (rest.notBefore ?? notAfter);
  return isLate ? rest : { ...rest, ...present({ notAfter, requiredBy }) };
}

/** A rule that gives way still holds: its `held from … until …` is open. */
function withHolds(joined: JoinedWindow, openHolds: readonly string[]): JoinedWindow {
  return { ...joined, openHolds: [...new Set([...joined.openHolds, ...openHolds])] };
}

/** Of a category: the rules that the law asks for and that have a minimum. Nothing if none does. */
function lawOf(group: Group): readonly Group[] {
  const rules = group.rules.filter(
    ({ rule, stages }) =>
      rule.basis === 'law' && stages.some((stage) => openingOf(stage)?.side === 'notBefore'),
  );
  return rules.length === 0 && group.undetermined === undefined ? [] : [{ ...group, rules }];
}

/** The last end with its own bounds, or where another purpose ended later than those allow, from that instant on. */
function notEarlierThan(before: Instant, last: PurposeEnd): PurposeEnd {
  const { notBefore, notAfter } = last.stage;
  const opening = openingOf(last.stage)?.bound;
  if (opening?.kind !== 'determined') return last;
  const from = Math.max(opening.floor, notBefore?.kind === 'determined' ? notBefore.at : opening.floor);
  if (before <= from) return last;
  const bound: Determined = { ...opening, point: { kind: 'instant', at: last.at }, at: last.at };
  const until = notAfter?.kind === 'determined' && notAfter.at >= last.at ? notAfter : undefined;
  const stage: StageBounds = {
    action: last.stage.action,
    notBefore: bound,
    ...present({ notAfter: until }),
    openHolds: last.stage.openHolds,
  };
  return { ...last, stage };
}

/** What a reduction masks at an instant: the fields of the purpose that no purpose needs that lives then. */
export function reductionMasks(purposes: readonly PurposeStanding[], purpose: string, at: Instant): Masks {
  const ended = purposes.find((one) => one.purpose === purpose);
  const needed = purposes
    .filter((one) => one !== ended && !hasEnded(one, at))
    .flatMap(({ fields }) => fields.flatMap(({ masks }) => Object.keys(masks)));
  const masks = Object.entries(allMasks(ended?.fields ?? []));
  return Object.fromEntries(masks.filter(([field]) => !needed.some((other) => overlap(field, other))));
}

function hasEnded({ standing }: PurposeStanding, at: Instant): boolean {
  return standing.kind === 'ended' && standing.end.at <= at;
}

/** One is the other, or inside it. What cannot be read as a path is kept. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map(maskPath);
  if (a === undefined || b === undefined) return true;
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((step, index) => isSameStep(step, b[index]));
}

function isSameStep(one: MaskStep, other: MaskStep | undefined): boolean {
  if (one.kind === 'elements' || other?.kind === 'elements') return one.kind === other?.kind;
  return one.name === other?.name;
}
