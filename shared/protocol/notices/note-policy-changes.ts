import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { digestOf, effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import { own } from '../../domain/own.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { type Notice, noticeId } from '../../domain/record/notice.ts';
import type { PolicyRun } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';

/**
 * Notes which policies in effect are other ones than those that plans were made by, where these want it told: before the
 * change is recorded, so a run that dies in between notes it again under the same ids. What was in effect when Tenure was
 * deployed, or before it kept a list, is no change. Answers that list.
 */
export async function notePolicyChanges(
  { registry, configuration, clock }: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  former: PolicyRun | undefined,
  at: Instant,
): Promise<Readonly<Record<string, string>>> {
  const effective = effectivePolicies(configuration.policies, at);
  const digests = Object.fromEntries(effective.map((policy) => [policy.name, digestOf(policy)]));
  const before = former?.policies;
  if (before === undefined) return digests;
  const notices = effective
    .filter(
      ({ name, notify }) =>
        notify?.includes('policy-changed') === true && own(before, name) !== digests[name],
    )
    .map(({ name: policy, version, effectiveFrom }): Notice => ({
      // Named after what it replaces, too: what is changed back and forth is told each time.
      id: noticeId('policy-changed', policy, version, digests[policy], former?.recordedAt),
      kind: 'policy-changed',
      at: clock.now(),
      data: { policy, version, effectiveFrom: isoUtc(effectiveFrom) },
    }));
  if (notices.length > 0) await registry.putNotices(notices);
  return digests;
}
