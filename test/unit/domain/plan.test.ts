import { describe, expect, test } from 'vitest';
import { aPolicy, aRule, iso, planFor, planOf } from '../../support/rules/rule-world.ts';

const ended = (occurred: string) => ({ 'contract.ended': occurred });
const contract = (occurred: string) => ({ events: ended(occurred) });

describe('when a stage acts', () => {
  test('is the minimum rounded up to the minute, with the grace as deadline', () => {
    const { next } = planFor('48 hours after contract.ended', ended('2024-05-01T10:00:30.500Z'));
    expect(iso(next?.window?.notBefore)).toBe('2024-05-03T10:00:30.500Z');
    expect(iso(next?.actAt)).toBe('2024-05-03T10:01:00Z');
    expect(iso(next?.deadline)).toBe('2024-05-06T10:01:00Z');
  });

  test('is the lead before a maximum, which is the deadline itself', () => {
    const { next } = planFor('within 30 days after contract.ended', ended('2024-05-01T10:00:30Z'));
    expect(next?.window).toEqual({
      notAfter: Date.parse('2024-05-31T10:00:30Z'),
      floor: Date.parse('2024-05-01T10:00:30Z'),
      basis: 'policy',
    });
    expect(iso(next?.actAt)).toBe('2024-05-30T10:00:00Z');
    expect(iso(next?.deadline)).toBe('2024-05-31T10:00:30Z');
  });

  test('is never before an end that is known a week ahead, however short the maximum', () => {
    const { next } = planFor('within 12 hours after contract.ended', {
      'contract.ended': { occurred: '2024-05-08T09:30:15Z', sent: '2024-05-01T00:00:00Z' },
    });
    expect(iso(next?.window?.floor)).toBe('2024-05-08T09:30:15Z');
    expect(iso(next?.actAt)).toBe('2024-05-08T09:30:15Z');
    expect(iso(next?.deadline)).toBe('2024-05-08T21:30:15Z');
  });

  test('is not before the end of the day of an end without a time', () => {
    const { next } = planFor('within 12 hours after contract.ended', ended('2024-05-08'), {
      zone: 'Asia/Almaty',
    });
    expect(iso(next?.actAt)).toBe('2024-05-08T19:00:00Z');
  });

  test('lies between two bounds at the lower one', () => {
    const { next } = planFor(
      'at least 7 years and at most 10 years after contract.ended',
      ended('2014-05-01'),
    );
    expect(iso(next?.actAt)).toBe('2021-05-02T00:00:00Z');
    expect(iso(next?.deadline)).toBe('2024-05-02T00:00:00Z');
  });

  test('uses lead and grace of the policy whose rule decides', () => {
    const strict = aPolicy(
      { a: [aRule('within 30 days after contract.ended')] },
      { name: 'strict', leadSeconds: 60 },
    );
    const loose = aPolicy(
      { b: [aRule('within 60 days after contract.ended')] },
      { name: 'loose', leadSeconds: 7200 },
    );
    const { next } = planOf({
      policies: [strict, loose],
      categories: ['b', 'a'],
      subjects: [contract('2024-05-01T00:00:00Z')],
    });
    expect(next?.policy).toBe('strict');
    expect(iso(next?.actAt)).toBe('2024-05-30T23:59:00Z');
  });
});

describe('a holding about several entities', () => {
  const policies = (across: 'latest' | 'earliest') => [
    aPolicy({ records: [aRule('1 year after contract.ended', { across })] }),
  ];

  test('goes by the latest result, or the earliest if the policy says so', () => {
    const subjects = [contract('2020-01-01'), contract('2022-01-01'), contract('2021-01-01')];
    expect(iso(planOf({ policies: policies('latest'), subjects }).next?.actAt)).toBe('2023-01-02T00:00:00Z');
    expect(iso(planOf({ policies: policies('earliest'), subjects }).next?.actAt)).toBe(
      '2021-01-02T00:00:00Z',
    );
  });

  test('is kept while one of them is running', () => {
    const subjects = [contract('2020-01-01'), { events: { 'contract.started': '2020-01-01' } }];
    expect(planOf({ policies: policies('latest'), subjects }).status).toBe('undetermined');
    expect(planOf({ policies: policies('earliest'), subjects }).status).toBe('undetermined');
  });

  test('compares within each entity before it compares entities', () => {
    const policy = aPolicy({ records: [aRule('the earlier of contract.ended and audit.completed')] });
    const subjects = [
      { events: { 'contract.ended': '2020-01-01', 'audit.completed': '2024-01-01' } },
      { events: { 'contract.ended': '2024-01-01', 'audit.completed': '2021-01-01' } },
    ];
    expect(iso(planOf({ policies: [policy], subjects }).next?.actAt)).toBe('2021-01-02T00:00:00Z');
  });

  test('asks only entities of the types that the rule names', () => {
    const subjects = [contract('2020-01-01'), { type: 'person', events: {} }];
    expect(iso(planOf({ policies: policies('latest'), subjects }).next?.actAt)).toBe('2021-01-02T00:00:00Z');
  });

  test('is kept when there are more combinations than a record can be about', () => {
    const policy = aPolicy({ records: [aRule('the later of contract.ended and account.disconnected')] });
    const subjects = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0
        ? contract('2020-01-01')
        : { type: 'account', events: { 'account.disconnected': '2020-01-01' } },
    );
    expect(planOf({ policies: [policy], subjects }).stages[0]?.reasons.join()).toMatch(
      /combinations of entities/,
    );
  });
});

