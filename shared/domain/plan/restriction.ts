import { LIFT_TEXT, RESTRICTION_TEXT } from '../people/request-texts.ts';
import { formatInstant, roundUpToMinute } from '../calendar/calendar.ts';
import { isoUtc } from '../calendar/utc-time.ts';
import {
  covers,
  type RequestEffect,
  requestsOf,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
} from '../people/effects.ts';
import { present } from '../present.ts';
import type { Instant, Occurred } from '../record/ids.ts';
import type { PlannedStage, WinningFact } from '../record/window.ts';
import { type DoneStage, isRestricted, isRestrictionDone } from './done.ts';
import { ERASURE_RULE, type KeptByLaw, type Registered } from './erasure.ts';

type Restricting = Extract<RequestEffect, { readonly kind: 'restrict' }>;

/** What people asked for, for all registrations of a holding. */
export interface Restrictions {
  /** Not released at the plan's `now`, the earliest first. */
  readonly open: readonly Restricting[];
  /** When the last one was released. */
  readonly releasedAt?: Instant;
}

/**
 * A restriction is a state of the person's data: it covers what is registered later, too, until it is released. It covers
 * the whole record, also where other people are in it.
 */
export function restrictionsOn(registered: readonly Registered[], now: Instant): Restrictions {
  const all = new Map<string, Restricting>();
  for (const { category, variant, entities, states } of registered) {
    for (const { ref } of entities) {
      const state = states.get(ref);
      for (const effect of state === undefined ? [] : requestsOf(state)) {
        if (effect.kind === 'restrict' && covers(effect.scope, { ...variant, category }))
          all.set(effect.ref, effect);
      }
    }
  }
  const isReleased = ({ released }: Restricting): boolean => released !== undefined && released <= now;
  const found = [...all.values()].toSorted((a, b) => a.at - b.at);
  const releases = found.filter(isReleased).flatMap(({ released }) => released ?? []);
  return {
    open: found.filter((one) => !isReleased(one)),
    ...(releases.length > 0 && { releasedAt: Math.max(...releases) }),
  };
}

/** Why a record is to be restricted besides its rules, and from when. */
interface Wanted {
  readonly at: Instant;
  readonly text: string;
  readonly basis: 'law' | 'policy';
  readonly facts: readonly WinningFact[];
  readonly reasons: readonly string[];
}

export interface RestrictionInput {
  readonly restrictions: Restrictions;
  readonly kept: KeptByLaw | undefined;
  /** What the rules say of restricting, as if nothing had been done: whether it is in force does not depend on what was. */
  readonly byRule: PlannedStage | undefined;
  readonly done: readonly DoneStage[];
  readonly canRestrict: boolean;
  readonly now: Instant;
  /** Whose policy it is, and how long it may take. */
  readonly policy:
    | { readonly name: string; readonly version: string; readonly graceSeconds: number }
    | undefined;
  readonly zone: string;
}

export interface WithRestriction {
  readonly stages: readonly PlannedStage[];
  /** Due now, and done before everything else: what is under a hold can still be restricted. */
  readonly pressing?: PlannedStage;
}

/**
 * The stages with what people asked for: the record is restricted while there is a reason to, and that is lifted when none
 * is left. A restriction that forbids deletion holds the other stages like a rule does, until it is released.
 */
export function withRestriction(stages: readonly PlannedStage[], input: RestrictionInput): WithRestriction {
  const { restrictions, canRestrict, done, now, zone } = input;
  const all = forbidding(stages, restrictions, zone);
  const byRule = all.find(({ action }) => action === 'restrict');
  const others = all.filter((stage) => stage !== byRule);
  const wanted = canRestrict ? wantedFrom(all, input) : undefined;
  const planned = wanted === undefined ? byRule : earlier(byRule, restrictStage(wanted, input));
  const isWanted = (wanted !== undefined && wanted.at <= now) || isPressing(input.byRule, now);
  // A store that has lost the option can neither restrict nor lift: what is marked in it stays, and stops nothing else.
  const lift = canRestrict && !isWanted && isRestricted(done) ? liftStage(input) : undefined;
  const restrict = lift !== undefined && planned === byRule ? input.byRule : planned;
  const pressing = [lift, restrict === byRule ? undefined : restrict].find((stage) => isPressing(stage, now));
  return {
    stages: [lift, restrict, ...others].filter((stage) => stage !== undefined),
    ...present({ pressing }),
  };
}

