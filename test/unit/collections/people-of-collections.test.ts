import { describe, expect, test } from 'vitest';
import type { ProgressAnswer } from '../../../shared/contract/people/requests.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { sweepRequests } from '../../../shared/protocol/people/sweep-requests.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const NOW = '2026-03-01T10:00:00Z';
const ID = 'zoe.marker@example.org';
const ENTITY = { type: 'account', id: ID, producer: 'shop' };
const PROFILE = { category: 'profile', entity: 'account', by: 'account', producer: 'shop' };

const collecting: Configuration = {
  ...configuration,
  stores: {
    ...configuration.stores,
    invoices: { ...configuration.stores['invoices']!, collections: [PROFILE] },
  },
};

type World = ReturnType<typeof apiWorld>;

/** One event about an account has made its collection; the account has one record of its own, too. */
async function collected(): Promise<World> {
  const w = apiWorld(NOW, undefined, collecting);
  const event = {
    specversion: '1.0',
    id: 'e-1',
    source: 'shop.example',
    type: 'account.disconnected',
    data: { entity: { type: 'account', id: ID }, occurred: '2026-02-28' },
  };
  expect((await w.call('shop', '/v1/events', { events: [event] })).status).toBe(200);
  const record = {
    store: 'orders',
    locator: ['shop/1'],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id: ID }],
  };
  expect((await w.call('shop', '/v1/holdings', { holdings: [record] })).status).toBe(200);
  await w.deliver();
  return w;
}

/** As the lane leaves a collection of which only records are left that stay for their own reasons. */
async function keeps(w: World, records: number, at: string): Promise<void> {
  const before = w.registry.allHoldings().find((one) => one.collection !== undefined);
  if (before === undefined) throw new Error('there is no collection');
  const after: Holding = { ...before, version: before.version + 1, kept: { records, at: Date.parse(at) } };
  await w.registry.writeHoldings([{ before, after }]);
}

async function progress(w: World, change: object = {}): Promise<readonly ProgressAnswer[]> {
  const asked = { id: 't-1', kind: 'erase', entity: ENTITY, dryRun: true, ...change };
  const { body, status } = await w.call('operator', '/v1/requests', asked);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body['holdings'] as readonly ProgressAnswer[];
}

/** Those of the store `invoices` first. */
const inOrder = (body: Record<string, unknown>) =>
  (body['holdings'] as readonly { readonly store: string }[]).toSorted((a, b) =>
    a.store < b.store ? -1 : 1,
  );
const ofCollection = (all: readonly ProgressAnswer[]) => all.filter((one) => one.collection !== undefined);

describe('a request about an entity with a collection', () => {
  test('lists the collection once, beside the single records', async () => {
    const w = await collected();
    const all = await progress(w);
    expect(all).toHaveLength(2);
    expect(ofCollection(all)).toMatchObject([
      { store: 'invoices', collection: 'profile', categories: ['profile'], state: 'due', action: 'delete' },
    ]);
  });

  test('says that it is done but for records that stay on their own', async () => {
    const w = await collected();
    await keeps(w, 3, '2026-03-02T10:00:00Z');
    for (const kind of ['erase', 'access'] as const) {
      const [one] = ofCollection(await progress(w, { kind }));
      expect(one).toMatchObject({ state: 'gone', kept: 3, action: 'delete', at: '2026-03-02T10:00:00.000Z' });
    }
  });

  test('asks for what was written since: a collection that was kept before is due', async () => {
    const w = await collected();
    await keeps(w, 3, '2026-02-20T10:00:00Z');
    expect(ofCollection(await progress(w))).toMatchObject([{ state: 'due' }]);
    // These have no fact that has the collection looked at again.
    for (const kind of ['access', 'export'] as const)
      expect(ofCollection(await progress(w, { kind }))).toMatchObject([{ state: 'gone', kept: 3 }]);
  });

  test.each([
    ['is closed when only such records are left', '2026-03-02T10:00:00Z', 'closed'],
    ['stays open while the collection was not looked at since', '2026-02-20T10:00:00Z', 'running'],
  ])('%s', async (_, keptAt, state) => {
    const w = await collected();
    for (const one of w.registry.allHoldings().filter(({ collection }) => collection === undefined))
      await w.registry.writeHoldings([
        { before: one, after: { ...one, version: one.version + 1, state: 'withdrawn' } },
      ]);
    await w.call('operator', '/v1/requests', { id: 't-1', kind: 'erase', entity: ENTITY });
    await w.deliver();
    await keeps(w, 2, keptAt);
    await sweepRequests(w);
    expect(w.registry.allRequests()[0]?.state).toBe(state);
  });

  test('has a text for the person that counts no records of the collection', async () => {
    const w = await collected();
    await w.call('operator', '/v1/requests', { id: 't-1', kind: 'access', entity: ENTITY });
    await keeps(w, 3, '2026-03-02T10:00:00Z');
    const query = { id: 't-1', text: true };
    const { body } = await w.call('operator', '/v1/requests/query', query);
    expect(body['text']).toMatchObject({
      introduction: expect.stringContaining(
        'about one record, and about everything that we have of you of these kinds: profile.',
      ) as string,
      paragraphs: [
        {
          says: 'These records were deleted on 2026-03-02.',
          records: 0,
          all: true,
          notes: ['Some of them stay for reasons of their own. They are listed on their own.'],
        },
        { records: 1 },
      ],
      html: expect.stringContaining('profile: all records') as string,
    });
  });
});

