import type { ExportState } from '../../domain/export/export-state.ts';
import type { PersonRequest } from '../../domain/people/request.ts';
import { present } from '../../domain/present.ts';
import type { Exports } from '../../ports/exports.ts';
import { areLinked, personOf } from '../people/links.ts';
import { reachedBy } from '../people/reached.ts';
import type { RequestCore } from '../people/sweep-requests.ts';

export interface ExportCore extends RequestCore {
  readonly exports: Exports;
}

/** A request for a copy, and how far its export is. */
export interface Exporting {
  readonly request: PersonRequest;
  readonly state: ExportState;
}

/**
 * What a step came to. `on`: it goes on from here. `wait`: the lanes are reading. `more`: the time of this run is over.
 * `stop`: it is ready, or another run takes it further, or a person has to look first.
 */
export type Advanced =
  | { readonly kind: 'on'; readonly exporting: Exporting }
  | { readonly kind: 'wait' | 'more' | 'stop' };

/** From the beginning, under a new id: what a former run may still write does not belong to it. */
export async function beginExport(core: ExportCore, request: PersonRequest): Promise<Advanced> {
  const reach = await reachOf(core, request);
  return saved(core, request, {
    id: core.tokens.next(),
    step: 'listing',
    startedAt: core.clock.now(),
    ...reach,
    parts: {},
  });
}

/** What was made until now cannot become the copy. */
export async function beginAgain(core: ExportCore, request: PersonRequest, code: string): Promise<Advanced> {
  core.report('export.unread', { code });
  return beginExport(core, request);
}

/** Whether everything that it reaches is still the person's. What came since may be missing, as it says. */
export async function isAsItBegan(
  core: ExportCore,
  { request: { entity, entityType }, state: { reached, knownAs } }: Exporting,
): Promise<boolean> {
  const asking = { type: entityType, ref: entity };
  if (knownAs !== undefined && (await personOf(core, asking)) !== knownAs) return false;
  return areLinked(
    core,
    asking,
    reached.filter((ref) => ref !== entity),
  );
}

async function reachOf(
  core: ExportCore,
  request: PersonRequest,
): Promise<Pick<ExportState, 'reached' | 'knownAs'>> {
  const { entities: reached } = await reachedBy(core, request);
  const knownAs = await personOf(core, { type: request.entityType, ref: request.entity });
  return { reached, ...present({ knownAs }) };
}

/** Saves how far it is. If another run or a person was faster, this run stops. */
export async function saved(core: ExportCore, request: PersonRequest, state: ExportState): Promise<Advanced> {
  const next = { ...request, version: request.version + 1, export: state };
  if ((await core.registry.putRequest(next)) === 'moved') return { kind: 'stop' };
  return { kind: 'on', exporting: { request: next, state } };
}
