import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';

function read(rule: string): string {
  const parsed = parseRule(rule);
  return parsed.ok ? printRule(parsed.rule) : `${parsed.error.column}: ${parsed.error.message}`;
}

const FROM = ['counted', 'counting', 'calculated', 'starting', 'beginning', 'commencing', 'running', 'as'];
const WITH = ['beginning', 'commencing', 'starting'].flatMap((verb) => [
  `${verb} with`,
  `${verb} on`,
  `${verb} upon`,
]);
const links = [...FROM.map((word) => `${word} from`), 'as of'];

describe('words between a period and its start', () => {
  test.each([...links, ...WITH])('say that it is counted from there: %s', (link) => {
    expect(read(`3 years ${link} the date of x.y`)).toBe('3 years after x.y');
    expect(read(`at least 3 years and 2 months ${link} x.y`)).toBe('3 years and 2 months after x.y');
    const later = 'the later of 3 years after x.y and 6 months after z.z';
    expect(read(`the later of x.y plus 3 years and 6 months ${link} z.z`)).toBe(later);
  });

  test.each(links)('count in a maximum: %s', (link) => {
    expect(read(`within 3 years ${link} x.y`)).toBe('within 3 years after x.y');
    expect(read(`between 1 and 3 years ${link} x.y`)).toBe('at least 1 year and at most 3 years after x.y');
  });

  test.each(WITH)('that may count the first day are refused in a maximum: %s', (link) => {
    const message = /it is not clear whether the first day counts/;
    expect(read(`within 3 years ${link} x.y`)).toMatch(message);
    expect(read(`at most 3 years ${link} x.y`)).toMatch(message);
    expect(read(`no later than 3 years ${link} x.y`)).toMatch(message);
    expect(read(`between 1 and 3 years ${link} x.y`)).toMatch(message);
    expect(read(`not before a.b and by 3 years ${link} x.y`)).toMatch(message);
  });
});

describe('an age', () => {
  const aged = (test_: string) => read(`if the age of p.b at x.y is ${test_}, 3 years after x.y`);
  const age = 'the age of p.b at x.y is';

  test.each([
    ['17', `if ${age} at least 17 and ${age} under 18, 3 years after x.y`],
    ['seventeen (17) years old', `if ${age} at least 17 and ${age} under 18, 3 years after x.y`],
    ['not 17', `if not (${age} at least 17 and ${age} under 18), 3 years after x.y`],
    ['17 or paid', `if (${age} at least 17 and ${age} under 18) or paid is true, 3 years after x.y`],
    ['18 years or older', `if ${age} at least 18, 3 years after x.y`],
    ['18 and over', `if ${age} at least 18, 3 years after x.y`],
    ['under 18 years of age', `if ${age} under 18, 3 years after x.y`],
  ])('can be a number, or be compared: %s', (test_, rule) => {
    expect(aged(test_)).toBe(rule);
  });

  test.each([
    ['17 or younger', /"or younger"/],
    ['17 and under', /"and under"/],
    ['6 months', /whole years/],
    ['over 17', /the birthday itself/],
  ])('is refused where it is not clear: %s', (test_, message) => {
    expect(aged(test_)).toMatch(message);
  });
});

describe('a number of an attribute', () => {
  test.each([
    ['10000 or more', 'amount is at least 10000'],
    ['10000 or less and paid', 'amount is at most 10000 and paid is true'],
    ['not 10000 or more', 'amount is not at least 10000'],
    ['10000 or 20000', 'amount is one of 10000 or 20000'],
    ['10000 or paid', 'amount is 10000 or paid is true'],
  ])('may be followed by its direction: %s', (test_, condition) => {
    expect(read(`if amount is ${test_}, 3 years after x.y`)).toBe(`if ${condition}, 3 years after x.y`);
  });
});

describe('a verb that the language does not have', () => {
  test.each([
    ['purge', 'delete'],
    ['remove', 'delete'],
    ['shred', 'delete'],
    ['wipe', 'delete'],
    ['dispose of', 'delete'],
    ['redact', 'anonymise'],
    ['freeze', 'restrict'],
  ])('is named with the one that it has: %s', (verb, known) => {
    const [word = ''] = verb.split(' ');
    const message = new RegExp(`"${word}" is not an action of the language; write "${known}"`, 'i');
    for (const bound of ['30 days after x.y', 'within thirty days of x.y', 'upon x.y', 'if paid, upon x.y'])
      expect(read(`${verb} ${bound}`)).toMatch(message);
    expect(read(`if paid, ${verb} upon x.y, otherwise keep permanently`)).toMatch(message);
    expect(read(`restrict upon x.y, then ${verb} 30 days thereafter`)).toMatch(message);
    expect(read(`live: ${verb.toUpperCase()} upon x.y`)).toMatch(message);
  });

  test('may begin the name of an event', () => {
    expect(read('purge request plus 30 days')).toBe('30 days after purge request');
    expect(read('30 days after purge')).toBe('30 days after purge');
  });
});

describe('keeping the newest', () => {
  test.each([
    'keep the last five of each day',
    'keep the last 7 daily backups',
    'keep 12 monthly backups',
    'keep one per month',
    'keep the last backup of each week',
    'retain the newest 3 in every year',
    'delete all but the last 4 per quarter',
  ])('of each span of time is refused: %s', (rule) => {
    expect(read(rule)).toMatch(/cannot keep some copies of each day, week, month or year; make each kind/);
  });

  test.each([
    'keep the last 5 versions',
    'keep only the newest five (5) copies',
    'delete all but the last 5',
  ])('is written as a number of newer ones: %s', (rule) => {
    expect(read(rule)).toMatch(/to keep the last 5, .* "5 newer version.created than this.created"$/);
  });

  test('days or years needs the event that they are counted from', () => {
    expect(read('keep the last 30 days')).toMatch(/does not say from when the period counts/);
  });

  test('is not mistaken for the last of several events', () => {
    expect(read('keep the last payment.made plus 3 years')).toBe('3 years after payment.made');
    expect(read('keep the last weekly report plus 3 years')).toBe('3 years after weekly report');
    expect(read('keep the first login plus 3 years')).toBe('3 years after first login');
  });
});
