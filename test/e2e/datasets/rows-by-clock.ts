import { isDeepStrictEqual } from 'node:util';
import { sealedLog } from '../evidence.ts';
import { hourlySweep } from '../people/hourly-sweep.ts';
import { until } from '../people/until.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { countRows, HELD, OLD, OTHERS, type RowCounts, STAYS } from './row-records.ts';
import { ROW_CATEGORIES, type RowStore } from './row-settings.ts';

const HOLD = 'matter-of-rows';

/** Before any sweep: a row that is held must not go in the first one. */
export async function holdRows({ people }: World, board: Scoreboard): Promise<void> {
  await board.scenario('a hold on a company is placed before its rows are read', async () => {
    const placed = await people.client('operator').placeHold({
      id: HOLD,
      scope: { entity: { type: 'company', id: STAYS, producer: 'crm' } },
      matter: 'matter 9',
      reason: 'a claim is expected',
    });
    if (placed.dryRun) throw new Error('the hold was a dry run');
    return undefined;
  });
}

/** Nothing registers these rows, and nothing is sent about them: what a column, an attribute or S3 says is all. */
export async function disposeOfRows(world: World, board: Scoreboard): Promise<void> {
  const left: RowCounts = {
    visits: HELD.visits + OTHERS.visits,
    bills: HELD.bills + OTHERS.bills,
    files: HELD.files,
  };
  await board.scenario('rows go by their own clocks, and those that are held or young stay', async () => {
    await hourlySweep(world);
    await until(
      'they are gone',
      () => countRows(world),
      (found) => isDeepStrictEqual(found, left),
    );
    return `${Object.values(OLD).reduce((sum, count) => sum + count)} rows`;
  });
  await board.scenario('the entries of datasets count every row that went, once', async () => {
    const told = async (): Promise<RowCounts> => {
      const { entries } = await sealedLog(world);
      const of = (store: RowStore): number =>
        entries
          // What operators did has entries of its own, without categories.
          .filter(({ page, categories }) => page !== undefined && categories.includes(ROW_CATEGORIES[store]))
          .reduce((sum, { page }) => sum + (page?.records ?? 0), 0);
      return { visits: of('visits'), bills: of('bills'), files: of('files') };
    };
    await until('all are sealed', told, (found) => isDeepStrictEqual(found, OLD));
    const rest = await countRows(world);
    if (!isDeepStrictEqual(rest, left)) throw new Error(`${JSON.stringify(rest)} are left`);
    return undefined;
  });
}
