import { describe, expect, test } from 'vitest';
import type { LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { chunkBytes } from '../../../shared/domain/plan/chunk-lines.ts';
import type { Entry } from '../../../shared/domain/plan/entry.ts';
import { present } from '../../../shared/domain/present.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { objectKey } from '../../../shared/protocol/chunk-key.ts';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

function anEntry(claimed: string, changes: Partial<Entry> = {}): Entry {
  return {
    v: 1,
    holding: 'aaaaaaaaaaaaaaaaaaaaaa' as LogRef,
    generation: 1,
    stage: 'delete',
    attempt: 1,
    categories: ['registration'],
    store: 'orders',
    action: 'delete',
    outcome: 'deleted',
    subjects: [],
    policy: 'shop-policy',
    policyVersion: '1',
    rule: '3 years after contract.ended',
    facts: [],
    claimed,
    software: 'tenure/0.0.0',
    tzdata: '2026c',
    ...changes,
  };
}

/** Chunks as `dispose` writes them, sealed in this order. */
async function worldWithLog(chunks: readonly (readonly Entry[])[], pageSize?: number) {
  const world = apiWorld('2026-05-01T00:00:00Z', pageSize);
  let first = 0;
  for (const [number, entries] of chunks.entries()) {
    const claimed = entries[0]?.claimed ?? '';
    const chunk = `${claimed.slice(0, 13)}/t${String(number).padStart(4, '0')}/0`;
    const counts: Record<string, number> = {};
    for (const { outcome } of entries) counts[outcome] = (counts[outcome] ?? 0) + 1;
    await world.index.putPending({
      chunk,
      state: 'pending',
      putAt: Date.parse(claimed),
      store: entries[0]?.store ?? '',
      rules: [...new Set(entries.map(({ rule }) => rule))],
      counts,
    });
    await world.bucket.putIfAbsent(objectKey(chunk), chunkBytes(entries));
    await world.index.settle(chunk, { state: 'sealed', first });
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

describe('POST /v1/log/entries/query', () => {
  const chunks = [
    [anEntry('2026-03-01T23:59:59.999Z'), anEntry('2026-03-01T23:59:59.999Z', { outcome: 'failed' })],
    [anEntry('2026-03-02T00:00:00.000Z', { store: 'invoices', rule: '30 days after account.disconnected' })],
    [anEntry('2026-03-02T12:00:00.000Z', { outcome: 'already-so' })],
  ];

  test('finds by time, to the instant', async () => {
    const world = await worldWithLog(chunks);
    const found = async (from: string, to: string): Promise<unknown[]> =>
      (await askAll(world, { from, to })).map(({ index }) => index);
    expect(await found('2026-03-01', '2026-03-03')).toEqual([0, 1, 2, 3]);
    expect(await found('2026-03-02', '2026-03-03')).toEqual([2, 3]);
    expect(await found('2026-03-01', '2026-03-02')).toEqual([0, 1]);
    expect(await found('2026-03-02T05:00:00+05:00', '2026-03-02T12:00:00Z')).toEqual([2]);
    expect(await found('2026-03-02T00:00:00.001Z', '2026-03-02T12:00:00.001Z')).toEqual([3]);
  });

  test('finds by store, rule and outcome', async () => {
    const world = await worldWithLog(chunks);
    const found = async (filter: object): Promise<unknown[]> =>
      (await askAll(world, { from: '2026-03-01', to: '2026-03-03', ...filter })).map(({ index }) => index);
    expect(await found({ store: 'orders' })).toEqual([0, 1, 3]);
    expect(await found({ rule: '30 days after account.disconnected' })).toEqual([2]);
    expect(await found({ outcome: 'failed' })).toEqual([1]);
    expect(await found({ outcome: 'deleted', store: 'orders' })).toEqual([0]);
  });

  test('reads no chunk that cannot match', async () => {
    const world = await worldWithLog(chunks);
    const read: string[] = [];
    const get = world.bucket.get.bind(world.bucket);
    world.bucket.get = async (key) => {
      read.push(key);
      return get(key);
    };
    await askAll(world, { from: '2026-03-01', to: '2026-03-03', outcome: 'already-so' });
    expect(read).toEqual(['chunks/2026-03-02T12/t0002/0']);
  });

  test('goes on page by page without gap or repetition', async () => {
    const many = Array.from({ length: 7 }, (_, chunk) =>
      Array.from({ length: 33 }, (_line, line) =>
        anEntry(`2026-03-0${1 + (chunk % 3)}T10:00:00.000Z`, { attempt: chunk * 33 + line }),
      ),
    );
    const world = await worldWithLog(many);
    const entries = await askAll(world, { from: '2026-03-01', to: '2026-03-04' });
    expect(entries.map(({ entry }) => entry.attempt).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 231 }, (_, attempt) => attempt),
    );
  });

  test('looks through a long time in several pages', async () => {
    const world = await worldWithLog(chunks);
    const first = await ask(world, { from: '1900-01-01', to: '2026-04-01' });
    expect(first.entries).toEqual([]);
    expect(first.next).toBeDefined();
    const found = await askAll(world, { from: '2025-06-01', to: '2026-04-01' });
    expect(found).toHaveLength(4);
  });

  test('tells of entries that are not sealed yet, without a place in the log, and not of void chunks', async () => {
    const world = await worldWithLog([]);
    const index = (chunk: string) => ({
      chunk,
      state: 'pending' as const,
      putAt: world.clock.now(),
      store: 'orders',
      rules: ['3 years after contract.ended'],
      counts: { deleted: 1 },
    });
    await world.index.putPending(index('2026-03-01T10/a/0'));
    await world.bucket.putIfAbsent(
      'chunks/2026-03-01T10/a/0',
      chunkBytes([anEntry('2026-03-01T10:00:00.000Z')]),
    );
    await world.index.putPending(index('2026-03-01T10/b/0'));
    await world.index.putPending(index('2026-03-01T10/c/0'));
    await world.bucket.putIfAbsent('chunks/2026-03-01T10/c/0', new Uint8Array(0));
    await world.index.settle('2026-03-01T10/c/0', { state: 'void' });
    const entries = await askAll(world, { from: '2026-03-01', to: '2026-03-02' });
    expect(entries).toEqual([
      { chunk: '2026-03-01T10/a/0', line: 0, entry: anEntry('2026-03-01T10:00:00.000Z') },
    ]);
  });

  test('finds what was carried out on the holdings of a subject, and nothing of others', async () => {
    const world = apiWorld();
    const accounts = ['a-1', 'a-2'];
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
    await world.wakeUntil('2026-04-02T00:00:00Z');
    const subject = { type: 'account', id: 'a-1', producer: 'shop' };
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
  });

  test('an entry that a tombstone names and the log does not have is an error, never an empty answer', async () => {
    const world = await worldWithLog([]);
    await world.call('shop', '/v1/holdings', {
      holdings: [
        {
          store: 'orders',
          locator: ['shop/1'],
          categories: ['profile'],
          purposes: ['login'],
          entities: [{ type: 'account', id: 'a-1' }],
        },
      ],
    });
    await world.deliver();
    const [holding] = world.registry.allHoldings();
    if (holding === undefined) throw new Error('nothing is registered');
    const done = { stage: 'delete', outcome: 'deleted', at: 0, chunk: '2026-03-01T10/x/0', line: 0 } as const;
    await world.registry.putHolding({
      ...holding,
      version: holding.version + 1,
      state: 'disposed',
      done: [done],
    });
    const answer = await world.call('auditor', '/v1/log/entries/query', {
      from: '2026-03-01',
      to: '2026-03-02',
      subject: { type: 'account', id: 'a-1', producer: 'shop' },
    });
    expect(answer.status).toBe(500);
    expect(world.lines.at(-1)).toMatchObject({ code: 'api.failed', fields: { code: 'LOG_LINE_MISSING' } });
  });
});
