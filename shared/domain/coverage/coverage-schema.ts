import * as z from 'zod';
import { list, named, strict, text, wrong } from '../configuration/authored-schema.ts';

const RIGHT = 'write `true`, or omit it';

/** What a store's daily survey may look at, in `retention.config.ts`. */
export const CoverageSchema = z.union(
  [
    z.literal(false),
    strict('what a survey looks at', {
      account: z.literal(true, { error: wrong(RIGHT) }).optional(),
      sample: z.literal(true, { error: wrong(RIGHT) }).optional(),
      ignore: named(
        /\S/,
        "places that need no rules, and why, such as `{ 'public.countries': 'no personal data' }`",
        text('say why it needs no rules'),
      ).optional(),
    }),
  ],
  {
    error: wrong(
      "write `false` for no survey, or what it looks at, such as `{ account: true, ignore: { 'public.countries': 'no personal data' } }`",
    ),
  },
);

/** The most fields of a store that must never have values. */
const MOST_FIELDS = 20;

export const NeverPresentSchema = list(
  z
    .string({ error: wrong('name a field, such as `card_number`') })
    .regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u, { error: wrong('name a field, such as `card_number`') }),
  'list fields that must never have values, such as `["card_number"]`',
).max(MOST_FIELDS, { error: `too many; a survey looks for at most ${MOST_FIELDS} fields` });
