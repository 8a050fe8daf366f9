import { describe, expect, test } from 'vitest';
import type { LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { linkLines } from '../../../shared/protocol/entry-links.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

function anEntry(leased: string, changes: Partial<Entry> = {}): Entry {
  return {
    v: 2,
    token: '',
    holding: 'aaaaaaaaaaaaaaaaaaaaaa' as LogRef,
    generation: 1,
    stage: 'delete',
    categories: ['registration'],
    store: 'orders',
    outcome: 'deleted',
    subjects: [],
    policy: 'shop-policy',
    policyVersion: '1',
    rule: '3 years after contract.ended',
    facts: [],
    leased,
    software: 'tenure/0.0.0',
    tzdata: '2026c',
    ...changes,
  };
}

/** Results as `dispose` writes them, sealed in this order. */
async function worldWithLog(results: readonly (readonly Entry[])[], pageSize?: number) {
  const world = apiWorld('2026-05-01T00:00:00Z', pageSize);
  let first = 0;
  for (const [number, entries] of results.entries()) {
    const token = `${entries[0]?.leased.slice(0, 13)}.t${String(number).padStart(4, '0')}`;
    const store = entries[0]?.store ?? '';
    const outcomes: Record<string, number> = {};
    for (const { outcome } of entries) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    await world.registry.putResult({
      token,
      store,
      entries: entries.map((entry) => ({ ...entry, token })),
      lines: [],
    });
    await world.registry.putSealed([
      {
        token,
        first,
        count: entries.length,
        store,
        rules: [...new Set(entries.map(({ rule }) => rule))],
        outcomes,
      },
    ]);
    first += entries.length;
  }
  return world;
}

type World = Awaited<ReturnType<typeof worldWithLog>>;

async function ask(world: World, query: object): Promise<{ entries: LogEntryAnswer[]; next?: string }> {
  const answer = await world.call('auditor', '/v1/log/entries/query', query);
  expect(answer.status).toBe(200);
  return answer.body as unknown as { entries: LogEntryAnswer[]; next?: string };
}

async function askAll(world: World, query: object): Promise<LogEntryAnswer[]> {
  const entries: LogEntryAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(world, { ...query, ...present({ cursor }) });
    expect(page.entries.length).toBeLessThanOrEqual(100);
    entries.push(...page.entries);
    cursor = page.next;
  } while (cursor !== undefined);
  return entries;
}

/** Records about the account `a-1`. */
async function registerProfiles(world: World, count: number): Promise<void> {
  const holdings = Array.from({ length: count }, (_, n) => ({
    store: 'orders',
    locator: [`shop/${n + 1}`],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id: 'a-1' }],
  }));
  await world.call('shop', '/v1/holdings', { holdings });
  await world.deliver();
}

