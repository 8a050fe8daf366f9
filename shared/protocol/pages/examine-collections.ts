import { present } from '../../domain/present.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Place, Presence } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import type { Begun } from '../lane/begin.ts';
import { decideOrSetAside } from '../lane/decide.ts';
import { hintLater } from '../lane/hint-later.ts';
import type { Left, Todo, Told } from '../lane/told.ts';
import { entityRefsOf, type States } from '../plan-of.ts';
import { setAside } from '../set-aside.ts';
import { placeOfCollection } from './collection-place.ts';
import { gather, type Gathered, mostOf, type Turn } from './gather.ts';
import type { PageTodo } from './page-todo.ts';
import { newPass, type Pass, passOf } from './pass.ts';
import { openPass } from './seal-rows.ts';
import { rowsOf } from './slice.ts';
import { stillToDo } from './still-to-do.ts';

/** What was found out about the collections of a chunk that are due. */
export interface CollectionsFound {
  readonly pages: PageTodo[];
  readonly told: Told[];
  readonly notDue: HoldingRef[];
  readonly left: Map<HoldingRef, Left>;
  /** Positions are sealed when it is written. */
  readonly progress: Map<HoldingRef, Pass>;
}

interface Listed extends Gathered {
  readonly holding: Holding;
  readonly place: Place;
  readonly from: Pass | undefined;
  readonly lookedAt: Instant;
}

/**
 * Step 7 for collections: their records are listed, looked at, and those that are registered on their own are left to their
 * own plan; then the states are read, and it is decided as for a record. Each begins where its last attempt ended.
 */
export async function examineCollections(
  core: LaneCore,
  begun: Begun,
  due: readonly Holding[],
  turn: Turn,
): Promise<CollectionsFound> {
  const found: CollectionsFound = {
    pages: [],
    told: [],
    notDue: [],
    left: new Map(),
    progress: new Map(),
  };
  const listed: Listed[] = [];
  for (const holding of due) {
    try {
      const one = await listOne(core, begun, holding, { turn, found });
      if (one !== undefined) listed.push(one);
    } catch (error) {
      // Whatever one collection leads to, the others go on.
      found.left.set(holding.ref, { kind: 'failed', code: codeOf(error) });
    }
  }
  const states = await readStates(core, entityRefsOf(listed.map(({ holding }) => holding)));
  for (const one of listed) await decideOne(core, begun, { one, states }, found);
  return found;
}

async function listOne(
  core: LaneCore,
  begun: Begun,
  holding: Holding,
  { turn, found }: { readonly turn: Turn; readonly found: CollectionsFound },
): Promise<Listed | undefined> {
  const { ref } = holding;
  const known = begun.chunk.progress?.[ref];
  const now = core.clock.now();
  if (known?.notBefore !== undefined && known.notBefore > now) {
    found.left.set(ref, { kind: 'resting', until: known.notBefore });
    return undefined;
  }
  const opened = await placeOfCollection(core, holding);
  switch (opened.state) {
    case 'failed':
      found.left.set(ref, { kind: 'failed', code: opened.code });
      return undefined;
    case 'set-aside':
      await setAside(core, holding, opened.code, now);
      return undefined;
    case 'opened': {
      if (turn.records <= 0 || turn.bytes <= 0) {
        found.left.set(ref, { kind: 'no-time' });
        return undefined;
      }
      const from = known && (await openPass(core, holding, known));
      const { place } = opened;
      const most = mostOf(core, begun, holding.decision?.stage);
      const gathered = await gather(core, begun.work, { place, pass: present({ at: from?.at }), turn, most });
      if (gathered.slices.length === 0 && gathered.code === undefined) {
        found.left.set(ref, { kind: 'no-time' });
        return undefined;
      }
      return { ...gathered, holding, place, from, lookedAt: now };
    }
  }
}

interface Deciding {
  readonly one: Listed;
  readonly states: States;
}

async function decideOne(
  core: LaneCore,
  begun: Begun,
  { one, states }: Deciding,
  found: CollectionsFound,
): Promise<void> {
  const { holding, lookedAt } = one;
  const looked = { holding, locator: [], presence: presenceOf(one), lookedAt, interrupted: false };
  const decision = decideOrSetAside(core, begun, looked, states);
  switch (decision.kind) {
    case 'act':
      return putPage(core, one, decision.todo, found);
    case 'told': {
      const { told } = decision;
      const { planned } = told;
      if (told.outcome === 'already-so' && planned !== undefined)
        return putPage(core, one, { ...told, planned, masks: told.masks ?? {} }, found);
      found.told.push(told);
      // The store does not accept this position any more: the next attempt begins again. What is throttled goes on there.
      if (one.code === 'STORE_SCHEMA' && one.from?.at !== undefined)
        found.progress.set(holding.ref, newPass(one.from, { of: one.from.of, ...beginningOf(one) }));
      return;
    }
    case 'not-due':
      return void found.notDue.push(holding.ref);
    case 'later':
      return hintLater(core, holding, decision.until);
    case 'waits':
      return void found.left.set(holding.ref, decision);
    case 'set-aside':
      return setAside(core, holding, decision.code, lookedAt);
  }
}

/** `gone`: a pass that had nothing to do has come to the end of the list, and no record is left. */
function presenceOf({ slices, ended, code, from }: Listed): Presence {
  if (slices.length === 0) return { state: 'unknown', code: code ?? 'STORE_ERROR' };
  const isEmpty = slices.every(({ rows, failed, kept }) => rows.length + failed.length + kept === 0);
  const wasEmpty = from === undefined || (from.clean && from.kept === 0);
  return ended && isEmpty && wasEmpty ? { state: 'gone' } : { state: 'present' };
}

function beginningOf({ lookedAt, holding: { version } }: Listed): Pick<Pass, 'lookedAt' | 'version'> {
  return { lookedAt, version };
}

async function putPage(
  core: LaneCore,
  one: Listed,
  todo: Omit<Todo, 'locator' | 'recordVersion'>,
  found: CollectionsFound,
): Promise<void> {
  const { place, ended, from, holding } = one;
  const of = passOf(todo, place, todo.masks);
  if (from?.at !== undefined && from.of !== of) {
    // It was on its way with another stage, or in another place: what came before this position was not seen.
    found.progress.set(holding.ref, newPass(from, { of, ...beginningOf(one) }));
    found.left.set(holding.ref, { kind: 'more' });
    return;
  }
  const pass = from?.at === undefined ? begunWith(from, of, beginningOf(one)) : from;
  const slices = await stillToDo(core, todo, one.slices);
  const { ref, generation, stage, part, version, lookedAt, planned, masks } = todo;
  found.pages.push({
    ref,
    generation,
    stage,
    version,
    lookedAt,
    holding,
    planned,
    masks,
    place,
    pass,
    slices,
    ended,
    rows: rowsOf(slices),
    ...present({ part }),
  });
}

/** A pass that has not listed anything: what it was made with before is out of date. */
function begunWith(from: Pass | undefined, of: string, beginning: Pick<Pass, 'lookedAt' | 'version'>): Pass {
  return from?.of === of ? { ...from, ...beginning } : newPass(from, { of, ...beginning });
}
