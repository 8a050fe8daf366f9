import { describe, expect, test } from 'vitest';
import { effectivePolicies } from '../../../shared/domain/configuration/effective-policies.ts';
import type { Policy, PolicyRule, Variant } from '../../../shared/domain/configuration/policy.ts';
import { plan, type Plan } from '../../../shared/domain/plan/plan.ts';
import { purposesIn } from '../../../shared/domain/plan/purposes.ts';
import { reductionMasks } from '../../../shared/domain/plan/reductions.ts';
import { erase, object } from '../../support/people/request-world.ts';
import { cleared, consent, consented, purposePolicy } from '../../support/rules/purpose-world.ts';
import { aRule, inputOf, iso, type Subject, type World } from '../../support/rules/rule-world.ts';

const NOW = '2026-07-01T00:00:00Z';

function worldOf(policies: Policy | readonly Policy[], purposes: readonly string[], world: Partial<World>) {
  return inputOf({
    policies: [policies].flat(),
    categories: ['contact'],
    subjects: [],
    variants: [{ purposes }],
    now: NOW,
    ...world,
  });
}

const said = ({ stages }: Plan): string[] =>
  stages.map(({ action, part, status, actAt, heldByRule }) =>
    [action, part, status === 'due' ? iso(actAt) : status, heldByRule ? 'held' : undefined]
      .filter((word) => word !== undefined)
      .join(' '),
  );

/** The fields that a reduction masks now. */
function maskedBy(input: ReturnType<typeof worldOf>, purpose: string): string[] {
  const standing = purposesIn(input, effectivePolicies(input.policies, input.now));
  return Object.keys(reductionMasks(standing, purpose, input.now)).toSorted();
}

const person = (events: Subject['events']): Subject => ({ type: 'person', events });
const withdrawn = (...purposes: string[]): Subject =>
  person({ 'consent.withdrawn': purposes.map((purpose) => consent(purpose, '2026-03-01')) });

describe('a field that a living purpose needs', () => {
  test('stays when a new version of the policy has no such purpose any more', () => {
    const before = purposePolicy({ marketing: consented('email', 'nickname'), news: consented('email') });
    const after = purposePolicy(
      { marketing: consented('email', 'nickname'), newsletter: consented('email') },
      { version: '2', effectiveFrom: Date.parse('2026-02-01T00:00:00Z') },
    );
    const input = worldOf([before, after], ['marketing', 'news'], { subjects: [withdrawn('marketing')] });
    expect(maskedBy(input, 'marketing')).toEqual(['nickname']);
  });

  test('stays as long as the rule of that purpose is held', () => {
    const policy = purposePolicy({
      marketing: consented('email', 'nickname'),
      service: {
        rule: aRule('1 day after contract.ended, held from audit.completed until contract.renewed'),
        fields: cleared('email'),
      },
      billing: {},
    });
    const contract = { events: { 'contract.ended': '2026-01-01', 'audit.completed': '2026-02-01' } };
    const subjects = [withdrawn('marketing'), contract];
    const input = worldOf(policy, ['marketing', 'service', 'billing'], { subjects });
    expect(maskedBy(input, 'marketing')).toEqual(['nickname']);
    expect(plan(input).next).toMatchObject({ part: 'purpose:marketing' });
    expect(plan(input).next?.heldByRule).toBeUndefined();
    expect(plan(input).explanation).toContain(
      'Purpose service still needs its fields: audit.completed of 2026-02-01 has not ended.',
    );
    const both = worldOf(policy, ['marketing', 'service'], { subjects });
    expect(said(plan(both)).filter((stage) => stage.startsWith('delete'))).toEqual([
      'delete 2026-03-03T00:00:00Z held',
    ]);
    expect(plan(both).next).toMatchObject({ part: 'purpose:marketing' });
  });
});

describe('a field that only ended purposes need', () => {
  test.each([
    ['inside', 'profile.email', 'profile'],
    ['around', 'profile', 'profile.email'],
  ])('is masked after the last of them, also where it is %s a field of the other', (_, first, second) => {
    const policy = purposePolicy({
      marketing: consented(first, 'nickname'),
      newsletter: consented(second),
      service: {},
    });
    const early = person({ 'consent.withdrawn': consent('marketing', '2026-03-01') });
    const done = [{ action: 'anonymise', part: 'purpose:marketing' }] as const;
    const one = worldOf(policy, ['marketing', 'newsletter', 'service'], { subjects: [early] });
    expect(maskedBy(one, 'marketing')).toEqual(['nickname']);
    const late = person({
      'consent.withdrawn': [consent('marketing', '2026-03-01'), consent('newsletter', '2026-05-01')],
    });
    const two = worldOf(policy, ['marketing', 'newsletter', 'service'], { subjects: [late], done });
    expect(said(plan(two))).toEqual([
      'anonymise purpose:marketing done',
      'anonymise purpose:newsletter 2026-05-03T00:00:00Z',
      'delete undetermined',
    ]);
    expect(maskedBy(two, 'newsletter')).toEqual([first, second].toSorted());
  });

  test('is masked as the stronger of them says', () => {
    const policy = purposePolicy({
      marketing: consented('email', 'nickname'),
      newsletter: { ...consented(), fields: { email: { kind: 'pseudonym' } } },
      service: {},
    });
    const late = person({
      'consent.withdrawn': [consent('marketing', '2026-03-01'), consent('newsletter', '2026-05-01')],
    });
    const input = worldOf(policy, ['marketing', 'newsletter', 'service'], { subjects: [late] });
    const standing = purposesIn(input, effectivePolicies(input.policies, input.now));
    expect(reductionMasks(standing, 'newsletter', input.now)).toEqual({ email: { kind: 'null' } });
  });
});

