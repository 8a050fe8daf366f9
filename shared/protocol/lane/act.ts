import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { type Acted, type ReadBack, UNCERTAIN } from '../../ports/store.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, mayStart } from './begin.ts';
import { actedOnOf, promiseOf, READ_BACK_BROKEN, type Todo, type Told } from './told.ts';

/** What came of acting. `uncertain`: it may have been done, and could not be read. `notStarted`: no time was left. */
export interface ActedAll {
  readonly told: readonly Told[];
  readonly uncertain: readonly { readonly acted: ActedOn; readonly code: string }[];
  readonly notStarted: readonly Todo[];
}

/**
 * Step 9: carries out the stages in batches, conditional on the version looked at where the store can, and reads back
 * what each promised: `deleted` is only said of what was read and found gone. Where the store's answer was lost the
 * record is read, too.
 */
export async function act(core: LaneCore, begun: Begun, todo: readonly Todo[]): Promise<ActedAll> {
  const told: Told[] = [];
  const uncertain: { acted: ActedOn; code: string }[] = [];
  const notStarted: Todo[] = [];
  for (const group of groupsOf(todo)) {
    if (!mayStart(core, begun.work)) {
      notStarted.push(...group);
      continue;
    }
    const actedAt = core.clock.now();
    const answers = await carryOut(core, group);
    const acts = group.map((one, index) => ({ one, answer: answers[index] ?? LOST }));
    const toRead = acts.filter(({ answer }) => mayBeDone(answer)).map(({ one }) => one);
    const reads = await readBack(core, toRead);
    const at = core.clock.now();
    for (const { one, answer } of acts) {
      const result = resultOf(one, answer, reads.get(one), { actedAt, at });
      if ('outcome' in result) told.push(result);
      else uncertain.push(result);
    }
  }
  return { told, uncertain, notStarted };
}

const LOST: Acted = { outcome: 'failed', code: 'STORE_ERROR' };

/** One store call for all that have the same stage and masks. */
function groupsOf(todo: readonly Todo[]): readonly (readonly Todo[])[] {
  const groups = Map.groupBy(todo, ({ stage, masks }) => JSON.stringify([stage, masks]));
  return [...groups.values()];
}

function carryOut(core: LaneCore, group: readonly Todo[]): Promise<Acted[]> {
  const targets = group.map(({ locator, recordVersion }) => ({
    locator,
    ...present({ version: recordVersion }),
  }));
  const { stage, masks } = group[0] ?? { stage: 'delete' as const, masks: {} };
  switch (stage) {
    case 'delete':
      return core.store.delete(targets);
    case 'anonymise':
      return core.store.anonymise(targets, masks);
    case 'restrict':
      return core.store.restrict(targets, true);
    case 'lift':
      return core.store.restrict(targets, false);
  }
}

async function readBack(core: LaneCore, todo: readonly Todo[]): Promise<ReadonlyMap<Todo, ReadBack>> {
  if (todo.length === 0) return new Map();
  const answers = await core.store.readBack(
    todo.map(({ stage, locator, masks }) => promiseOf(stage, locator, masks)),
  );
  return new Map(
    todo.map((one, index) => [one, answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' }]),
  );
}

function mayBeDone(answer: Acted): boolean {
  switch (answer.outcome) {
    case 'deleted':
    case 'anonymised':
    case 'restricted':
    case 'lifted':
    case 'already-so':
      return true;
    case 'failed':
      return UNCERTAIN.includes(answer.code);
    case 'changed':
    case 'refused':
      return false;
  }
}

/** No calendar goes further: what is locked for longer, or for ever, is looked at again then. */
const LATEST: Instant = Date.UTC(2200, 0, 1);

/** A store may say anything, also something that is not a date. */
function dated(until: Instant | undefined): Instant | undefined {
  return until === undefined || Number.isNaN(until) ? undefined : Math.min(until, LATEST);
}

function resultOf(
  one: Todo,
  answer: Acted,
  read: ReadBack | undefined,
  { actedAt, at }: { readonly actedAt: Instant; readonly at: Instant },
): Told | { readonly acted: ActedOn; readonly code: string } {
  const { holding, planned, masks, interrupted } = one;
  const common = { ...actedOnOf(one), holding, planned, masks, at, actedAt, ...present({ interrupted }) };
  switch (answer.outcome) {
    case 'changed':
      return { ...common, outcome: 'changed' };
    case 'refused':
      return { ...common, outcome: 'refused', code: answer.code, ...present({ until: dated(answer.until) }) };
    case 'failed':
      if (!UNCERTAIN.includes(answer.code)) return { ...common, outcome: 'failed', code: answer.code };
      // Whether it was this attempt cannot be told, so nothing says `deleted`.
      if (read?.state === 'kept')
        return { ...common, outcome: 'already-so', readBackAt: at, code: answer.code };
      if (read?.state === 'broken') return { ...common, outcome: 'failed', code: answer.code };
      return { acted: actedOnOf(one), code: answer.code };
    case 'deleted':
    case 'anonymised':
    case 'restricted':
    case 'lifted':
    case 'already-so':
      if (read?.state === 'kept')
        return { ...common, outcome: answer.outcome, readBackAt: at, ...present({ code: answer.answer }) };
      if (read?.state === 'broken') return { ...common, outcome: 'failed', code: READ_BACK_BROKEN };
      return { acted: actedOnOf(one), code: read?.code ?? 'STORE_ERROR' };
  }
}
