import { problem } from '../../../shared/contract/problem.ts';
import type { RequestsAnswer } from '../../../shared/contract/people/requests.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import { archiveKey } from '../../../shared/domain/export/archive-file.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import { openSecret } from '../../../shared/protocol/people/request-secret.ts';
import type { ApiPorts, Reply } from '../api-ports.ts';
import { noteActions } from '../note-actions.ts';
import { filerOf } from './filer.ts';
import { requestAnswer } from './request-answer.ts';

/** Long enough to begin a download. A download that has begun goes on. */
const LINK_SECONDS = 3600;

/**
 * A link to the archive of a request for a copy, for who filed it and for operators. Everybody who has the link has the
 * data, so the entry of the log comes before it. Asked again, there is another link, and another entry.
 */
export async function exportLink(
  ports: ApiPorts,
  { caller, principal }: { readonly caller: Caller; readonly principal: string },
  request: PersonRequest,
): Promise<Reply<RequestsAnswer>> {
  if (!mayFetch(caller, request)) return { kind: 'problem', problem: problem('FORBIDDEN', 'link') };
  if (request.kind !== 'export')
    return {
      kind: 'problem',
      problem: problem('BODY_INVALID', 'link', 'only a request for a copy has an archive'),
    };
  // It may have been called off after the archive was made.
  if (request.state === 'refused' || request.state === 'cancelled')
    return { kind: 'problem', problem: problem('REQUEST_STATE', 'link') };
  const { id, archive } = request.export ?? {};
  if (id === undefined || archive === undefined)
    return { kind: 'problem', problem: problem('EXPORT_NOT_READY', 'link') };
  const now = ports.clock.now();
  const seconds = Math.min(LINK_SECONDS, Math.floor((archive.until - now) / 1000));
  if (seconds < 1) return { kind: 'problem', problem: problem('EXPORT_EXPIRED', 'link') };
  const secret = await openSecret(ports.keys, request);
  const { kind, ref } = request;
  // Without its secret the request cannot be named in the log, and what is not in the log is not given out.
  if (secret === undefined)
    return { kind: 'problem', problem: problem('REQUEST_STATE', 'link', 'its name in the log is lost') };
  const { target } = secret;
  await noteActions(ports, principal, [{ did: 'request', request: { target, kind, step: 'link-given' } }]);
  const url = await ports.exports.link(archiveKey(id), seconds, `copy-${ref}.tar`);
  const answer = {
    asOf: isoUtc(now),
    requests: [await requestAnswer(ports, request, secret)],
    link: { url, expiresAt: isoUtc(now + seconds * 1000) },
  };
  return { kind: 'answer', answer };
}

/** An auditor reads what was done, and gets no data of people. */
function mayFetch(caller: Caller, { filer }: PersonRequest): boolean {
  if (caller.operator) return true;
  const own = filerOf(caller);
  return own.role === 'producer' && filer.role === 'producer' && own.producer === filer.producer;
}
