import { expect, test } from 'vitest';
import { listDue, type DuePlace } from '../../../shared/protocol/statement/list-due.ts';
import { apiWorld } from '../../support/api-world.ts';

type World = ReturnType<typeof apiWorld>;

/** Rows of one account each. After the end, they are due on 30 March. */
async function registered(world: World, names: readonly string[]): Promise<void> {
  for (const name of names) world.stores['orders']?.put([`shop/${name}`]);
  for (let first = 0; first < names.length; first += 100)
    await world.call('shop', '/v1/holdings', {
      holdings: names.slice(first, first + 100).map((name) => ({
        store: 'orders',
        locator: [`shop/${name}`],
        categories: ['profile'],
        purposes: ['login'],
        entities: [{ type: 'account', id: 'a' }],
      })),
    });
  await world.deliver();
}

async function dueWorld(names: readonly string[], pageSize?: number): Promise<World> {
  const world = apiWorld('2026-03-01T10:00:00Z', pageSize);
  await world.sweepAt('2026-03-01T10:00:00Z');
  await registered(world, names);
  const data = { entity: { type: 'account', id: 'a' }, occurred: '2026-02-28' };
  const event = { specversion: '1.0', id: 'e-1', source: 'shop.example', type: 'account.disconnected', data };
  await world.call('shop', '/v1/events', { events: [event] });
  await world.deliver();
  await world.sweepOnlyAt('2026-04-02T00:00:00Z');
  return world;
}

async function listed(world: World, day: string): Promise<readonly string[]> {
  const found: string[] = [];
  let query: string | undefined = `day=${day}`;
  while (query !== undefined) {
    const { body } = await world.call('auditor', `/v1/overdue/holdings?${query}`);
    const holdings = body['holdings'] as { ref: string; generation: number; store: string }[];
    found.push(...holdings.map(({ ref, generation, store }) => `${ref} ${generation} ${store}`));
    const next = body['next'] as string | undefined;
    query = next === undefined ? undefined : `day=${day}&cursor=${next}`;
  }
  return found.toSorted();
}

test('records that are due and still there have the names that registering answers with, and no dates', async () => {
  const world = await dueWorld(['a', 'b']);
  const entity = { type: 'account', id: 'a' };
  const { body } = await world.call('shop', '/v1/subjects/query', { entity });
  const own = (body['holdings'] as { refs: { holding: string } }[]).map(({ refs }) => refs.holding);
  expect(own).toHaveLength(2);
  expect(await listed(world, '2026-04-01')).toEqual(own.map((ref) => `${ref} 1 orders`).toSorted());
  expect(await listed(world, '2026-02-28')).toEqual([]);
});

test('what was disposed of by now, or registered after the day, is not listed', async () => {
  const world = await dueWorld(['a']);
  await registered(world, ['b']);
  await world.sweepOnlyAt('2026-04-03T00:00:00Z');
  expect(await listed(world, '2026-04-01')).toHaveLength(1);
  expect(await listed(world, '2026-04-02')).toHaveLength(2);
  await world.sweepAt('2026-04-03T01:00:00Z');
  await world.settleAll();
  expect(await listed(world, '2026-04-02')).toEqual([]);
});

test('each page reads few holdings, and the pages have all of them, also where chunks go meanwhile', async () => {
  const names = Array.from({ length: 700 }, (_none, n) => `row ${n}`);
  const world = await dueWorld(names);
  const all = new Set(world.registry.allHoldings().map(({ ref }) => ref));
  expect(all.size).toBe(700);
  const before = Date.parse('2026-04-02');
  let place: DuePlace | undefined;
  let most = 0;
  do {
    const page = await listDue(world, before, place);
    most = Math.max(most, page.holdings.length);
    for (const { ref } of page.holdings) all.delete(ref);
    place = page.next;
    const gone = world.registry.allChunks().find(({ id }) => id === place?.past);
    if (gone !== undefined) await world.registry.deleteChunk(gone);
  } while (place !== undefined && all.size > 0);
  expect(all.size).toBe(0);
  expect(most).toBeLessThanOrEqual(500);
});

test('what legal holds keep is listed, under each hold that is in force, page by page', async () => {
  const names = Array.from({ length: 7 }, (_none, n) => `row ${n}`);
  const world = await dueWorld(names, 3);
  const entity = { type: 'account', id: 'a', producer: 'shop' };
  for (const id of ['h-1', 'h-2', 'h-3', 'h-4', 'h-5'])
    await world.call('operator', '/v1/legal-holds', { id, scope: { entity }, matter: 'm', reason: 'r' });
  await world.sweepAt('2026-04-02T01:00:00Z');
  await world.settleAll();
  expect(world.registry.allParked().length).toBeGreaterThanOrEqual(7);
  const all = await listed(world, '2026-04-02');
  expect(new Set(all).size).toBe(7);
  expect(await listed(world, '2026-03-01')).toEqual([]);
  for (const id of ['h-1', 'h-2', 'h-3', 'h-4', 'h-5'])
    await world.call('operator', '/v1/legal-holds/release', { id, reason: 'r' });
  await world.settleAll();
  await world.sweepOnlyAt('2026-04-02T02:00:00Z');
  expect(new Set(await listed(world, '2026-04-02')).size).toBe(7);
});

test('a cursor is of one day, and a day is asked for', async () => {
  const world = await dueWorld(Array.from({ length: 600 }, (_none, n) => `row ${n}`));
  const { body } = await world.call('auditor', '/v1/overdue/holdings?day=2026-04-01');
  const other = `/v1/overdue/holdings?day=2026-04-02&cursor=${String(body['next'])}`;
  expect((await world.call('auditor', other)).body).toMatchObject({ code: 'CURSOR_INVALID' });
  for (const query of ['', '?day=2026-02-31', '?day=2026-04-01&x=1'])
    expect((await world.call('auditor', `/v1/overdue/holdings${query}`)).body).toMatchObject({
      code: 'BODY_INVALID',
    });
});
