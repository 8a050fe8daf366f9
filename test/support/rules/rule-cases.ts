import type { Attributes } from '../../../shared/domain/record/about.ts';

/** Worked out by hand from the conventions on the rules page. */
export interface RuleCase {
  readonly rule: string;
  readonly zone?: string;
  readonly events?: Readonly<Record<string, string | readonly string[]>>;
  readonly facts?: Attributes;
  readonly fiscalYearEnd?: string;
  readonly holidays?: readonly string[];
  readonly weekend?: readonly number[];
  readonly workdays?: readonly string[];
  readonly leapBirthday?: '02-28' | '03-01';
  readonly assumeAbsent?: false;
  /** A local date-time with its offset, or a status. */
  readonly due: string;
}

const x = { 'x.y': '2020-01-01' };
const minor =
  'if the age of p.born at t.given is under 18, the 21st birthday of p.born, otherwise 7 years after t.given';
const appeal =
  'if a.filed has occurred within 6 weeks after d.told, 6 weeks after t.decided, otherwise 6 weeks after d.told';
const held = '2 years after x.y, held from a.a until b.b';
const paused = '2 years after x.y, paused from a.a until b.b';
const restarted = `${held}, then restarted`;
const kinds = 'if kind is one of "a" or "b", 1 year after x.y, otherwise 2 years after x.y';

