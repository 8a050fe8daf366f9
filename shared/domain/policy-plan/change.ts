import { canonicalJson } from '../canonical-json.ts';
import type { Policy } from '../configuration/policy.ts';
import { own } from '../own.ts';
import type { Plan } from '../plan/plan.ts';
import type { Instant } from '../record/ids.ts';

const DAY = 86_400_000;

/** What is due within this time counts as newly due: it is too late to ask a person when the records go the next morning. */
export const SOON_DAYS = 30;

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

/** What one set of policies says of a record. */
export type Verdict =
  /** `act`: what is done, so that two acts are equal if their texts are. */
  | { readonly kind: 'dated'; readonly at: Instant; readonly act: string }
  | { readonly kind: 'undated' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed' };

/** `fields`: what is masked. While a rule holds a record, it is not disposed of. To lift a restriction is no disposal. */
export function verdictOf({ status, next }: Pick<Plan, 'status' | 'next'>, fields: () => string): Verdict {
  if (status === 'conflict') return { kind: 'conflict' };
  if (next?.actAt === undefined || next.heldByRule === true || next.action === 'lift')
    return { kind: 'undated' };
  const masked = next.action === 'anonymise' ? fields() : '';
  return { kind: 'dated', at: next.actAt, act: [next.action, next.part ?? '', masked].join(' ') };
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
        before.kind === 'dated' && before.act === after.act && before.at <= instant;
      const soon = now + SOON_DAYS * DAY;
      if (after.at <= now) return wasBy(now) ? 'unchanged' : 'due';
      if (after.at <= soon && !wasBy(soon)) return 'soon';
      if (before.kind !== 'dated' || after.at < before.at) return 'earlier';
      if (after.at > before.at) return 'later';
      return after.act === before.act ? 'unchanged' : 'action';
    }
  }
}
