import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { due } from '../../shared/domain/plan/due.ts';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { printMoment } from '../../shared/domain/rule/print.ts';
import type { Occurred } from '../../shared/domain/record/ids.ts';
import { attributes, moment } from '../support/explanation/arbitrary-referenced.ts';
import { EVALUATIONS, events, zone } from '../support/rules/evaluations.ts';
import { readExplanation } from '../support/explanation/second-reader.ts';

/** More on demand take their time. */
const LONG = { timeout: 3_600_000 };
const seed = 20_260_301;
const numRuns = Math.ceil(EVALUATIONS * 0.003);
/** What the language can write: it has no “0 days”, and no last day of a day. */
const written = moment.filter((rule) => parseRule(`upon ${printMoment(rule)}`).ok);
const facts = fc.record({ told: events, known: attributes });
let [rules, dates] = [0, 0];

test(
  'a second reader, who recomputes every date that an explanation states, finds no false sentence',
  LONG,
  () => {
    const side = fc.constantFrom('notBefore' as const, 'notAfter' as const);
    fc.assert(
      fc.property(written, side, zone, facts, (rule, bound, at, { told, known }) => {
        const answer = due({
          text: printMoment(rule),
          rule: { stages: [{ action: 'delete', [bound]: rule }] },
          zone: at,
          events: told as Readonly<Record<string, readonly Occurred[]>>,
          attributes: known,
          fiscalYearEnd: '12-31',
          taxYearEnd: '04-05',
          academicYearEnd: '08-31',
        });
        const { explanation, sentences } = answer;
        const given = { zone: at, events: told, attributes: known };
        // Until 1972 some zones had offsets with seconds, which a printed date-time cannot have.
        if (explanation.some(({ text }) => /\b1[89]([0-6]\d|7[0-2])-\d\d-\d\dT/.test(text))) return;
        const { mistakes, recomputed } = readExplanation(
          explanation.map(({ text }) => text),
          given,
        );
        expect(mistakes).toEqual([]);
        // The last date that the explanation reaches is the date of the bound, and so is the one of its conclusion.
        const date = answer[bound];
        if (date !== undefined) expect(explanation.findLast((step) => step.at !== undefined)?.at).toBe(date);
        const side = bound === 'notBefore' ? 'before' : 'after';
        expect(sentences.includes(`So: delete not ${side} ${date}.`)).toBe(date !== undefined);
        rules += 1;
        dates += recomputed;
      }),
      { seed, numRuns },
    );
    expect(dates).toBeGreaterThan(rules);
  },
);

test('the second reader notices every date that is a day off', () => {
  const given = {
    zone: 'Europe/Berlin',
    events: { 'a.a': ['2021-01-31', '2020-01-01'], 'b.b': ['2021-03-28T00:30:00Z'] },
    attributes: {},
  };
  const right = [
    'a.a of 2020-01-01 is not used: it is not the last one.',
    'a.a happened on 2021-01-31, the last of 2 that count.',
    '1 month after 2021-01-31 (until the end of that day) is 2021-02-28 (until the end of that day). That month has no day 31, so its last day counts: 2021-02-28.',
    'The calendar year of 2021-02-28 (until the end of that day) ends at 2022-01-01T00:00:00+01:00.',
    'The next 03-31 after x.y, counted from 2022-01-01T00:00:00+01:00, is 2022-03-31 (until the end of that day).',
    'b.b happened on 2021-03-28T00:30:00Z.',
    '1 day before 2021-03-28T01:30:00+01:00 is 2021-03-27T01:30:00+01:00.',
    '“1 month after a.a” is earlier than “b.b” by 27 days and 1 hour and 30 minutes.',
  ];
  expect(readExplanation(right, given).mistakes).toEqual([]);
  const wrong = right.flatMap((sentence, index) =>
    [...sentence.matchAll(/(?<=\d{4}-\d\d-)\d\d|\d+(?= days)/g)].map(({ index: at, 0: day }) => {
      const other = String(day === '31' ? 30 : Number(day) + 1).padStart(2, '0');
      return right.with(index, sentence.slice(0, at) + other + sentence.slice(at + day.length));
    }),
  );
  expect(wrong).toHaveLength(13);
  for (const sentences of wrong) expect(readExplanation(sentences, given).mistakes).not.toEqual([]);
});

afterAll(() => {
  process.stdout.write(
    `second reader: ${dates.toLocaleString('en')} dates of ${rules.toLocaleString('en')} explanations\n`,
  );
});
