import { describe, expect, test } from 'vitest';
import { checkPolicySet } from '../../../shared/domain/configuration/check-policy-set.ts';
import { policiesDigest } from '../../../shared/domain/configuration/effective-policies.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import type { Vocabulary } from '../../../shared/domain/rule/resolve.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const rule = aRule('1 year after contract.ended');
const good = aPolicy({ records: [rule] });

describe('a set of policies', () => {
  test('that fit together has no problems', () => {
    const other = aPolicy({ invoices: [aRule('10 years after invoice.issued')] }, { name: 'billing' });
    const next = aPolicy(
      { records: [rule] },
      { version: '2', effectiveFrom: Date.parse('2027-01-01T00:00:00Z') },
    );
    expect(checkPolicySet({ policies: [good, next, other] })).toEqual([]);
  });

  test.each<[string, string, readonly Policy[]]>([
    [
      'CATEGORY_IN_TWO_POLICIES',
      'belongs to policy test-policy',
      [good, aPolicy({ records: [rule] }, { name: 'other' })],
    ],
    [
      'EVENT_DECLARED_DIFFERENTLY',
      'different undoing events',
      [good, aPolicy({ b: [rule] }, { name: 'other', events: { 'contract.ended': anEvent() } })],
    ],
    [
      'EVENT_DECLARED_DIFFERENTLY',
      'a different entity type',
      [
        good,
        aPolicy(
          { b: [aRule('1 day after audit.completed')] },
          { name: 'other', events: { 'audit.completed': anEvent({ entity: 'person' }) } },
        ),
      ],
    ],
    [
      'UNDO_NOT_DECLARED',
      'undone by contract.renewed',
      [aPolicy({ b: [rule] }, { events: { 'contract.ended': anEvent({ undoneBy: ['contract.renewed'] }) } })],
    ],
    [
      'UNDO_OF_ANOTHER_ENTITY',
      'both must happen to the same',
      [
        aPolicy(
          { b: [rule] },
          {
            events: {
              'contract.ended': anEvent({ undoneBy: ['x.y'] }),
              'x.y': anEvent({ entity: 'person' }),
            },
          },
        ),
      ],
    ],
    [
      'UNDO_OF_ITSELF',
      'cannot undo itself',
      [aPolicy({ b: [rule] }, { events: { 'contract.ended': anEvent({ undoneBy: ['contract.ended'] }) } })],
    ],
    ['EVENT_NOT_DECLARED', 'names contract.burnt', [aPolicy({ b: [aRule('1 day after contract.burnt')] })]],
    [
      'RULE_JURISDICTION_MISSING',
      'must name its jurisdiction',
      [aPolicy({ b: [aRule('1 day after contract.ended', { level: 'jurisdiction' })] })],
    ],
    [
      'RULE_JURISDICTION_UNDECLARED',
      'declare it under attributes',
      [aPolicy({ b: [aRule('1 day after contract.ended', { level: 'jurisdiction', jurisdiction: 'DE' })] })],
    ],
    [
      'RULE_STATUTORY_BASIS',
      'basis law',
      [aPolicy({ b: [aRule('1 day after contract.ended', { level: 'statutory', basis: 'policy' })] })],
    ],
    ['RULE_ID_TWICE', 'used twice', [aPolicy({ a: [rule], b: [rule] })]],
    ['CATEGORY_WITHOUT_RULE', 'has no rule', [aPolicy({ b: [] })]],
    ['POLICY_VERSION_TWICE', 'has version 1 twice', [good, aPolicy({}, { effectiveFrom: 1 })]],
    ['POLICY_EFFECTIVE_TWICE', 'same instant', [good, aPolicy({}, { version: '2' })]],
    ['POLICY_ZONE_UNKNOWN', 'Europe/Berlin or UTC', [aPolicy({ b: [rule] }, { zone: 'Europe/Nowhere' })]],
    ['POLICY_YEAR_END_INVALID', 'MM-DD', [aPolicy({ b: [rule] }, { fiscalYearEnd: '31-03' })]],
    [
      'POLICY_YEAR_END_MISSING',
      'has no fiscalYearEnd',
      [
        aPolicy({
          b: [aRule('1 day after the later of 2030-01-01 and the end of the fiscal year of contract.ended')],
        }),
      ],
    ],
  ])('is refused with %s (%s)', (code, message, policies) => {
    expect(checkPolicySet({ policies })).toMatchObject([{ code, message: expect.stringContaining(message) }]);
  });

  test('has a digest that changes with what is in effect and with nothing else', () => {
    const next = aPolicy(
      { records: [rule] },
      { version: '2', effectiveFrom: Date.parse('2027-01-01T00:00:00Z') },
    );
    const set = { policies: [good, next] };
    const before = policiesDigest(set, Date.parse('2026-01-01T00:00:00Z'));
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    expect(policiesDigest(set, Date.parse('2026-12-31T23:59:59Z'))).toBe(before);
    expect(policiesDigest({ policies: [structuredClone(good)] }, Date.parse('2026-01-01T00:00:00Z'))).toBe(
      before,
    );
    expect(policiesDigest(set, Date.parse('2027-01-01T00:00:00Z'))).not.toBe(before);
  });

  test('names for the fold every declared event and what undoes it', () => {
    const profile = foldProfile({ policies: [good] });
    expect(profile.types['contract.ended']).toEqual({ undoneBy: ['contract.renewed'], keepAll: false });
    expect(Object.keys(profile.types)).toContain('contract.renewed');
    expect(foldProfile({ policies: [structuredClone(good)] })).toEqual(profile);
    expect(foldProfile({ policies: [aPolicy({}, { events: {} })] }).digest).not.toBe(profile.digest);
  });
});

