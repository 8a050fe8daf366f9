import { isSuccess, type Outcome, type StoreAction } from '../../domain/record/actions.ts';
import { present } from '../../domain/present.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import type { Begun } from '../lane/begin.ts';
import { backoff } from '../lane/finish.ts';
import { doneAs, type Left, type Page, type Told } from '../lane/told.ts';
import { actOnPage, type PageCame, type Summed } from './act-on-page.ts';
import type { PageTodo } from './page-todo.ts';
import { gather, mostOf, type Turn } from './gather.ts';
import { moved, newPass, type Pass } from './pass.ts';
import { noteKept } from './note-kept.ts';
import { sealRows } from './seal-rows.ts';
import { stillToDo } from './still-to-do.ts';

/** What came of all pages of an attempt. */
export interface Paged {
  readonly told: Told[];
  readonly left: Map<HoldingRef, Left>;
  readonly progress: Map<HoldingRef, Pass & { readonly notBefore?: number }>;
  readonly uncertain: { readonly acted: ActedOn; readonly code: string }[];
  /** Codes of records that failed: they are told once a day, also where the collection goes on at once. */
  readonly codes: string[];
}

/** Acts on one page after the other, and finds out whether their stages have ended. */
export async function actOnPages(
  core: LaneCore,
  begun: Begun,
  pages: readonly PageTodo[],
  turn: Turn,
): Promise<Paged> {
  const paged: Paged = { told: [], left: new Map(), progress: new Map(), uncertain: [], codes: [] };
  for (const page of pages) {
    const came = await actOnPage(core, begun, page);
    const ending = await whatFollows(core, begun, { page, came, turn });
    await note(core, { page, came, ending }, paged);
  }
  return paged;
}

type Ending =
  | { readonly kind: 'ended' | 'kept'; readonly pass: Pass }
  | { readonly kind: 'more'; readonly pass: Pass; readonly left: Left; readonly notBefore?: number }
  /** All that is left is refused until that date. */
  | { readonly kind: 'refused'; readonly until: number };

interface Concluding {
  readonly page: PageTodo;
  readonly came: PageCame;
  readonly turn: Turn;
}

async function whatFollows(core: LaneCore, begun: Begun, { page, came, turn }: Concluding): Promise<Ending> {
  const { pass } = came;
  if (!came.ended) {
    return {
      kind: 'more',
      pass,
      left: page.cut === undefined ? { kind: 'more' } : { kind: 'waits', ...page.cut },
    };
  }
  if (pass.clean) return endOf(page, pass);
  const next = newPass(pass, { of: pass.of, lookedAt: core.clock.now(), version: page.version });
  if (pass.code !== undefined) {
    const notBefore = core.clock.now() + backoff(core, begun.chunk.failures + 1);
    return { kind: 'more', pass: next, left: { kind: 'failed', code: pass.code }, notBefore };
  }
  // Only if nothing else came of the whole pass: another one may still find what can go now.
  if (pass.until !== undefined && pass.again !== true) return { kind: 'refused', until: pass.until };
  if (came.uncertain.length > 0) return { kind: 'more', pass: next, left: { kind: 'more' } };
  return nextPass(core, begun, { page, pass: next, turn });
}

function endOf({ stage }: PageTodo, pass: Pass): Ending {
  return { kind: stage === 'delete' && pass.kept > 0 ? 'kept' : 'ended', pass };
}

/** The next pass begins in the same attempt. What it finds to do is done by the next attempt. */
async function nextPass(
  core: LaneCore,
  begun: Begun,
  { page, pass: begin, turn }: { readonly page: PageTodo; readonly pass: Pass; readonly turn: Turn },
): Promise<Ending> {
  const { place } = page;
  const most = mostOf(core, begun, page.stage);
  const { slices, ended } = await gather(core, begun.work, { place, pass: begin, turn, most });
  let pass = begin;
  for (const slice of await stillToDo(core, page, slices)) {
    if (slice.rows.length > 0 || slice.failed.length > 0)
      return { kind: 'more', pass, left: { kind: 'more' } };
    pass = moved(pass, { acted: 0, done: 0, kept: slice.kept }, slice.next);
  }
  return ended ? endOf(page, pass) : { kind: 'more', pass, left: { kind: 'more' } };
}

