import { describe, expect, test } from 'vitest';
import type { ProgressAnswer } from '../../../shared/contract/people/requests.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { requestSettings } from '../../support/people-requests.ts';
import { wrongLists } from '../../support/log/wrong-lists.ts';

const NOW = '2026-03-01T10:00:00Z';
const ID = 'a-1';
const ENTITY = { type: 'account', id: ID, producer: 'shop' };

const shop = configuration.producers['shop'];
const vault = configuration.stores['vault'];
if (shop === undefined || vault === undefined) throw new Error('the configuration has both');

const collecting: Configuration = {
  ...configuration,
  stores: {
    ...configuration.stores,
    vault: {
      ...vault,
      restricts: true,
      collections: [{ category: 'profile', entity: 'account', by: 'account', producer: 'shop' }],
    },
  },
  producers: {
    ...configuration.producers,
    shop: { ...shop, stores: { ...shop.stores, vault: { prefixes: [''], shared: false } } },
  },
  requests: requestSettings(),
};

type World = ReturnType<typeof apiWorld>;
const ROWS = Array.from({ length: 230 }, (_, n) => `r-${String(n).padStart(3, '0')}`);
/** A contract that has not ended keeps it. */
const OWN = 'r-100';

async function collected(own = true): Promise<World> {
  const w = apiWorld(NOW, undefined, collecting);
  for (const id of ROWS) w.stores['vault']?.put([id], { account: ID, email: `${id}@example.org` });
  w.stores['vault']?.put(['x-1'], { account: 'a-2' });
  const event = {
    specversion: '1.0',
    id: 'e-1',
    source: 'shop.example',
    type: 'account.disconnected',
    data: { entity: { type: 'account', id: ID }, occurred: '2026-02-28' },
  };
  await w.call('shop', '/v1/events', { events: [event] });
  const record = {
    store: 'vault',
    locator: [OWN],
    categories: ['registration'],
    purposes: ['contract'],
    entities: [
      { type: 'account', id: ID },
      { type: 'contract', id: 'c-1' },
    ],
  };
  if (own) await w.call('shop', '/v1/holdings', { holdings: [record] });
  await w.deliver();
  return w;
}

async function files(w: World, kind: string, more: object = {}): Promise<void> {
  const { status, body } = await w.call('operator', '/v1/requests', {
    id: 't-1',
    kind,
    entity: ENTITY,
    ...more,
  });
  expect([status, body]).toEqual([200, expect.anything()]);
  await w.deliver();
}

/** With the hourly sweep of the last hours, which closes requests. */
async function runsUntil(w: World, iso: string): Promise<void> {
  await w.wakeUntil(iso);
  for (const hour of [1, 2]) await w.sweepAt(new Date(Date.parse(iso) + hour * 3_600_000).toISOString());
}

async function progress(
  w: World,
): Promise<{ readonly state: string; readonly holdings: readonly ProgressAnswer[] }> {
  const { body } = await w.call('operator', '/v1/requests/query', { id: 't-1' });
  const [request] = body['requests'] as readonly { readonly state: string }[];
  return { state: request?.state ?? '', holdings: body['holdings'] as readonly ProgressAnswer[] };
}

const left = (w: World): number => w.stores['vault']?.size() ?? -1;
const isThere = (w: World, id: string): boolean => w.stores['vault']?.fields([id]) !== undefined;

