import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { type Acted, type ReadBack, UNCERTAIN } from '../../ports/store.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { type Begun, mayStart } from './begin.ts';
import { actedOnOf, commonOf, promiseOf, READ_BACK_BROKEN, type Todo, type Told } from './told.ts';

/** What came of acting. `uncertain`: it may have been done, and could not be read. `notStarted`: no time was left. */
export interface ActedAll {
  readonly told: readonly Told[];
  /** A vendor will do it: what is known of the request, which the chunk keeps. */
  readonly pending?: readonly ActedOn[];
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
    const [first] = group;
    if (first === undefined) continue;
    const came = await carryOut(core, first, group);
    for (const [index, one] of group.entries()) {
      const result = came[index] ?? { uncertain: LOST.code };
      if ('uncertain' in result) uncertain.push({ acted: actedOnOf(one), code: result.uncertain });
      else told.push({ ...commonOf(one), ...result });
    }
  }
  return { told, uncertain, notStarted };
}

export const LOST = { outcome: 'failed', code: 'STORE_ERROR' } as const satisfies Acted;

/** One store call for all that have the same stage and masks. */
export function groupsOf(todo: readonly Todo[]): readonly (readonly Todo[])[] {
  const groups = Map.groupBy(todo, ({ stage, masks }) => JSON.stringify([stage, masks]));
  return [...groups.values()];
}

type What = Pick<Todo, 'stage' | 'masks'>;
type OnWhat = Pick<Todo, 'locator' | 'recordVersion'> & { readonly request?: string };

/** What came of acting on one record. `uncertain`: it may have been done, and could not be read; with the code of that. */
export type Came =
  | (Pick<Told, 'outcome' | 'at' | 'code' | 'until' | 'readBackAt'> & { readonly actedAt: Instant })
  | { readonly uncertain: string };

/** Acts on a batch and reads it back. */
export async function carryOut(
  core: Pick<LaneCore, 'store' | 'clock'>,
  what: What,
  targets: readonly OnWhat[],
): Promise<readonly Came[]> {
  const actedAt = core.clock.now();
  const answers = await actOn(core, what, targets);
  const toRead = targets.filter((_, index) => mayBeDone(answers[index] ?? LOST));
  const reads = (await readBack(core, what, toRead)).values();
  const at = core.clock.now();
  let last: { readonly answer: Acted; readonly read: ReadBack | undefined; readonly came: Came } | undefined;
  return targets.map((_, index) => {
    const answer = answers[index] ?? LOST;
    const read = mayBeDone(answer) ? reads.next().value : undefined;
    // Most of thousands have the same answer.
    if (last?.answer !== answer || last.read !== read)
      last = { answer, read, came: resultOf(answer, read, { actedAt, at }) };
    return last.came;
  });
}

export function actOn(
  { store }: Pick<LaneCore, 'store'>,
  { stage, masks }: What,
  batch: readonly OnWhat[],
): Promise<Acted[]> {
  const targets = batch.map(({ locator, recordVersion: version, request }) => {
    if (request !== undefined) return { locator, request, ...present({ version }) };
    return version === undefined ? { locator } : { locator, version };
  });
  switch (stage) {
    case 'delete':
      return store.delete(targets);
    case 'anonymise':
      return store.anonymise(targets, masks);
    case 'restrict':
      return store.restrict(targets, true);
    case 'lift':
      return store.restrict(targets, false);
  }
}

async function readBack(
  core: Pick<LaneCore, 'store'>,
  { stage, masks }: What,
  targets: readonly OnWhat[],
): Promise<readonly ReadBack[]> {
  if (targets.length === 0) return [];
  const answers = await core.store.readBack(targets.map(({ locator }) => promiseOf(stage, locator, masks)));
  return targets.map((_, index) => answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' });
}

function codeOfReading(read: ReadBack | undefined): string {
  return read?.state === 'unknown' || read?.state === 'refused' ? read.code : 'STORE_ERROR';
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
    // Only a vendor answers this: see `ask-vendor.ts`.
    case 'requested':
    case 'confirmed':
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
  answer: Acted,
  read: ReadBack | undefined,
  common: { readonly actedAt: Instant; readonly at: Instant },
): Came {
  const { at } = common;
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
      return { uncertain: answer.code };
    case 'requested':
    case 'confirmed':
      return { uncertain: 'STORE_ERROR' };
    case 'deleted':
    case 'anonymised':
    case 'restricted':
    case 'lifted':
    case 'already-so':
      if (read?.state === 'kept')
        return { ...common, outcome: answer.outcome, readBackAt: at, ...present({ code: answer.answer }) };
      if (read?.state === 'broken') return { ...common, outcome: 'failed', code: READ_BACK_BROKEN };
      return { uncertain: codeOfReading(read) };
  }
}
