import * as z from 'zod';
import { STORE_ACTIONS } from '../domain/record/actions.ts';
import { CalendarDate, Name } from './fields.ts';
import { Cursor } from './subjects.ts';

/** `until`: what goes after this UTC day is counted in `later`. */
export const ForecastQuery = z.strictObject({
  until: z.exactOptional(CalendarDate),
  by: z.exactOptional(z.enum(['day', 'week'])),
  store: z.exactOptional(Name),
  cursor: z.exactOptional(Cursor),
});
export type ForecastQuery = z.input<typeof ForecastQuery>;

/** How many records of one kind go when. Each record is in one of the numbers. */
export const ForecastGroup = z.object({
  /**
   * It counts the rows of the dataset of this category, as the newest survey of the store did. `estimate`: not all of them
   * were counted one by one. `depends`: other columns, or facts about other entities, decide, too, so the dates are the
   * earliest that are possible.
   */
  dataset: z.exactOptional(
    z.object({
      surveyedAt: z.string(),
      estimate: z.exactOptional(z.literal(true)),
      depends: z.exactOptional(z.literal(true)),
    }),
  ),
  store: z.string(),
  /** Absent where no policy covers the category any more. */
  policy: z.exactOptional(z.string()),
  /** Of a record of several categories, the first one by name. */
  category: z.string(),
  /** What is done next; absent where there is no date. */
  action: z.exactOptional(z.enum(STORE_ACTIONS)),
  /** A legal hold on the category, the policy, the store or everything keeps these records now, whatever their dates. */
  underHold: z.exactOptional(z.literal(true)),
  /** The date was before the day of the census. */
  due: z.int(),
  /** They came due, and a legal hold keeps them. */
  held: z.int(),
  /** From the first UTC day to the last, both included; in order, without those that are empty. */
  dates: z.array(z.object({ from: z.string(), to: z.string(), count: z.int() })),
  later: z.int(),
  /** Why records have no date. */
  undated: z.array(z.object({ reason: z.string(), count: z.int() })),
});
export type ForecastGroup = z.output<typeof ForecastGroup>;

export const ForecastAnswer = z.object({
  /** When the legal holds were read. */
  asOf: z.string(),
  /** The UTC day of the census that counted the records, and when it ended. Absent until the first one has ended. */
  census: z.exactOptional(z.string()),
  ended: z.exactOptional(z.string()),
  groups: z.array(ForecastGroup),
  /** Datasets whose rows no survey has counted. On the first page. */
  uncounted: z.exactOptional(z.array(z.object({ store: z.string(), category: z.string() }))),
  next: z.exactOptional(Cursor),
});
export type ForecastAnswer = z.output<typeof ForecastAnswer>;
