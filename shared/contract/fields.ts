import * as z from 'zod';
import { type OccurredProblem, parseOccurred } from '../domain/calendar/calendar.ts';
import type { Occurred } from '../domain/record/ids.ts';
import type { ErrorCode } from './error-codes.ts';
import { refuse } from './parse.ts';

/** A schema's input as a caller passes it, read-only: sending never changes it. */
export type Sendable<Input> = Input extends object
  ? { readonly [Key in keyof Input]: Sendable<Input[Key]> }
  : Input;

/**
 * Text that every store, queue and canonical form can carry: no lone surrogates, no NUL, and no U+FFFE or U+FFFF, which
 * SQS refuses or replaces: two ids would become one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export function text(longest: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine(
      (value) => value.isWellFormed() && !UNUSABLE.some((each) => value.includes(each)),
      refuse('TEXT_INVALID'),
    );
}

const UNUSABLE = ['\u0000', '\uFFFE', '\uFFFF'];

/**
 * A number that DynamoDB can keep: 0, or from 1E-130 to below 1E+126.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
const StorableNumber = z
  .number()
  .refine(
    (value) => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126),
    refuse('JSON_NUMBER_TOO_LARGE'),
  );

/** Names that come from configuration and policies: stores, categories, entity types, events, attributes. */
export const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/);

export const NamedEntity = z.strictObject({
  type: Name,
  id: text(256),
  producer: z.exactOptional(Name),
});

export const RegisteredEntity = z.strictObject({ ...NamedEntity.shape, role: z.exactOptional(Name) });

export const SentAttributes = z
  .record(Name, z.union([text(256), StorableNumber, z.boolean()]))
  .refine((attributes) => Object.keys(attributes).length <= 32, refuse('BODY_INVALID'));

/** Key values only; typed and checked against the store's key columns by `canonicalLocator`. */
export const SentLocator = z
  .array(z.union([text(2048), z.number()]))
  .min(1)
  .max(8);

/** RFC 3339, as CloudEvents require. */
export const Time = z.iso
  .datetime({ offset: true })
  .refine((value) => parseOccurred(value).ok, refuse('EVENT_DATE_OUT_OF_RANGE'));

/** A date of a calendar with four digits for the year. */
export const CalendarDate = z.iso
  .date()
  .refine((value) => value >= '1900-01-01' && value < '2200-01-01', refuse('EVENT_DATE_OUT_OF_RANGE'));

/** An ISO date, or a date-time with offset, of the years 1900 to 2200. */
export const Occurrence = z.string().transform((value, context): Occurred => {
  const result = parseOccurred(value);
  if (result.ok) return result.occurred;
  context.addIssue({ code: 'custom', ...refuse(refusalOf(value, result.code)) });
  return z.NEVER;
});

function refusalOf(value: string, problem: OccurredProblem): ErrorCode {
  switch (problem) {
    case 'OCCURRED_AMBIGUOUS':
      return 'EVENT_DATE_AMBIGUOUS';
    case 'OCCURRED_OUT_OF_RANGE':
      return 'EVENT_DATE_OUT_OF_RANGE';
    case 'OCCURRED_NOT_A_DATE':
      return refusalOfForeignForm(value);
  }
}

/** Common ways to write a date get the code that says what to change. */
function refusalOfForeignForm(value: string): ErrorCode {
  const orderUnclear = /^\d{1,4}[./]\d{1,2}[./]\d{1,4}$|^\d{1,2}-\d{1,2}-\d{2,4}$/;
  const withSpace = /^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d([.,]\d+)?)?$/;
  if (orderUnclear.test(value) || withSpace.test(value)) return 'EVENT_DATE_AMBIGUOUS';
  // ISO 8601 writes other years with a sign or with more digits.
  return /^[+-]?\d{5,}-\d\d-\d\d/.test(value) ? 'EVENT_DATE_OUT_OF_RANGE' : 'EVENT_DATE_INVALID';
}