describe('the report about an entity', () => {
  test('names the collection, and what is left of it', async () => {
    const w = await collected();
    const ask = () => w.call('auditor', '/v1/subjects/query', { entity: ENTITY });
    const { body } = await ask();
    expect(inOrder(body)).toMatchObject([{ collection: 'profile', purposes: [] }, { store: 'orders' }]);
    await keeps(w, 1, '2026-01-02T10:00:00Z');
    expect(inOrder((await ask()).body)).toMatchObject([
      { kept: { records: 1, since: '2026-01-02T10:00:00.000Z' }, plan: { overdue: false } },
      {},
    ]);
    const html = (await w.call('auditor', '/v1/subjects/query', { entity: ENTITY, html: true })).body['html'];
    expect(html).toContain('one record and one collection of records are held in 2 stores');
    expect(html).toContain('profile: all records');
    expect(html).toContain('Since 2026-01-02 10:00, only one record is left.');
    expect(html).not.toContain('Held for .');
    expect(html).not.toContain(ID);
  });

  test('of a collection that is gone says that all of it is', async () => {
    const w = await collected();
    const before = w.registry.allHoldings().find((one) => one.collection !== undefined);
    if (before === undefined) throw new Error('there is no collection');
    const { decision: _d, hintAt: _h, locator: _l, ...rest } = before;
    const after: Holding = { ...rest, version: before.version + 1, state: 'disposed' };
    await w.registry.writeHoldings([{ before, after }]);
    const { body } = await w.call('auditor', '/v1/subjects/query', { entity: ENTITY, html: true });
    expect(body['html'], JSON.stringify(body)).toContain('<td>all</td>');
  });
});

test('the dry run of a hold says how many collections it covers', async () => {
  const w = await collected();
  const hold = { id: 'h-1', scope: { entity: ENTITY }, matter: 'm', reason: 'r', dryRun: true };
  const { body } = await w.call('operator', '/v1/legal-holds', hold);
  expect(body['wouldCover']).toMatchObject({ holdings: 2, collections: 1, from: 'entity' });
});

test('the command shows collections', async () => {
  const w = await collected();
  await keeps(w, 3, '2026-03-02T10:00:00Z');
  const server = await servedWorld(w);
  const { accessKeyId, secretAccessKey } = credentialsOf('operator');
  const env = {
    TENURE_URL: server.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const run = async (...args: readonly string[]) => (await tenure(args, env, () => w.clock.now())).out;
  try {
    const about = ['account', ID, '--producer', 'shop'] as const;
    const subject = await run('subject', ...about);
    expect(subject).toContain('invoices: profile, all records (active, generation 1)');
    expect(subject).toContain('since 2026-03-02T10:00:00.000Z only 3 records are left');
    expect(subject).not.toContain('for ;');
    const erasing = await run('request', 'erase', ...about, '--id', 't-1');
    expect(erasing).toMatch(/invoices +profile \(all records\) +gone, 3 stay on their own/);
    const holding = await run(
      'hold',
      'place',
      'h-1',
      '--entity',
      `account:${ID}`,
      '--producer',
      'shop',
      '--matter',
      'm',
      '--reason',
      'r',
    );
    expect(holding).toContain('It would cover 2 records');
    expect(holding).toContain('One of them is a collection');
  } finally {
    await server.stop();
  }
});
