import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import type { AttemptResult, SealedIndex } from '../../../shared/domain/record/work.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { indexNext } from '../../../shared/protocol/log/index-log.ts';
import { apiWorld } from '../../support/api-world.ts';
import { anEntry } from '../../support/log/indexed-log.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const DAY = 86_400_000;
const DAYS = 30;
const STORES = ['orders', 'invoices'];
const RULES = ['1 year after a', '2 years after b', '3 years after c'];
const OUTCOMES = ['deleted', 'failed', 'already-so'] as const;
const PERIOD = { from: '2026-03-01', to: '2026-03-31' };

type World = ReturnType<typeof apiWorld>;

async function pageOf(world: World, query: object): Promise<LogAnswer> {
  const answer = await world.call('auditor', '/v1/log/entries/query', query);
  expect(answer.status).toBe(200);
  return answer.body as unknown as LogAnswer;
}

/** Of a large log, as it is read. Every result has 100 entries of a rule and outcome; the number tells which. */
function largeLog(world: World, entries: number): { requests: number; read: number } {
  const results = entries / 100;
  const aDay = results / DAYS;
  const tokenOf = (number: number): string => {
    const day = Math.floor(number / aDay);
    return `${dayId(START + day * DAY)}T10.${String(number).padStart(8, '0')}`;
  };
  const resultOf = (token: string): AttemptResult => {
    const number = Number(token.split('.')[1]);
    const of = {
      store: STORES[number % 2] ?? '',
      rule: RULES[number % 3] ?? '',
    };
    const lines = Array.from({ length: 100 }, (_, line) => {
      // The failures of a result are of another rule than all else.
      const isFailed = line % 10 === 0;
      const rule = isFailed ? (RULES[(number + 1) % 3] ?? '') : of.rule;
      return anEntry(token, { ...of, rule, outcome: isFailed ? 'failed' : 'deleted' });
    });
    return { token, store: of.store, entries: lines, lines: [] };
  };
  const counted = { requests: 0, read: 0 };
  world.registry.results = async (tokens) => {
    counted.requests += 1;
    counted.read += tokens.length;
    return new Map(tokens.map((token) => [token, resultOf(token)]));
  };
  world.registry.sealedOfDay = async (day) => {
    counted.requests += 1;
    const at = (Date.parse(day) - START) / DAY;
    const from = Math.ceil(at * aDay);
    const count = Math.max(0, Math.ceil((at + 1) * aDay) - from);
    return Array.from({ length: count }, (_, n): SealedIndex => {
      const number = from + n;
      return sealedIndexOf(resultOf(tokenOf(number)), number * 100);
    });
  };
  return counted;
}

describe('a page of 100 entries, while the index of the log is made', () => {
  test.each([
    ['time', {}],
    ['store', { store: 'invoices' }],
    ['rule', { rule: '2 years after b' }],
    ['outcome', { outcome: 'failed' }],
    ['all of them', { store: 'orders', rule: '3 years after c', outcome: 'failed' }],
  ])('by %s takes at most 10 requests where a month has 10⁵ or 10⁶ entries', async (_, filter) => {
    for (const entries of [100_000, 1_000_000]) {
      const world = apiWorld('2026-05-01T00:00:00Z');
      const counted = largeLog(world, entries);
      const page = await pageOf(world, { ...PERIOD, ...filter });
      expect(page.entries).toHaveLength(100);
      expect(counted.requests).toBeLessThanOrEqual(10);
    }
  });

  test('takes a request for each day of its entries, and reads no result without a match', async () => {
    const world = apiWorld('2026-05-01T00:00:00Z');
    const counted = largeLog(world, 10_000);
    const page = await pageOf(world, {
      ...PERIOD,
      store: 'orders',
      rule: '3 years after c',
      outcome: 'failed',
    });
    expect(page.entries).toHaveLength(100);
    expect(counted.read).toBeLessThanOrEqual(20);
    // Each has ten matches and is on another day. It is read when its day is.
    expect(counted.requests).toBeLessThanOrEqual(DAYS + counted.read);
  });
});

