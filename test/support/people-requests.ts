import { compileRequests, type RequestsConfig } from '../../shared/domain/people/compile-requests.ts';
import type { RequestSettings } from '../../shared/domain/people/regime.ts';
import type { PersonRequest } from '../../shared/domain/people/request.ts';
import type { EntityRef, RequestRef } from '../../shared/domain/record/ids.ts';

/** What `requests` of a configuration comes to; throws what is wrong with it. */
export function requestSettings(config: RequestsConfig = {}): RequestSettings {
  const { settings, problems } = compileRequests(config, {
    entityTypes: { person: { ids: 'shared' }, contract: { ids: 'owned' } },
    producers: { shop: {}, rival: {} },
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return settings;
}

/** A request that has just been filed. */
export function aRequest(change: Partial<PersonRequest> = {}): PersonRequest {
  const receivedAt = Date.parse('2026-01-31T10:00:00Z');
  return {
    ref: 'request-of-the-test-01' as RequestRef,
    version: 1,
    kind: 'erase',
    filer: { role: 'operator' },
    entity: 'entity-of-the-test-001' as EntityRef,
    entityType: 'person',
    scope: { all: true },
    state: 'received',
    receivedAt,
    deadline: receivedAt,
    content: 'content',
    timeline: [{ did: 'filed', at: receivedAt }],
    sealed: 'sealed',
    ...change,
  };
}
