import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPeriod, subtractPeriod } from '../../../shared/domain/calendar/calendar.ts';
import { evaluateRule } from '../../../shared/domain/evaluate/across-entities.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { GOOD_POLICY, mistakesIn, policyFrom, written } from '../../support/rules/policy-text.ts';
import { referenceWorkingDay } from '../../support/rules/reference-calendar.ts';
import { aPolicy, aRule, inputOf, planFor } from '../../support/rules/rule-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const dateIn = (from: string, to: string): fc.Arbitrary<string> =>
  fc
    .date({ min: new Date(from), max: new Date(to), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10));

describe('working days', () => {
  test('are counted as a slow and plain reading counts them', () => {
    const days = fc.record({
      holidays: fc.array(
        dateIn('2024-12-01', '2026-01-31').map((day) => (day.endsWith('5') ? day.slice(5) : day)),
        { maxLength: 12 },
      ),
      weekend: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
      workdays: fc.array(dateIn('2024-12-01', '2026-01-31'), { maxLength: 6 }),
    });
    const start = dateIn('2024-11-01', '2026-03-01');
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 60 }), days, (date, workingDays, given) => {
        const found = addPeriod({ kind: 'date', date }, { workingDays }, 'UTC', given);
        const weekend = given.weekend.map((day) => day % 7);
        const wanted = referenceWorkingDay(date, workingDays, { ...given, weekend });
        if (found.kind === 'reached') expect(found.point).toEqual({ kind: 'date', date: wanted });
        else expect([found.kind, wanted]).toEqual(['not-covered', undefined]);
      }),
      { numRuns: 400 },
    );
  });

  test('name the holidays that were skipped, and no weekend', () => {
    const holidays = ['12-25', '2025-12-26', '2025-12-27'];
    expect(addPeriod({ kind: 'date', date: '2025-12-24' }, { workingDays: 2 }, 'UTC', { holidays })).toEqual({
      kind: 'reached',
      point: { kind: 'date', date: '2025-12-30' },
      skipped: ['2025-12-25', '2025-12-26'],
    });
  });

  test('keep the time of day, also over a change of the clock', () => {
    const at = Date.parse('2026-03-27T23:30:00Z');
    expect(addPeriod({ kind: 'instant', at }, { workingDays: 1 }, 'Europe/Berlin')).toMatchObject({
      // 00:30 on Saturday; then 00:30 on Monday, in summer time.
      point: { kind: 'instant', at: Date.parse('2026-03-29T22:30:00Z') },
    });
  });

  test('backwards leave the list at its beginning', () => {
    const holidays = ['2026-01-01', '2026-12-25'];
    expect(
      subtractPeriod({ kind: 'date', date: '2026-01-05' }, { workingDays: 1 }, 'UTC', { holidays }),
    ).toMatchObject({ point: { date: '2026-01-02' } });
    expect(
      subtractPeriod({ kind: 'date', date: '2026-01-05' }, { workingDays: 2 }, 'UTC', { holidays }),
    ).toEqual({ kind: 'not-covered', year: 2025, covered: { from: 2026, to: 2026 } });
  });

  test('end even if no day is worked', () => {
    const weekend = [1, 2, 3, 4, 5, 6, 7];
    expect(addPeriod({ kind: 'date', date: '2026-01-05' }, { workingDays: 1 }, 'UTC', { weekend })).toEqual({
      kind: 'beyond',
    });
  });
});

describe('a record whose working days leave the list of holidays', () => {
  const rule = '10 working days after invoice.issued';
  const event = { 'invoice.issued': '2026-12-18' };

  test('is kept, with the reason', () => {
    for (const text of [
      rule,
      `within ${rule}`,
      `1 year after invoice.issued or ${rule}, whichever is later`,
    ]) {
      const { stages, next } = planFor(text, event, { holidays: ['2024-12-25', '2026-12-25'] });
      expect(next).toBeUndefined();
      expect(stages).toMatchObject([
        {
          status: 'undetermined',
          reasons: ['the holidays of 2027 are not known: the policy lists those of 2024 to 2026'],
        },
      ]);
    }
  });

  test('is kept where a condition counts them', () => {
    const text =
      'if audit.completed has occurred within 10 working days after invoice.issued, 1 year after invoice.issued, otherwise 2 years after invoice.issued';
    const { stages } = planFor(text, event, { holidays: ['2026-12-25'] });
    expect(stages).toMatchObject([
      { status: 'undetermined', reasons: [expect.stringContaining('the holidays of 2027 are not known')] },
    ]);
  });

  test('has a date once the year is listed, and each step names the skipped holidays', () => {
    const policy = aPolicy({ records: [aRule(rule)] }, { holidays: ['2026-12-25', '2027-01-01'] });
    const input = inputOf({ policies: [policy], subjects: [{ events: event }] });
    const subjects = {
      ...input,
      profile: [...input.states.values()][0]!.profile,
      zone: 'UTC',
      attributes: {},
    };
    const [stage] = evaluateRule(policy.categories['records']!.rules[0]!, policy, subjects, input.now);
    expect(stage?.notBefore).toMatchObject({
      kind: 'determined',
      steps: [{ kind: 'fact' }, { kind: 'added', skipped: ['2026-12-25', '2027-01-01'] }],
    });
  });
});

