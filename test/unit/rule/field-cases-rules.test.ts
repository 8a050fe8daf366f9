import { describe, expect, test } from 'vitest';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueQuestion } from '../../../shared/domain/plan/due.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';

/* Dates that people got wrong elsewhere, or in an earlier release. `test/support/field-cases.ts` lists all of them. */

/** The date of a rule for the facts of one record. What was not given is unknown. */
function dateOf(
  text: string,
  zone: string,
  events: Record<string, string | readonly string[]>,
  options: Partial<DueQuestion> = {},
): string {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const resolved = resolveRule(parsed, { nouns: {}, settings: {} });
  if (!resolved.ok) throw new Error(resolved.errors.map(({ message }) => message).join('; '));
  const dated = Object.entries(events).map(([name, dates]) => [name, [dates].flat() as Occurred[]]);
  const { rule } = resolved;
  const asked = { text, rule, zone, events: Object.fromEntries(dated) as DueQuestion['events'] };
  const found = due({ ...asked, attributes: {}, ...options });
  return found.due ?? found.status;
}

function refusal(rule: string): string {
  const parsed = parseRule(rule);
  if (!parsed.ok) return parsed.error.message;
  const resolved = resolveRule(parsed, { nouns: {}, settings: {} });
  return resolved.ok ? 'accepted' : resolved.errors.map(({ message }) => message).join('; ');
}

describe('field cases', () => {
  test.each([
    ['2011-12-29T12:00-10:00', '2011-12-31T12:00:00+14:00'],
    ['2011-12-29', '2011-12-31T00:00:00+14:00'],
  ])('one day after %s in Apia, which had no 30 December 2011, is %s', (at, date) => {
    expect(dateOf('1 day after x.y', 'Pacific/Apia', { 'x.y': at })).toBe(date);
  });

  test('five working days from a Saturday end with the Friday after it', () => {
    const facts = { 'x.y': '2019-10-12' };
    expect(dateOf('5 working days after x.y', 'Europe/Berlin', facts)).toBe('2019-10-19T00:00:00+02:00');
  });

  test('two steps of one and two months end where three months do, if no month is too short', () => {
    const rule = 'anonymise 1 month after x.y, then delete 2 months after the previous stage';
    expect(dateOf(rule, 'UTC', { 'x.y': '2014-12-31' })).toBe('2015-04-01T00:00:00+00:00');
  });

  test.each([
    ['75 years after x.y', '1999-12-31', '2075-01-01T00:00:00+00:00'],
    ['75 years after x.y', '2024-02-29', '2099-03-01T00:00:00+00:00'],
    ['1000 years after x.y', '2199-12-31', '3200-01-01T00:00:00+00:00'],
  ])('%s %s is %s, far past 2038', (rule, at, date) => {
    expect(dateOf(rule, 'UTC', { 'x.y': at })).toBe(date);
  });

  test('a period of 400,000 days is refused', () => {
    expect(refusal('400000 days after x.y')).toMatch(/at most 366000 days; to keep the data forever/);
  });

  test('a file with two clocks waits for the later one', () => {
    const rule = 'the later of 10 days after file.modified and 10 days after file.uploaded';
    const facts = { 'file.modified': '2013-12-31', 'file.uploaded': '2026-10-20T15:00+02:00' };
    expect(dateOf(rule, 'Europe/Berlin', facts)).toBe('2026-10-30T15:00:00+01:00');
  });

  test('where there was no activity the registration counts, and an attribute that was not given keeps', () => {
    const rule = 'the later of 2 years after user.registered and 2 years after activity.recorded if any';
    const facts = { 'user.registered': '2024-02-28' };
    expect(dateOf(rule, 'Europe/Berlin', facts)).toBe('2026-03-01T00:00:00+01:00');
    const unless = '2 years after activity.recorded unless role is "administrator"';
    expect(dateOf(unless, 'UTC', { 'activity.recorded': '2024-01-01' })).toBe('undetermined');
  });

  test('the last message is kept at any age, and of messages with one date none is newer', () => {
    const rule = 'the later of 90 days after this.sent and 1 newer message.sent than this.sent';
    const sent = ['2025-12-01T10:00+00:00', '2026-01-02T10:00+00:00'];
    const of = (own: string, all: string[]) => dateOf(rule, 'UTC', { 'this.sent': own, 'message.sent': all });
    expect(of('2026-01-02T10:00+00:00', sent)).toBe('undetermined');
    expect(of('2025-12-01T10:00+00:00', sent)).toBe('2026-03-01T10:00:00+00:00');
    const seven = Array.from({ length: 7 }, () => '2026-01-02');
    expect(of('2026-01-02', seven)).toBe('undetermined');
  });

  test.each(['eighteen', 'thirteen', 'sixteen', 'nineteen', 'six (6)', '3 (three)', 'seven (7)'])(
    '%s is a number',
    (number) => {
      const count =
        { eighteen: 18, thirteen: 13, sixteen: 16, nineteen: 19, 'six (6)': 6, '3 (three)': 3 }[number] ?? 7;
      const facts = { 'x.y': '2020-01-15' };
      const wanted = dateOf(`${count} months after x.y`, 'UTC', facts);
      expect(dateOf(`${number} months after x.y`, 'UTC', facts)).toBe(wanted);
    },
  );

  test('a number that is written twice has to agree with itself', () => {
    expect(refusal('six (7) years after x.y')).toMatch(/6.*7/);
  });

  test('a tax year outside the United Kingdom has to say which one it is', () => {
    expect(refusal('1 year after the end of the tax year of invoice.issued')).toMatch(/tax year/);
    const named = '1 year after the end of the tax year ending 12-31 of invoice.issued';
    const facts = { 'invoice.issued': '2025-03-01' };
    expect(dateOf(named, 'America/New_York', facts)).toBe('2027-01-01T00:00:00-05:00');
  });

  test('a fiscal year may end on the last Saturday of September', () => {
    const rule =
      '3 years after the end of the fiscal year ending the last Saturday of September of income.earned';
    const facts = { 'income.earned': '2026-09-27' };
    expect(dateOf(rule, 'America/New_York', facts)).toBe('2030-09-26T00:00:00-04:00');
  });

  test('a period of 0 days is refused with what to write for at once and for never', () => {
    expect(refusal('0 days after account.closed')).toMatch(/upon X.*keep permanently/);
  });
});
