import * as z from 'zod';
import { present } from '../present.ts';
import { COUNTED, type Count, type DatasetCounts } from './survey.ts';
import { sumOf } from './uncovered.ts';

const Records = z.object({ count: z.int(), counted: z.enum(COUNTED) });

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
});
export type DatasetReport = z.output<typeof DatasetReport>;

/** `overdue`: counted apart from the survey. */
export function datasetReport(
  { category, rows, noClock, oldest }: DatasetCounts,
  overdue: Count | undefined,
): DatasetReport {
  return {
    category,
    ...present({
      rows: rows && noClock && sumOf([...rows, noClock]),
      noClock,
      implausible: rows?.[0],
      future: rows?.at(-1),
      oldest,
      overdue,
    }),
  };
}
