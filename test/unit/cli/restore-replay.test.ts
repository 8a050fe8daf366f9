import { afterEach, describe, expect, test } from 'vitest';
import type { RestoreReplayAnswer } from '../../../shared/contract/restore-replays.ts';
import { configuration } from '../../support/api-world.ts';
import { shopConfiguration, shopPolicy, shopWorld } from '../../support/policy-plan/shop-policies.ts';

type Shop = Awaited<ReturnType<typeof shopWorld>>;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** Two records that were deleted on 2 March. A backup of the day before has both. */
async function shop(orders = { afterCare: [36] }): Promise<Shop> {
  const [store] = [configuration.stores['orders']];
  if (store === undefined) throw new TypeError('it is configured');
  const own = shopConfiguration(shopPolicy({ profile: 'rule: within 3 days after account.disconnected' }), {
    stores: { ...configuration.stores, orders: { ...store, ...orders } },
  });
  const world = await shopWorld(own, 2, { waits: true });
  ends.push(() => world.end());
  put(world, 0, 1);
  await world.sweepAt('2026-03-02T12:00:00Z');
  await world.wakeUntil('2026-03-02T13:00:00Z');
  expect(world.stores['orders']?.size()).toBe(0);
  return world;
}

const put = (world: Shop, ...which: readonly number[]): void =>
  which.forEach((n) => world.stores['orders']?.put([`shop/${n}`]));
const allNotes = (world: Shop) =>
  world.registry.allResults().flatMap((one) => ('void' in one ? [] : (one.actions ?? [])));
const notesIn = (world: Shop) => Object.fromEntries(allNotes(world).map((note) => [note.did, note]));
const replay = (world: Shop, ...args: string[]) => world.tenure('operator', 'restore', 'replay', ...args);
const SINCE = ['--store', 'orders', '--since', '2026-03-01T20:00:00Z'];

describe('tenure restore replay', () => {
  test('ends with 2 where something is there again, says what, and disposes of nothing', async () => {
    const world = await shop();
    put(world, 0);
    const { code, out, err } = await replay(world, ...SINCE);
    expect({ code, err }).toMatchObject({ code: 2 });
    expect(out).toMatch(/^category +there again +gone\nprofile +1 +1\n/);
    expect(out).toMatch(/^there again: [\w-]{22} \(profile\)$/m);
    expect(err).toContain('Nothing was done. With --do they are disposed of');
    expect(world.stores['orders']?.size()).toBe(1);
  });

  test('ends with 0 where nothing has come back', async () => {
    const world = await shop();
    const { code, err } = await replay(world, ...SINCE);
    expect(code).toBe(0);
    expect(err).toContain('Nothing has come back.');
  });

  test('with --do disposes of it, and the log says who asked for that', async () => {
    const world = await shop();
    put(world, 0);
    const { code, err } = await replay(world, ...SINCE, '--do');
    expect(code).toBe(0);
    await world.sweepAt('2026-03-02T15:00:00Z');
    await world.wakeUntil('2026-03-02T16:00:00Z');
    expect(world.stores['orders']?.size()).toBe(0);
    const [, id = ''] = /^Replay (\S+)\./m.exec(err) ?? [];
    const shown = await world.tenure('auditor', 'restore', 'replay', '--id', id);
    expect(shown.code).toBe(0);
    expect(notesIn(world)).toMatchObject({
      'restore-replay': { lane: 'orders', since: '2026-03-01T20:00:00.000Z', by: expect.any(String) },
      'came-back': { store: 'orders' },
    });
  });

  test('ends with 1 where not all could be looked at, and says so', async () => {
    const world = await shop({ afterCare: [] });
    put(world, 0);
    const { code, err, out } = await replay(world, ...SINCE, '--json');
    expect({ code, err }).toMatchObject({ code: 1 });
    const answer = JSON.parse(out) as RestoreReplayAnswer;
    expect(answer).toMatchObject({ state: 'done', do: false, totals: { forgotten: 2, there: 0 } });
    expect(answer.categories[0]?.samples.forgotten).toHaveLength(2);
    expect((await replay(world, ...SINCE)).err).toContain('NOT LOOKED AT');
  });

  test.for([
    ['the future', ['--store', 'orders', '--since', '2027-01-01T00:00:00Z'], /^SINCE_INVALID at since/],
    ['an unknown store', ['--store', 'other', '--since', '2026-03-01T20:00:00Z'], /^NOT_FOUND at store/],
    ['an unknown replay', ['--id', 'other'], /^NOT_FOUND at id/],
    ['a time without an offset', ['--store', 'orders', '--since', '2026-03-01T20:00'], /offset/],
    ['no store', ['--since', '2026-03-01T20:00:00Z'], /--store and --since/],
  ] as const)('ends with 1 and does nothing with %s', async ([, args, message]) => {
    const world = await shop();
    const { code, err } = await replay(world, ...args);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(message) });
  });
});

describe('POST /v1/restores/replay', () => {
  const body = { store: 'orders', since: '2026-03-01T20:00:00Z', token: 't-1', do: true };

  test('is one replay with one entry, however often it comes', async () => {
    const world = await shop();
    put(world, 0);
    const first = await world.call('operator', '/v1/restores/replay', body);
    expect(first).toMatchObject({ status: 200, body: { state: 'asking', do: true } });
    await world.settleAll();
    const again = await world.call('operator', '/v1/restores/replay', body);
    expect(again.body).toMatchObject({ id: first.body['id'], at: first.body['at'], state: 'looking' });
    expect(allNotes(world).filter(({ did }) => did === 'restore-replay')).toHaveLength(1);
  });

  test('is for operators, and what it found for auditors, too', async () => {
    const world = await shop();
    for (const who of ['shop', 'auditor', 'nobody'] as const)
      expect((await world.call(who, '/v1/restores/replay', body)).status).toBe(403);
    const { body: begun } = await world.call('operator', '/v1/restores/replay', body);
    const query = { id: begun['id'] };
    expect((await world.call('auditor', '/v1/restores/query', query)).status).toBe(200);
    expect((await world.call('shop', '/v1/restores/query', query)).status).toBe(403);
  });
});
