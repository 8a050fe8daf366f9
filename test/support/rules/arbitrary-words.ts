import fc from 'fast-check';
import type { Period } from '../../../shared/domain/rule/ast.ts';
import type { Duration, Unit, YearEnd } from '../../../shared/domain/calendar/units.ts';
import { UNITS } from '../../../shared/domain/calendar/units.ts';
import { isKeyword } from '../../../shared/domain/rule/words.ts';

/** Words with a meaning at the beginning of an operand, where a noun therefore cannot begin with them. */
const IN_PLACE = new Set(
  (
    'next previous that same stage age date run daily weekly monthly quarterly yearly birthday newer thereafter ' +
    'second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth eighteenth true false yes one ' +
    'deletion destruction disposal anonymisation anonymization restriction archiving transfer review notice ' +
    'archive notify warn retain erase up over under above below less more applicable apply ' +
    'january february march april may june july august september october november december'
  ).split(' '),
);

export const word = fc
  .stringMatching(/^[a-zA-Zéß][a-zA-Z0-9_-]{0,8}$/)
  .filter((text) => !isKeyword(text.toLowerCase()) && !IN_PLACE.has(text.toLowerCase()));
export const noun = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '))
  // Number words in front of unit words would be a period.
  .filter((text) => !/^(an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) /i.test(text));
export const name = fc.oneof(
  noun,
  fc.tuple(word, word).map(([first, second]) => `${first}.${second}`),
);
export const date = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2200-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
export const monthDay = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2024-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(5, 10));
const nth = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, -1 as const);
const weekday = fc.integer({ min: 1, max: 7 });
export const weekdayOfMonth = fc.record({ nth, weekday });
export const weekdayOfYear = fc.record({ nth, weekday, month: fc.integer({ min: 1, max: 12 }) });
export const yearEnd: fc.Arbitrary<YearEnd> = fc.oneof(
  { weight: 3, arbitrary: monthDay },
  weekdayOfYear,
  fc.record({ weekday, nearest: monthDay }),
);
export const sentence = fc
  .string({ minLength: 1 })
  .filter((text) => text.trim() !== '' && !text.includes('\n'));

const amounts: Readonly<Record<Unit, number>> = {
  years: 1000,
  months: 12_000,
  weeks: 53_000,
  days: 366_000,
  workingDays: 2000,
  hours: 8_784_000,
  minutes: 527_040_000,
  seconds: 31_622_400_000,
};

export function arbitraryDuration(
  largest: Readonly<Partial<Record<Unit, number>>> = amounts,
): fc.Arbitrary<Duration> {
  const units = UNITS.filter((unit) => largest[unit] !== undefined);
  return fc
    .subarray(units, { minLength: 1 })
    .chain((some) =>
      fc
        .record(Object.fromEntries(some.map((unit) => [unit, fc.nat(largest[unit])])))
        // A period of 0 is refused.
        .filter((duration) => Object.values(duration).some((amount) => amount > 0)),
    )
    .map((duration): Duration => duration);
}

export const holidays = fc.array(date, { maxLength: 3 }).map((days) => [...new Set(days)].toSorted());

export const reference = fc.record({ attribute: word, event: name }, { requiredKeys: ['attribute'] });

export const period: fc.Arbitrary<Period> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(arbitraryDuration(), holidays)
      .map(([duration, days]): Duration =>
        duration.workingDays === undefined || days.length === 0 ? duration : { ...duration, holidays: days },
      ),
  },
  { weight: 1, arbitrary: noun.map((setting) => ({ setting })) },
  { weight: 1, arbitrary: reference },
);
