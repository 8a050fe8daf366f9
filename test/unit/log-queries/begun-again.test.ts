import { describe, expect, test } from 'vitest';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import type { LogAnswer } from '../../../shared/contract/log-entries.ts';
import { hourId } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { apiWorld } from '../../support/api-world.ts';
import { anEntry } from '../../support/log/indexed-log.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { wrongIndex } from '../../support/log/wrong-index.ts';

const DAY = 86_400_000;
const STORE = 'orders';
const RULE = '1 year after a';

/** The API's registry, with a log beside it that keeps entries for 60 days. */
function loggingWorld() {
  const world = apiWorld('2026-03-01T10:00:00Z');
  const { clock, registry } = world;
  const bucket = memoryLogBucket(() => clock.now(), 0);
  const core: WriteLogCore = { ...world, bucket, signer: testSigner(), keep: { days: 60, old: bucket } };
  let number = 0;
  return {
    ...world,
    core,
    lostIndex: { version: 0, index: 0, until: 0 },
    async dispose(lines: number, store = STORE): Promise<void> {
      number += 1;
      const token = `${hourId(clock.now())}.${String(number).padStart(6, '0')}`;
      const entry = anEntry(token, { store, rule: RULE, outcome: 'deleted' });
      await registry.putToBeSealed({ token, putAt: clock.now(), until: clock.now() });
      const entries = Array.from({ length: lines }, () => entry);
      await registry.putResult({ token, store, entries, lines: [] });
      await writeLog(core);
    },
  };
}

type World = ReturnType<typeof loggingWorld>;

async function pagesOf<Page>(world: World, path: string, query: object): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await world.call('auditor', path, { ...query, ...present({ cursor }) });
    pages.push(body as unknown as Page);
    cursor = body['next'] as string | undefined;
  } while (cursor !== undefined);
  return pages;
}

/** As the list shows them, and as they are counted. */
async function entriesIn(world: World, query: object): Promise<readonly [listed: number, counted: number]> {
  const lists = await pagesOf<LogAnswer>(world, '/v1/log/entries/query', query);
  const counts = await pagesOf<{ groups: { entries: number }[] }>(world, '/v1/log/summary/query', query);
  const counted = counts.flatMap(({ groups }) => groups).reduce((all, { entries }) => all + entries, 0);
  return [lists.flatMap(({ entries }) => entries).length, counted];
}

async function losesItsMark(world: World): Promise<void> {
  const { version } = await world.registry.logIndexed();
  const index = world.clock.now();
  await world.registry.putLogIndexed({ version: version + 1, index, until: 0 });
}

describe('an index of the log that was begun again', () => {
  test('when entries had been dropped leaves them to the index items of their days', async () => {
    const w = loggingWorld();
    for (let batch = 0; batch < 3; batch += 1) await w.dispose(200);
    w.clock.advance(30 * DAY);
    await w.dispose(10);
    w.clock.advance(40 * DAY);
    for (let run = 0; run < 5; run += 1) await writeLog(w.core);
    expect(await w.core.bucket.get('entries/00000000000000000000')).toBeUndefined();
    const all = { from: '2026-01-01', to: '2027-01-01' };
    const old = { from: '2026-03-01', to: '2026-03-02', store: STORE };
    expect([await entriesIn(w, all), await entriesIn(w, old)]).toEqual([
      [610, 610],
      [600, 600],
    ]);
    await losesItsMark(w);
    await writeLog(w.core);
    w.clock.advance(DAY);
    await w.dispose(7);
    expect([await entriesIn(w, all), await entriesIn(w, old)]).toEqual([
      [617, 617],
      [600, 600],
    ]);
    const { since = 0, index, lacks } = await w.registry.logIndexed();
    for (let day = 0; day < 3; day += 1) {
      w.clock.advance(DAY);
      await writeLog(w.core);
    }
    // Compared with the log each day, and nothing is wrong with what it lacks.
    expect(w.lines.filter(({ code }) => code === 'seal.index-wrong')).toEqual([]);
    expect(await w.registry.logIndexed()).toMatchObject({ index, lacks, checked: { at: w.clock.now() } });
    expect(lacks).toBeGreaterThan(0);
    w.registry.sealedOfDay = () => Promise.reject(new Error('a day was read'));
    const from = new Date(since + DAY).toISOString().slice(0, 10);
    expect(await entriesIn(w, { ...all, from })).toEqual([7, 7]);
  });
});

