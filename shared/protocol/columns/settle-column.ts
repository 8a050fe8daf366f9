import { type DefinedColumn, nameOfColumn } from '../../domain/columns/fact-columns.ts';
import { each } from '../../domain/each.ts';
import type { LaneCore } from '../core.ts';
import type { ColumnPass, Went } from './column-pass.ts';
import { hasMoreToTell } from './compare-values.ts';
import { type Named, tellIngest, tellRead, WIDTH } from './tell-ingest.ts';

/** Seconds after which it is looked whether what was taken back has left the registry, first and then. */
export const SOON = 120;
export const LATER = 300;
/** With the bell of the next hour another pass begins, whether this one has settled or not. */
const SETTLED_WITHIN = 30 * 60_000;

/**
 * What a pass has taken back is off the record as soon as its entries are gone: only then does the column count as read, as
 * of when the pass began. What is still there is told again.
 */
export async function settleColumn(core: LaneCore, column: DefinedColumn, pass: ColumnPass): Promise<Went> {
  const name = nameOfColumn(column);
  const left: Named[] = [];
  await each(pass.open, WIDTH, async (one) => {
    const [key, token] = one;
    if ((await core.registry.columnEntry(name, key))?.token === token) left.push(one);
  });
  const isOld = core.clock.now() - pass.startedAt > SETTLED_WITHIN;
  if (left.length === 0) {
    await tellRead(core, column, pass.startedAt);
    if (isOld) return { ringIn: 0 };
    return hasMoreToTell(pass) ? { ringIn: LATER } : {};
  }
  await tellIngest(core, column, left, 'taken-back');
  const { store, producer } = column;
  if (isOld) core.report('facts.unread', { store, producer, code: 'COLUMN_NOT_SETTLED' });
  return isOld ? { ringIn: 0 } : { pass: { ...pass, open: left }, ringIn: LATER };
}
