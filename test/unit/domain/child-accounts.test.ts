import { describe, expect, test } from 'vitest';
import { childEvents, ofPerson } from '../../../shared/domain/people/child-events.ts';
import { reachingIn } from '../../../shared/domain/people/reaching-facts.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import type { EntityRef, EventRef, Occurred } from '../../../shared/domain/record/ids.ts';
import { aPolicy, aRule, anEvent, iso, planOf, type Subject } from '../../support/rules/rule-world.ts';

const NOW = '2026-05-02T00:00:00Z';
const children = { under: { years: 13 }, born: 'person.born', found: 'person.found-to-be-child' };
const events = {
  'account.closed': anEvent({ entity: 'account' }),
  'person.born': anEvent({ entity: 'person', personal: true }),
  'person.found-to-be-child': anEvent({ entity: 'person' }),
};
/** `inputOf` names entities after their type and place. */
const LENA = 'person-0' as EntityRef;

function ask(
  subjects: readonly Subject[],
  rule = '10 years after account.closed',
  changes: Partial<Policy> = {},
) {
  const policies = [aPolicy({ records: [aRule(rule)] }, { children, events, ...changes })];
  return planOf({ policies, subjects, now: NOW });
}

function born(occurred: string, sent = '2026-04-01T12:00:00Z', person?: EntityRef) {
  const attributes = person === undefined ? {} : { attributes: ofPerson({ type: 'person', ref: person }) };
  return { 'person.born': { occurred, sent, ...attributes } };
}

const account = (has: Subject['events']): Subject => ({ type: 'account', events: has });
const person = (has: Subject['events']): Subject => ({ type: 'person', events: has });

describe('a record about an account of a child', () => {
  test('is erased from when the birth of the person was sent', () => {
    const { next } = ask([account(born('2015-05-05', undefined, LENA))]);
    expect(next).toMatchObject({ action: 'delete', facts: [{ type: 'person.born', personal: true }] });
    expect(iso(next?.actAt)).toBe('2026-04-01T12:00:00Z');
    expect(ask([account(born('1985-05-05', undefined, LENA))]).status).toBe('undetermined');
  });

  test('is not erased where it names another person, however short the time for which the account has the birth', () => {
    const about = account(born('2015-05-05', undefined, 'person-9' as EntityRef));
    expect(ask([person({}), about]).status).toBe('undetermined');
    expect(ask([about, person({})]).status).toBe('undetermined');
    expect(ask([about]).next?.action).toBe('delete');
  });

  test('is not erased by an event that happened to the account itself', () => {
    expect(ask([account(born('2015-05-05'))]).status).toBe('undetermined');
  });

  test('has no dates by rules for persons', () => {
    const rule = '1 day after person.born';
    const about = account(born('1985-05-05', undefined, LENA));
    const alone = ask([about], rule);
    expect(alone.status).toBe('undetermined');
    expect(alone.explanation.join()).toContain('the holding names no person');
    const whole = ask([person(born('1985-05-05')), about], rule);
    expect(whole.next?.facts).toEqual([{ type: 'person.born', occurred: '1985-05-05', personal: true }]);
  });

  test('is not moved to another jurisdiction by where its person lives', () => {
    const policy = aPolicy(
      { records: [aRule('1 day after account.closed', { level: 'jurisdiction', jurisdiction: 'DE' })] },
      {
        children,
        events: { ...events, 'person.located': anEvent({ entity: 'person' }) },
        jurisdictionFrom: { event: 'person.located', attribute: 'jurisdiction' },
      },
    );
    const closed = { 'account.closed': '2026-01-01' };
    const located = (person?: EntityRef) => {
      const attributes = { jurisdiction: 'DE' };
      const of = person === undefined ? attributes : ofPerson({ type: 'person', ref: person }, attributes);
      return { 'person.located': { occurred: '2026-01-01', sent: '2026-01-01T00:00:00Z', attributes: of } };
    };
    const status = (subjects: readonly Subject[]) =>
      planOf({ policies: [policy], subjects, now: NOW }).status;
    expect(status([account({ ...closed, ...located(LENA) })])).toBe('undetermined');
    expect(status([account(closed), person(located())])).toBe('due');
  });

  test('stays where another person is in it who is not a child', () => {
    const child = person(born('2015-05-05'));
    const childs = account(born('2015-05-05', undefined, LENA));
    expect(ask([child, childs]).status).toBe('due');
    const withParent = ask([child, person({}), childs]);
    expect(withParent.status).toBe('undetermined');
    expect(withParent.explanation.join()).toContain('1 of 2 entities of type person have asked for erasure');
    // The account of another child who is not named is one of the two persons’ by this record: it is left alone.
    const other = account(born('2015-05-05', undefined, 'person-of-another' as EntityRef));
    expect(ask([child, person({}), other]).status).toBe('undetermined');
    expect(ask([child, other]).status).toBe('due');
  });
});