function isPressing(stage: PlannedStage | undefined, now: Instant): stage is PlannedStage {
  return stage?.status === 'due' && stage.actAt !== undefined && stage.actAt <= now;
}

function forbidding(
  stages: readonly PlannedStage[],
  { open }: Restrictions,
  zone: string,
): readonly PlannedStage[] {
  const forbids = open.filter(({ forbidsDeletion }) => forbidsDeletion);
  if (forbids.length === 0) return stages;
  const reasons = forbids.map(
    ({ at }) => `the restriction request of ${formatInstant(at, zone)} forbids deletion until it is released`,
  );
  return stages.map((stage) =>
    stage.action === 'restrict' || stage.action === 'lift' || stage.status !== 'due'
      ? stage
      : { ...stage, heldByRule: true, reasons: [...stage.reasons, ...reasons] },
  );
}

function wantedFrom(
  stages: readonly PlannedStage[],
  { restrictions, kept, done, now, zone }: RestrictionInput,
): Wanted | undefined {
  const wanted: Wanted[] = [];
  const [first] = restrictions.open;
  if (first !== undefined) {
    wanted.push({
      at: first.at,
      text: RESTRICTION_TEXT,
      basis: 'policy',
      facts: [{ type: RESTRICT_REQUESTED, occurred: isoUtc(first.at) as Occurred, personal: false }],
      reasons: [],
    });
  }
  // What is due for deletion by now is deleted instead, but not used again until then.
  if (kept !== undefined && (kept.until === undefined || kept.until > now || isRestricted(done))) {
    const { at, law, facts } = kept;
    const reasons = [`the law keeps what was to be erased on ${formatInstant(at, zone)}: “${law.text}”`];
    wanted.push({ at, text: ERASURE_RULE.text, basis: 'law', facts, reasons });
  }
  const conflict = stages.find(({ status, window }) => status === 'conflict' && window?.basis === 'law');
  if (conflict?.window?.notAfter !== undefined) {
    const { ruleText: text, facts, reasons } = conflict;
    wanted.push({ at: conflict.window.notAfter, text, basis: 'law', facts, reasons });
  }
  return wanted.toSorted((a, b) => a.at - b.at)[0];
}

/** What is due by a rule first stays as the rule has it. */
function earlier(byRule: PlannedStage | undefined, wanted: PlannedStage): PlannedStage {
  if (byRule?.status === 'done') return byRule;
  return byRule?.actAt !== undefined && byRule.actAt <= (wanted.actAt ?? Infinity) ? byRule : wanted;
}

function restrictStage(
  { at, text, basis, facts, reasons }: Wanted,
  { done, policy }: RestrictionInput,
): PlannedStage {
  const { name = '', version = '', graceSeconds = 0 } = policy ?? {};
  const by = { policy: name, policyVersion: version, ruleText: text, facts };
  if (isRestrictionDone(done)) return { action: 'restrict', status: 'done', reasons: [], ...by };
  const actAt = roundUpToMinute(at);
  return {
    action: 'restrict',
    status: 'due',
    window: { notBefore: at, floor: at, basis },
    actAt,
    deadline: actAt + graceSeconds * 1000,
    reasons,
    ...by,
  };
}

/** Due from the release on; where a request was cancelled, from the restriction on, because nothing says when. */
function liftStage({ restrictions, done, policy }: RestrictionInput): PlannedStage {
  const { name = '', version = '', graceSeconds = 0 } = policy ?? {};
  const restricted = done.findLast(({ action }) => action === 'restrict')?.at ?? 0;
  const { releasedAt } = restrictions;
  const at = Math.max(releasedAt ?? 0, restricted);
  const actAt = roundUpToMinute(at);
  const facts: readonly WinningFact[] =
    releasedAt === undefined
      ? []
      : [{ type: RESTRICTION_RELEASED, occurred: isoUtc(releasedAt) as Occurred, personal: false }];
  return {
    action: 'lift',
    status: 'due',
    window: { notBefore: at, floor: at, basis: 'policy' },
    actAt,
    ...(releasedAt !== undefined && { deadline: actAt + graceSeconds * 1000 }),
    policy: name,
    policyVersion: version,
    ruleText: LIFT_TEXT,
    facts,
    reasons: [],
  };
}
