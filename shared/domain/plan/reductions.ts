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
import { underErasure } from './erasure.ts';
import type { PurposeEnd, PurposeStanding } from './purposes.ts';

/** The stage for what was joined. */
export type ToStage = (joined: Joined, part: string | undefined) => PlannedStage;

export interface Reducing {
  /** The stages by the rules of the categories. */
  readonly byRules: readonly PlannedStage[];
  readonly groups: readonly Group[];
  readonly purposes: readonly PurposeStanding[];
  readonly done: readonly DoneStage[];
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

/** With stages that are about parts of the record, each as long as the record is not deleted by then, or is held. */
export function withParts(
  stages: readonly PlannedStage[],
  parts: readonly PlannedStage[],
): readonly PlannedStage[] {
  if (parts.length === 0) return stages;
  const deletions = stages.filter(({ action }) => action === 'delete');
  const isOpen = ({ status, heldByRule }: PlannedStage): boolean => status === 'due' && heldByRule !== true;
  const deletedAt = deletions.find(isOpen)?.actAt ?? Infinity;
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
  const end = heldBy(
    purposes.flatMap((one) => one.openHolds),
    notEarlierThan(before, last),
  );
  return staged({ action: 'delete' }, end, reducing.groups, toStage);
}

/** A purpose whose own rule is held needs what it names, whatever its date: holds do not move dates. */
function heldBy(openHolds: readonly string[], end: PurposeEnd): PurposeEnd {
  return { ...end, stage: { ...end.stage, openHolds: [...new Set([...end.stage.openHolds, ...openHolds])] } };
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
  const end = heldBy(one.openHolds, standing.end);
  const isLast = reducing.purposes.every((other) => other === one || hasEnded(other, end.at));
  const from = isLast ? undefined : maskedFrom(one, end.at, reducing.purposes);
  if (from === undefined && !wasDone) return [];
  const heldFor = reducing.purposes.map((each) => each.purpose).toSorted();
  const stages = staged(
    name,
    from !== undefined && from > end.at ? notEarlierThan(from, end) : end,
    reducing.groups,
    toStage,
  );
  return stages.map((stage) => ({ ...stage, heldFor }));
}

/**
 * When the first of its fields is needed by no other purpose any more, or one of a purpose that ended before; nothing if
 * that is not known. What other purposes leave later is theirs.
 */
function maskedFrom(
  one: PurposeStanding,
  at: Instant,
  purposes: readonly PurposeStanding[],
): Instant | undefined {
  const own = purposes.filter((other) => other === one || hasEnded(other, at));
  const fields = own.flatMap((other) => fieldsIn(other.fields));
  const later = purposes.flatMap(({ standing }) =>
    standing.kind === 'ended' && standing.end.at > at ? [standing.end.at] : [],
  );
  return [at, ...later.toSorted((a, b) => a - b)].find((from) =>
    Object.keys(reductionMasks(purposes, one.purpose, from)).some((field) => fields.includes(field)),
  );
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
  const floor = openingFloor(stage);
  const law = groups.flatMap((group) => lawOf(group, floor));
  const joined = joinGroups([...law, own]).find(({ action }) => action === name.action);
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

/**
 * Of a category: what the law keeps by a minimum that applies, whatever it says is to be done then. Nothing if no law
 * does. `floor`: of what ended.
 */
function lawOf(group: Group, floor: Instant): readonly Group[] {
  const rules = group.rules.filter(({ rule, stages }) => rule.basis === 'law' && stages.some(keeps));
  const keeping = rules.map((rule) => ({
    ...rule,
    stages: rule.stages
      .filter((stage) => keeps(stage) || openingOf(stage)?.side === 'notAfter')
      .flatMap((stage) => underErasure(stage, floor)),
  }));
  return rules.length === 0 && group.undetermined === undefined ? [] : [{ ...group, rules: keeping }];
}

function keeps(stage: StageBounds): boolean {
  const opening = openingOf(stage);
  if (opening?.side !== 'notBefore') return false;
  const { bound } = opening;
  return bound.kind !== 'undetermined' || bound.why !== 'not-applicable';
}

function openingFloor(stage: StageBounds): Instant {
  const bound = openingOf(stage)?.bound;
  return bound?.kind === 'determined' ? bound.floor : Infinity;
}

/** An end with its own bounds, or where another purpose ended later than those allow, from that instant on. */
function notEarlierThan(before: Instant, last: PurposeEnd): PurposeEnd {
  const { notBefore, notAfter } = last.stage;
  const opening = openingOf(last.stage)?.bound;
  if (opening?.kind !== 'determined') return last;
  const from = Math.max(opening.floor, notBefore?.kind === 'determined' ? notBefore.at : opening.floor);
  if (before <= from) return last;
  const at = Math.max(before, last.at);
  const bound: Determined = { ...opening, point: { kind: 'instant', at }, at };
  const until = notAfter?.kind === 'determined' && notAfter.at >= at ? notAfter : undefined;
  const stage: StageBounds = {
    action: last.stage.action,
    notBefore: bound,
    ...present({ notAfter: until }),
    openHolds: last.stage.openHolds,
  };
  return { ...last, stage };
}

/**
 * What a reduction masks at an instant: the fields of the purpose that no purpose needs that lives then. Also those of
 * purposes that have ended, where its own fields were the reason to keep them: theirs may have been reduced before.
 */
export function reductionMasks(purposes: readonly PurposeStanding[], purpose: string, at: Instant): Masks {
  const ended = purposes.find((one) => one.purpose === purpose);
  if (ended === undefined) return {};
  const others = purposes.filter((one) => one !== ended);
  const needed = others
    .filter((one) => !hasEnded(one, at))
    .flatMap(({ fields, formerFields }) => [...fieldsIn(fields), ...formerFields]);
  const own = fieldsIn(ended.fields);
  const inOrder = [ended, ...others.filter((one) => hasEnded(one, at))].toSorted((a, b) =>
    a.purpose < b.purpose ? -1 : 1,
  );
  const masks = Object.entries(allMasks(inOrder.flatMap(({ fields }) => fields)));
  return Object.fromEntries(
    masks.filter(
      ([field]) => own.some((one) => overlap(field, one)) && !needed.some((other) => overlap(field, other)),
    ),
  );
}

function fieldsIn(fields: PurposeStanding['fields']): readonly string[] {
  return fields.flatMap(({ masks }) => Object.keys(masks));
}

function hasEnded({ standing, openHolds }: PurposeStanding, at: Instant): boolean {
  return standing.kind === 'ended' && standing.end.at <= at && openHolds.length === 0;
}

/** One is the other, or inside it. What cannot be read as a path is kept. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map(maskPath);
  if (a === undefined || b === undefined) return true;
  const shorter = Math.min(a.length, b.length);
  return a.slice(0, shorter).every((step, index) => isSameStep(step, b[index]));
}

function isSameStep(one: MaskStep, other: MaskStep | undefined): boolean {
  if (one.kind === 'elements' || other?.kind === 'elements') return one.kind === other?.kind;
  return one.name === other?.name;
}
