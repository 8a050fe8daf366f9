import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { asked } from '../../support/rules/asked.ts';

/* A pause counts, or its sentence is refused: one that is read and has no effect deletes too early. */

const PAUSE = 'paused from h.a until h.b';
const YEAR = { 'h.a': '2021-01-01', 'h.b': '2021-12-31' };

describe('a pause', () => {
  test.each([
    [`6 years after a.b, ${PAUSE}`, '2027-03-02T00:00:00+00:00'],
    [`6 years after a.b, ${PAUSE}, at the end of the calendar year`, '2028-01-01T00:00:00+00:00'],
    [`6 years after a.b, ${PAUSE}, at the next monthly run`, '2027-04-01T00:00:00+00:00'],
    [`6 years after a.b, ${PAUSE}, but not before c.d`, '2027-03-02T00:00:00+00:00'],
    [`the later of (6 years after a.b, ${PAUSE}) and c.d`, '2027-03-02T00:00:00+00:00'],
    [`1 year after (6 years after a.b, ${PAUSE})`, '2028-03-02T00:00:00+00:00'],
    [`7 years after a.b, ${PAUSE}`, '2028-03-01T00:00:00+00:00'],
    [`1 year after (6 years after a.b), ${PAUSE}`, '2027-03-02T00:00:00+00:00'],
  ])('of a year counts for the period that it is about: %s', (rule, date) => {
    expect(asked(rule, { ...YEAR, 'a.b': '2020-03-01', 'c.d': '2024-01-01' }).due).toBe(date);
  });

  test.each([
    `6 years after a.b, at the end of the calendar year, ${PAUSE}`,
    `6 years after a.b, at the next monthly run, ${PAUSE}`,
    `6 years after a.b, but not before c.d, ${PAUSE}`,
    `the later of 6 years after a.b and c.d, ${PAUSE}`,
    `the later of 6 years after a.b and 1 year after c.d, ${PAUSE}`,
    `6 years after a.b, held from c.a until c.b, ${PAUSE}`,
    `until 2030-12-31, ${PAUSE}`,
    `until the 18th birthday of p.b, ${PAUSE}`,
    `30 days before a.b, ${PAUSE}`,
    `(6 years after a.b if x, otherwise 3 years after a.b), ${PAUSE}`,
  ])('is refused where it is not the time of one period that stops: %s', (rule) => {
    const parsed = parseRule(rule);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'RULE_INCONSISTENT' } });
    expect(parsed.ok ? '' : parsed.error.message).toContain('directly after the period');
  });

  test.each(['paused', 'held'])('of two periods says which of them is %s', (verb) => {
    const end = verb === 'held' ? ', then restarted' : '';
    const hold = `${verb} from h.a until h.b${end}`;
    for (const rule of [
      `1 year after 6 years after a.b, ${hold}`,
      `(6 years after a.b) plus 1 year, ${hold}`,
      `(1 year after (6 years after a.b)), ${hold}`,
      `1 year after the later of 6 years after a.b and c.d, ${hold}`,
    ])
      expect(parseRule(rule), rule).toMatchObject({ ok: false, error: { code: 'RULE_AMBIGUOUS' } });
    for (const rule of [
      `1 year after (6 years after a.b), ${hold}`,
      `1 year after (6 years after a.b, ${hold})`,
      `1 year after (6 years after a.b, ${hold}), ${hold}`,
    ]) {
      const parsed = parseRule(rule);
      expect(parsed.ok ? printRule(parsed.rule) : parsed.error.message).toBe(rule);
    }
  });

  test('of a stage that is counted from another one is about the later stage, also in its canonical wording', () => {
    const first = 'anonymise 6 months after a.b, then delete';
    const parsed = parseRule(`${first} (1 year after the previous stage, ${PAUSE})`);
    const printed = parsed.ok ? printRule(parsed.rule) : parsed.error.message;
    expect(printed).toBe(`${first} (1 year after (6 months after a.b), ${PAUSE})`);
    expect(parseRule(printed)).toMatchObject({ ok: true });
  });
});
