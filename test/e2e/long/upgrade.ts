import { contract, ended, registrations } from '../happenings.ts';
import type { Scoreboard } from '../scoreboard.ts';
import { makeWorld, SERVICE } from '../world.ts';
import { nothingDenied } from './chapter.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A service stack that is deployed over a running one loses nothing. */
export async function playUpgrade(board: Scoreboard, cleanup: AsyncDisposableStack): Promise<void> {
  const world = await makeWorld(board, cleanup);
  const { people, records, deployment } = world;
  const before = contract('before', 1, 3);
  await board.scenario('what is due during a deployment is gone after it', async () => {
    const crm = people.client('crm');
    for (const record of before.records) await records.write(record);
    await crm.registerHoldings(registrations(before));
    await crm.sendEvents([ended(before.id, Date.now() - DAY)]);
    await deployment.redeploy(SERVICE);
    await records.gone(before.records, Date.now() + 5 * MINUTE);
    return `${before.records.length} records`;
  });
  await nothingDenied(board, world.emulator);
}
