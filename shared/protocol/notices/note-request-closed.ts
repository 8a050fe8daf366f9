import { isoUtc } from '../../domain/calendar/utc-time.ts';
import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import { isOpen, type PersonRequest } from '../../domain/people/request.ts';
import { type Notice, noticeId } from '../../domain/record/notice.ts';
import type { Core } from '../core.ts';

/**
 * Notes that a request of a person came to its end: closed, refused or cancelled; nothing while it is open. Before its
 * state is written, so a run that dies in between notes it again under the same id, and one that another run was faster
 * than may note an end that it did not come to. A request is about the data of all policies, so it is told where any
 * policy in effect wants it.
 */
export async function noteRequestClosed(
  { registry, configuration, clock }: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  request: Pick<PersonRequest, 'ref' | 'kind' | 'state' | 'receivedAt' | 'deadline'>,
): Promise<void> {
  if (isOpen(request)) return;
  const { ref, kind, state, receivedAt, deadline } = request;
  const now = clock.now();
  const effective = effectivePolicies(configuration.policies, now);
  if (!effective.some(({ notify }) => notify?.includes('request-closed') === true)) return;
  const notice: Notice = {
    id: noticeId('request-closed', ref, state),
    kind: 'request-closed',
    at: now,
    data: {
      // As the API answers it: its caller's own id may name a person.
      request: ref,
      kind,
      state,
      receivedAt: isoUtc(receivedAt),
      deadline: isoUtc(deadline),
    },
  };
  await registry.putNotices([notice]);
}
