import { addSum } from '../../domain/log/entry-sums.ts';
import { codeOf } from '../../domain/error-code.ts';
import { monthsKnown } from '../../domain/log/known-months.ts';
import { dateOf, dayOf, type LogMonth, monthName } from '../../domain/log/log-month.ts';
import { pages } from '../../domain/each.ts';
import { dayId } from '../../domain/calendar/utc-time.ts';
import type { EntrySum, SealedIndex } from '../../domain/record/work.ts';
import type { LogIndexed } from '../../ports/results.ts';
import type { Core } from '../core.ts';
import { beginAgain } from './index-log.ts';

type Checking = Pick<Core, 'clock' | 'registry' | 'report'>;

const DAY = 86_400_000;
/** That are read each time: in ten years each day is read twice or three times a year. */
const DAYS = 31;
/** Other runs move the mark with each batch. */
const TRIES = 10;
const ALL = { from: '0000-01', to: '9999-12' };

/**
 * Once a day, from the day after it began: whether the index counts what the log has. All its months together have to have
 * each entry once, and some of its days, in turn, have to have what the index items of their results say of each rule and
 * outcome. If one has not, the index is made again from the log, under another number; filters and counts read the days
 * meanwhile. Any number of runs may do it, and die anywhere.
 */
export async function checkIndex(core: Checking, mark: LogIndexed, goOn: () => boolean): Promise<void> {
  const { clock, registry } = core;
  if (mark.until === 0 || clock.now() - (mark.checked?.at ?? mark.index) < DAY) return;
  const found = await readableMonths(core, mark);
  const months = found ?? [];
  // Another run writes them, or one has died: the index is not whole until a run has ended.
  if (months.some(({ until }) => until > mark.until)) return;
  let day = mark.checked?.day ?? '';
  let wrong: Wrong | undefined =
    found === undefined ? {} : (monthLost(mark, months) ?? miscounted(mark, months));
  for (const next of wrong === undefined ? daysAfter(day, months) : []) {
    if (!goOn()) return;
    day = next;
    const isWhole = mark.since === undefined || day > dayId(mark.since);
    if (isWhole && !isCounted(day, months, await sealedIn(core, mark, day))) wrong = { month: monthOf(day) };
    if (wrong !== undefined) break;
  }
  const checked = { at: clock.now(), day };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const now = await registry.logIndexed();
    if (now.index !== mark.index) return;
    const version = now.version + 1;
    const next =
      wrong === undefined ? { ...now, version, checked } : { ...beginAgain(clock.now(), now), checked };
    if ((await registry.putLogIndexed(next)) === 'moved') continue;
    if (wrong !== undefined) core.report('seal.index-wrong', wrong);
    return;
  }
}

/** Nothing where one of them cannot be read. What a newer release wrote is not damaged. */
async function readableMonths(core: Checking, mark: LogIndexed): Promise<readonly LogMonth[] | undefined> {
  try {
    return await allMonths(core, mark);
  } catch (error) {
    if (codeOf(error) !== 'ITEM_INVALID') throw error;
    return undefined;
  }
}

async function allMonths({ registry }: Checking, { index }: LogIndexed): Promise<readonly LogMonth[]> {
  const all: LogMonth[] = [];
  for await (const { items } of pages((after) =>
    registry.logMonthsBetween({ index, ...ALL, ...(after !== undefined && { after }) }),
  ))
    all.push(...items);
  return all;
}

/** In which month the index differs from the log, where that is known. */
interface Wrong {
  readonly month?: string;
}

function monthLost({ months = [] }: LogIndexed, found: readonly LogMonth[]): Wrong | undefined {
  const names = new Set(found.map(monthName));
  const lost = monthsKnown(months, ALL).find((one) => !names.has(monthName(one)));
  return lost && { month: lost.month };
}

/** All months together do not have each entry once. */
function miscounted({ until, lacks = 0 }: LogIndexed, months: readonly LogMonth[]): Wrong | undefined {
  const lines = months.flatMap(({ days }) => days).reduce((all, one) => all + one.lines, 0);
  return lines === until - lacks ? undefined : {};
}

/** Days on which the log has something, from the one after this on, and again from the first. */
function daysAfter(day: string, months: readonly LogMonth[]): readonly string[] {
  const all = months.flatMap(({ month, days }) => days.map((one) => dateOf(month, one.day)));
  const days = [...new Set(all)].toSorted();
  const later = days.filter((one) => one > day);
  return [...later, ...days.slice(0, days.length - later.length)].slice(0, DAYS);
}

async function sealedIn(
  { registry }: Checking,
  { until }: LogIndexed,
  day: string,
): Promise<readonly SealedIndex[]> {
  return (await registry.sealedOfDay(day)).filter(({ first }) => first < until);
}

/** Whether the months have of this day all that these results have. Of results that were sealed without counts, only the lines. */
function isCounted(date: string, months: readonly LogMonth[], results: readonly SealedIndex[]): boolean {
  const day = dayOf(date);
  const own = months.filter(({ month }) => month === monthOf(date));
  const stores = new Set([...own, ...results].map(({ store }) => store));
  return [...stores].every((store) => {
    const month = own.find((one) => one.store === store);
    const put = results.filter((one) => one.store === store);
    const lines = put.reduce((all, { count }) => all + count, 0);
    const counted = month?.days.find((one) => one.day === day)?.lines ?? 0;
    // An index item is lost. The index is made of the log itself, and has more.
    if (counted > lines) return true;
    if (counted < lines) return false;
    if (month?.sums === undefined || put.some(({ sums }) => sums === undefined)) return true;
    const known = month.sums.flatMap(({ rule, outcome, days }) =>
      days
        .filter(([of]) => of === day)
        .map(([, entries, records]) => ({ rule: month.rules[rule] ?? '', outcome, entries, records })),
    );
    return textOf(known) === textOf(put.flatMap(({ sums = [] }) => sums));
  });
}

function textOf(sums: readonly EntrySum[]): string {
  const all = new Map<string, EntrySum>();
  for (const sum of sums) addSum(all, sum);
  const texts = [...all].map(([name, { entries, records }]) => [name, entries, records].join(' '));
  return texts.toSorted().join('\n');
}

function monthOf(date: string): string {
  return date.slice(0, 'YYYY-MM'.length);
}