describe('two births of one person that do not correct each other', () => {
  const both = (first: string, second: string, secondSent = '2026-04-02T12:00:00Z') =>
    ask([
      person({
        'person.born': [
          { occurred: first, sent: '2026-04-01T12:00:00Z' },
          { occurred: second, sent: secondSent },
        ],
      }),
    ]);

  test('keep what is registered, if one of them says that the person is grown up, whichever was sent last', () => {
    expect(both('2015-05-05', '1985-05-05').status).toBe('undetermined');
    expect(both('1985-05-05', '2015-05-05').status).toBe('undetermined');
  });

  test('erase, if both say that the person is a child', () => {
    expect(iso(both('2015-05-05', '2016-05-05').next?.actAt)).toBe('2026-04-01T12:00:00Z');
  });

  test('erase, if the same date comes once more after the birthday', () => {
    const again = both('2013-04-10', '2013-04-10', '2026-04-11T12:00:00Z');
    expect(iso(again.next?.actAt)).toBe('2026-04-01T12:00:00Z');
  });

  test('are one birth, if the other was still to come when it was sent', () => {
    expect(both('2015-05-05', '2031-01-01').status).toBe('due');
  });

  test('do not stop a finding, which is not a date of birth', () => {
    const found = { 'person.found-to-be-child': { occurred: '2026-04-03', sent: '2026-04-03T12:00:00Z' } };
    const { next } = ask([person({ ...born('1985-05-05'), ...found })]);
    expect(iso(next?.actAt)).toBe('2026-04-03T12:00:00Z');
  });
});

test('the events by which children are known are those of all versions of all policies', () => {
  const policies = {
    policies: [
      aPolicy({}, { events }),
      aPolicy({}, { events, children: { under: { years: 13 }, born: 'person.born' } }),
      aPolicy({}, { events, children: { under: { years: 16 }, found: 'person.found-to-be-child' } }),
    ],
  };
  expect([...childEvents(policies, 'person')]).toEqual(['person.born', 'person.found-to-be-child']);
  expect([...childEvents(policies, 'account')]).toEqual([]);
  expect([...childEvents({ policies: [aPolicy({}, { events })] }, 'person')]).toEqual([]);
});

describe('what of a history reaches accounts', () => {
  const fact = (ref: string, type: string, about?: string): Fact => ({
    ref: ref as EventRef,
    kind: about === undefined ? 'event' : type === '' ? 'retraction' : 'correction',
    type,
    occurred: '2020-01-01' as Occurred,
    sent: 0,
    received: 0,
    bodyHash: ref,
    ...(about !== undefined && { about: about as EventRef }),
  });
  const reaching = (history: readonly Fact[]) =>
    reachingIn(history, new Set(['person.born'])).map(({ kind, facts }) => [
      kind,
      ...facts.map(({ ref }) => ref),
    ]);

  test('is a birth with all that changes it, and the birth itself last', () => {
    const history = [
      fact('b', 'person.born'),
      fact('moved', 'person.moved'),
      fact('c', 'person.born', 'b'),
      fact('r', '', 'c'),
      fact('of moved', '', 'moved'),
      fact('rr', '', 'r'),
    ];
    expect(reaching(history)).toEqual([['child', 'c', 'r', 'rr', 'b']]);
    expect(reaching(history.toReversed())).toEqual([['child', 'rr', 'r', 'c', 'b']]);
  });

  test('is an event that a correction has made a birth', () => {
    expect(reaching([fact('m', 'person.moved'), fact('c', 'person.born', 'm')])).toEqual([
      ['child', 'c', 'm'],
    ]);
  });

  test('is nothing that leads to no event', () => {
    expect(reaching([fact('c', 'person.born', 'missing')])).toEqual([]);
    const circle = [
      fact('a', 'person.born', 'b'),
      fact('b', 'person.born', 'c'),
      fact('c', 'person.born', 'a'),
      fact('d', 'person.born', 'a'),
    ];
    expect(reaching(circle)).toEqual([]);
  });
});
