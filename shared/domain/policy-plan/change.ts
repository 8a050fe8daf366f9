import { canonicalJson } from '../canonical-json.ts';
import type { Policy } from '../configuration/policy.ts';
import { own } from '../own.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import type { Instant } from '../record/ids.ts';

const DAY = 86_400_000;

/** What is due within this time counts as newly due: it is too late to ask a person when the records go the next morning. */
export const SOON_DAYS = 30;

/** The end of this time. */
export function soonAfter(now: Instant): Instant {
  return now + SOON_DAYS * DAY;
}

/**
 * What other policies make of one record. `due`: due now, and it was not; `soon`: the same within 30 days; `earlier`,
 * `later`: its date moves, or it gets one; `action`: something else is done on the same date; `kept`: it has no date any
 * more; `conflict`: rules contradict each other, and did not; `failed`: no plan can be made, so it is kept.
 */
export const CHANGES = [
  'due',
  'soon',
  'earlier',
  'later',
  'action',
  'kept',
  'conflict',
  'failed',
  'unchanged',
] as const;
export type Change = (typeof CHANGES)[number];

/** `act`: what is done, so that two acts are equal if their texts are. */
interface DatedAct {
  readonly at: Instant;
  readonly act: string;
}

/** What one set of policies says of a record. */
export type Verdict =
  /** What is done next, and what is done to the same record after that. */
  | ({ readonly kind: 'dated'; readonly follows?: readonly DatedAct[] } & DatedAct)
  | { readonly kind: 'undated' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed' };

/**
 * `fields`: what is masked. While a rule holds a record, it is not disposed of. To lift a restriction is not a disposal; what
 * comes after it is.
 */
export function verdictOf(
  { status, next, stages }: Pick<Plan, 'status' | 'next' | 'stages'>,
  fields: () => string,
): Verdict {
  if (status === 'conflict') return { kind: 'conflict' };
  if (next?.actAt === undefined || next.heldByRule === true) return { kind: 'undated' };
  const isFirst = (stage: PlannedStage): boolean => stage.action === next.action && stage.part === next.part;
  const later = stages
    .filter((stage) => stage.status === 'due' && stage.heldByRule !== true && !isFirst(stage))
    .toSorted((a, b) => (a.actAt ?? 0) - (b.actAt ?? 0));
  const all = [next, ...later].filter(({ action }) => action !== 'lift');
  const last = all.findIndex(({ action, part }) => action === 'delete' && part === undefined);
  const acts = all.slice(0, last < 0 ? all.length : last + 1).flatMap(({ action, actAt, part }) => {
    const masked = action === 'anonymise' ? fields() : '';
    return actAt === undefined ? [] : [{ at: actAt, act: [action, part ?? '', masked].join(' ') }];
  });
  const [first, ...follows] = acts;
  if (first === undefined) return { kind: 'undated' };
  return { kind: 'dated', ...first, ...(follows.length > 0 && { follows }) };
}

/**
 * With what is known of the next 30 days: a hold that ends by then, or a move of somebody, was announced. `soon`: the
 * verdict as of their end, for what is not due at `now`.
 */
export function withAnnounced(verdict: Verdict, soon: Verdict, now: Instant): Verdict {
  if (soon.kind !== 'dated') return verdict;
  const [first, ...others] = [soon, ...(soon.follows ?? [])].map(({ at, act }) => ({
    at: Math.max(at, now + 1),
    act,
  }));
  if (first === undefined) return verdict;
  if (verdict.kind === 'undated') return { kind: 'dated', ...first, follows: others };
  if (verdict.kind !== 'dated') return verdict;
  return { ...verdict, follows: [...(verdict.follows ?? []), first, ...others] };
}

/** The fields that these policies mask in records of these categories. */
export function maskedFields(categories: readonly string[], policies: readonly Policy[]): string {
  return canonicalJson(
    categories.flatMap((category) =>
      policies.flatMap((policy) => {
        const { masks, subjects } = own(policy.categories, category) ?? {};
        if (own(policy.categories, category) === undefined) return [];
        const ofPurposes = Object.entries(policy.purposePolicies ?? {}).map(([name, { fields = {} }]) => [
          name,
          fields,
        ]);
        return [[masks ?? {}, subjects?.fields ?? {}, ofPurposes]];
      }),
    ),
  );
}

/**
 * From one verdict to the other, as of `now`. What is due in either way does not change. What was unknown before is taken as kept: it may be
 * newly due.
 */
export function changeOf(before: Verdict, after: Verdict, now: Instant): Change {
  switch (after.kind) {
    case 'failed':
      return before.kind === 'failed' ? 'unchanged' : 'failed';
    case 'conflict':
      return before.kind === 'conflict' ? 'unchanged' : 'conflict';
    case 'undated':
      return before.kind === 'dated' ? 'kept' : 'unchanged';
    case 'dated': {
      const wasBy = (instant: Instant): boolean =>
        actsBy(after, instant).every((act) => actsBy(before, instant).includes(act));
      const soon = soonAfter(now);
      if (!wasBy(now)) return 'due';
      if (!wasBy(soon)) return 'soon';
      if (after.at <= now) return 'unchanged';
      if (before.kind !== 'dated' || after.at < before.at) return 'earlier';
      if (after.at > before.at) return 'later';
      return after.act === before.act ? 'unchanged' : 'action';
    }
  }
}

/** Everything that is done to the record until then. */
function actsBy(verdict: Verdict, instant: Instant): readonly string[] {
  if (verdict.kind !== 'dated') return [];
  return [verdict, ...(verdict.follows ?? [])].flatMap(({ at, act }) => (at <= instant ? [act] : []));
}
