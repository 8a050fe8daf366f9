import type { DefinedColumn } from '../../domain/columns/fact-columns.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { SURE_BATCH } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { refsOf } from '../facts/refs-of.ts';
import type { ColumnPass, Went } from './column-pass.ts';
import { compareValues, hasMoreToTell } from './compare-values.ts';
import { LATER, SOON } from './settle-column.ts';
import { tellRead } from './tell-ingest.ts';
import { lastOf, rangeOf, type Value, valuesOf } from './values-of.ts';

/** Times that clocks showed twice, or never, can be in another order than their instants. */
const OUT_OF_ORDER = 3 * 3_600_000;
/** Values within three hours, or of one day, that are compared at once. A column with more of them is not read. */
const MOST_AT_ONCE = 200_000;
/**
 * More rows than these, and than one in twenty, do not go within an hour, nor half of all within a day: the table may be
 * empty while it is loaded, or is another one. Entries stay for a week, so accounts that are deleted as soon as they are
 * closed are less than that.
 */
const FEW = 20;
const SHARE = 0.05;
const SHARE_OF_DAY = 0.5;
/** A single row that is gone is one account, in a table of two as well. */
const ONE = 1;

/** Pages with values that were not compared yet: where each begins, and its last value. */
interface Open {
  readonly after: string | undefined;
  readonly last: Instant;
}

/**
 * Reads the column from where the pass is. Values are compared as soon as no earlier one can follow, so memory holds a page
 * and what happened within three hours.
 */
export async function readOn(
  core: LaneCore,
  column: DefinedColumn,
  pass: ColumnPass,
  goOn: () => boolean,
): Promise<Went> {
  const refs = await refsOf(core, column.producer);
  const range = rangeOf(core, column, pass);
  const waiting = new Map<string, Value>();
  const open: Open[] = [];
  const begunAt = pass.after;
  let { after } = pass;
  for (;;) {
    // A run that has not come further would not come further the next time.
    if (!goOn() && from(pass, open, after).after !== begunAt)
      return { pass: from(pass, open, after), ringIn: 0 };
    const page = await core.store.range(range, SURE_BATCH, after);
    if (page.state === 'unknown') {
      core.report('facts.unread', { store: column.store, producer: column.producer, code: page.code });
      return { pass: from(pass, open, after) };
    }
    // On a position that it was at before, it has compared some of these.
    const values = valuesOf(core, { column, refs, pass }, page.rows).filter(({ at }) => at >= pass.done);
    for (const value of values) waiting.set(value.key, value);
    open.push({ after, last: values.reduce((last, { at }) => Math.max(last, at), 0) });
    const isEnd = page.next === undefined;
    const last = open.reduce((latest, one) => Math.max(latest, one.last), 0);
    const until = isEnd ? lastOf(core, pass) + 1 : last - OUT_OF_ORDER;
    if (until > pass.done) await compareUntil(core, column, pass, { waiting, until });
    while (open[0] !== undefined && open[0].last < pass.done) open.shift();
    if (isEnd) return ended(core, column, pass);
    if (waiting.size > MOST_AT_ONCE) {
      pass.code ??= 'COLUMN_TOO_DENSE';
      return ended(core, column, pass);
    }
    after = page.next;
  }
}

function from(pass: ColumnPass, open: readonly Open[], next: string | undefined): ColumnPass {
  const { after: _after, ...rest } = pass;
  const [first] = open;
  const after = first === undefined ? next : first.after;
  return after === undefined ? rest : { ...rest, after };
}

async function compareUntil(
  core: LaneCore,
  column: DefinedColumn,
  pass: ColumnPass,
  { waiting, until }: { readonly waiting: Map<string, Value>; readonly until: Instant },
): Promise<void> {
  const values = new Map([...waiting].filter(([, { at }]) => at < until));
  await compareValues(core, column, pass, { values, from: pass.done, until });
  for (const key of values.keys()) waiting.delete(key);
  pass.done = until;
}

/** All is read. Only where everything that was taken is what the column says does it count as read. */
async function ended(core: LaneCore, column: DefinedColumn, pass: ColumnPass): Promise<Went> {
  const { store, producer } = column;
  if (isEmptied(pass)) pass.code ??= 'COLUMN_EMPTIED';
  core.report('facts.read', { store, producer, count: pass.rows });
  if (pass.unusable > 0) core.report('facts.unusable', { store, producer, count: pass.unusable });
  const more = hasMoreToTell(pass) ? { ringIn: LATER } : {};
  if (pass.code !== undefined) {
    core.report('facts.unread', { store, producer, code: pass.code });
    return more;
  }
  if (pass.open.length > 0) return { pass: { ...pass, phase: 'settling' }, ringIn: SOON };
  await tellRead(core, column, pass.startedAt);
  return more;
}

/**
 * Whether the table may be one that is being loaded, or another one. Half is counted of the rows that were there for a day: not
 * of accounts that are deleted as soon as they are closed, nor of another table's rows, which would make the share small.
 * Where no row was there for so long, all entries count.
 */
function isEmptied({ rows, entries, gone, goneToday, known, knownGone }: ColumnPass): boolean {
  const [absent, of] = known > 0 ? [knownGone, known] : [goneToday, entries];
  return (
    gone > Math.max(FEW, entries * SHARE) ||
    goneToday > Math.max(FEW, entries * SHARE_OF_DAY) ||
    (absent > ONE && absent >= of * SHARE_OF_DAY) ||
    (rows === 0 && gone > 0)
  );
}
