import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import { isOpen, type PersonRequest } from '../../../shared/domain/people/request.ts';
import { type LaneGuard, NEW_GUARD } from '../../../shared/domain/guard/lane-guard.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { readStates } from '../../../shared/protocol/facts/read-states.ts';
import { withRequest } from '../../../shared/protocol/people/request-facts.ts';
import { type Reached, reachedBy } from '../../../shared/protocol/people/reached.ts';
import { type HoldingProgress, progressOf } from '../../../shared/protocol/people/request-progress.ts';
import { entitiesOf, entityRefsOf } from '../../../shared/protocol/plan-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { visibleTo } from '../own-part.ts';
import { generationsOf } from '../query-subject.ts';

/** Of which entity that the request reaches, by its number, and the page of its records. */
export interface ProgressPlace {
  readonly entity: number;
  readonly after?: string;
}

export interface ProgressAsked {
  readonly request: PersonRequest;
  /** The request's fact is not among the person's yet. */
  readonly asIf: boolean;
  /** Where several pages are read for one answer. It costs a read of all records of the person. */
  readonly reached?: Reached;
}

/** What was accepted counts, also while its fact is still on its way. */
export function isTaken(request: PersonRequest): boolean {
  return isOpen(request) && request.state !== 'awaiting-identity';
}

export interface ProgressPage {
  readonly holdings: readonly HoldingProgress[];
  /** Accounts that the request does not reach, because they are another person's, too. */
  readonly leftAlone: number;
  readonly next?: ProgressPlace;
}

/**
 * What a request comes to, for one page of the person's records, and then of each account by which an application knows the
 * person. A page may be empty and have a next one. `asIf`: the request's fact is not among the person's yet, so it is
 * planned as if it were.
 */
export async function progressPage(
  ports: ApiPorts,
  caller: Caller,
  { request, asIf, reached: known }: ProgressAsked,
  place: ProgressPlace = { entity: 0 },
): Promise<ProgressPage> {
  const { entities: reached, leftAlone } = known ?? (await reachedBy(ports, request));
  const entity = reached[place.entity];
  if (entity === undefined) return { holdings: [], leftAlone };
  const page = await generationsOf(ports, entity, place.after);
  const before = new Set(reached.slice(0, place.entity));
  const visible: Holding[] = [];
  for (const generations of Map.groupBy(page.generations, ({ ref }) => ref).values()) {
    const shown = await visibleTo(ports, caller, generations, entity);
    // What is about an earlier one, too, was on a page of it.
    visible.push(...shown.filter((holding) => !entitiesOf(holding).some(({ ref }) => before.has(ref))));
  }
  const read = await readStates(ports, [...reached, ...entityRefsOf(visible)]);
  const states = asIf ? assumed(request, reached, read) : read;
  const holds = await ports.registry.wideHolds();
  const guards = await guardsOf(ports, visible);
  const judging = { request, reached, states, holds, guards, now: ports.clock.now() };
  const holdings = visible.flatMap((holding) => progressOf(ports, holding, judging) ?? []);
  const shown = { holdings, leftAlone };
  if (page.next !== undefined) return { ...shown, next: { entity: place.entity, after: page.next } };
  return place.entity + 1 < reached.length ? { ...shown, next: { entity: place.entity + 1 } } : shown;
}

/** Which rules are stopped where these records lie. */
async function guardsOf(
  { registry }: ApiPorts,
  holdings: readonly Holding[],
): Promise<ReadonlyMap<string, LaneGuard>> {
  const stores = [...new Set(holdings.map(({ store }) => store))];
  const guards = await Promise.all(
    stores.map(async (store) => [store, (await registry.laneGuard(store)) ?? NEW_GUARD] as const),
  );
  return new Map(guards);
}

function assumed(
  request: PersonRequest,
  reached: readonly EntityRef[],
  states: ReadonlyMap<EntityRef, EntityState>,
): ReadonlyMap<EntityRef, EntityState> {
  const known = new Map(states);
  for (const entity of reached) {
    const state = known.get(entity);
    if (state !== undefined) known.set(entity, withRequest(request, state));
  }
  return known;
}
