import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DAYS } from '../app-settings.ts';
import { sealedLog } from '../evidence.ts';
import { hourlySweep } from '../people/hourly-sweep.ts';
import { until } from '../people/until.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import { countLetters, LEFT, letLeave, LETTERS_EACH, NAMES } from './customer-records.ts';
import { LETTERS } from './customer-settings.ts';

const [MINUTE, DAY] = [60_000, 86_400_000];
/** A pass does not begin sooner after the one before it, which another scenario may have asked for. */
const BETWEEN_PASSES = 2.2 * MINUTE;
/** Left so long ago that the letters are due this long after now. */
const SOON = 9 * MINUTE;
/** A pass, a minute until what it found is sent on, a hint, and the next full minute. */
const READ_AND_GONE = 8 * MINUTE;

/** Nothing is registered, and nothing is sent: what the column of a table says is all. `alone`: no other scenario sweeps. */
export async function disposeByColumn(
  world: World,
  board: Scoreboard,
  { alone }: { readonly alone: boolean },
): Promise<void> {
  const { stays, back, moved, late, open } = NAMES;
  const each = (...names: readonly number[]) => Object.fromEntries(names.map((name) => [name, LETTERS_EACH]));
  /** Has the column read until only these letters are left. */
  async function left(what: string, expected: Readonly<Record<string, number>>): Promise<void> {
    let sweptAt = 0;
    await until(
      what,
      async () => {
        if (Date.now() - sweptAt > BETWEEN_PASSES) {
          await hourlySweep(world);
          sweptAt = Date.now();
        }
        return countLetters(world);
      },
      (found) => isDeepStrictEqual(found, expected),
      READ_AND_GONE,
    );
  }
  const dueAt = Date.now() + SOON;
  const leftAt = dueAt - DAYS * DAY;
  await board.scenario('letters of customers that left years ago go by what a column says', async () => {
    for (const name of [stays, back, moved]) await letLeave(world, name, leftAt);
    await left('they are gone', each(stays, back, moved, late, open));
    if (Date.now() > dueAt) throw new Error('it took too long');
    return `${LEFT} customers, ${LEFT * LETTERS_EACH} letters`;
  });
  const readAt = Date.now();
  await board.scenario(
    'nothing goes by a column that may have changed since the letters are due',
    async () => {
      await letLeave(world, back, null);
      await letLeave(world, moved, Date.now());
      await letLeave(world, late, leftAt - DAY);
      // Nothing has been read since: to the registry, these customers have left.
      await sleep(Math.max(0, dueAt + 2 * MINUTE - Date.now()));
      const found = await countLetters(world);
      const kept = alone ? [stays, back, moved, late, open] : [back, moved, open];
      if (kept.some((name) => found[name] !== LETTERS_EACH))
        throw new Error(`${JSON.stringify(found)} are left`);
      return undefined;
    },
  );
  await board.scenario('a customer who came back, or left later, keeps the letters', async () => {
    await sleep(Math.max(0, readAt + BETWEEN_PASSES - Date.now()));
    await left('those of the others are gone', each(back, moved, open));
    return undefined;
  });
  await board.scenario('the log has what went by the column, and what the column took back', async () => {
    const told = async () => {
      const { entries } = await sealedLog(world);
      const pages = entries.filter(({ store, page }) => store === LETTERS && page !== undefined);
      return pages.reduce((sum, { page }) => sum + (page?.records ?? 0), 0);
    };
    await until('all is sealed', told, (found) => found === (LEFT + 2) * LETTERS_EACH);
    const found = await countLetters(world);
    if (!isDeepStrictEqual(found, each(back, moved, open)))
      throw new Error(`${JSON.stringify(found)} are left`);
    return undefined;
  });
}
