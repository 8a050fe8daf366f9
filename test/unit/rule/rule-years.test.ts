import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import type { Vocabulary } from '../../../shared/domain/rule/resolve.ts';
import { mistakesIn, policyFrom, GOOD_POLICY, written } from '../../support/rules/policy-text.ts';
import { tenure } from '../../support/run-tenure.ts';

/** The canonical wording once the policy has said which year it is, or the code of what is missing. */
function read(rule: string, given: Partial<Vocabulary> = {}): string {
  const parsed = parseRule(rule);
  if (!parsed.ok) return `${parsed.error.code}: ${parsed.error.message}`;
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, ...given });
  if (resolved.ok) return printRule(resolved.rule);
  return resolved.errors.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

const tax = '1 year after the end of the tax year of x.y';
const school = '1 year after the end of the school year of x.y';

describe('a tax year without another word', () => {
  test.each(['Europe/London', 'Europe/Belfast', 'Europe/Isle_of_Man', 'GB', 'GB-Eire', 'europe/london'])(
    'is the one of the United Kingdom in %s',
    (zone) => expect(read(tax, { zone })).toBe('1 year after the end of the UK tax year of x.y'),
  );

  test.each([
    'America/New_York',
    'Europe/Berlin',
    'Europe/Dublin',
    'Europe/Jersey',
    'Europe/Guernsey',
    'UTC',
  ])('is refused in %s, with each way to write it', (zone) => {
    expect(read(tax, { zone })).toBe(
      'RULE_YEAR_END_MISSING: it is not clear which tax year is meant; write "the UK tax year" (to 5 April) or "the tax year ending 12-31", or let the policy say it: taxYearEnd (on the command line: --tax-year-end)',
    );
    expect(read(tax)).toMatch(/^RULE_YEAR_END_MISSING/);
  });

  test('is the one that the policy states, also in the United Kingdom', () => {
    for (const zone of ['Europe/London', 'America/New_York'])
      expect(read(tax, { zone, taxYearEnd: '12-31' })).toBe(
        '1 year after the end of the year ending 12-31 of x.y',
      );
  });

  test('needs no policy where the rule names its end', () => {
    expect(read('1 year after the end of the UK tax year of x.y')).toBe(
      '1 year after the end of the UK tax year of x.y',
    );
    expect(read('1 year after the end of the tax year ending 30 June of x.y')).toBe(
      '1 year after the end of the year ending 06-30 of x.y',
    );
    expect(read('1 year after the end of the UK tax year ending 5 April of x.y')).toBe(
      '1 year after the end of the UK tax year of x.y',
    );
    expect(read('1 year after the end of the UK tax year ending 12-31 of x.y')).toBe(
      'RULE_AMBIGUOUS: the UK tax year ends on 5 April; leave out the day, or leave out "UK"',
    );
  });
});

describe('a school year without another word', () => {
  test('ends on 31 August in the United Kingdom, and is refused elsewhere', () => {
    expect(read(school, { zone: 'Europe/London' })).toBe(
      '1 year after the end of the year ending 08-31 of x.y',
    );
    expect(read(school, { zone: 'Europe/Berlin' })).toBe(
      'RULE_YEAR_END_MISSING: it is not clear which school year is meant; write "the academic year ending 08-31", or let the policy say it: academicYearEnd (on the command line: --academic-year-end)',
    );
    expect(read(school, { zone: 'Europe/Berlin', academicYearEnd: '07-31' })).toBe(
      '1 year after the end of the year ending 07-31 of x.y',
    );
  });
});

test('what the policy says about its years never leaves a year without its end', () => {
  const day = fc.constantFrom('12-31', '06-30', '02-29');
  const years = fc.record({ fiscalYearEnd: day, taxYearEnd: day, academicYearEnd: day });
  const name = fc.constantFrom('tax year', 'school year', 'academic year');
  fc.assert(
    fc.property(name, years, (year, given) => {
      const end = year === 'tax year' ? given.taxYearEnd : given.academicYearEnd;
      const found = read(`by the last day of the ${year} in which x.y occurred`, given);
      expect(found).toBe(`by the last day of the year ending ${end} of x.y`);
    }),
  );
});

describe('a policy file', () => {
  const rules = `${GOOD_POLICY}  order-data: 6 years after the end of the tax year of account.closed\n`;

  test('is refused where it does not say which year a rule means', () => {
    expect(mistakesIn(rules)).toEqual([expect.stringMatching(/it is not clear which tax year is meant/)]);
    expect(mistakesIn(rules.replaceAll('tax year', 'school year'))).toEqual([
      expect.stringMatching(/it is not clear which school year is meant/),
    ]);
  });

  test('says it with a key, or with its zone', () => {
    const rule = (text: string) => printRule(policyFrom(text).categories['order-data']!.rules[0]!.rule);
    expect(rule(written('regions', "taxYearEnd: '12-31'\nregions", rules))).toBe(
      '6 years after the end of the year ending 12-31 of account.closed',
    );
    expect(rule(written('Europe/Berlin', 'Europe/London', rules))).toBe(
      '6 years after the end of the UK tax year of account.closed',
    );
    expect(mistakesIn(written('regions', "taxYearEnd: '31-12'\nregions"))).toEqual([
      expect.stringMatching(/last day of the tax year as month and day/),
    ]);
  });
});

describe('the command line', () => {
  const check = async (...more: string[]) => await tenure(['rule', 'check', tax, ...more]);

  test('checks such a rule only if it is told which year is meant', async () => {
    const { code, out } = await check();
    expect(code).toBe(1);
    expect(out).toContain('it is not clear which tax year is meant');
    expect((await check('--zone', 'Europe/Berlin')).code).toBe(1);
    expect(await check('--zone', 'Europe/London')).toMatchObject({
      code: 0,
      out: '1 year after the end of the UK tax year of x.y\n',
    });
    expect(await check('--tax-year-end', '12-31')).toMatchObject({
      code: 0,
      out: '1 year after the end of the year ending 12-31 of x.y\n',
    });
  });
});
