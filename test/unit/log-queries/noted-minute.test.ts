import { expect, test } from 'vitest';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { present } from '../../../shared/domain/present.ts';
import { VOID } from '../../../shared/domain/record/work.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { putActions } from '../../../shared/protocol/people/put-actions.ts';
import { apiWorld } from '../../support/api-world.ts';

type World = ReturnType<typeof apiWorld>;

const LATE = ['2026-03-01T10:59:30.000Z', '2026-03-01T23:59:30.000Z', '2026-12-31T23:59:59.999Z'];

/** What `seal` has put into the log by then. */
async function sealAll(world: World, isIndexed: boolean): Promise<void> {
  const { registry } = world;
  let first = 0;
  for (const { token } of (await registry.toBeSealed()).items) {
    const result = (await registry.results([token])).get(token);
    if (result === undefined || result === VOID) throw new Error(`${token} has no result`);
    const index = sealedIndexOf(result, first);
    await registry.putSealed([index]);
    if (isIndexed) await indexNext(world, [index]);
    first += index.count;
    const { version } = await registry.head();
    await registry.putHead({ version: version + 1, size: first, batch: [], published: true });
  }
}

async function actionsIn(world: World, period: object): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await world.call('auditor', '/v1/log/entries/query', {
      ...period,
      ...present({ cursor }),
    });
    const page = answer.body as unknown as LogAnswer;
    found.push(...page.actions.map(({ action }) => action.at));
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

/** Their time is rounded up to the minute, so that it may be in the next hour, day, month or year. */
test.each([true, false])(
  'a step of a request is found by the time that its entry has (index: %s)',
  async (isIndexed) => {
    const world = apiWorld();
    const { clock } = world;
    for (const at of LATE) {
      clock.set(Date.parse(at));
      await putActions(world, '', [{ did: 'request', request: { kind: 'erasure', step: 'filed' } }]);
    }
    await sealAll(world, isIndexed);
    const noted = ['2026-03-01T11:00:00.000Z', '2026-03-02T00:00:00.000Z', '2027-01-01T00:00:00.000Z'];
    expect(await actionsIn(world, { from: '2026-01-01', to: '2028-01-01' })).toEqual(noted);
    for (const at of noted) {
      const end = new Date(Date.parse(at) + 60_000).toISOString();
      expect(await actionsIn(world, { from: at, to: end })).toEqual([at]);
      expect(await actionsIn(world, { from: at, to: '2028-01-01' })).toEqual(
        noted.filter((one) => one >= at),
      );
      expect(await actionsIn(world, { from: '2026-01-01', to: at })).toEqual(noted.filter((one) => one < at));
    }
  },
);