describe('a policy', () => {
  const counting = `${GOOD_POLICY}  order-data: within 10 working days after account.closed\n`;
  const withDays = (days: string): string => written('regions', `${days}\nregions`, counting);

  test('names its weekend, single working days and holidays of every year', () => {
    const policy = policyFrom(
      withDays('holidays: [12-25, 2026-03-21]\nweekend: [fri, Saturday]\nworkdays: [2026-03-07]'),
    );
    expect(policy).toMatchObject({
      holidays: ['12-25', '2026-03-21'],
      weekend: [5, 6],
      workdays: ['2026-03-07'],
    });
    expect(policyFrom(withDays('holidays: []\nweekend: []')).weekend).toEqual([]);
  });

  test.each([
    ['holidays: [12-32]', /write each holiday as a day, such as `2025-12-25`, or `12-25` for every year/],
    ['holidays: []\nweekend: [frday]', /write a weekday, such as `fri`/],
    ['holidays: []\nworkdays: [03-07]', /write each working day as a day/],
    ['holidays: []\nweekend: [mon, tue, wed, thu, fri, sat, sun]', /every weekday is in the weekend/],
    ['holidays: [03-07]\nworkdays: [2026-03-07]', /2026-03-07 is both a holiday and a working day/],
  ])('is refused with %s', (days, message) => {
    expect(mistakesIn(withDays(days))).toEqual([expect.stringMatching(message)]);
  });
});

describe('tenure policy check', () => {
  const counting = (days: string, from = '2024-01-01', version = '1'): string => `format: 1
policy: crm
version: '${version}'
effectiveFrom: ${from}
zone: Europe/Berlin
regions: [eu-central-1]
holidays: ${days}
events:
  request.received: { entity: request }
categories:
  requests: 10 working days after request.received
`;
  const problems = (now: string, ...texts: string[]): readonly string[] => {
    const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
    const loaded = loadPolicies(files, { now: Date.parse(now) });
    return loaded.ok ? [] : loaded.problems.map(({ line, message }) => `${line} ${message}`);
  };

  test('reports where the list of holidays ends', () => {
    expect(problems('2026-12-18T09:00:00Z', counting('[2024-12-25, 2024-12-26, 2025-01-01]'))).toEqual([
      '7 the list of holidays ends with 2025; 10 working days from 2026-12-18 on need those of 2026, and records that need them are kept until they are listed',
    ]);
    expect(problems('2025-12-10T09:00:00Z', counting('[2024-12-25, 2025-12-25]'))).toEqual([]);
    expect(problems('2025-12-18T09:00:00Z', counting('[2024-12-25, 2025-12-25]'))).toEqual([
      expect.stringContaining('need those of 2026'),
    ]);
  });

  test('finds nothing where every year is covered, or another version counts', () => {
    expect(problems('2026-12-18T09:00:00Z', counting('[]'))).toEqual([]);
    expect(problems('2026-12-18T09:00:00Z', counting('[12-25, 01-01]'))).toEqual([]);
    const newer = counting('[12-25]', '2026-01-01', '2');
    expect(problems('2026-12-18T09:00:00Z', counting('[2024-12-25]'), newer)).toEqual([]);
    expect(problems('2025-12-18T09:00:00Z', counting('[2024-12-25]'), newer)).toHaveLength(1);
  });
});

test('the command line takes the weekend and single working days', async () => {
  const asked = [
    'rule',
    'due',
    '--rule',
    '2 working days after 2026-03-04',
    '--zone',
    'Asia/Riyadh',
    '--json',
  ];
  const due = async (...more: string[]) => await tenure([...asked, ...more]);
  const dueOf = async (...more: string[]) => JSON.parse((await due(...more)).out).due;
  expect(await dueOf('--weekend', 'fri,sat')).toBe('2026-03-09T00:00:00+03:00');
  expect(await dueOf('--weekend', 'fri,sat', '--workdays', '2026-03-06')).toBe('2026-03-07T00:00:00+03:00');
  expect(await dueOf('--weekend', 'fri,sat', '--holidays', '03-08')).toBe('2026-03-10T00:00:00+03:00');
  expect(await due('--weekend', 'friday,nonday')).toMatchObject({
    code: 2,
    err: expect.stringContaining('fri,sat'),
  });
  expect(await due('--holidays', '03-05', '--workdays', '2026-03-05')).toMatchObject({ code: 2 });
});