const aResult = fc.record({
  day: fc.integer({ min: 0, max: 3 }),
  store: fc.constantFrom(...STORES),
  lines: fc.array(fc.record({ rule: fc.constantFrom(...RULES), outcome: fc.constantFrom(...OUTCOMES) }), {
    minLength: 1,
    maxLength: 60,
  }),
  isOld: fc.boolean(),
});

const aFilter = fc.record(
  {
    store: fc.constantFrom(...STORES),
    rule: fc.constantFrom(...RULES),
    outcome: fc.constantFrom(...OUTCOMES),
  },
  { requiredKeys: [] },
);

test('the pages together are what a plain filter over all entries gives, in its order, while more is sealed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aResult, { maxLength: 12 }),
      fc.array(aResult, { maxLength: 4 }),
      fc.tuple(aFilter, fc.boolean(), fc.option(fc.integer({ min: 0, max: 3 }))),
      check,
    ),
    { numRuns: 60 },
  );
});

type AResult = typeof aResult extends fc.Arbitrary<infer Of> ? Of : never;

/** `isIndexed`: by the log's index; `lost`: of this day it has lost its pages. */
async function check(
  before: readonly AResult[],
  later: readonly AResult[],
  [filter, isIndexed, lost]: readonly [object, boolean, number | null],
): Promise<void> {
  const world = apiWorld('2026-05-01T00:00:00Z');
  const { registry } = world;
  const stored = registry.logPages.bind(registry);
  registry.logPages = async (keys) => {
    const pages = await stored(keys);
    return pages.filter(({ day }) => lost === null || day !== dayId(START + lost * DAY));
  };
  let number = 0;
  let first = 0;
  const put = async ({ day, store, lines, isOld }: AResult): Promise<readonly string[]> => {
    const token = `${dayId(START + day * DAY)}T10.${String(number).padStart(4, '0')}`;
    number += 1;
    const entries = lines.map((line) => anEntry(token, { store, ...line }));
    const result = { token, store, entries, lines: [] };
    await world.registry.putResult(result);
    const { sums, ...old } = sealedIndexOf(result, first);
    // What was sealed by an earlier version has no counts by rule and outcome.
    await world.registry.putSealed([isOld ? old : { ...old, ...present({ sums }) }]);
    if (isIndexed) await indexNext(world, [sealedIndexOf(result, first)]);
    first += entries.length;
    const { version } = await registry.head();
    await registry.putHead({ version: version + 1, size: first, batch: [], published: true });
    return entries.flatMap((entry, line) =>
      Object.entries(filter).every(([key, value]) => entry[key as 'store'] === value)
        ? [`${token} ${line}`]
        : [],
    );
  };
  const known: string[] = [];
  for (const one of before) known.push(...(await put(one)));
  const added: string[] = [];
  const shown: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOf(world, { ...PERIOD, ...filter, ...present({ cursor }) });
    expect(page.entries.length).toBeLessThanOrEqual(100);
    shown.push(...page.entries.map(({ token, line }) => `${token} ${line}`));
    cursor = page.next;
    const next = later[added.length === 0 ? 0 : 1];
    if (next !== undefined && number < before.length + later.length) added.push(...(await put(next)));
  } while (cursor !== undefined);
  expect(new Set(shown).size).toBe(shown.length);
  expect(shown.filter((one) => known.includes(one))).toEqual(known.toSorted(byPlace));
  for (const one of shown) expect([...known, ...added]).toContain(one);
}

function byPlace(a: string, b: string): number {
  const [tokenA = '', lineA] = a.split(' ');
  const [tokenB = '', lineB] = b.split(' ');
  return tokenA === tokenB ? Number(lineA) - Number(lineB) : tokenA < tokenB ? -1 : 1;
}
