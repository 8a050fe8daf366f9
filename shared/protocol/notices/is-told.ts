import type { Configuration } from '../../domain/configuration/configuration.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { NoticeKind } from '../../domain/record/notice.ts';

/** Whether a policy in effect that covers one of these categories wants to be told. */
export function isTold(
  { policies }: Pick<Configuration, 'policies'>,
  kind: NoticeKind,
  { categories, now }: { readonly categories: readonly string[]; readonly now: Instant },
): boolean {
  const effective = effectivePolicies(policies, now);
  return categories.some((category) => policyOf(category, effective)?.notify?.includes(kind) === true);
}

/** Whether any version of any policy wants to be told of anything: else nothing is ever noted. */
export function tellsAnything({ policies }: Pick<Configuration, 'policies'>): boolean {
  return policies.policies.some(({ notify = [] }) => notify.length > 0);
}