/** 100 entries of each of two stores in each of three months. */
async function threeMonths(): Promise<World> {
  const w = loggingWorld();
  for (let month = 0; month < 3; month += 1) {
    for (const store of [STORE, 'invoices']) await w.dispose(100, store);
    w.clock.advance(31 * DAY);
  }
  return w;
}

/** An item of a month, as if it had never been written; `isBroken`: as if it could not be read. */
function losesMonth(w: World, month: string, isBroken = false): void {
  const { registry } = w;
  const logMonths = registry.logMonths.bind(registry);
  const logMonthsBetween = registry.logMonthsBetween.bind(registry);
  const { index } = w.lostIndex;
  const isLost = (one: { readonly index: number; month: string; store: string }): boolean =>
    one.index === index && one.month === month && one.store === STORE;
  const left = <One extends Parameters<typeof isLost>[0]>(all: readonly One[]): One[] => {
    if (isBroken && all.some(isLost)) throw Object.assign(new Error('broken'), { code: 'ITEM_INVALID' });
    return all.filter((one) => !isLost(one));
  };
  registry.logMonths = async (keys) => left(await logMonths(keys));
  registry.logMonthsBetween = async (period) => {
    const page = await logMonthsBetween(period);
    return { ...page, items: left(page.items) };
  };
}

const MONTHS = ['2026-03', '2026-04', '2026-05'];
const ALL = { from: '2026-01-01', to: '2027-01-01' };

describe.each(MONTHS)('an index of the log that has lost %s of a store', (month) => {
  test.each([false, true])('leaves no entry of it out (damaged: %s)', async (isBroken) => {
    const w = await threeMonths();
    w.lostIndex = await w.registry.logIndexed();
    losesMonth(w, month, isBroken);
    for (const filter of [{}, { store: STORE }, { rule: RULE }]) {
      const count = 'store' in filter ? 300 : 600;
      expect(await entriesIn(w, { ...ALL, ...filter })).toEqual([count, count]);
    }
    const only = { store: STORE, from: `${month}-01`, to: `${month}-28` };
    expect(await entriesIn(w, only)).toEqual([100, 100]);
  });

  test.each([false, true])(
    'begins again with the next entry of this month (damaged: %s)',
    async (isBroken) => {
      const w = await threeMonths();
      w.lostIndex = await w.registry.logIndexed();
      losesMonth(w, month, isBroken);
      w.clock.set(Date.parse(`${month}-03T12:00:00Z`));
      await w.dispose(5);
      expect((await w.registry.logIndexed()).index).not.toBe(w.lostIndex.index);
      await writeLog(w.core);
      expect(await wrongIndex(w.registry)).toEqual([]);
      expect(await entriesIn(w, ALL)).toEqual([605, 605]);
    },
  );
});

test.each(['ITEM_INVALID', 'ITEM_SCHEMA_UNKNOWN'])(
  'a mark of the index that cannot be read (%s) leaves filters to the days',
  async (code) => {
    const w = await threeMonths();
    w.registry.logIndexed = () => Promise.reject(Object.assign(new Error('broken'), { code }));
    expect(await entriesIn(w, ALL)).toEqual([600, 600]);
  },
);

test('an index of which an earlier release did not note the months begins again', async () => {
  const w = await threeMonths();
  const { months, ...earlier } = await w.registry.logIndexed();
  expect(months?.map(([store]) => store)).toEqual([STORE, 'invoices']);
  await w.registry.putLogIndexed({ ...earlier, version: earlier.version + 1 });
  await writeLog(w.core);
  const now = await w.registry.logIndexed();
  expect([now.index === earlier.index, now.until, now.months]).toEqual([false, 600, months]);
});
