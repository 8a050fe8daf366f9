import * as z from 'zod';
import { COUNTED, NEVER_PRESENT_STATES, PLACE_KINDS, SURVEY_PARTS } from '../domain/coverage/survey.ts';
import { Name } from './fields.ts';
import { Cursor } from './subjects.ts';

export const CoverageQuery = z.strictObject({
  store: z.exactOptional(Name),
  cursor: z.exactOptional(Cursor),
});
export type CoverageQuery = z.input<typeof CoverageQuery>;

const Records = z.object({ count: z.int(), counted: z.enum(COUNTED) });
const Field = z.object({ looksLike: z.string(), name: z.exactOptional(z.string()) });

/** Tables, prefixes or buckets of one name that no store covers. */
export const UncoveredAnswer = z.object({
  kind: z.enum(PLACE_KINDS),
  /** With `*` in place of what could be an id. Empty: objects directly in the bucket. */
  name: z.string(),
  /** How many have this name. */
  places: z.int(),
  /** Rows, items or objects; absent if that is not known. */
  records: z.exactOptional(Records),
  /** The UTC day of the oldest record that was seen. */
  oldest: z.exactOptional(z.string()),
  /** Columns and attributes whose names look personal. */
  personal: z.array(Field),
  /** When it appeared. Absent if the first survey found it. */
  since: z.exactOptional(z.string()),
});
export type UncoveredAnswer = z.output<typeof UncoveredAnswer>;

/** Rows with clocks of their own. */
export const DatasetAnswer = z.object({
  category: z.string(),
  rows: z.exactOptional(Records),
  /** The clock is NULL, or there is none. */
  noClock: z.exactOptional(Records),
  /** The clock is earlier than it can be, or no time at all. */
  implausible: z.exactOptional(Records),
  /** The clock is in the future, or later than it can be. */
  future: z.exactOptional(Records),
  /** The UTC day of the earliest clock that can be. */
  oldest: z.exactOptional(z.string()),
  /** Past their deadline for more than a day, although no legal hold keeps them. */
  overdue: z.exactOptional(Records),
});

export type DatasetAnswer = z.output<typeof DatasetAnswer>;

export const CoverageOfStore = z.object({
  store: z.string(),
  /** `off`: the configuration wants no survey. `none`: the first one is not made yet. */
  survey: z.enum(['off', 'none', 'made']),
  surveyedAt: z.exactOptional(z.string()),
  /** The store's own records. */
  records: z.exactOptional(Records),
  /** How many of them are registered, as the newest census counted. Absent before the first one. */
  registered: z.exactOptional(z.int()),
  /**
   * How many are neither registered nor rows of a dataset, as far as these numbers tell. Absent if the store has
   * collections, whose records are not counted, or if the rows of a dataset could not be counted to their end.
   */
  unregistered: z.exactOptional(z.int()),
  personal: z.array(Field),
  uncovered: z.array(UncoveredAnswer),
  /** Names that there was no room for. */
  unlisted: z.int(),
  /** Names that the configuration ignores. */
  ignored: z.int(),
  /** Registered records that are past their deadline and still there, as the newest census counted. */
  overdue: z.exactOptional(z.int()),
  /** The rows of each dataset. What is absent of one could not be counted. */
  datasets: z.array(DatasetAnswer),
  neverPresent: z.array(
    z.object({ name: z.string(), state: z.enum(NEVER_PRESENT_STATES), looked: z.enum(['all', 'sample']) }),
  ),
  /** What the survey did not see, or not to its end, and why. */
  notSeen: z.array(z.object({ part: z.enum(SURVEY_PARTS), code: z.string() })),
});
export type CoverageOfStore = z.output<typeof CoverageOfStore>;

export const CoverageAnswer = z.object({
  asOf: z.string(),
  /** The UTC day of the census that counted what is registered. */
  census: z.exactOptional(z.string()),
  stores: z.array(CoverageOfStore),
  /** Categories with rules, and no record. On the first page, if it is for all stores and there is a census. */
  unused: z.exactOptional(z.array(z.object({ policy: z.string(), category: z.string() }))),
  next: z.exactOptional(Cursor),
});
export type CoverageAnswer = z.output<typeof CoverageAnswer>;
