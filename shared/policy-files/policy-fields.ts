import * as z from 'zod';
import { wrong } from '../domain/configuration/authored-schema.ts';
import { isZone } from '../domain/calendar/calendar.ts';
import { didYouMean } from '../domain/suggest.ts';
import { exactSeconds } from './exact-duration.ts';

/** Seconds. */
export function exactDuration(): z.ZodType<number, unknown> {
  const right = 'write a length such as `24 hours`, `3 days` (of 24 hours) or `PT24H`';
  return z.string({ error: wrong(right) }).transform((value, context) => {
    const seconds = exactSeconds(value.trim());
    if (seconds !== undefined) return seconds;
    context.addIssue({ code: 'custom', message: wrong(right)({ input: value }) });
    return z.NEVER;
  });
}

/** Names of the IANA database only: offsets and abbreviations carry no rules for daylight saving and no history. */
export function zone(): z.ZodString {
  const right = 'name an IANA time zone, such as `Europe/Berlin` or `UTC`';
  const isRight = (value: string): boolean => value === 'UTC' || (value.includes('/') && isZone(value));
  return z.string({ error: wrong(right) }).refine(isRight, {
    error: ({ input }) => {
      const name = String(input).slice(0, 60);
      return `"${name}" is not a time zone${didYouMean(name, Intl.supportedValuesOf('timeZone')) || `; ${right}`}`;
    },
  });
}
