import * as z from 'zod';
import { list, named, strict, text, wrong } from '../configuration/authored-schema.ts';
import { ClockColumnSchema } from '../datasets/dataset-schema.ts';

const FILTER =
  "write the value that the field has, such as `{ kind: 'customer' }`: a text, a number or a boolean";

/** One of the `facts` of a store in `retention.config.ts`. */
const FactColumnSchema = strict('a column of facts', {
  event: text('name the event that the column says, such as `account.closed`'),
  entity: strict('an entity', {
    type: text('name the type of the entity that it happens to, such as `account`'),
    column: text('name the column with its id: the key of the store, such as `id`'),
  }),
  clock: ClockColumnSchema,
  producer: text('name the producer whose event it is'),
  where: named(
    /\S/,
    "fields and the value that each has, such as `{ kind: 'customer' }`",
    z.union([z.string(), z.number(), z.boolean()], { error: wrong(FILTER) }),
  ).optional(),
  ended: z
    .literal(true, {
      error: wrong('write `true` if the column is not read any more and what it said stays, or omit it'),
    })
    .optional(),
});
export type FactColumnSchema = z.infer<typeof FactColumnSchema>;

export const FactColumnList = list(
  FactColumnSchema,
  "list columns, such as `{ event: 'account.closed', entity: { type: 'account', column: 'id' }, clock: 'closed_at', producer: 'crm' }`",
);