describe('names in a rule', () => {
  const vocabulary: Vocabulary = {
    nouns: { 'contract term': 'agreement.ended', 'pay day': 'salary.paid' },
    events: new Set([
      'agreement.ended',
      'salary.paid',
      'subscription.ended',
      'account.disconnected',
      'opt_out',
    ]),
    settings: { 'reasonable period': { days: 90 } },
  };
  const resolved = (text: string) => {
    const parsed = parseRule(text);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return resolveRule(parsed, vocabulary);
  };

  test.each([
    ['contract term plus 3 years', '3 years after agreement.ended'],
    ['Contract Term plus 3 years', '3 years after agreement.ended'],
    ['30 days after pay day', '30 days after salary.paid'],
    ['subscription plus {reasonable period}', '90 days after subscription.ended'],
    ['30 days after disconnect', '30 days after account.disconnected'],
    ['6 months after opt_out', '6 months after opt_out'],
  ])('%s means %s', (text, meaning) => {
    const result = resolved(text);
    expect(result.ok && printRule(result.rule)).toBe(meaning);
  });

  test.each([
    [
      '30 days after acount.disconnected',
      'RULE_NAME_UNKNOWN',
      15,
      /declares no event "acount.disconnected"; did you mean "account.disconnected"\?/,
    ],
    [
      'contract tem plus 3 years',
      'RULE_NAME_UNKNOWN',
      1,
      /does not say which event "contract tem" means; did you mean "contract term"\?/,
    ],
    [
      'employment plus 3 years',
      'RULE_NAME_UNKNOWN',
      1,
      /stands for the event "employment.ended", which the policy does not declare/,
    ],
    ['1 day after constructor', 'RULE_NAME_UNKNOWN', 13, /does not say which event "constructor" means/],
    [
      'subscription plus {reasonable perod}',
      'RULE_SETTING_MISSING',
      19,
      /has no value; did you mean "reasonable period"\?/,
    ],
    [
      '1 day after the end of the fiscal year of opt_out',
      'RULE_YEAR_END_MISSING',
      28,
      /has no fiscal year end/,
    ],
  ])('%s is refused with %s', (text, code, column, message) => {
    expect(resolved(text)).toMatchObject({
      ok: false,
      errors: [{ code, line: 1, column, message: expect.stringMatching(message) }],
    });
  });

  test('are all reported at once', () => {
    const result = resolved('the later of nothing.known and {nothing} after nothing.else');
    expect(result.ok ? [] : result.errors.map(({ column }) => column)).toEqual([14, 32, 48]);
  });

  test('are taken as written where no events are declared', () => {
    const parsed = parseRule('contract term plus 1 day');
    const other = parseRule('1 day after my own thing');
    if (!parsed.ok || !other.ok) throw new Error('both are rules');
    const free: Vocabulary = { nouns: {}, settings: {} };
    expect(resolveRule(parsed, free)).toMatchObject({
      rule: { stages: [{ notBefore: { start: { name: 'contract.ended' } } }] },
    });
    expect(resolveRule(other, free)).toMatchObject({
      rule: { stages: [{ notBefore: { start: { name: 'my own thing' } } }] },
    });
  });
});
