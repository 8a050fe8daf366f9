import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rule } from '../../shared/domain/rule/ast.ts';
import { LONGEST_RULE } from '../../shared/domain/rule/lexer.ts';
import { parsePeriod } from '../../shared/domain/rule/parse.ts';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { printRule } from '../../shared/domain/rule/print.ts';
import { ALL_WORDS } from '../../shared/domain/rule/words.ts';
import { arbitraryRule } from '../support/rules/arbitrary-rules.ts';

function parsed(text: string): Rule {
  const result = parseRule(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.rule;
}

/** Every sentence on the left means the same as the canonical one on the right. */
const SENTENCES: readonly (readonly [written: string, canonical: string])[] = [
  ['contract term plus 3 years', '3 years after contract term'],
  ['30 days after disconnect', '30 days after disconnect'],
  ['within 30 days after account.disconnected', 'within 30 days after account.disconnected'],
  ['subscription plus 90 days', '90 days after subscription'],
  [
    '3 years from the end of the calendar year of invoice.issued',
    '3 years after the end of the calendar year of invoice.issued',
  ],
  ['Delete within 30 days of account.disconnected.', 'within 30 days after account.disconnected'],
  ['erase one year after contract.ended', '1 year after contract.ended'],
  [
    'keep for at least 7 years and at most 10 years after contract.ended',
    'at least 7 years and at most 10 years after contract.ended',
  ],
  [
    'at least 7 years after contract.ended and at most 10 years after contract.ended',
    'at least 7 years and at most 10 years after contract.ended',
  ],
  [
    'at least 7 years after contract.ended and at most 90 days after audit.completed',
    'not before 7 years after contract.ended and by 90 days after audit.completed',
  ],
  ['keep until contract.ended', 'until contract.ended'],
  ['until 2030-12-31', 'until 2030-12-31'],
  ['by 2030-12-31', 'by 2030-12-31'],
  ['keep permanently', 'keep permanently'],
  [
    'not computable, because "the text names no period"',
    'not computable, because "the text names no period"',
  ],
  [
    '3 years after a.b or 1 year after c.d, whichever is later',
    'the later of 3 years after a.b and 1 year after c.d',
  ],
  [
    '3 years after a.b or 1 year after c.d or e.f plus 2 weeks whichever is sooner',
    'the earlier of 3 years after a.b, 1 year after c.d and 2 weeks after e.f',
  ],
  [
    'the longer of 3 years after a.b, c.d, if any, and e.f',
    'the later of 3 years after a.b, c.d if any and e.f',
  ],
  [
    'within 30 days of a.b or 60 days of c.d, whichever is earlier',
    'by the earlier of 30 days after a.b and 60 days after c.d',
  ],
  [
    '3 years after a.b or 1 year after c.d, if any, whichever is later',
    'the later of 3 years after a.b and 1 year after c.d if any',
  ],
  ['within 30 days after the later of a.b and c.d', 'within 30 days after the later of a.b and c.d'],
  ['30 days after the first login', '30 days after first login'],
  ['30 days after the last login', '30 days after login'],
  ['x.y plus 3 years and 6 months', '3 years and 6 months after x.y'],
  [
    'the later of x.y plus 3 years and 6 months after z.z',
    'the later of 3 years after x.y and 6 months after z.z',
  ],
  ['(30 days after x.y) plus 1 year', '1 year after 30 days after x.y'],
  ['30 days after (x.y plus 1 year)', '30 days after 1 year after x.y'],
  ['subscription plus {reasonable period}', '{reasonable period} after subscription'],
  [
    'anonymize 90 days after x.y, then delete 3 years after x.y',
    'anonymise 90 days after x.y, then delete 3 years after x.y',
  ],
  [
    'restrict upon consent.withdrawn; then anonymise 1 year after x.y; then erase 3 years after x.y',
    'restrict upon consent.withdrawn, then anonymise 1 year after x.y, then delete 3 years after x.y',
  ],
  [
    '6 years after the end of the fiscal year ending on 02-29 of x.y',
    '6 years after the end of the year ending 02-29 of x.y',
  ],
  ['  48\n hours\tAFTER  Plate.read ', '48 hours after Plate.read'],
];

describe('the rule language', () => {
  test.each(SENTENCES)('reads “%s” as “%s”', (written, canonical) => {
    expect(printRule(parsed(written))).toBe(canonical);
    expect(parsed(canonical)).toEqual(parsed(written));
  });

  test('reads every rule that it prints as the same rule', () => {
    fc.assert(
      fc.property(arbitraryRule(), (rule) => {
        expect(parsed(printRule(rule))).toEqual(rule);
      }),
      { numRuns: 3000 },
    );
  });

  test('answers any text with a rule or with one error at a place inside the text', () => {
    const scraps = fc.array(
      fc.oneof(
        fc.constantFrom(...ALL_WORDS, '30', '(', ')', ',', 'x.y', '2030-01-01', '"r"', '{s}'),
        fc.string(),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          scraps.map((words) => words.join(' ')),
        ),
        (text) => {
          const result = parseRule(text);
          if (result.ok) return;
          expect(result.error.message).not.toBe('');
          expect(result.error.offset).toBeLessThanOrEqual(text.length);
          const lines = text.split('\n');
          expect(
            lines.slice(0, result.error.line - 1).join('\n').length +
              (result.error.line > 1 ? 1 : 0) +
              result.error.column -
              1,
          ).toBe(result.error.offset);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('refuses a rule of more than ten kilobytes and one that nests too deep', () => {
    expect(parseRule(`until ${'x'.repeat(LONGEST_RULE)}`)).toMatchObject({
      ok: false,
      error: { code: 'RULE_TOO_LONG' },
    });
    expect(parseRule(`until ${'('.repeat(5000)}`)).toMatchObject({
      ok: false,
      error: { code: 'RULE_TOO_DEEP' },
    });
    expect(parseRule(`x.y ${'plus 1 day '.repeat(900)}`)).toMatchObject({
      ok: false,
      error: { code: 'RULE_TOO_DEEP' },
    });
    expect(parseRule(`1 day ${'after 1 day '.repeat(800)} after x.y`)).toMatchObject({
      ok: false,
      error: { code: 'RULE_TOO_DEEP' },
    });
  });

  test('remembers the place of each name', () => {
    const result = parseRule(
      'the later of 3 years after the contract term\nand {audit period} after audit.completed',
    );
    expect(result).toMatchObject({
      ok: true,
      uses: [
        { kind: 'event', name: 'contract term', offset: 31, line: 1, column: 32 },
        { kind: 'setting', name: 'audit period', line: 2, column: 5 },
        { kind: 'event', name: 'audit.completed', line: 2, column: 26 },
      ],
    });
  });

  test('reads a period alone, as an operator sets one', () => {
    expect(parsePeriod('90 days')).toEqual({ ok: true, period: { days: 90 } });
    expect(parsePeriod('1 year and 6 months')).toEqual({ ok: true, period: { years: 1, months: 6 } });
    expect(parsePeriod('a reasonable time')).toMatchObject({
      ok: false,
      error: { code: 'RULE_SYNTAX', column: 1 },
    });
    expect(parsePeriod('90 days after x.y')).toMatchObject({ ok: false, error: { column: 9 } });
    expect(parsePeriod('{other}')).toMatchObject({ ok: false });
  });
});

const MISTAKES: readonly (readonly [text: string, place: string, code: string, message: RegExp])[] = [
  ['', '1:1', 'RULE_SYNTAX', /expected a period .* found the end of the rule/],
  ['3 yeers after contract.ended', '1:3', 'RULE_SYNTAX', /found "yeers"; did you mean "years"\?/],
  ['30 days affter contract.ended', '1:9', 'RULE_SYNTAX', /found "affter"; did you mean "after"\?/],
  ['delte 30 days after contract.ended', '1:7', 'RULE_SYNTAX', /did you mean "delete" instead of "delte"\?/],
  ['delte until contract.ended', '1:7', 'RULE_SYNTAX', /did you mean "delete" instead of "delte"\?/],
  ['30 days', '1:8', 'RULE_SYNTAX', /"after" or "from" after the period/],
  ['the latter of a.b and c.d', '1:12', 'RULE_SYNTAX', /did you mean "later" instead of "latter"\?/],
  ['the later of a.b', '1:17', 'RULE_SYNTAX', /"and" and a second date for "the later of"/],
  ['a.b or c.d', '1:11', 'RULE_SYNTAX', /"whichever is later" or "whichever is earlier"/],
  ['3 years after a.b or c.d, whichever is later', '1:22', 'RULE_AMBIGUOUS', /the later of A and B/],
  ['30 days after a.b plus 1 year', '1:19', 'RULE_AMBIGUOUS', /use parentheses/],
  ['the earlier of a.b if any and c.d', '1:5', 'RULE_INCONSISTENT', /use "if any" only with "the later of"/],
  ['within contract.ended', '1:8', 'RULE_SYNTAX', /a period after "within"/],
  ['30 days and 2 days after a.b', '1:13', 'RULE_INCONSISTENT', /has days twice/],
  ['2000 years after a.b', '1:1', 'RULE_OUT_OF_RANGE', /keep permanently/],
  ['1.5 years after a.b', '1:1', 'RULE_SYNTAX', /a whole number/],
  ['until 2023-02-29', '1:7', 'RULE_OUT_OF_RANGE', /not a valid date between 1900 and 2200/],
  [
    'until the end of the year ending 02-30 of a.b',
    '1:34',
    'RULE_OUT_OF_RANGE',
    /not a valid day of the year/,
  ],
  ['until the end of the decade of a.b', '1:22', 'RULE_SYNTAX', /"month", "calendar year", "fiscal year"/],
  ['not computable', '1:15', 'RULE_SYNTAX', /"because" and the reason/],
  ['not computable, because "no end', '1:25', 'RULE_SYNTAX', /quotation is not closed/],
  ['subscription plus {reasonable', '1:19', 'RULE_SYNTAX', /a name in braces/],
  [
    'delete 3 years after a.b, then anonymise 5 years after a.b',
    '1:32',
    'RULE_STAGE_ORDER',
    /"anonymise" cannot follow "delete"/,
  ],
  ['until the very long winded business noun', '1:37', 'RULE_SYNTAX', /at most 4 words/],
  ['30 days after a.b\nthen delete 1 yeer after a.b', '2:15', 'RULE_SYNTAX', /did you mean "year"\?/],
  ['30 days after a.b!', '1:18', 'RULE_SYNTAX', /"!" is not allowed in a rule/],
];

describe('a wrong rule', () => {
  test.each(MISTAKES)('%j is refused at %s with %s', (text, place, code, message) => {
    const result = parseRule(text);
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(result.error.code).toBe(code);
    expect(result.error.message).toMatch(message);
    expect(`${result.error.line}:${result.error.column}`).toBe(place);
  });
});