describe('POST /v1/log/entries/query', () => {
  const results = [
    [anEntry('2026-03-01T23:59:59.999Z'), anEntry('2026-03-01T23:59:59.999Z', { outcome: 'failed' })],
    [anEntry('2026-03-02T00:00:00.000Z', { store: 'invoices', rule: '30 days after account.disconnected' })],
    [anEntry('2026-03-02T12:00:00.000Z', { outcome: 'already-so' })],
  ];

  test('finds by time, to the instant', async () => {
    const world = await worldWithLog(results);
    const found = async (from: string, to: string): Promise<unknown[]> =>
      (await askAll(world, { from, to })).map(({ index }) => index);
    expect(await found('2026-03-01', '2026-03-03')).toEqual([0, 1, 2, 3]);
    expect(await found('2026-03-02', '2026-03-03')).toEqual([2, 3]);
    expect(await found('2026-03-01', '2026-03-02')).toEqual([0, 1]);
    expect(await found('2026-03-02T05:00:00+05:00', '2026-03-02T12:00:00Z')).toEqual([2]);
    expect(await found('2026-03-02T00:00:00.001Z', '2026-03-02T12:00:00.001Z')).toEqual([3]);
  });

  test('finds by store, rule and outcome', async () => {
    const world = await worldWithLog(results);
    const found = async (filter: object): Promise<unknown[]> =>
      (await askAll(world, { from: '2026-03-01', to: '2026-03-03', ...filter })).map(({ index }) => index);
    expect(await found({ store: 'orders' })).toEqual([0, 1, 3]);
    expect(await found({ rule: '30 days after account.disconnected' })).toEqual([2]);
    expect(await found({ outcome: 'failed' })).toEqual([1]);
    expect(await found({ outcome: 'deleted', store: 'orders' })).toEqual([0]);
  });

  test('reads no result that cannot match', async () => {
    const world = await worldWithLog(results);
    const read: string[] = [];
    const stored = world.registry.results.bind(world.registry);
    world.registry.results = async (tokens) => {
      read.push(...tokens);
      return stored(tokens);
    };
    await askAll(world, { from: '2026-03-01', to: '2026-03-03', outcome: 'already-so' });
    expect(read).toEqual(['2026-03-02T12.t0002']);
  });

  test('goes on page by page without gap or repetition', async () => {
    const many = Array.from({ length: 7 }, (_, result) =>
      Array.from({ length: 33 }, (_line, line) =>
        anEntry(`2026-03-0${1 + (result % 3)}T10:00:00.000Z`, { generation: 1 + result * 33 + line }),
      ),
    );
    const world = await worldWithLog(many);
    const entries = await askAll(world, { from: '2026-03-01', to: '2026-03-04' });
    expect(entries.map(({ entry }) => entry.generation).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 231 }, (_, number) => number + 1),
    );
  });

  test('looks through a long time in several pages', async () => {
    const world = await worldWithLog(results);
    const first = await ask(world, { from: '1900-01-01', to: '2026-04-01' });
    expect(first.entries).toEqual([]);
    expect(first.next).toBeDefined();
    const found = await askAll(world, { from: '2025-06-01', to: '2026-04-01' });
    expect(found).toHaveLength(4);
  });

  const accounts = ['a-1', 'a-2'];

  /** Two rows of each account, which must be gone within 30 days after its disconnection on 28 February. */
  async function disconnectedWorld() {
    const world = apiWorld();
    for (const account of accounts) {
      for (const row of [1, 2]) world.stores['orders']?.put([`shop/${account}/${row}`]);
      await world.call('shop', '/v1/holdings', {
        holdings: [1, 2].map((row) => ({
          store: 'orders',
          locator: [`shop/${account}/${row}`],
          categories: ['profile'],
          purposes: ['login'],
          entities: [{ type: 'account', id: account }],
        })),
      });
      await world.call('shop', '/v1/events', {
        events: [
          {
            specversion: '1.0',
            id: `gone-${account}`,
            source: 'shop.example',
            type: 'account.disconnected',
            data: { entity: { type: 'account', id: account }, occurred: '2026-02-28' },
          },
        ],
      });
    }
    await world.deliver();
    return world;
  }
  const subject = { type: 'account', id: 'a-1', producer: 'shop' };

  test('tells of a subject’s entries before they are sealed, without a place in the log', async () => {
    const world = await disconnectedWorld();
    world.queues.toSeal = async () => {};
    await world.wakeUntil('2026-04-02T00:00:00Z');
    const period = { from: '2026-03-01', to: '2026-05-01' };
    const open = await askAll(world, { ...period, subject });
    expect(open).toHaveLength(2);
    expect(open.map(({ index }) => index)).toEqual([undefined, undefined]);
    expect(await askAll(world, period)).toEqual([]);
    await seal(world);
    const sealed = await askAll(world, period);
    expect(new Set(sealed.map(({ index }) => index))).toEqual(new Set([0, 1, 2, 3]));
    expect(sealed).toHaveLength(4);
    const places = new Map(sealed.map(({ token, line, index }) => [`${token} ${line}`, index]));
    for (const { index, token, line } of await askAll(world, { ...period, subject })) {
      expect(index).toBeDefined();
      expect(index).toBe(places.get(`${token} ${line}`));
    }
  });

  test('has nothing of an attempt that was declared void', async () => {
    const world = await worldWithLog([]);
    await world.registry.putToBeSealed({ token: '2026-03-01T10.v', putAt: 0, until: 0 });
    await seal(world);
    expect(world.lines.map(({ code }) => code)).toContain('seal.voided');
    expect(await askAll(world, { from: '2026-03-01', to: '2026-03-02' })).toEqual([]);
    expect(world.registry.allSealed()).toEqual([]);
  });

  test('finds what was carried out on the holdings of a subject, and nothing of others', async () => {
    const world = await disconnectedWorld();
    await world.wakeUntil('2026-04-02T00:00:00Z');
    const entries = await askAll(world, { from: '2026-03-01', to: '2026-05-01', subject });
    expect(entries).toHaveLength(2);
    const all = await askAll(world, { from: '2026-03-01', to: '2026-05-01' });
    expect(all).toHaveLength(4);
    expect(new Set(entries.map(({ entry }) => entry.subjects[0]?.ref)).size).toBe(1);
    expect(await askAll(world, { from: '2026-01-01', to: '2026-03-01', subject })).toEqual([]);
    expect(await askAll(world, { from: '2026-03-01', to: '2026-05-01', subject, outcome: 'failed' })).toEqual(
      [],
    );
  });

  test.each([
    [{ from: '2026-03-02', to: '2026-03-02' }, 'PERIOD_INVALID', 'from'],
    [{ from: MARKER, to: '2026-03-02' }, 'EVENT_DATE_INVALID', 'from'],
    [{ from: '2026-03-01', to: '2026-03-02T10:00' }, 'EVENT_DATE_AMBIGUOUS', 'to'],
    [{ from: '2026-03-01', to: '2026-03-02', outcome: MARKER }, 'BODY_INVALID', 'outcome'],
    [{ from: '2026-03-01', to: '2026-03-02', cursor: MARKER }, 'CURSOR_INVALID', 'cursor'],
    [
      { from: '2026-03-01', to: '2026-03-02', subject: { type: 'ship', id: MARKER } },
      'ENTITY_TYPE_UNKNOWN',
      'subject.type',
    ],
    [
      { from: '2026-03-01', to: '2026-03-02', subject: { type: 'account', id: MARKER } },
      'BODY_INVALID',
      'subject.producer',
    ],
  ])('refuses %j', async (query, code, path) => {
    const world = apiWorld();
    const answer = await world.call('auditor', '/v1/log/entries/query', query);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code, path });
    expect(answer.text).not.toContain(MARKER);
    // Of an event, and of no query.
    expect(answer.text).not.toContain('occurred');
  });

  test('an entry that a tombstone names and the log does not have is an error, never an empty answer', async () => {
    const world = await worldWithLog([]);
    await registerProfiles(world, 1);
    const [holding] = world.registry.allHoldings();
    if (holding === undefined) throw new Error('nothing is registered');
    const named = { ref: holding.ref, generation: 1, stage: 'delete', outcome: 'deleted', entry: 0 } as const;
    const line = { ...named, version: 1, lookedAt: 0, at: 0, facts: '', policies: '' };
    const [linked] = await linkLines(world.keys, '2026-03-01T10.x', [{ year: 2026, line }]);
    const done = {
      stage: 'delete',
      outcome: 'deleted',
      at: 0,
      link: linked?.link ?? '',
      version: holding.version,
      facts: '',
      policies: '',
    } as const;
    const disposed = { ...holding, version: holding.version + 1, state: 'disposed', done: [done] } as const;
    expect(await world.registry.writeHoldings([{ before: holding, after: disposed }])).toEqual(['written']);
    const answer = await world.call('auditor', '/v1/log/entries/query', {
      from: '2026-03-01',
      to: '2026-03-02',
      subject: { type: 'account', id: 'a-1', producer: 'shop' },
    });
    expect(answer.status).toBe(500);
    expect(world.lines.at(-1)).toMatchObject({ code: 'api.failed', fields: { code: 'LOG_LINE_MISSING' } });
  });

  test('an unlinked stage of a subject is counted once, over all pages', async () => {
    const token = '2026-03-01T10.x';
    const stages = 150;
    const leased = '2026-03-01T10:00:00.000Z';
    const world = await worldWithLog([]);
    await world.registry.putResult({
      token,
      store: 'orders',
      entries: Array.from({ length: stages }, () => anEntry(leased, { token })),
      lines: [],
    });
    await registerProfiles(world, 2);
    for (const [number, holding] of world.registry.allHoldings().entries()) {
      const year = number === 0 ? 2026 : 2025;
      const named = { ref: holding.ref, generation: 1, stage: 'delete', outcome: 'deleted' } as const;
      const lines = Array.from({ length: number === 0 ? stages : 1 }, (_, entry) => {
        return { ...named, entry, version: 1, lookedAt: 0, at: 0, facts: '', policies: '' };
      });
      const linked = await linkLines(
        world.keys,
        token,
        lines.map((line) => ({ year, line })),
      );
      const done = linked.map(({ link }) => {
        const { version } = holding;
        return {
          stage: 'delete',
          outcome: 'deleted',
          at: 0,
          link,
          version,
          facts: '',
          policies: '',
        } as const;
      });
      const registeredAt = Date.parse(`${year}-03-01T10:00:00Z`);
      const disposed = { ...holding, version: holding.version + 1, registeredAt, done };
      await world.registry.writeHoldings([{ before: holding, after: { ...disposed, state: 'disposed' } }]);
    }
    world.destroyedLogKeys.add(2025);
    const about = { type: 'account', id: 'a-1', producer: 'shop' };
    const query = { from: '2026-03-01', to: '2026-03-02', subject: about };
    const first = await ask(world, query);
    const last = await ask(world, { ...query, ...present({ cursor: first.next }) });
    expect([first.entries.length, last.entries.length, last.next]).toEqual([100, 50, undefined]);
    expect([first, last].map((page) => ('unlinked' in page ? page.unlinked : 0))).toEqual([1, 0]);
  });
});
