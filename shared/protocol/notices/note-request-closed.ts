import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import type { PersonRequest } from '../../domain/people/request.ts';
import { handleOf, type Notice, noticeId } from '../../domain/record/notice.ts';
import type { Core } from '../core.ts';

/**
 * Notes that a request of a person came to its end: closed, refused or cancelled. Before its state is written, so a run
 * that dies in between notes it again under the same id. A request is about the data of all policies, so it is told where
 * any policy in effect wants it.
 */
export async function noteRequestClosed(
  { registry, configuration, clock }: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  {
    ref,
    kind,
    state,
    receivedAt,
    deadline,
  }: Pick<PersonRequest, 'ref' | 'kind' | 'state' | 'receivedAt' | 'deadline'>,
): Promise<void> {
  const now = clock.now();
  const effective = effectivePolicies(configuration.policies, now);
  if (!effective.some(({ notify }) => notify?.includes('request-closed') === true)) return;
  const notice: Notice = {
    id: noticeId('request-closed', ref, state),
    kind: 'request-closed',
    at: now,
    data: {
      request: handleOf(ref),
      kind,
      state,
      receivedAt: isoUtc(receivedAt),
      deadline: isoUtc(deadline),
    },
  };
  await registry.putNotices([notice]);
}
