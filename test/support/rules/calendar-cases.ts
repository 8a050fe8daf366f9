import type { RuleCase } from './rule-cases.ts';

const x = { 'x.y': '2020-01-01' };

export const CALENDAR_CASES: readonly RuleCase[] = [
  // Runs and days of the year.
  {
    rule: '1 year after x.y, at the next run on 1 September',
    events: { 'x.y': '2023-08-31' },
    due: '2024-09-01T00:00:00+00:00',
  },
  {
    rule: '1 year after x.y, at the next run on 09-01',
    events: { 'x.y': '2023-08-31T00:00:01Z' },
    due: '2024-09-01T00:00:00+00:00',
  },
  {
    rule: '1 year after x.y, at the next run on 09-01',
    events: { 'x.y': '2023-09-01T00:00:01Z' },
    due: '2025-09-01T00:00:00+00:00',
  },
  {
    rule: '1 day after x.y, at the next monthly run',
    events: { 'x.y': '2024-01-30' },
    due: '2024-02-01T00:00:00+00:00',
  },
  {
    rule: '1 day after x.y, at the next monthly run on day 31',
    events: { 'x.y': '2024-01-31' },
    due: '2024-02-29T00:00:00+00:00',
  },
  {
    rule: '1 day after x.y, at the next quarterly run',
    events: { 'x.y': '2024-01-31' },
    due: '2024-04-01T00:00:00+00:00',
  },
  {
    rule: '1 day after x.y, at the next quarterly run',
    events: { 'x.y': '2024-11-30' },
    due: '2025-01-01T00:00:00+00:00',
  },
  {
    rule: '1 day after x.y, at the next daily run at 03:00',
    events: { 'x.y': '2024-01-31T04:00:00Z' },
    due: '2024-02-02T03:00:00+00:00',
  },
  {
    rule: 'upon x.y, at the next run on Monday at 10:00',
    events: { 'x.y': '2024-03-04T10:00:00Z' },
    due: '2024-03-04T10:00:00+00:00',
  },
  {
    rule: 'upon x.y, at the next run on Monday at 10:00',
    events: { 'x.y': '2024-03-04T10:00:01Z' },
    due: '2024-03-11T10:00:00+00:00',
  },
  {
    rule: 'until the next 12-30 after x.y',
    events: { 'x.y': '2023-12-30' },
    due: '2024-12-31T00:00:00+00:00',
  },
  {
    rule: 'until the next 31 January on or after x.y',
    events: { 'x.y': '2023-01-31' },
    due: '2023-02-01T00:00:00+00:00',
  },
  {
    rule: 'until the next 31 January on or after x.y',
    events: { 'x.y': '2023-01-31T23:59:59Z' },
    due: '2023-02-01T00:00:00+00:00',
  },
  {
    rule: 'until the next 31 January on or after x.y',
    events: { 'x.y': '2023-02-01' },
    due: '2024-02-01T00:00:00+00:00',
  },
  {
    rule: 'until the 2nd 31 January on or after x.y',
    events: { 'x.y': '2023-01-31' },
    due: '2024-02-01T00:00:00+00:00',
  },
  {
    rule: 'until the last Friday of September on or after x.y',
    events: { 'x.y': '2026-09-25' },
    due: '2026-09-26T00:00:00+00:00',
  },
  {
    rule: 'until the 2nd 12-30 after x.y',
    events: { 'x.y': '2023-12-29' },
    due: '2024-12-31T00:00:00+00:00',
  },
  {
    rule: 'until the next 02-29 after x.y',
    events: { 'x.y': '2022-06-01' },
    due: '2023-03-01T00:00:00+00:00',
  },

  // Units.
  {
    rule: '6 months after the last day of the fiscal year of x.y',
    fiscalYearEnd: '02-29',
    events: { 'x.y': '2022-06-01' },
    due: '2023-08-29T00:00:00+00:00',
  },
  {
    rule: '6 months after the end of the fiscal year of x.y',
    fiscalYearEnd: '02-29',
    events: { 'x.y': '2022-06-01' },
    due: '2023-09-01T00:00:00+00:00',
  },
  {
    rule: '1 month after the end of the quarter of x.y',
    events: { 'x.y': '2024-05-31' },
    due: '2024-08-01T00:00:00+00:00',
  },
  {
    rule: '1 year after the end of the academic year ending 31 August of x.y',
    events: { 'x.y': '2023-09-01' },
    due: '2025-09-01T00:00:00+00:00',
  },
  {
    rule: '1 year after the end of the UK tax year in which x.y occurred',
    zone: 'Europe/London',
    events: { 'x.y': '2024-04-05' },
    due: '2025-04-06T00:00:00+01:00',
  },

  // Working days.
  {
    rule: 'within 10 working days after x.y',
    events: { 'x.y': '2024-12-20' },
    due: '2025-01-04T00:00:00+00:00',
  },
  {
    rule: 'within 10 working days after x.y',
    holidays: ['2024-12-25', '2024-12-26', '2025-01-01'],
    events: { 'x.y': '2024-12-20' },
    due: '2025-01-09T00:00:00+00:00',
  },
  {
    rule: '1 working day except 2024-12-23 after x.y',
    events: { 'x.y': '2024-12-20T16:00:00Z' },
    due: '2024-12-24T16:00:00+00:00',
  },
  // The weekend is Friday and Saturday: Thursday and Sunday.
  {
    rule: '2 working days after x.y',
    zone: 'Asia/Riyadh',
    weekend: [5, 6],
    events: { 'x.y': '2026-03-04' },
    due: '2026-03-09T00:00:00+03:00',
  },
  // A Saturday that is worked, in a week with a holiday.
  {
    rule: '3 working days after x.y',
    zone: 'Asia/Almaty',
    holidays: ['03-09'],
    workdays: ['2026-03-07'],
    events: { 'x.y': '2026-03-05' },
    due: '2026-03-11T00:00:00+05:00',
  },
  // The list ends with 2025.
  {
    rule: '10 working days after x.y',
    zone: 'Europe/Berlin',
    holidays: ['2024-12-25', '2024-12-26', '2025-01-01'],
    events: { 'x.y': '2026-12-18' },
    due: 'undetermined',
  },
  {
    rule: '10 working days after x.y',
    zone: 'Europe/Berlin',
    holidays: ['2026-12-25', '2026-12-26', '2027-01-01'],
    events: { 'x.y': '2026-12-18' },
    due: '2027-01-06T00:00:00+01:00',
  },
  { rule: '3 working days before x.y', events: { 'x.y': '2024-12-23' }, due: '2024-12-19T00:00:00+00:00' },

  // Counting, stages, laws, fallbacks.
  {
    rule: '2 newer v.made than x.y',
    events: { ...x, 'v.made': ['2020-03-01', '2019-01-01', '2020-02-01'] },
    due: '2020-03-02T00:00:00+00:00',
  },
  {
    rule: '2 newer v.made than x.y',
    events: { ...x, 'v.made': ['2020-01-01', '2020-02-01'] },
    due: 'undetermined',
  },
  {
    rule: '1 year after the last p.made before x.y',
    // On one day, the last payment may have come before or after the end: what keeps longer counts.
    events: { ...x, 'p.made': ['2019-03-01', '2019-06-01', '2020-01-01'] },
    due: '2021-01-02T00:00:00+00:00',
  },
  {
    rule: '30 days after the first l.in after x.y',
    events: { ...x, 'l.in': ['2021-01-01', '2020-05-01'] },
    due: '2020-06-01T00:00:00+00:00',
  },
  {
    rule: 'mask: anonymise 6 months after x.y; then delete 4 years and 6 months after that',
    events: { 'x.y': '2019-08-31' },
    due: '2024-08-30T00:00:00+00:00',
  },
  {
    rule: 'mask: anonymise 6 months after x.y; then delete 5 years after the same start',
    events: { 'x.y': '2019-08-31' },
    due: '2024-09-01T00:00:00+00:00',
  },
  {
    rule: 'notify 30 days before deletion, then delete 1 year after x.y',
    events: { 'x.y': '2023-03-30T12:00:00Z' },
    due: '2024-03-30T12:00:00+00:00',
  },
  {
    rule: '3 years after x.y unless "Code § 1" requires 10 years after i.sent',
    events: x,
    due: '2023-01-02T00:00:00+00:00',
  },
  {
    rule: '3 years after x.y unless "Code § 1" requires 1 year after i.sent',
    events: { ...x, 'i.sent': '2020-02-01' },
    due: '2021-02-02T00:00:00+00:00',
  },
  {
    rule: '3 years after x.y unless "Code § 1" requires (9 years after x.y if kind is "a")',
    events: x,
    due: 'undetermined',
  },
  { rule: 'not computable, because "vague"', events: x, due: 'not-computable' },
  {
    rule: 'not computable, because "vague", fallback within 2 years after x.y',
    events: x,
    due: '2022-01-02T00:00:00+00:00',
  },
  { rule: 'not computable, because "vague", fallback keep permanently', events: x, due: 'never' },
  { rule: 'between 7 and 10 years after x.y', events: x, due: '2030-01-02T00:00:00+00:00' },
  {
    rule: '1 year after x.y but not before a.a',
    events: { ...x, 'a.a': '2022-01-01' },
    due: '2022-01-02T00:00:00+00:00',
  },
  {
    rule: '90 minutes after x.y',
    events: { 'x.y': '2024-03-31T00:30:00Z' },
    zone: 'Europe/Berlin',
    due: '2024-03-31T04:00:00+02:00',
  },
  // Words for stages are names of events where the rule has no such stage.
  { rule: 'until review', events: { review: '2020-01-01' }, due: '2020-01-02T00:00:00+00:00' },
];