describe('stages', () => {
  const rule = 'anonymise 90 days after contract.ended, then delete 3 years after contract.ended';
  const world = { policies: [aPolicy({ records: [aRule(rule)] })], subjects: [contract('2020-01-01')] };

  test('follow each other', () => {
    expect(planOf(world).next).toMatchObject({
      action: 'anonymise',
      actAt: Date.parse('2020-04-01T00:00:00Z'),
    });
    const second = planOf({ ...world, done: [{ action: 'anonymise' }] });
    expect(second.next).toMatchObject({ action: 'delete', actAt: Date.parse('2023-01-02T00:00:00Z') });
    expect(second.stages.map(({ status }) => status)).toEqual(['done', 'due']);
    expect(planOf({ ...world, done: [{ action: 'anonymise' }, { action: 'delete' }] })).toMatchObject({
      status: 'done',
    });
  });

  test('are moot once something stronger is due at the same time', () => {
    const both = planFor(
      'anonymise 90 days after contract.ended, then delete 90 days after contract.started',
      {
        'contract.started': '2020-01-01',
        'contract.ended': '2022-01-01',
      },
    );
    expect(both.next).toMatchObject({ action: 'delete', actAt: Date.parse('2020-04-01T00:00:00Z') });
  });

  test('are all done once the data is deleted', () => {
    expect(planOf({ ...world, done: [{ action: 'delete' }] })).toMatchObject({ status: 'done' });
  });

  test('wait for what is known of the weaker one', () => {
    const waiting = planFor(
      'anonymise 90 days after contract.started, then delete 3 years after contract.ended',
      { 'contract.started': '2020-01-01' },
    );
    expect(waiting).toMatchObject({ status: 'due', next: { action: 'anonymise' } });
    expect(waiting.stages[1]).toMatchObject({ action: 'delete', status: 'undetermined' });
  });
});

describe('a plan', () => {
  test('follows the newest version of each policy that is in effect', () => {
    const first = aPolicy({ records: [aRule('1 year after contract.ended')] });
    const second = aPolicy(
      { records: [aRule('2 years after contract.ended')] },
      { version: '2', effectiveFrom: Date.parse('2026-06-01T00:00:00Z') },
    );
    const world = { policies: [second, first], subjects: [contract('2025-01-01')] };
    const before = planOf({ ...world, now: '2026-05-31T23:59:59.999Z' });
    const after = planOf({ ...world, now: '2026-06-01T00:00:00Z' });
    expect(before.next).toMatchObject({ policyVersion: '1', actAt: Date.parse('2026-01-02T00:00:00Z') });
    expect(after.next).toMatchObject({ policyVersion: '2', actAt: Date.parse('2027-01-02T00:00:00Z') });
    expect(before.policies).not.toBe(after.policies);
  });

  test('is in the zone of the registration, and takes whichever of two keeps longer', () => {
    const world = {
      policies: [aPolicy({ records: [aRule('1 year after contract.ended')] }, { zone: 'UTC' })],
      subjects: [contract('2024-01-01')],
    };
    const at = (...variants: { zone?: string }[]) => iso(planOf({ ...world, variants }).next?.actAt);
    expect(at({})).toBe('2025-01-02T00:00:00Z');
    expect(at({ zone: 'Asia/Tokyo' })).toBe('2025-01-01T15:00:00Z');
    expect(at({ zone: 'America/New_York' }, { zone: 'Asia/Tokyo' })).toBe('2025-01-02T05:00:00Z');
    expect(at({ zone: 'Mars/Olympus' })).toBeUndefined();
  });

  test('names the facts that decided, and marks personal ones', () => {
    const policy = aPolicy({
      records: [aRule('the later of contract.ended and 18 years after person.born')],
    });
    const subjects = [contract('2020-01-01'), { type: 'person', events: { 'person.born': '2010-06-01' } }];
    expect(planOf({ policies: [policy], subjects }).next?.facts).toEqual([
      { type: 'person.born', occurred: '2010-06-01', personal: true },
    ]);
  });

  test('is about data only: it can be compared, cloned and printed as JSON', () => {
    const result = planFor('1 year after contract.ended', ended('2024-01-01'));
    expect(structuredClone(result)).toEqual(result);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});
