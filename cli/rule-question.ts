import { InvalidArgumentError } from '@commander-js/extra-typings';
import * as z from 'zod';
import { isDate, isDayOfYear, isZone, parseOccurred } from '../shared/domain/calendar/calendar.ts';
import type { DueQuestion } from '../shared/domain/plan/due.ts';
import type { YearEnd } from '../shared/domain/calendar/units.ts';
import { parseYearEnd } from '../shared/domain/rule/parse.ts';
import { present } from '../shared/domain/present.ts';
import type { Occurred } from '../shared/domain/record/ids.ts';
import { weekdayOf } from '../shared/domain/rule/words.ts';
import { workingDayMistakes } from '../shared/domain/calendar/working-days.ts';
import { UsageError } from './usage-error.ts';
import { jsonIn, textOf } from './text-of.ts';

/** The options of `rule due` and `rule explain` about one record. */
export interface QuestionOptions {
  readonly zone: string;
  readonly events?: string | undefined;
  readonly facts?: string | undefined;
  readonly fiscalYearEnd?: YearEnd | undefined;
  readonly taxYearEnd?: YearEnd | undefined;
  readonly academicYearEnd?: YearEnd | undefined;
  readonly holidays?: readonly string[] | undefined;
  readonly weekend?: readonly number[] | undefined;
  readonly workdays?: readonly string[] | undefined;
  readonly leapBirthday?: '02-28' | '03-01' | undefined;
  readonly assumeAbsent?: false | undefined;
  readonly now?: number | undefined;
}

const EventDate = z.union([
  z.string(),
  z.strictObject({ occurred: z.string(), received: z.string().optional() }),
]);
const Events = z.record(z.string(), z.union([EventDate, z.array(EventDate)]));
const Attributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export async function questionOf(options: QuestionOptions): Promise<Omit<DueQuestion, 'rule' | 'text'>> {
  const { zone, holidays, weekend, workdays, leapBirthday, assumeAbsent, now = Infinity } = options;
  const { fiscalYearEnd, taxYearEnd, academicYearEnd } = options;
  const [mistake] = workingDayMistakes(present({ holidays, weekend, workdays }));
  if (mistake !== undefined) throw new UsageError(`--${mistake.key}: ${mistake.message}.`);
  const events = await fileOf(options.events, Events, 'names of events, each with a date or a list of dates');
  const attributes = await fileOf(options.facts, Attributes, 'names of attributes and their values');
  const dated = Object.entries(events).map(([name, dates]): [string, Occurred[]] => [
    name,
    [dates].flat().flatMap((one) => knownAt(one as z.infer<typeof EventDate>, now, name)),
  ]);
  return {
    zone,
    events: Object.fromEntries(dated),
    attributes,
    ...present({ fiscalYearEnd, taxYearEnd, academicYearEnd, leapBirthday }),
    ...present({ holidays, weekend, workdays }),
    ...(assumeAbsent === false && { assumeAbsent }),
    ...(options.now !== undefined && { now: options.now }),
  };
}

/** The events received by then. An event without `received` was always known. */
function knownAt(date: z.infer<typeof EventDate>, now: number, name: string): Occurred[] {
  const { occurred, received } = typeof date === 'string' ? { occurred: date, received: undefined } : date;
  const parsed = parseOccurred(occurred);
  if (!parsed.ok)
    throw new UsageError(
      `${name}: write dates between 1900 and 2200 as 2025-02-28, or with a time and its offset as 2025-02-28T10:00:00+01:00.`,
    );
  return received !== undefined && instant(received) > now ? [] : [parsed.occurred];
}

async function fileOf<Shape>(
  path: string | undefined,
  schema: z.ZodType<Shape>,
  what: string,
): Promise<Shape> {
  if (path === undefined) return schema.parse({});
  const text = await textOf(path);
  const parsed = schema.safeParse(jsonIn(path, text));
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new UsageError(`${path}${at === '' ? '' : ` at ${at}`}: expected an object of ${what}.`);
}

export function zone(text: string): string {
  if (isZone(text)) return text;
  throw new InvalidArgumentError('write an IANA time zone, such as Asia/Almaty');
}

export function yearEnd(text: string): YearEnd {
  const parsed = parseYearEnd(text);
  if (parsed.ok) return parsed.yearEnd;
  throw new InvalidArgumentError(
    'write the last day of the year as MM-DD, such as 03-31, or as "last saturday of september"',
  );
}

export function days(text: string): string[] {
  const list = text.split(',').map((day) => day.trim());
  if (list.every(isDate)) return list;
  throw new InvalidArgumentError('write days as YYYY-MM-DD, separated by commas');
}

export function holidays(text: string): string[] {
  const list = text.split(',').map((day) => day.trim());
  if (list.every((day) => isDate(day) || isDayOfYear(day))) return list;
  throw new InvalidArgumentError('write days as YYYY-MM-DD, or MM-DD for every year, separated by commas');
}

export function weekdays(text: string): number[] {
  return text.split(',').map((name) => {
    const day = weekdayOf(name.trim());
    if (day === undefined)
      throw new InvalidArgumentError('write weekdays such as fri,sat, separated by commas');
    return day;
  });
}

export function leapBirthday(text: string): '02-28' | '03-01' {
  if (text === '02-28' || text === '03-01') return text;
  throw new InvalidArgumentError('write 02-28 or 03-01');
}

export function assumeAbsent(text: string): false {
  if (text === 'false') return false;
  throw new InvalidArgumentError(
    'only false is allowed; omit the option to treat attributes that are not given as undetermined',
  );
}

export function instant(text: string): number {
  const at = Date.parse(text);
  if (!Number.isNaN(at) && /^\d{4}-/.test(text)) return at;
  throw new InvalidArgumentError('write an instant as 2025-02-28T10:00:00Z');
}
