import { type PersonRequest, stepped } from '../../domain/people/request.ts';
import { present } from '../../domain/present.ts';
import type { ActionEntry } from '../../domain/record/entry.ts';
import type { Keys } from '../../ports/keys.ts';
import type { Core } from '../core.ts';
import { noteRequestClosed } from '../notices/note-request-closed.ts';
import { putActions } from './put-actions.ts';
import { openSecret } from './request-secret.ts';

interface ClosingCore extends Core {
  readonly keys: Pick<Keys, 'decrypt'>;
}

/**
 * Nothing is left to do. The entry and the notice come first, so none is missing where a run dies in between; the next run
 * writes them again. Answers the request as it is then: if another run was faster, it is the same as before.
 */
export async function closeRequest(
  core: ClosingCore,
  request: PersonRequest,
  counts: Pick<NonNullable<ActionEntry['request']>, 'records' | 'leftOut'> = {},
): Promise<PersonRequest> {
  const result = stepped(request, 'closed', core.clock.now());
  if (result.kind !== 'changed') return request;
  const { checkedTo: _, ...closed } = result.request;
  const { target } = (await openSecret(core.keys, request)) ?? {};
  await putActions(core, '', [
    { did: 'request', ...present({ target }), request: { kind: request.kind, step: 'closed', ...counts } },
  ]);
  await noteRequestClosed(core, closed);
  return (await core.registry.putRequest(closed)) === 'written' ? closed : request;
}
