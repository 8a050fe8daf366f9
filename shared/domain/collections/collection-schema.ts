import * as z from 'zod';
import { list, named, strict, text, wrong } from '../configuration/authored-schema.ts';

const FILTER =
  "write the value that the field has, such as `{ kind: 'invoice' }`: a text, a number or a boolean";

/** One of the `collections` of a store in `retention.config.ts`. */
const CollectionSchema = strict('a collection', {
  category: text('name the category of its records'),
  entity: text('name the type of the entity that its records belong to, such as `account`'),
  by: text("say where records carry the entity's id, such as `account_id`"),
  where: named(
    /\S/,
    "fields and the value that each has, such as `{ kind: 'invoice' }`",
    z.union([z.string(), z.number(), z.boolean()], { error: wrong(FILTER) }),
  ).optional(),
  producer: text('name the producer that its records belong to'),
});

export const CollectionList = list(
  CollectionSchema,
  "list collections, such as `{ category: 'uploads', entity: 'account', by: 'account_id', producer: 'crm' }`",
);
