import type { Emulator } from '../emulator.ts';
import type { Scoreboard } from '../scoreboard.ts';

/**
 * A story of its own account, from before its first deployment. It starts what it needs and hands its end to `cleanup`.
 * It throws only when it cannot go on; what did not hold is on the scoreboard.
 */
export type Chapter = (board: Scoreboard, cleanup: AsyncDisposableStack) => Promise<void>;

/** For the end of a chapter: a function without a grant fails in its own way; here the missing grant is named. */
export function nothingDenied(board: Scoreboard, emulator: Emulator): Promise<void> {
  return board.scenario('no function was denied anything', async () => {
    const found = await emulator.denials();
    if (found.length > 0) throw new Error(found.join('; '));
    return undefined;
  });
}
