import { compileRequests, type RequestsConfig } from '../../shared/domain/people/compile-requests.ts';
import type { RequestSettings } from '../../shared/domain/people/regime.ts';
import type { ExportPage, ExportPart } from '../../shared/domain/export/export-part.ts';
import type { ExportState } from '../../shared/domain/export/export-state.ts';
import type { PersonRequest } from '../../shared/domain/people/request.ts';
import type { Proposal } from '../../shared/domain/record/proposal.ts';
import type { EntityRef, PrincipalRef, ProposalRef, RequestRef } from '../../shared/domain/record/ids.ts';
import { aHoldingRef, anEntityRef } from './samples.ts';

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

/** An export that is ready. */
export function anExportState(change: Partial<ExportState> = {}): ExportState {
  const at = Date.parse('2026-01-31T11:00:00Z');
  return {
    id: 'export-of-the-test-001',
    step: 'ready',
    startedAt: at,
    reached: [anEntityRef(1), anEntityRef(2)],
    knownAs: anEntityRef(3),
    parts: { crm: 2, files: 1 },
    archive: {
      bytes: 5_000_000,
      manifestSha256: 'ab'.repeat(32),
      records: 150,
      leftOut: 3,
      at,
      until: at + 604_800_000,
    },
    ...change,
  };
}

/** A part of an export that has not been read. */
export function anExportPart(change: Partial<ExportPart> = {}): ExportPart {
  return {
    store: 'crm',
    request: aRequest().ref,
    number: 1,
    version: 1,
    exportId: anExportState().id,
    refs: [aHoldingRef(1), aHoldingRef(2)],
    done: 0,
    files: [],
    leftOut: [],
    expires: Date.parse('2026-03-02T11:00:00Z'),
    ...change,
  };
}

/** A page of a collection that was read. */
export function anExportPage(change: Partial<ExportPage> = {}): ExportPage {
  const { store, exportId, number, expires } = anExportPart();
  return { store, exportId, number, page: 1, name: 'run-1', files: [], leftOut: [], expires, ...change };
}

/** What an operator has proposed, and another one has not confirmed yet. */
export function aProposal(change: Partial<Proposal> = {}): Proposal {
  const at = Date.parse('2026-03-01T10:00:00Z');
  return {
    id: 'AAAAAAAAAAAAAAAAAAAAAA' as ProposalRef,
    version: 1,
    kind: 'discard',
    state: 'open',
    at,
    expires: at + 86_400_000,
    by: 'BBBBBBBBBBBBBBBBBBBBBB' as PrincipalRef,
    sealed: 'sealed',
    ...change,
  };
}
