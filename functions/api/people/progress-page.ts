import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import type { PersonRequest } from '../../../shared/domain/people/request.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { readStates } from '../../../shared/protocol/facts/read-states.ts';
import { withRequest } from '../../../shared/protocol/people/request-facts.ts';
import { type HoldingProgress, progressOf } from '../../../shared/protocol/people/request-progress.ts';
import { entityRefsOf } from '../../../shared/protocol/plan-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { visibleTo } from '../own-part.ts';
import { generationsOf } from '../query-subject.ts';

export interface ProgressPage {
  readonly holdings: readonly HoldingProgress[];
  readonly next?: string;
}

/**
 * What a request comes to, for one page of the person's records. A page may be empty and have a next one. `asIf`: the
 * request's fact is not among the person's yet, so it is planned as if it were.
 */
export async function progressPage(
  ports: ApiPorts,
  caller: Caller,
  { request, asIf }: { readonly request: PersonRequest; readonly asIf: boolean },
  after: string | undefined,
): Promise<ProgressPage> {
  const page = await generationsOf(ports, request.entity, after);
  const visible: Holding[] = [];
  for (const generations of Map.groupBy(page.generations, ({ ref }) => ref).values())
    visible.push(...(await visibleTo(ports, caller, generations, request.entity)));
  const read = await readStates(ports, [request.entity, ...entityRefsOf(visible)]);
  const states = asIf ? assumed(request, read) : read;
  const holds = await ports.registry.wideHolds();
  const judging = { request, states, holds, now: ports.clock.now() };
  const holdings = visible.flatMap((holding) => progressOf(ports, holding, judging) ?? []);
  return page.next === undefined ? { holdings } : { holdings, next: page.next };
}

function assumed(
  request: PersonRequest,
  states: ReadonlyMap<EntityRef, EntityState>,
): ReadonlyMap<EntityRef, EntityState> {
  const state = states.get(request.entity);
  if (state === undefined) return states;
  return new Map([...states, [request.entity, withRequest(request, state)]]);
}
