import * as z from 'zod';
import type { Occurred } from '../domain/ids.ts';
import { refuse } from './parse.ts';

/** Text that every store and every canonical form can carry: no lone surrogates, no NUL. */
export function text(longest: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((value) => value.isWellFormed() && !value.includes('\u0000'));
}

/** Names that come from configuration and policies: stores, categories, entity types, events, attributes. */
export const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/);

export const NamedEntity = z.strictObject({
  type: Name,
  id: text(256),
  producer: z.exactOptional(Name),
});

export const SentAttributes = z
  .record(Name, z.union([text(256), z.number(), z.boolean()]))
  .refine((attributes) => Object.keys(attributes).length <= 32, refuse('BODY_INVALID'));

/** Key values only; typed and checked against the store's key columns by `canonicalLocator`. */
export const SentLocator = z
  .array(z.union([text(2048), z.number()]))
  .min(1)
  .max(8);

const isoDate = z.iso.date();
const isoDateTime = z.iso.datetime({ offset: true });
const isoMinute = z.iso.datetime({ offset: true, precision: -1 });

/** RFC 3339, as CloudEvents want it. */
export const Time = isoDateTime.refine(isYearInRange, refuse('EVENT_DATE_OUT_OF_RANGE'));

/** An ISO date, or a date-time with offset, of the years 1900 to 2200. */
export const Occurrence = z.string().transform((value, context): Occurred => {
  const code = refusalOf(value);
  if (code === undefined) return value as Occurred;
  context.addIssue({ code: 'custom', ...refuse(code) });
  return z.NEVER;
});

function refusalOf(
  value: string,
): 'EVENT_DATE_INVALID' | 'EVENT_DATE_AMBIGUOUS' | 'EVENT_DATE_OUT_OF_RANGE' | undefined {
  if (
    isoDate.safeParse(value).success ||
    isoDateTime.safeParse(value).success ||
    isoMinute.safeParse(value).success
  ) {
    return isYearInRange(value) ? undefined : 'EVENT_DATE_OUT_OF_RANGE';
  }
  // Years that ISO 8601 writes with a sign or with more digits.
  if (/^[+-]?\d{5,}-\d\d-\d\d/.test(value)) return 'EVENT_DATE_OUT_OF_RANGE';
  const withoutOffset = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?$/;
  const orderUnclear = /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$/;
  const isIsoShaped = /^\d{4}-\d\d-\d\d$/;
  return withoutOffset.test(value) || (orderUnclear.test(value) && !isIsoShaped.test(value))
    ? 'EVENT_DATE_AMBIGUOUS'
    : 'EVENT_DATE_INVALID';
}

function isYearInRange(value: string): boolean {
  const year = Number(value.slice(0, 4));
  return year >= 1900 && year <= 2200;
}