describe('an objection', () => {
  const shop = purposePolicy({ marketing: consented('email'), service: {} });
  const asked = (purpose: string, at = '2026-03-01T10:00:00Z', request = 'r-1') =>
    object(at, { purposes: [purpose] }, { request });

  test('of one person that has reached the person’s account ends nothing for another person', () => {
    const subjects = (account: string, other: Subject['events'] = {}) => [
      person(asked('marketing')),
      person(other),
      { type: 'account', events: asked('marketing', '2026-03-01T10:00:00Z', account) },
    ];
    const planned = (world: Subject[]) =>
      said(plan(worldOf(shop, ['marketing', 'service'], { subjects: world })));
    expect(planned(subjects('r-1'))).toEqual(['delete undetermined']);
    expect(planned(subjects('r-1', asked('marketing', '2026-04-01T00:00:00Z', 'r-2')))).toEqual([
      'anonymise purpose:marketing 2026-04-01T00:00:00Z',
      'delete undetermined',
    ]);
    expect(planned(subjects('r-9'))).toEqual([
      'anonymise purpose:marketing 2026-03-01T10:00:00Z',
      'delete undetermined',
    ]);
  });

  test('is undone by consent that is given for the purpose, also where the purpose has no rule', () => {
    const given = (purpose: string, on: string) => ({
      ...asked('service'),
      'consent.given': consent(purpose, on),
    });
    const planned = (events: Subject['events']) =>
      said(plan(worldOf(shop, ['service'], { subjects: [person(events)] })));
    expect(planned(given('service', '2026-04-01'))).toEqual(['delete undetermined']);
    expect(planned(given('service', '2026-02-01'))).toEqual(['delete 2026-03-01T10:00:00Z']);
    expect(planned(given('marketing', '2026-04-01'))).toEqual(['delete 2026-03-01T10:00:00Z']);
  });

  test('that has reached the person’s account is undone there, too, by consent of the person', () => {
    const planned = (given: string, purpose = 'marketing') =>
      said(
        plan(
          worldOf(shop, ['marketing', 'service'], {
            subjects: [
              person({ ...asked('marketing'), 'consent.given': consent(purpose, given) }),
              { type: 'account', events: asked('marketing') },
            ],
          }),
        ),
      );
    expect(planned('2026-04-01')).toEqual(['delete undetermined']);
    for (const before of [planned('2026-02-01'), planned('2026-04-01', 'service')])
      expect(before).toEqual(['anonymise purpose:marketing 2026-03-01T10:00:00Z', 'delete undetermined']);
  });

  test('after the purpose has ended by its rule moves nothing', () => {
    const subjects = [
      person({ 'consent.withdrawn': consent('marketing', '2026-02-01'), ...asked('marketing') }),
      person({ 'consent.withdrawn': consent('marketing', '2026-02-05') }),
    ];
    expect(said(plan(worldOf(shop, ['marketing'], { subjects })))).toEqual(['delete 2026-02-07T00:00:00Z']);
  });
});

test('an erasure of two people counts from the later one on, also where the first has reached an account', () => {
  const asked = (at: string, request: string) => person(erase(at, { request }));
  const first = erase('2026-03-01T10:00:00Z', { request: 'r-1' });
  const subjects = [person(first), asked('2026-04-01T10:00:00Z', 'r-2'), { type: 'account', events: first }];
  const planned = plan(worldOf(purposePolicy({ service: {} }), ['service'], { subjects }));
  expect(said(planned)).toEqual(['delete 2026-04-01T10:00:00Z']);
});

describe('a law', () => {
  const policyWith = (...rules: PolicyRule[]): Policy => ({
    ...purposePolicy({ marketing: consented('email'), service: {} }),
    attributes: { kind: { type: 'text' } },
    categories: { contact: { rules } },
  });
  const law = (text: string) => aRule(text, { level: 'statutory' });
  const ended = { events: { 'contract.ended': '2026-01-01' } };
  const planned = (rules: PolicyRule[], purposes: string[], variant: Variant = {}) =>
    said(
      plan(
        worldOf(policyWith(...rules), purposes, {
          subjects: [withdrawn('marketing'), ended],
          variants: [{ purposes, ...variant }],
        }),
      ),
    );

  test.each(['anonymise', 'restrict'])(
    'that only says when to %s keeps until then, and not for ever',
    (what) => {
      const rules = [law(`${what} 6 months after contract.ended`)];
      expect(planned(rules, ['marketing']).at(-1)).toBe('delete 2026-07-02T00:00:00Z');
      expect(planned(rules, ['marketing', 'service'])).toContain(
        'anonymise purpose:marketing 2026-07-02T00:00:00Z',
      );
    },
  );

  test('that does not apply to a record does not keep it', () => {
    const rules = [law('10 years after contract.ended if kind is "invoice"'), aRule('keep permanently')];
    expect(planned(rules, ['marketing'], { attributes: { kind: 'letter' } })).toEqual([
      'delete 2026-03-03T00:00:00Z',
    ]);
    expect(planned(rules, ['marketing', 'service'], { attributes: { kind: 'letter' } })).toContain(
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
    );
    expect(planned(rules, ['marketing'], { attributes: { kind: 'invoice' } })).toEqual([
      'delete 2036-01-02T00:00:00Z',
    ]);
  });

  test('that also has a maximum with an unknown date keeps until its minimum', () => {
    const rules = [
      law('restrict 1 month after contract.ended, then delete within 2 years after invoice.issued'),
    ];
    expect(planned(rules, ['marketing']).at(-1)).toBe('delete 2026-03-03T00:00:00Z');
  });
});