describe('the requests of a person with a collection', () => {
  test('an erasure deletes all of it, page by page, and closes', async () => {
    const w = await collected(false);
    await files(w, 'erase');
    await runsUntil(w, '2026-03-02T10:00:00Z');
    expect(left(w)).toBe(1);
    expect(isThere(w, 'x-1')).toBe(true);
    expect(await progress(w)).toMatchObject({
      state: 'closed',
      // It was looked at again after the write lag, as everything is that was deleted at once.
      holdings: [
        { collection: 'profile', state: 'gone', action: 'delete' },
        { collection: 'profile', state: 'gone', action: 'delete' },
      ],
    });
    expect(wrongLists(w.bucket.allObjects())).toEqual([]);
    expect(w.bucket.allObjects().some(({ key }) => key.startsWith('lists/'))).toBe(true);
  });

  test('an erasure is done but for a record that is kept on its own, and says both', async () => {
    const w = await collected();
    await files(w, 'erase', { scope: { categories: ['profile'] } });
    await runsUntil(w, '2026-03-02T10:00:00Z');
    expect(left(w)).toBe(2);
    expect(isThere(w, OWN)).toBe(true);
    const { state, holdings } = await progress(w);
    expect(holdings).toMatchObject([{ collection: 'profile', state: 'gone', kept: 1 }]);
    expect(state).toBe('closed');
    const { body } = await w.call('operator', '/v1/subjects/query', { entity: ENTITY });
    const [one] = (
      body['holdings'] as readonly { readonly collection?: string; readonly plan?: object }[]
    ).filter(({ collection }) => collection !== undefined);
    expect(one).toMatchObject({ kept: { records: 1 }, plan: { overdue: false } });
  });

  test('an erasure that comes later has the collection looked at again', async () => {
    const w = await collected();
    await runsUntil(w, '2026-04-10T10:00:00Z');
    expect(left(w)).toBe(2);
    for (const id of ['n-1', 'n-2']) w.stores['vault']?.put([id], { account: ID });
    await files(w, 'erase', { scope: { categories: ['profile'] } });
    expect((await progress(w)).state).toBe('running');
    await runsUntil(w, '2026-04-11T10:00:00Z');
    expect(left(w)).toBe(2);
    expect(await progress(w)).toMatchObject({ state: 'closed', holdings: [{ state: 'gone', kept: 1 }] });
  });

  test('a restriction marks every row but those that are registered on their own, and its release takes the mark away', async () => {
    const w = await collected(false);
    await files(w, 'restrict', { forbidsDeletion: true });
    await runsUntil(w, '2026-03-02T10:00:00Z');
    const restricted = (): number => ROWS.filter((id) => w.stores['vault']?.isRestricted([id])).length;
    expect(restricted()).toBe(ROWS.length);
    expect(w.stores['vault']?.isRestricted(['x-1'])).toBe(false);
    expect(await progress(w)).toMatchObject({
      state: 'closed',
      holdings: [{ state: 'restricted', collection: 'profile' }],
    });
    // What is written later is not marked, so no answer says that it is.
    w.stores['vault']?.put(['n-1'], { account: ID });
    await runsUntil(w, '2026-04-10T10:00:00Z');
    expect(w.stores['vault']?.isRestricted(['n-1'])).toBe(false);
    const [line] = (await progress(w)).holdings;
    expect(line?.markedAt).toMatch(/^2026-03-01T/);
    const { text } = await w.call('operator', '/v1/requests/query', { id: 't-1', text: true });
    expect(text).toContain('all of them that there were on 2026-03-01');
    expect(left(w)).toBe(ROWS.length + 2);
    await w.call('operator', '/v1/requests/release', { id: 't-1' });
    await w.deliver();
    await runsUntil(w, '2026-04-12T10:00:00Z');
    expect(restricted()).toBe(0);
    expect(left(w)).toBe(1);
  });

  test('a legal hold keeps all of it, and the request says so', async () => {
    const w = await collected(false);
    const hold = { id: 'h-1', scope: { entity: ENTITY }, matter: 'm', reason: 'r' };
    expect((await w.call('operator', '/v1/legal-holds', hold)).status).toBe(200);
    await files(w, 'erase');
    await runsUntil(w, '2026-03-03T10:00:00Z');
    expect(left(w)).toBe(ROWS.length + 1);
    expect(await progress(w)).toMatchObject({
      state: 'closed',
      holdings: [{ state: 'held', collection: 'profile' }],
    });
    await w.call('operator', '/v1/legal-holds/release', { id: 'h-1', reason: 'over' });
    await w.deliver();
    await runsUntil(w, '2026-03-04T10:00:00Z');
    expect(left(w)).toBe(1);
    expect((await progress(w)).holdings).toMatchObject([{ state: 'gone' }]);
  });

  test('an objection to a purpose is not about it: a collection has none', async () => {
    const w = await collected(false);
    await files(w, 'object', { scope: { purposes: ['contract'] } });
    await runsUntil(w, '2026-03-02T10:00:00Z');
    expect(await progress(w)).toMatchObject({ state: 'closed', holdings: [] });
    expect(left(w)).toBe(ROWS.length + 1);
  });
});
