import { expect, test } from 'vitest';
import { hourId } from '../../../shared/domain/calendar/utc-time.ts';
import type { LogMonth } from '../../../shared/domain/log/log-month.ts';
import type { Outcome } from '../../../shared/domain/record/actions.ts';
import { checkIndex } from '../../../shared/protocol/log/check-index.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { anEntry } from '../../support/log/indexed-log.ts';
import { logWorld } from '../../support/log/log-world.ts';
import { wrongIndex } from '../../support/log/wrong-index.ts';

const DAY = 86_400_000;
const RULE = '1 year after a';

/** A log of two stores, with entries on each of these days, sealed on that day. */
async function loggedDays(days: number) {
  const w = logWorld();
  const { clock, registry } = w;
  let number = 0;
  const dispose = async (store: string, outcome: Outcome): Promise<void> => {
    number += 1;
    const token = `${hourId(clock.now())}.${String(number).padStart(6, '0')}`;
    await registry.putToBeSealed({ token, putAt: clock.now(), until: clock.now() });
    const entries = [
      anEntry(token, { store, rule: RULE, outcome }),
      anEntry(token, { store, rule: 'b', outcome }),
    ];
    await registry.putResult({ token, store, entries, lines: [] });
  };
  for (let day = 0; day < days; day += 1) {
    await dispose('orders', 'deleted');
    await dispose('invoices', 'failed');
    await writeLog(w.core);
    clock.advance(DAY);
  }
  const read: string[] = [];
  const sealedOfDay = registry.sealedOfDay.bind(registry);
  registry.sealedOfDay = (day) => {
    read.push(day);
    return sealedOfDay(day);
  };
  return {
    ...w,
    read,
    dispose,
    wrong: () => w.reports.lines.filter(({ code }) => code === 'seal.index-wrong'),
  };
}

type World = Awaited<ReturnType<typeof loggedDays>>;

/** Puts something else in place of a stored month. */
async function damage(w: World, month: string, change: (one: LogMonth) => Partial<LogMonth>): Promise<void> {
  const [one] = w.registry.allLogMonths().filter((of) => of.month === month && of.store === 'orders');
  if (one === undefined) throw new Error(`${month} is not there`);
  const next = { ...one, ...change(one), version: one.version + 1 };
  expect(await w.registry.putLogMonth(next)).toBe('written');
}

/** A registry that does not find it. */
function loses(w: World, month: string): void {
  const { index: lost } = w.registry.allLogMonths()[0] ?? {};
  const logMonthsBetween = w.registry.logMonthsBetween.bind(w.registry);
  w.registry.logMonthsBetween = async (period) => {
    const page = await logMonthsBetween(period);
    const isLost = (one: LogMonth): boolean =>
      one.index === lost && one.month === month && one.store === 'orders';
    return { ...page, items: page.items.filter((one) => !isLost(one)) };
  };
}

test('an index that counts what the log has stays, and each of its days is read in turn, some a day', async () => {
  const w = await loggedDays(70);
  const { index } = await w.registry.logIndexed();
  for (let day = 0; day < 3; day += 1) {
    for (let run = 0; run < 3; run += 1) await writeLog(w.core);
    w.clock.advance(DAY);
  }
  expect([w.read.length, new Set(w.read).size]).toEqual([93, 70]);
  expect([w.wrong(), (await w.registry.logIndexed()).index]).toEqual([[], index]);
});

const AN_OUTCOME_LESS = ({ sums = [] }: LogMonth) => ({ sums: sums.slice(1) });
const ANOTHER_OUTCOME = ({ sums = [] }: LogMonth) => ({
  sums: sums.map((sum) => ({ ...sum, outcome: 'failed' })),
});
const ANOTHER_COUNT = ({ sums = [] }: LogMonth) => ({
  sums: sums.map((sum) => ({
    ...sum,
    days: sum.days.map(([day, entries, records]) => [day, entries + 1, records] as const),
  })),
});
const OTHER_DAYS = ({ days }: LogMonth) => ({
  days: days.map((one, at) => ({ ...one, lines: one.lines + (at === 0 ? 1 : at === 1 ? -1 : 0) })),
});

