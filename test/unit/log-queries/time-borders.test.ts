import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { hourId, isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import type { StatementEntry } from '../../../shared/domain/record/entry.ts';
import { type AttemptResult, statementToken } from '../../../shared/domain/record/work.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { apiWorld } from '../../support/api-world.ts';
import { anEntry } from '../../support/log/indexed-log.ts';

type World = ReturnType<typeof apiWorld>;

const PATH = '/v1/log/entries/query';
const RULE = '1 year after a';

async function pagesOf(world: World, query: object): Promise<LogAnswer[]> {
  const pages: LogAnswer[] = [];
  let cursor: string | undefined;
  do {
    const answer = await world.call('auditor', PATH, { ...query, ...present({ cursor }) });
    expect(answer.status).toBe(200);
    pages.push(answer.body as unknown as LogAnswer);
    cursor = pages.at(-1)?.next;
  } while (cursor !== undefined);
  return pages;
}

/** Seals these results, in their order; `isIndexed`: with the log's index, which is made later otherwise. */
async function sealAll(world: World, results: readonly AttemptResult[], isIndexed = true): Promise<void> {
  const { registry } = world;
  let { size, version } = await registry.head();
  for (const result of results) {
    if (result.actions === undefined) await registry.putResult(result);
    else await registry.putStatement(result);
    const index = sealedIndexOf(result, size);
    await registry.putSealed([index]);
    if (isIndexed) await indexNext(world, [index]);
    size += index.count;
    version += 1;
    await registry.putHead({ version, size, batch: [], published: true });
  }
}

const BORDERS = [
  '2025-12-31T24:00:00Z',
  '2026-02-28T24:00:00Z',
  '2026-03-01T01:00:00Z',
  '2026-03-31T24:00:00Z',
];
const aTime = fc
  .tuple(fc.constantFrom(...BORDERS), fc.constantFrom(-3_600_000, -60_000, -1, 0, 1, 59_999, 3_600_000))
  .map(
    ([border, shift]) =>
      Date.parse(border.replace('T24:00:00Z', 'T23:59:59.999Z')) + (border.includes('T24') ? 1 : 0) + shift,
  );
const aZone = fc.constantFrom('Z', '+14:00', '-12:00', '+05:30');

/** The same instant, as it is written with this offset. */
function written(time: number, zone: string): string {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return isoUtc(time + shift).replace('Z', zone);
}

test('entries of a period are those whose attempt began in it, to the millisecond, in any zone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aTime, { minLength: 1, maxLength: 8 }),
      fc.tuple(aTime, aTime, aZone),
      fc.boolean(),
      async (times, [one, other, zone], isIndexed) => {
        const world = apiWorld('2026-05-01T00:00:00Z');
        const results = times.map((time, number) => {
          const token = `${hourId(time)}.${String(number).padStart(4, '0')}`;
          const entry = {
            ...anEntry(token, { store: 'orders', rule: RULE, outcome: 'deleted' }),
            leased: isoUtc(time),
          };
          return { token, store: 'orders', entries: [entry], lines: [] };
        });
        await sealAll(world, results, isIndexed);
        const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
        const query = { from: written(from, zone), to: written(to, zone) };
        for (const filter of [{}, { store: 'orders' }, { outcome: 'deleted' }]) {
          const pages = await pagesOf(world, { ...query, ...filter });
          const found = pages.flatMap(({ entries }) => entries.map(({ entry }) => entry.leased));
          const wanted = times.filter((time) => time >= from && time < to).map(isoUtc);
          expect(found.toSorted()).toEqual(wanted.toSorted());
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('what was due each day', () => {
  const DAY = 86_400_000;
  const due = { settled: 1, later: 0, held: 0, waits: 0, open: 0 };
  const statementOf = (at: number): AttemptResult => {
    const token = statementToken(hourId(at), undefined, 'x');
    const [first, last] = [isoUtc(at).slice(0, 10), isoUtc(at).slice(0, 10)];
    const said: StatementEntry = {
      v: 2,
      token,
      did: 'statement',
      at: isoUtc(at),
      first,
      last,
      parts: 1,
      due,
      root: '',
      software: '',
    };
    return { token, store: '', entries: [], lines: [], actions: [said] };
  };

  test.each([true, false])(
    'has its lines in a list of all, and in no list of a store, rule or outcome (index: %s)',
    async (isIndexed) => {
      const world = apiWorld('2026-05-01T00:00:00Z');
      const start = Date.parse('2026-03-01T01:00:00Z');
      const results = Array.from({ length: 30 }, (_none, day) => statementOf(start + day * DAY));
      const token = '2026-03-15T10.0001';
      const entries = [anEntry(token, { store: 'orders', rule: RULE, outcome: 'deleted' })];
      await sealAll(world, [...results, { token, store: 'orders', entries, lines: [] }], isIndexed);
      const month = { from: '2026-03-01', to: '2026-04-01' };
      const countsOf = async (filter: object) => {
        const pages = await pagesOf(world, { ...month, ...filter });
        return [pages.flatMap((page) => page.entries).length, pages.flatMap((page) => page.actions).length];
      };
      expect(await countsOf({})).toEqual([1, 30]);
      for (const filter of [{ store: 'orders' }, { rule: RULE }, { outcome: 'deleted' }])
        expect(await countsOf(filter)).toEqual([1, 0]);
      for (const filter of [{ store: 'invoices' }, { rule: 'none' }, { outcome: 'failed' }])
        expect(await countsOf(filter)).toEqual([0, 0]);
    },
  );
});

describe('a cursor of the log', () => {
  async function firstCursor(world: World, query: object): Promise<string> {
    const { body } = await world.call('auditor', PATH, query);
    return String(body['next']);
  }

  test('goes on with its own question only', async () => {
    const world = apiWorld('2026-05-01T00:00:00Z');
    const token = '2026-03-15T10.0001';
    const entries = Array.from({ length: 250 }, () =>
      anEntry(token, { store: 'orders', rule: RULE, outcome: 'deleted' }),
    );
    await sealAll(world, [{ token, store: 'orders', entries, lines: [] }]);
    const query = { from: '2026-03-01', to: '2026-04-01' };
    const cursor = await firstCursor(world, query);
    const others = [
      { ...query, from: '2026-03-02' },
      { ...query, to: '2026-04-02' },
      ...[{ store: 'orders' }, { rule: RULE }, { outcome: 'deleted' }].map((filter) => ({
        ...query,
        ...filter,
      })),
      { ...query, subject: { type: 'account', id: 'a-1', producer: 'shop' } },
    ];
    for (const other of others) {
      const answer = await world.call('auditor', PATH, { ...other, cursor });
      expect([answer.status, answer.body['code']]).toEqual([400, 'CURSOR_INVALID']);
    }
    const summary = await world.call('auditor', '/v1/log/summary/query', { ...query, cursor });
    expect([summary.status, summary.body['code']]).toEqual([400, 'CURSOR_INVALID']);
    expect((await world.call('auditor', PATH, { ...query, cursor })).status).toBe(200);
  });

  test('that was changed anywhere, or made up, is refused', async () => {
    const world = apiWorld('2026-05-01T00:00:00Z');
    const token = '2026-03-15T10.0001';
    const entries = Array.from({ length: 150 }, () =>
      anEntry(token, { store: 'orders', rule: RULE, outcome: 'deleted' }),
    );
    await sealAll(world, [{ token, store: 'orders', entries, lines: [] }]);
    const query = { from: '2026-03-01', to: '2026-04-01' };
    const bytes = Buffer.from(await firstCursor(world, query), 'base64url');
    const changed = Array.from(bytes.keys(), (at) => {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      return other.toString('base64url');
    });
    for (const cursor of [
      ...changed,
      'x',
      '0',
      'null',
      bytes.toString('base64url').slice(0, 8),
      'A'.repeat(2000),
    ]) {
      const answer = await world.call('auditor', PATH, { ...query, cursor });
      expect([answer.status, answer.body['path']]).toEqual([400, 'cursor']);
    }
  });
});
