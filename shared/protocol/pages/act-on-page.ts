import { present } from '../../domain/present.ts';
import { isSuccess } from '../../domain/record/actions.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import type { Came } from '../lane/act.ts';
import type { Begun } from '../lane/begin.ts';
import { isFarAway } from '../lane/settle.ts';
import type { PageTodo } from './page-todo.ts';
import { actOnSlices, type RowCame } from './act-on-slices.ts';
import { moved, noted, type Pass, type SliceCame } from './pass.ts';
import type { Row, Slice } from './slice.ts';

/** What came of the records of a page. */
export interface PageCame<One extends Row = Row> extends Summed<One> {
  /** As it is after them. */
  readonly pass: Pass;
  /** Every record had its turn, and the list ends with them. */
  readonly ended: boolean;
  /** Of each record that had its turn. */
  readonly came: readonly RowCame<One>[];
}

/** What came of some records together. */
export interface Summed<One extends Row = Row> {
  /** Read back as the stage promises. */
  readonly done: readonly HoldingRef[];
  /** How many of them this attempt certainly disposed of. */
  readonly effects: number;
  readonly changed: number;
  /** The codes of those that failed or were refused. */
  readonly failed: readonly string[];
  /** Those of them that the store does not refuse until a date. */
  readonly wrong: readonly string[];
  /** Something was acted on, and it is not known what came of it. */
  readonly uncertain: readonly One[];
  readonly uncertainCode?: string;
  /** What the store answered where it did what it was asked. */
  readonly answer?: string;
  readonly actedAt?: Instant;
  readonly readBackAt?: Instant;
}

type ToActOn<One extends Row> = Pick<PageTodo, 'stage' | 'masks' | 'pass' | 'ended'> & {
  readonly slices: readonly Slice<One>[];
};

/** Step 9 for a collection or dataset: its slices, as far as time goes. What had no turn is listed again. */
export async function actOnPage<One extends Row>(
  core: LaneCore,
  begun: Begun,
  page: ToActOn<One>,
): Promise<PageCame<One>> {
  let { pass } = page;
  const came: RowCame<One>[] = [];
  const unlooked: string[] = [];
  let isUnfinished = false;
  const all = await actOnSlices(core, begun, page);
  for (const [index, listed] of page.slices.entries()) {
    const of = all[index] ?? [];
    const isOutOfTime = of.length < listed.rows.length;
    if (of.length === 0 && isOutOfTime) {
      isUnfinished = true;
      break;
    }
    const slice = isOutOfTime ? { ...listed, rows: of.map(({ row }) => row), isCut: true as const } : listed;
    came.push(...of);
    unlooked.push(...slice.failed);
    const slices = cameOf(
      of.map(({ what }) => what),
      slice,
    );
    // Where nothing went, the pass moves on all the same: or a slice full of records that never go would stop all others.
    const isStuck = slice.rows.length > 0 && slices.again !== true;
    isUnfinished ||= slice.isCut === true && !isStuck;
    pass = isUnfinished ? noted(pass, slices) : moved(pass, slices, slice.next);
    if (isOutOfTime) {
      isUnfinished = true;
      break;
    }
  }
  return { pass, ended: !isUnfinished && page.ended, came, ...summed(came, unlooked) };
}

/** Of a slice that is cut, dates are failures: the others are not known to be refused, and must not wait as long. */
function cameOf(came: readonly Came[], { rows, kept, failed, isCut, goneBy }: Slice): SliceCame {
  const codes: string[] = [...failed];
  const dates: Instant[] = [];
  let done = 0;
  for (const one of came) {
    if ('uncertain' in one) continue;
    if (isSuccess(one.outcome) && one.outcome !== 'already-so') done += 1;
    if (one.outcome === 'refused' && isFarAway(one) && isCut !== true) dates.push(one.until);
    else if (!isSuccess(one.outcome)) codes.push(one.code ?? one.outcome);
  }
  const until = dates.length === 0 ? undefined : Math.min(...dates);
  const again = came.some((one) => 'uncertain' in one || isSuccess(one.outcome))
    ? (true as const)
    : undefined;
  const left = goneBy && { ...goneBy, failed: codes.length + dates.length };
  return { acted: rows.length, done, kept, ...present({ code: codes.at(-1), until, again, goneBy: left }) };
}

export function summed<One extends Row>(
  came: readonly RowCame<One>[],
  unlooked: readonly string[] = [],
): Summed<One> {
  const done = new Set<HoldingRef>();
  const failed = [...unlooked];
  const wrong = [...unlooked];
  const uncertain: One[] = [];
  let [effects, changed] = [0, 0];
  let [uncertainCode, answer]: (string | undefined)[] = [];
  const times: Instant[] = [];
  const reads: Instant[] = [];
  for (const { row, what } of came) {
    if ('uncertain' in what) {
      uncertain.push(row);
      uncertainCode ??= what.uncertain;
      continue;
    }
    times.push(what.actedAt);
    if (what.readBackAt !== undefined) reads.push(what.readBackAt);
    if (isSuccess(what.outcome)) {
      done.add(row.ref);
      if (what.outcome !== 'already-so') effects += 1;
      answer ??= what.code;
    } else if (what.outcome === 'changed') changed += 1;
    else {
      const code = what.code ?? what.outcome;
      failed.push(code);
      if (what.outcome !== 'refused' || what.until === undefined) wrong.push(code);
    }
  }
  return {
    done: [...done],
    effects,
    changed,
    failed,
    wrong,
    uncertain,
    ...present({ uncertainCode, answer, actedAt: times[0], readBackAt: reads.at(-1) }),
  };
}