export const RULE_CASES: readonly RuleCase[] = [
  // Holds wait, pause or restart.
  {
    rule: held,
    events: { ...x, 'a.a': '2021-06-01', 'b.b': '2022-12-31' },
    due: '2023-01-01T00:00:00+00:00',
  },
  {
    rule: held,
    events: { ...x, 'a.a': '2021-06-01', 'b.b': '2021-12-31' },
    due: '2022-01-02T00:00:00+00:00',
  },
  { rule: held, events: x, due: '2022-01-02T00:00:00+00:00' },
  { rule: held, events: { ...x, 'a.a': '2021-06-01' }, due: 'undetermined' },
  { rule: held, events: { ...x, 'a.a': '2022-01-02' }, due: '2022-01-02T00:00:00+00:00' },
  { rule: held, events: { ...x, 'a.a': '2022-01-01' }, due: 'undetermined' },
  {
    rule: held,
    events: { ...x, 'a.a': ['2021-12-01', '2022-02-28'], 'b.b': ['2022-02-28', '2022-05-31'] },
    due: '2022-06-01T00:00:00+00:00',
  },
  {
    rule: held,
    events: { ...x, 'a.a': ['2021-12-01', '2022-03-02'], 'b.b': ['2022-02-28', '2022-05-31'] },
    due: '2022-03-01T00:00:00+00:00',
  },
  {
    rule: '2 years after x.y, held from a.a until b.b or from c.c until d.d',
    events: { ...x, 'a.a': '2022-02-01', 'b.b': '2022-04-30', 'c.c': '2021-12-31', 'd.d': '2022-02-28' },
    due: '2022-05-01T00:00:00+00:00',
  },
  { rule: held, events: { 'x.y': '2020-01-01', 'b.b': '2019-05-05' }, due: '2022-01-02T00:00:00+00:00' },
  {
    rule: paused,
    events: { ...x, 'a.a': '2021-06-01', 'b.b': '2022-12-31' },
    due: '2023-08-04T00:00:00+00:00',
  },
  {
    rule: paused,
    events: { ...x, 'a.a': '2021-06-01', 'b.b': '2021-06-01' },
    due: '2022-01-03T00:00:00+00:00',
  },
  {
    rule: paused,
    events: { ...x, 'a.a': '2019-12-01', 'b.b': '2020-01-11' },
    due: '2022-01-12T00:00:00+00:00',
  },
  {
    rule: paused,
    zone: 'Europe/Berlin',
    events: {
      'x.y': '2020-01-01T12:00:00+01:00',
      'a.a': '2021-03-27T12:00:00+01:00',
      'b.b': '2021-03-28T12:00:00+02:00',
    },
    due: '2022-01-02T12:00:00+01:00',
  },
  {
    rule: restarted,
    events: { ...x, 'a.a': '2021-06-01', 'b.b': '2022-12-31' },
    due: '2025-01-01T00:00:00+00:00',
  },
  {
    rule: restarted,
    events: { ...x, 'a.a': '2020-06-01', 'b.b': '2020-07-31' },
    due: '2022-08-01T00:00:00+00:00',
  },
  {
    rule: restarted,
    events: { ...x, 'a.a': '2019-06-01', 'b.b': '2019-07-31' },
    due: '2022-01-02T00:00:00+00:00',
  },
  {
    rule: 'the later of 1 year after x.y and (2 years after x.y, held from a.a until b.b) if any',
    events: { ...x, 'a.a': '2021-06-01' },
    due: 'undetermined',
  },

  // Ages and birthdays.
  {
    rule: minor,
    events: { 'p.born': '2004-02-29', 't.given': '2022-02-28' },
    due: '2025-03-02T00:00:00+00:00',
  },
  {
    rule: minor,
    leapBirthday: '02-28',
    events: { 'p.born': '2004-02-29', 't.given': '2022-02-28' },
    due: '2029-03-01T00:00:00+00:00',
  },
  {
    rule: minor,
    events: { 'p.born': '2004-05-05', 't.given': '2022-05-04' },
    due: '2025-05-06T00:00:00+00:00',
  },
  {
    rule: minor,
    events: { 'p.born': '2004-05-05', 't.given': '2022-05-05' },
    due: '2029-05-06T00:00:00+00:00',
  },
  { rule: minor, events: { 't.given': '2022-05-05' }, due: 'undetermined' },
  {
    rule: minor,
    zone: 'Asia/Tokyo',
    events: { 'p.born': '2004-05-05', 't.given': '2022-05-04T15:30:00Z' },
    due: '2029-05-05T00:30:00+09:00',
  },
  {
    rule: 'until the 25th birthday of the last c.born',
    events: { 'c.born': ['2001-07-01', '1999-01-01'] },
    due: '2026-07-02T00:00:00+00:00',
  },

  // Spans, before and after.
  { rule: appeal, events: { 'd.told': '2024-02-19' }, due: '2024-04-02T00:00:00+00:00' },
  {
    rule: appeal,
    events: { 'd.told': '2024-02-19', 'a.filed': '2024-04-01', 't.decided': '2024-09-01' },
    due: '2024-10-14T00:00:00+00:00',
  },
  {
    rule: appeal,
    events: { 'd.told': '2024-02-19', 'a.filed': '2024-04-02', 't.decided': '2024-09-01' },
    due: '2024-04-02T00:00:00+00:00',
  },
  {
    rule: appeal,
    // On one day, either may have come first: what keeps longer counts.
    events: { 'd.told': '2024-02-19', 'a.filed': '2024-02-19', 't.decided': '2024-09-01' },
    due: '2024-10-14T00:00:00+00:00',
  },
  { rule: appeal, events: { 'a.filed': '2024-02-20', 't.decided': '2024-09-01' }, due: 'undetermined' },
  {
    rule: 'if x.y has occurred before 2018-05-25, 10 years after x.y, otherwise 6 years after x.y',
    events: { 'x.y': '2018-05-24' },
    due: '2028-05-25T00:00:00+00:00',
  },
  {
    rule: 'if x.y has occurred before 25 May 2018, 10 years after x.y, otherwise 6 years after x.y',
    events: { 'x.y': '2018-05-25' },
    due: '2024-05-26T00:00:00+00:00',
  },
  {
    rule: 'if x.y has occurred on or before 2018-05-25, 10 years after x.y, otherwise 6 years after x.y',
    events: { 'x.y': '2018-05-25' },
    due: '2028-05-26T00:00:00+00:00',
  },
  {
    rule: 'if a.a has occurred more than 1 year after x.y, 1 year after a.a, otherwise 3 years after x.y',
    events: { ...x, 'a.a': '2021-01-02' },
    due: '2022-01-03T00:00:00+00:00',
  },
  {
    rule: 'if a.a has occurred within 30 days before x.y, 1 day after x.y, otherwise 9 days after x.y',
    events: { ...x, 'a.a': '2019-12-15' },
    due: '2020-01-03T00:00:00+00:00',
  },
  {
    rule: '3 years after x.y unless a.a has occurred within 3 years after x.y',
    events: { ...x, 'a.a': ['2019-01-01', '2021-05-05', '2030-01-01'] },
    due: 'undetermined',
  },

  // Attributes.
  { rule: kinds, facts: { kind: 'b' }, events: x, due: '2021-01-02T00:00:00+00:00' },
  { rule: kinds, facts: { kind: 'c' }, events: x, due: '2022-01-02T00:00:00+00:00' },
  { rule: kinds, events: x, due: 'undetermined' },
  { rule: kinds, assumeAbsent: false, events: x, due: '2022-01-02T00:00:00+00:00' },
  {
    rule: '1 year after x.y if paid and amount is more than 100, otherwise 2 years after x.y',
    facts: { paid: true, amount: 101 },
    events: x,
    due: '2021-01-02T00:00:00+00:00',
  },
  {
    rule: '1 year after x.y if paid and amount is more than 100, otherwise 2 years after x.y',
    facts: { paid: false },
    events: x,
    due: '2022-01-02T00:00:00+00:00',
  },
  {
    rule: '1 year after x.y if not (paid or free), otherwise 2 years after x.y',
    facts: { paid: false, free: true },
    events: x,
    due: '2022-01-02T00:00:00+00:00',
  },
  {
    rule: 'keep permanently if kind is "a", otherwise within 1 year after x.y',
    facts: { kind: 'a' },
    events: x,
    due: 'never',
  },
  {
    rule: 'if hired, does not apply, otherwise 6 months after x.y',
    facts: { hired: true },
    events: x,
    due: 'undetermined',
  },
  {
    rule: 'the later of 1 year after x.y and (9 years after x.y if kind is "a") if any',
    facts: { kind: 'b' },
    events: x,
    due: '2021-01-02T00:00:00+00:00',
  },
  {
    rule: 'the later of 1 year after x.y and (9 years after x.y if kind is "a") if any',
    events: x,
    due: 'undetermined',
  },
];
