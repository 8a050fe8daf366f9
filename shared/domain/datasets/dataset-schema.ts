import * as z from 'zod';
import { checked, list, named, strict, text, wrong } from '../configuration/authored-schema.ts';
import { isZone } from '../calendar/calendar.ts';

const COLUMN = 'name the column, such as `created_at`';
const COLUMN_OR_CLOCK = `${COLUMN}, or \`{ column: 'created', unit: 'seconds' }\``;
const UNIT = 'write what the number counts since 1970: `seconds` or `milliseconds`';
const BY = 'name the event whose column has the index: the rows are read in its order';
const FILTER =
  "write the value that the field has, such as `{ kind: 'access' }`: a text, a number or a boolean";

const INDEX = "name the index, a colon and its partition key, such as 'by-kind:kind'";
const SCAN = 'write `true` if each pass may read the whole table, or remove it';

const HOLDS = {
  column: text(COLUMN),
  unit: z.enum(['seconds', 'milliseconds'], { error: wrong(UNIT) }).optional(),
  zone: checked(isZone, 'write a time zone such as `Europe/Berlin`, or `UTC`').optional(),
};
const ONE_OF_BOTH = {
  error: 'a number of seconds has no time zone; remove `zone`, or `unit` if the column holds times',
};
const areOne = ({ unit, zone }: { readonly unit?: string | undefined; readonly zone?: string | undefined }) =>
  unit === undefined || zone === undefined;

const Clock = strict('a clock', HOLDS).refine(areOne, ONE_OF_BOTH);

const RowClock = strict('a clock', {
  ...HOLDS,
  in: strict('another table', {
    table: text('name the table that has the column, such as `contracts`'),
    key: text('name its column that a row of the dataset refers to, such as `id`'),
    by: text('name the column of the row with the value of that key, such as `contract_id`'),
  }).optional(),
}).refine(areOne, ONE_OF_BOTH);

/** A column that says when something happened, as it is written. */
export const ClockColumnSchema = z.union([text(COLUMN), Clock], {
  error: (issue) => messageOf(Clock, issue) ?? wrong(COLUMN_OR_CLOCK)(issue),
});

/** One of the `datasets` of a store in `retention.config.ts`. */
const DatasetSchema = strict('a dataset', {
  category: text('name the category of its rows'),
  producer: text('name the producer that its rows belong to'),
  clock: named(
    /\S/,
    "events and the column that says when each happened, such as `{ 'record.created': 'created_at' }`",
    z.union([text(COLUMN), RowClock], {
      error: (issue) => messageOf(RowClock, issue) ?? wrong(COLUMN_OR_CLOCK)(issue),
    }),
  ).refine((clock) => Object.keys(clock).length > 0, {
    error: "empty; name an event and its column, such as `{ 'record.created': 'created_at' }`",
  }),
  by: text(BY).optional(),
  attributes: named(/\S/, 'attributes and the column of each', text(COLUMN)).optional(),
  entities: named(
    /\S/,
    'entity types and the column with the id of each',
    text('name the column, such as `account_id`'),
  ).optional(),
  where: named(
    /\S/,
    "fields and the value that each has, such as `{ kind: 'access' }`",
    z.union([z.string(), z.number(), z.boolean()], { error: wrong(FILTER) }),
  ).optional(),
  index: text(INDEX).optional(),
  scan: z.literal(true, { error: wrong(SCAN) }).optional(),
}).refine(({ by, clock }) => by !== undefined || Object.keys(clock).length < 2, {
  path: ['by'],
  error: `missing; ${BY}`,
});
export type DatasetSchema = z.infer<typeof DatasetSchema>;

export const DatasetList = list(
  DatasetSchema,
  "list datasets, such as `{ category: 'access-logs', producer: 'crm', clock: { 'record.created': 'created_at' } }`",
);

/** What is wrong inside a mapping says more than that it is neither a column nor such a mapping. */
function messageOf(
  clock: z.ZodType,
  issue: { readonly code?: string | undefined; readonly input?: unknown },
): string | undefined {
  if (typeof issue.input !== 'object' || issue.input === null || Array.isArray(issue.input)) return undefined;
  const parsed = clock.safeParse(issue.input);
  return parsed.error?.issues
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('\n');
}