test.each([
  ['has an outcome less', AN_OUTCOME_LESS],
  ['has another outcome', ANOTHER_OUTCOME],
  ['counts an entry more', ANOTHER_COUNT],
  ['has lines on another day', OTHER_DAYS],
])('a month that %s is named, and the index is made again', async (_, change) => {
  const w = await loggedDays(70);
  const before = await w.registry.logIndexed();
  await damage(w, '2026-04', change);
  expect(await wrongIndex(w.registry)).not.toEqual([]);
  for (let day = 0; day < 4; day += 1) {
    await writeLog(w.core);
    w.clock.advance(DAY);
  }
  expect(w.wrong()).toEqual([{ code: 'seal.index-wrong', fields: { month: '2026-04' } }]);
  expect((await w.registry.logIndexed()).index).toBeGreaterThan(before.index);
  expect(await wrongIndex(w.registry)).toEqual([]);
});

test('a month that is lost, or is as it was before, is found on the same day', async () => {
  const lost = await loggedDays(70);
  loses(lost, '2026-03');
  await writeLog(lost.core);
  expect(lost.wrong()).toEqual([{ code: 'seal.index-wrong', fields: { month: '2026-03' } }]);
  const former = await loggedDays(70);
  await damage(former, '2026-03', ({ days }) => ({ days: days.slice(1) }));
  await writeLog(former.core);
  expect(former.wrong()).toEqual([{ code: 'seal.index-wrong', fields: {} }]);
  for (const w of [lost, former]) {
    expect(w.read).toEqual([]);
    await writeLog(w.core);
    expect(await wrongIndex(w.registry)).toEqual([]);
  }
});

test('a month that cannot be read makes the index again, and one that a newer release wrote does not', async () => {
  const broken = async (code: string) => {
    const w = await loggedDays(3);
    const { index } = await w.registry.logIndexed();
    const logMonthsBetween = w.registry.logMonthsBetween.bind(w.registry);
    w.registry.logMonthsBetween = (period) =>
      period.index === index
        ? Promise.reject(Object.assign(new Error('broken'), { code }))
        : logMonthsBetween(period);
    return w;
  };
  const damaged = await broken('ITEM_INVALID');
  await writeLog(damaged.core);
  expect(damaged.wrong()).toEqual([{ code: 'seal.index-wrong', fields: {} }]);
  await writeLog(damaged.core);
  expect(await wrongIndex(damaged.registry)).toEqual([]);
  const newer = await broken('ITEM_SCHEMA_UNKNOWN');
  await expect(writeLog(newer.core)).rejects.toThrow('broken');
  expect(newer.wrong()).toEqual([]);
});

test('an index item that is lost leaves the index as it is, which is made of the log itself', async () => {
  const w = await loggedDays(40);
  const sealedOfDay = w.registry.sealedOfDay.bind(w.registry);
  w.registry.sealedOfDay = async (day) => (await sealedOfDay(day)).slice(day === '2026-03-05' ? 1 : 0);
  for (let day = 0; day < 2; day += 1) {
    await writeLog(w.core);
    w.clock.advance(DAY);
  }
  expect([w.wrong(), new Set(w.read).size]).toEqual([[], 40]);
});

test('a run that is late changes nothing of an index that others have begun again', async () => {
  const w = await loggedDays(3);
  const { registry } = w;
  const sealedOfDay = registry.sealedOfDay.bind(registry);
  let again = 0;
  registry.sealedOfDay = async (day) => {
    if (again === 0) {
      const { version } = await registry.logIndexed();
      again = w.clock.now() + 1;
      await registry.putLogIndexed({ version: version + 1, index: again, until: 0, months: [] });
    }
    return (await sealedOfDay(day)).map((one) => ({ ...one, count: one.count + 1 }));
  };
  await writeLog(w.core);
  expect([w.wrong(), (await registry.logIndexed()).index]).toEqual([[], again]);
});

test('a month that another run is writing is not judged', async () => {
  const w = await loggedDays(3);
  await damage(w, '2026-03', ({ until }) => ({ until: until + 2, sums: [] }));
  await writeLog(w.core);
  expect([w.wrong(), w.read]).toEqual([[], []]);
});

test.each([false, true])(
  'a run that dies at any call of the check leaves an index that is whole, or is made again (wrong: %s)',
  async (isWrong) => {
    const calls: string[] = [];
    for (let at = 0; at <= calls.length; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const w = await loggedDays(3);
        if (isWrong) await damage(w, '2026-03', ANOTHER_COUNT);
        const mark = await w.registry.logIndexed();
        const { registry, calls: made } = dyingRegistry(w.registry, { at, when });
        await checkIndex({ ...w.core, registry }, mark, () => true).catch(() => {});
        if (made.length > calls.length) calls.push(...made.slice(calls.length));
        for (let run = 0; run < 2; run += 1) await writeLog(w.core);
        expect(await wrongIndex(w.registry)).toEqual([]);
      }
    }
    expect(calls).toContain('putLogIndexed');
  },
);
