import { sealedLog } from '../evidence.ts';
import { ended } from '../happenings.ts';
import { until } from '../people/until.ts';
import { MARKER } from '../records.ts';
import type { Scoreboard } from '../scoreboard.ts';
import type { World } from '../world.ts';
import type { LateVendor } from './vendor-place.ts';
import { MAILINGS } from './vendor-settings.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const RECIPIENT = `recipient-of-${MARKER}`;
const CONTRACT = `mailed-${MARKER}`;
const ANSWERED = 20 * MINUTE;

/** The lane asks, is told that it will be done, asks again later, and says what the vendor says: not that it is deleted. */
export async function tellVendor(world: World, board: Scoreboard, { server }: LateVendor): Promise<void> {
  const crm = world.people.client('crm');
  const told = async () => {
    const { entries } = await sealedLog(world);
    return entries.flatMap(({ store, outcome }) => (store === MAILINGS ? [outcome] : []));
  };
  const asks = () => server.got.filter(({ method }) => method === 'DELETE');
  await board.scenario('a vendor is asked to delete a recipient, and accepts it', async () => {
    const { results } = await crm.registerHoldings([
      {
        store: MAILINGS,
        locator: [RECIPIENT],
        categories: ['contract-data'],
        purposes: ['contract'],
        entities: [{ type: 'contract', id: CONTRACT }],
      },
    ]);
    if (results.some(({ status }) => status === 'rejected')) throw new Error(JSON.stringify(results));
    await crm.sendEvents([ended(CONTRACT, Date.now() - DAY)]);
    await until(
      'the vendor is asked',
      async () => asks().length,
      (count) => count > 0,
    );
    const [asked] = asks();
    if (asked?.path !== `/recipients/${encodeURIComponent(RECIPIENT)}`)
      throw new Error('it was asked for something else');
    if (asked.headers['idempotency-key'] === undefined) throw new Error('the request has no name');
    await until('the log says that it was requested', told, (found) => found.includes('requested'));
    return undefined;
  });
  await board.scenario('the vendor is late, and is asked until it says that it is done', async () => {
    await until('it is confirmed', told, (found) => found.includes('confirmed-by-vendor'), ANSWERED);
    const found = await told();
    if (found.join() !== 'requested,confirmed-by-vendor') throw new Error(found.join());
    if (asks().length !== 1) throw new Error(`it was asked ${asks().length} times to delete`);
    return `${server.got.length - 1} questions`;
  });
}
