import type { Configuration } from '../../domain/configuration/configuration.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import { VENDOR_KIND } from '../../domain/record/asked.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { NoticeKind } from '../../domain/record/notice.ts';
import { categoriesOf } from '../plan-of.ts';

/** Whether a policy in effect that covers one of these categories wants to be told. */
export function isTold(
  { policies }: Pick<Configuration, 'policies'>,
  kind: NoticeKind,
  { categories, now }: { readonly categories: readonly string[]; readonly now: Instant },
): boolean {
  const effective = effectivePolicies(policies, now);
  return categories.some((category) => policyOf(category, effective)?.notify?.includes(kind) === true);
}

/** Whether any version of any policy wants to be told of anything. */
export function tellsAnything({ policies }: Pick<Configuration, 'policies'>): boolean {
  return policies.policies.some(({ notify = [] }) => notify.length > 0);
}

/** Whether anything may have been noted: for applications, or for vendors without an API, which no policy names. */
export function notesAnything({ policies, stores }: Pick<Configuration, 'policies' | 'stores'>): boolean {
  const isNoticed = Object.values(stores).some(({ kind, options }) => {
    return kind === VENDOR_KIND && options['notice'] !== undefined;
  });
  return isNoticed || tellsAnything({ policies });
}

/** How long before its disposal applications want to be told, in milliseconds; nothing if none of its policies says so. */
export function leadOf(
  { policies }: Pick<Configuration, 'policies'>,
  holding: Holding,
  now: Instant,
): number | undefined {
  const effective = effectivePolicies(policies, now);
  const leads = categoriesOf(holding).flatMap((category) => {
    const policy = policyOf(category, effective);
    return policy?.notify?.includes('upcoming') === true ? [policy.notifyBeforeSeconds ?? 0] : [];
  });
  return leads.length === 0 ? undefined : Math.max(...leads) * 1000;
}
