import * as z from 'zod';
import { present } from '../present.ts';
import { COUNTED, type Count, type DatasetCounts } from './survey.ts';
import { sumOf } from './uncovered.ts';

const Records = z.object({ count: z.int(), counted: z.enum(COUNTED) });

/** When rows go. Each row that was counted is in one bin, as a forecast of registered records has them. */
const DatasetForecast = z.object({
  /** Empty where no policy covers the category. */
  policy: z.string(),
  bins: z.record(z.string(), z.int()),
  /** Not all rows were counted one by one. */
  estimate: z.exactOptional(z.literal(true)),
  /** Other columns, or facts about other entities, decide, too: the dates are the earliest that are possible. */
  depends: z.exactOptional(z.literal(true)),
});
export type DatasetForecast = z.output<typeof DatasetForecast>;

/** How the bins of a forecast lie beside the rows that were counted: the first and the last ones are in none. */
interface Binned {
  readonly policy: string;
  readonly bins: readonly string[];
  readonly depends: boolean;
}

/** The rows of a dataset, as the newest survey found them. What is absent could not be counted. */
export const DatasetReport = z.object({
  category: z.string(),
  /** With those that have no clock, or one that cannot be taken. */
  rows: z.exactOptional(Records),
  /** The clock is NULL, or there is none: they are kept until it has a value. */
  noClock: z.exactOptional(Records),
  /** The clock is earlier than it can be, or no time at all: they are kept until somebody corrects it. */
  implausible: z.exactOptional(Records),
  /** The clock is in the future, or later than it can be: they are kept at least until then. */
  future: z.exactOptional(Records),
  /** The earliest clock that can be. */
  oldest: z.exactOptional(z.int()),
  /** Past their deadline for more than a day, and still there, although no legal hold keeps them. */
  overdue: z.exactOptional(Records),
  forecast: z.exactOptional(DatasetForecast),
});
export type DatasetReport = z.output<typeof DatasetReport>;

/** `overdue`: counted apart from the survey. */
export function datasetReport(
  counts: DatasetCounts,
  binned: Binned,
  overdue: Count | undefined,
): DatasetReport {
  const { category, rows, noClock, oldest } = counts;
  return {
    category,
    ...present({
      rows: rows && noClock && sumOf([...rows, noClock]),
      noClock,
      implausible: rows?.[0],
      future: rows?.at(-1),
      oldest,
      overdue,
      forecast: forecastOf(counts, binned),
    }),
  };
}

/** Why rows have no date, because of their clock. */
const REASONS = { first: 'implausible-clock', last: 'future-clock', none: 'no-clock' };

function forecastOf(
  { rows, noClock }: DatasetCounts,
  { policy, bins, depends }: Binned,
): DatasetForecast | undefined {
  if (rows === undefined || rows.length !== bins.length + 2) return undefined;
  const names = [`no-date:${REASONS.first}`, ...bins, `no-date:${REASONS.last}`, `no-date:${REASONS.none}`];
  const counts = new Map<string, number>();
  for (const [index, { count }] of [...rows, ...(noClock ? [noClock] : [])].entries()) {
    const name = names[index] ?? '';
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const isExact = noClock !== undefined && [...rows, noClock].every(({ counted }) => counted === 'exact');
  return {
    policy,
    bins: Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ...(!isExact && { estimate: true }),
    ...(depends && { depends: true }),
  };
}