async function note(
  core: LaneCore,
  { page, came, ending }: { readonly page: PageTodo; readonly came: PageCame; readonly ending: Ending },
  paged: Paged,
): Promise<void> {
  const { ref, holding } = page;
  const { uncertainCode } = came;
  paged.codes.push(...new Set(came.failed));
  const records =
    came.uncertain.length === 0
      ? undefined
      : await sealRows(
          core,
          holding,
          came.uncertain.map(({ locator }) => locator),
        );
  if (ending.kind === 'more') {
    paged.left.set(ref, ending.left);
    paged.progress.set(ref, { ...ending.pass, ...present({ notBefore: ending.notBefore }) });
  }
  if (records !== undefined) {
    const { generation, stage, part, version, lookedAt } = page;
    const code = uncertainCode ?? 'STORE_ERROR';
    const acted = { ref, generation, stage, version, lookedAt, records, ...present({ part }) };
    paged.uncertain.push({ acted, code });
  }
  if (ending.kind === 'kept' && holding.kept !== undefined && ending.pass.records === 0) {
    // Nothing is new about it: it is looked at again later, and not told again.
    await noteKept(core, { ...lineOf(page, ending.pass), kept: ending.pass.kept, at: core.clock.now() });
    return;
  }
  const told = toldOf(core, { page, came, ending });
  if (told !== undefined) paged.told.push({ ...told, ...present({ records }) });
}

/** What the line of its result says: the end of a stage is what its last pass knew. */
function lineOf({ ref, generation, stage, part, version, lookedAt }: PageTodo, pass?: Pass) {
  const { lookedAt: since = lookedAt, version: known = version } = pass ?? {};
  return { ref, generation, stage, version: known, lookedAt: since, ...present({ part }) };
}

function toldOf(
  core: LaneCore,
  { page, came, ending }: { readonly page: PageTodo; readonly came: PageCame; readonly ending: Ending },
): Told | undefined {
  const { holding, planned, masks } = page;
  const { done, changed, failed, wrong, answer, actedAt } = came;
  const isEnd = ending.kind === 'ended' || ending.kind === 'kept';
  const outcome = isEnd
    ? endedAs(page.stage, ending.pass)
    : outcomeOf(page.stage, came, ending.kind === 'refused');
  if (outcome === undefined) return undefined;
  const at = core.clock.now();
  const told: Page = {
    done,
    kept: isEnd ? ending.pass.kept : page.slices.reduce((sum, { kept }) => sum + kept, 0),
    failed: failed.length,
    wrong: [...new Set(wrong)],
    changed,
    ending: ending.kind === 'refused' ? 'more' : ending.kind,
  };
  return {
    ...lineOf(page, isEnd ? ending.pass : undefined),
    holding,
    planned,
    masks,
    outcome,
    at,
    page: told,
    ...present({
      actedAt,
      readBackAt: isEnd ? at : came.readBackAt,
      code: failed.at(-1) ?? (isSuccess(outcome) ? answer : undefined),
      until: ending.kind === 'refused' ? ending.until : undefined,
    }),
  };
}

/** Nothing if it is not known of any record what came of it. */
export function outcomeOf(stage: StoreAction, came: Summed, isRefused = false): Outcome | undefined {
  if (came.effects > 0) return doneAs(stage);
  if (came.done.length > 0) return 'already-so';
  if (isRefused) return 'refused';
  if (came.failed.length > 0) return 'failed';
  return came.changed > 0 ? 'changed' : undefined;
}

function endedAs(stage: StoreAction, { records }: Pass): Outcome {
  return records > 0 ? doneAs(stage) : 'already-so';
}
