import { describe, expect, test } from 'vitest';
import { evaluateLongest } from '../../../shared/domain/evaluate/either-order.ts';
import type { EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import { anEvent, aPolicy, aRule, iso, planFor, planOf, ruleOf } from '../../support/rules/rule-world.ts';
import type { Subject } from '../../support/rules/rule-world.ts';

const EVENTS = Object.fromEntries(
  ['x.y', 'a.filed', 'd.told', 'p.made', 'u.done'].map((name) => [name, anEvent()]),
);
const planned = (text: string, events: Subject['events']) => planFor(text, events, { events: EVENTS });
const minimum = (text: string, events: Subject['events']) => {
  const { next, status } = planned(text, events);
  return iso(next?.window?.notBefore) ?? status;
};

describe('two events of one day, of which one has no time', () => {
  const rule = 'if a.filed has occurred after d.told, 6 years after x.y, otherwise 1 year after x.y';
  const x = { 'x.y': '2020-06-30' };

  test.each([
    ['both dates', '2020-03-01', '2020-03-01', '2026-07-01T00:00:00Z'],
    ['a date and a time', '2020-03-01', '2020-03-01T10:00:00Z', '2026-07-01T00:00:00Z'],
    ['a time and a date', '2020-03-01T10:00:00Z', '2020-03-01', '2026-07-01T00:00:00Z'],
    ['two times', '2020-03-01T10:00:00Z', '2020-03-01T11:00:00Z', '2021-07-01T00:00:00Z'],
    ['a day earlier', '2020-02-29', '2020-03-01', '2021-07-01T00:00:00Z'],
    ['a day later', '2020-03-02', '2020-03-01', '2026-07-01T00:00:00Z'],
  ])('as %s', (_, filed, told, due) => {
    expect(minimum(rule, { ...x, 'a.filed': filed, 'd.told': told })).toBe(due);
  });

  test('keep longer, whichever branch that is', () => {
    const events = { ...x, 'a.filed': '2020-03-01', 'd.told': '2020-03-01' };
    for (const when of ['before', 'after', 'within 6 weeks after', 'within 2 days before']) {
      const branches = (met: string, otherwise: string) =>
        minimum(
          `if a.filed has occurred ${when} d.told, ${met} after x.y, otherwise ${otherwise} after x.y`,
          events,
        );
      expect(branches('6 years', '1 year')).toBe('2026-07-01T00:00:00Z');
      expect(branches('1 year', '6 years')).toBe('2026-07-01T00:00:00Z');
    }
  });

  test('count as the same date where a rule says “on or before” and “on or after”', () => {
    const events = { ...x, 'a.filed': '2020-03-01', 'd.told': '2020-03-01' };
    for (const when of ['on or before', 'on or after'])
      expect(
        minimum(
          `if a.filed has occurred ${when} d.told, 1 year after x.y, otherwise 6 years after x.y`,
          events,
        ),
      ).toBe('2021-07-01T00:00:00Z');
  });

  test('take the later maximum', () => {
    const events = { ...x, 'a.filed': '2020-03-01', 'd.told': '2020-03-01' };
    const { next } = planned(
      'within 1 year after x.y if a.filed has occurred before d.told, otherwise within 2 years after x.y',
      events,
    );
    expect(iso(next?.window?.notAfter)).toBe('2022-07-01T00:00:00Z');
  });

  test('the explanation names both orders', () => {
    const { explanation } = planned(rule, { ...x, 'a.filed': '2020-03-01', 'd.told': '2020-03-01' });
    expect(explanation).toContain(
      'Some events happened on one day, and which of them came first is not known, because not all have a time. Every order was evaluated. If a.filed of 2020-03-01 came after d.told of 2020-03-01: 2026-06-30 (until the end of that day). If a.filed of 2020-03-01 came before d.told of 2020-03-01: 2021-06-30 (until the end of that day). The first of these keeps longer, and counts.',
    );
  });

  test('give no date if one order gives none, and the reason names both', () => {
    const plan = planned('1 year after the first p.made after x.y', {
      'x.y': '2020-01-01',
      'p.made': '2020-01-01',
    });
    expect(plan.status).toBe('undetermined');
    expect(plan.stages[0]?.reasons).toEqual([
      'which of these events of one day came first is not known: if p.made of 2020-01-01 came before x.y of 2020-01-01, there is no date, because no p.made has happened after that; if p.made of 2020-01-01 came after x.y of 2020-01-01, the date is 2021-01-02T00:00:00+00:00',
    ]);
  });

  test('are left out of a comparison only in the orders in which nothing happened', () => {
    const rule = 'the later of 5 years after x.y and 1 year after the first p.made after x.y if any';
    expect(minimum(rule, { 'x.y': '2020-01-01', 'p.made': '2020-01-01' })).toBe('2025-01-02T00:00:00Z');
  });

  test('do not apply only if no order applies', () => {
    const rule = '60 days after x.y unless a.filed has occurred before d.told';
    expect(minimum(rule, { ...x, 'a.filed': '2020-03-01', 'd.told': '2020-03-01' })).toBe('undetermined');
  });
});

describe('the n-th and the last one', () => {
  test('of several payments of the day on which it ended, take the one that keeps longer', () => {
    const rule = '1 year after the last p.made before x.y';
    const paid = ['2019-03-01', '2020-01-01', '2020-01-01'];
    expect(minimum(rule, { 'x.y': '2020-01-01', 'p.made': paid })).toBe('2021-01-02T00:00:00Z');
    expect(minimum(rule, { 'x.y': '2020-01-01', 'p.made': ['2020-01-01'] })).toBe('undetermined');
    expect(minimum(rule, { 'x.y': '2020-01-01', 'p.made': ['2019-03-01', '2020-01-02'] })).toBe(
      '2020-03-02T00:00:00Z',
    );
  });

  test('need one more where one of the day may have come before', () => {
    const rule = 'the 2nd p.made after x.y';
    const paid = ['2020-01-01', '2020-01-01', '2020-02-01', '2020-03-01'];
    expect(minimum(rule, { 'x.y': '2020-01-01', 'p.made': paid })).toBe('2020-03-02T00:00:00Z');
  });

  test('of one event on one date are not newer than each other', () => {
    expect(
      minimum('the 1st p.made after first p.made', { 'p.made': ['2020-01-01', '2020-01-01', '2020-05-01'] }),
    ).toBe('2020-05-02T00:00:00Z');
  });

  test('are undetermined when too many events of one day have no time', () => {
    const plan = planned('1 year after the last p.made before x.y', {
      'x.y': '2020-01-01',
      'p.made': Array.from({ length: 300 }, () => '2020-01-01'),
    });
    expect(plan.stages[0]?.reasons).toEqual([
      'too many events of one day have no time: which of them came first is not known',
    ]);
  });
});

describe('an end and what undoes it, on one day', () => {
  const policy = (text: string) =>
    aPolicy({ records: [aRule(text)] }, { events: { ...EVENTS, 'x.y': anEvent({ undoneBy: ['u.done'] }) } });
  const undoing = (text: string, end: string, undo: string) =>
    planOf({
      policies: [policy(text)],
      subjects: [{ events: { 'x.y': end, 'u.done': undo, 'p.made': '2020-01-01' } }],
    });
  const rule = 'if x.y has occurred, 6 years after p.made, otherwise 1 year after p.made';
  const due = (end: string, undo: string, text = rule) =>
    iso(undoing(text, end, undo).next?.window?.notBefore);

  test('keep longer, whichever came first', () => {
    expect(due('2020-03-01', '2020-03-01')).toBe('2026-01-02T00:00:00Z');
    const turned = 'if x.y has occurred, 1 year after p.made, otherwise 6 years after p.made';
    expect(due('2020-03-01', '2020-03-01', turned)).toBe('2026-01-02T00:00:00Z');
    expect(due('2020-03-01', '2020-03-01T10:00:00Z')).toBe('2026-01-02T00:00:00Z');
    expect(due('2020-03-01', '2020-03-02')).toBe('2021-01-02T00:00:00Z');
    expect(due('2020-03-01T11:00:00Z', '2020-03-01T10:00:00Z')).toBe('2026-01-02T00:00:00Z');
    expect(due('2020-03-01T09:00:00Z', '2020-03-01T10:00:00Z')).toBe('2021-01-02T00:00:00Z');
  });

  test('give no date to what counts from the end', () => {
    const plan = undoing('1 year after x.y', '2020-03-01', '2020-03-01');
    expect(plan.status).toBe('undetermined');
    expect(plan.stages[0]?.reasons.join()).toMatch(
      /if u\.done of 2020-03-01 came after x\.y of 2020-03-01 and undid it, there is no date.*if u\.done of 2020-03-01 came before/,
    );
  });
});

test('of two last events of one day without a time, each attribute counts in an order of its own', () => {
  const policy = aPolicy({}, { events: EVENTS });
  const told = (reason: string, n: number) => ({
    ref: `told ${n}` as EventRef,
    occurred: '2020-03-01' as Occurred,
    sent: 0,
    attributes: { reason },
  });
  const state = (...reasons: string[]) => {
    const occurrences = { 'd.told': reasons.map(told) };
    return { version: 1, profile: '', occurrences, rebuilt: 0, dangling: [], holds: [] };
  };
  const moment = ruleOf('if reason of d.told is "abuse", 1 year after d.told, otherwise 6 years after d.told')
    .stages[0]?.notBefore;
  const due = (...reasons: string[]) => {
    const facts = { policy, zone: 'UTC', attributes: {}, stateFor: () => state(...reasons) };
    const found = evaluateLongest(moment ?? { kind: 'never' }, facts);
    return found.kind === 'determined' ? iso(found.at) : found.kind;
  };
  expect(due('abuse', 'abuse')).toBe('2021-03-02T00:00:00Z');
  expect(due('abuse', 'wish')).toBe('2026-03-02T00:00:00Z');
  expect(due('wish', 'abuse')).toBe('2026-03-02T00:00:00Z');
});
