import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import { anEvent, aPolicy, aRule, iso, planOf, type Subject } from '../../support/rules/rule-world.ts';

const EVENTS = {
  'x.y': anEvent(),
  'b.b': anEvent(),
  'dispute.opened': anEvent(),
  'dispute.closed': anEvent(),
  'audit.begun': anEvent({ entity: 'account' }),
  'audit.ended': anEvent({ entity: 'account' }),
};
const HELD = 'held from dispute.opened until dispute.closed';

interface Case {
  readonly now: string;
  readonly dispute?: Subject['events'];
  readonly policy?: Partial<Policy>;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One rule on one contract, for which `x.y` happened on 1 January 2020. */
function planned(text: string, { now, dispute = {}, policy = {}, attributes = {} }: Case): Plan {
  return planOf({
    policies: [
      aPolicy(
        { records: [aRule(text)] },
        { events: EVENTS, attributes: { kind: { type: 'text' } }, ...policy },
      ),
    ],
    subjects: [{ events: { 'x.y': '2020-01-01T00:00:00Z', ...dispute } }],
    variants: [{ attributes }],
    now,
  });
}

const held = ({ next }: Plan): boolean | undefined => next?.heldByRule;
const OPEN = { 'dispute.opened': '2022-06-01T00:00:00Z' };
const CLOSED = { ...OPEN, 'dispute.closed': '2022-09-01T00:00:00Z' };

describe('a hold of a rule that begins after the date', () => {
  const rule = `2 years after x.y, ${HELD}`;

  test('stops the act while it is open, and leaves the date as it was', () => {
    const plan = planned(rule, { now: '2022-07-01T00:00:00Z', dispute: OPEN });
    expect(held(plan)).toBe(true);
    expect(iso(plan.next?.actAt)).toBe('2022-01-01T00:00:00Z');
    expect(plan.next?.reasons).toEqual(['dispute.opened of 2022-06-01T00:00:00Z has not ended']);
  });

  test.each([
    ['is not open before its beginning', '2022-05-31T23:59:59.999Z', OPEN, undefined],
    ['is open from its beginning', '2022-06-01T00:00:00Z', OPEN, true],
    ['is open until an end that was announced', '2022-08-31T23:59:59.999Z', CLOSED, true],
    ['is not open from its end on', '2022-09-01T00:00:00Z', CLOSED, undefined],
    ['is open from the start of a date', '2022-06-01T00:00:00Z', { 'dispute.opened': '2022-06-01' }, true],
    [
      'is open to the end of a date',
      '2022-09-01T23:59:59Z',
      { ...OPEN, 'dispute.closed': '2022-09-01' },
      true,
    ],
    [
      'is open while the second of two is',
      '2023-02-01T00:00:00Z',
      { 'dispute.opened': ['2022-06-01', '2023-01-01'], 'dispute.closed': '2022-09-01' },
      true,
    ],
  ])('%s', (_, now, dispute, expected) => {
    expect(held(planned(rule, { now, dispute }))).toBe(expected);
  });

  test('stops the act when it would start the period again, too', () => {
    const again = `2 years after x.y, ${HELD}, then restarted`;
    const plan = planned(again, { now: '2022-07-01T00:00:00Z', dispute: OPEN });
    expect(held(plan)).toBe(true);
    expect(iso(plan.next?.actAt)).toBe('2022-01-01T00:00:00Z');
  });

  test('does not stop the act if it only pauses the period', () => {
    const paused = '2 years after x.y, paused from dispute.opened until dispute.closed, then resumed';
    expect(held(planned(paused, { now: '2022-07-01T00:00:00Z', dispute: OPEN }))).toBeUndefined();
  });
});

describe('the part of a rule that a hold is in', () => {
  const now = '2026-01-01T00:00:00Z';

  test('counts in the branch of a condition that gives the date, and in no other', () => {
    const rule = `if kind is "a", 2 years after x.y, ${HELD}, otherwise 1 year after x.y`;
    expect(held(planned(rule, { now, dispute: OPEN, attributes: { kind: 'a' } }))).toBe(true);
    expect(held(planned(rule, { now, dispute: OPEN, attributes: { kind: 'b' } }))).toBeUndefined();
  });

  test('counts in an override once that takes precedence', () => {
    const rule = `2 years after x.y, ${HELD}, unless "Code" requires 3 years after b.b`;
    expect(held(planned(rule, { now, dispute: OPEN }))).toBe(true);
    const law = { ...OPEN, 'b.b': '2020-01-01' };
    expect(held(planned(rule, { now, dispute: law }))).toBeUndefined();
  });

  test('counts in an operand that does not decide', () => {
    const early = `the later of (1 year after x.y, ${HELD}) and 2 years after x.y`;
    expect(held(planned(early, { now, dispute: OPEN }))).toBe(true);
    const left = `the earlier of (3 years after x.y, ${HELD}) and 2 years after x.y`;
    expect(held(planned(left, { now, dispute: OPEN }))).toBe(true);
  });

  test('counts in a stage that has it, not in a weaker one before it', () => {
    const rule = `anonymise 1 year after x.y, then delete (2 years after x.y, ${HELD})`;
    const plan = planned(rule, { now, dispute: OPEN });
    expect(plan.stages.map((stage) => [stage.action, stage.heldByRule])).toEqual([
      ['anonymise', undefined],
      ['delete', true],
    ]);
  });
});

describe('of several rules', () => {
  const now = '2026-01-01T00:00:00Z';
  const subjects = (dispute: Subject['events']): Subject[] => [
    { events: { 'x.y': '2020-01-01', 'b.b': '2020-01-01', ...dispute } },
  ];
  const plan = (rules: Record<string, readonly string[]>, dispute: Subject['events']): Plan => {
    const categories = Object.entries(rules).map(([name, texts]) => [name, texts.map((text) => aRule(text))]);
    const policies = [aPolicy(Object.fromEntries(categories), { events: EVENTS })];
    return planOf({ policies, subjects: subjects(dispute), now });
  };

  test('one that only joins stops the act, in the same category and in another', () => {
    const joining = `1 year after b.b, ${HELD}`;
    expect(held(plan({ a: ['2 years after x.y', joining] }, OPEN))).toBe(true);
    expect(held(plan({ a: ['2 years after x.y'], b: [joining] }, OPEN))).toBe(true);
    expect(held(plan({ a: ['2 years after x.y'], b: [joining] }, CLOSED))).toBeUndefined();
  });

  test('one with a maximum that waits for the end of the hold stops the act', () => {
    const waiting = { 'dispute.opened': '2020-06-01' };
    expect(held(plan({ a: ['2 years after x.y', `within 4 years after b.b, ${HELD}`] }, waiting))).toBe(true);
  });

  test('one whose own event has not happened stops the act', () => {
    const unknown = `within 4 years after audit.ended, ${HELD}`;
    expect(held(plan({ a: ['2 years after x.y', unknown] }, OPEN))).toBe(true);
  });
});

test('of several entities, one that is held keeps the holding', () => {
  const rule = '2 years after x.y, held from audit.begun until audit.ended';
  const accounts = (...begun: (string | undefined)[]): Subject[] =>
    begun.map((date) => ({ type: 'account', events: date === undefined ? {} : { 'audit.begun': date } }));
  const plan = (...begun: (string | undefined)[]): Plan =>
    planOf({
      policies: [aPolicy({ records: [aRule(rule)] }, { events: EVENTS })],
      subjects: [{ events: { 'x.y': '2020-01-01' } }, ...accounts(...begun)],
      now: '2026-01-01T00:00:00Z',
    });
  expect(held(plan(undefined, '2024-01-01'))).toBe(true);
  expect(held(plan(undefined, undefined))).toBeUndefined();
  expect(held(plan())).toBeUndefined();
});

test('the explanation says what holds it', () => {
  const plan = planned(`2 years after x.y, ${HELD}`, { now: '2022-07-01T00:00:00Z', dispute: OPEN });
  expect(plan.explanation).toContain(
    'delete is held by a rule, whatever its date: dispute.opened of 2022-06-01T00:00:00Z has not ended.',
  );
});
