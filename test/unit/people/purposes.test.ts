import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../shared/domain/plan/plan.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import { erase } from '../../support/people/request-world.ts';
import { aRule, iso, planOf, type Subject, type World } from '../../support/rules/rule-world.ts';
import { cleared, consent, consented, purposePolicy } from '../../support/rules/purpose-world.ts';

const shop = purposePolicy({
  marketing: consented('email', 'nickname'),
  newsletter: consented('email', 'language'),
  service: {},
});

function planned(
  policies: Policy | readonly Policy[],
  purposes: readonly string[],
  events: Subject['events'],
  changes: Partial<World> = {},
): Plan {
  return planOf({
    policies: [policies].flat(),
    categories: ['contact'],
    subjects: [{ type: 'person', events }],
    variants: [{ purposes }],
    ...changes,
  });
}

/** Each stage with when it acts, or why it does not. */
function said({ stages }: Plan): string[] {
  return stages.map(({ action, part, status, actAt }) =>
    [action, part, status === 'due' ? iso(actAt) : status].filter((word) => word !== undefined).join(' '),
  );
}

describe('a purpose that ended', () => {
  const withdrawn = { 'consent.withdrawn': consent('marketing', '2026-03-01T10:00:00Z') };

  test('leads to a stage of its own while another lives', () => {
    expect(said(planned(shop, ['marketing', 'service'], withdrawn))).toEqual([
      'anonymise purpose:marketing 2026-03-02T10:00:00Z',
      'delete undetermined',
    ]);
    expect(planned(shop, ['marketing', 'service'], withdrawn).next).toMatchObject({
      part: 'purpose:marketing',
      ruleText: '1 day after consent.withdrawn',
      policy: 'test-policy',
      facts: [{ type: 'consent.withdrawn', occurred: '2026-03-01T10:00:00Z' }],
    });
  });

  test('leads to the deletion of the record if it was the last', () => {
    expect(said(planned(shop, ['marketing'], withdrawn))).toEqual(['delete 2026-03-02T10:00:00Z']);
  });

  test('leads to nothing where the purpose is not registered', () => {
    expect(said(planned(shop, ['newsletter', 'service'], withdrawn))).toEqual(['delete undetermined']);
  });

  test('lives again once consent is given for it, and not for another one', () => {
    const again = { ...withdrawn, 'consent.given': consent('marketing', '2026-03-05') };
    expect(said(planned(shop, ['marketing'], again))).toEqual(['delete undetermined']);
    const other = { ...withdrawn, 'consent.given': consent('newsletter', '2026-03-05') };
    expect(said(planned(shop, ['marketing'], other))).toEqual(['delete 2026-03-02T10:00:00Z']);
  });

  test('has nothing to mask if every field of it is needed by one that lives', () => {
    const policy = purposePolicy({
      marketing: consented('profile.email'),
      service: { fields: cleared('profile') },
    });
    expect(said(planned(policy, ['marketing', 'service'], withdrawn))).toEqual(['delete undetermined']);
  });

  test('stays done, and says so, when it lives again afterwards', () => {
    const again = { ...withdrawn, 'consent.given': consent('marketing', '2026-03-05') };
    const done = [{ action: 'anonymise', part: 'purpose:marketing' }] as const;
    expect(said(planned(shop, ['marketing', 'service'], again, { done }))).toEqual([
      'anonymise purpose:marketing done',
      'delete undetermined',
    ]);
  });
});

describe('purposes that end one after the other', () => {
  const both = {
    'consent.withdrawn': [consent('marketing', '2026-03-01'), consent('newsletter', '2026-05-01')],
  };

  test('each have a stage, and the last one deletes', () => {
    expect(said(planned(shop, ['marketing', 'newsletter', 'service'], both))).toEqual([
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
      'anonymise purpose:newsletter 2026-05-03T00:00:00Z',
      'delete undetermined',
    ]);
    expect(said(planned(shop, ['marketing', 'newsletter'], both))).toEqual([
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
      'delete 2026-05-03T00:00:00Z',
    ]);
  });

  test('delete at once if they end together', () => {
    const together = {
      'consent.withdrawn': [consent('marketing', '2026-03-01'), consent('newsletter', '2026-03-01')],
    };
    expect(said(planned(shop, ['marketing', 'newsletter'], together))).toEqual([
      'delete 2026-03-03T00:00:00Z',
    ]);
  });

  test('end only when the last of several people has withdrawn', () => {
    const subjects = ['2026-03-01', '2026-06-01'].map((day) => ({
      type: 'person',
      events: { 'consent.withdrawn': consent('marketing', day) },
    }));
    expect(said(planned(shop, ['marketing'], {}, { subjects }))).toEqual(['delete 2026-06-03T00:00:00Z']);
    const one = [...subjects.slice(1), { type: 'person', events: {} }];
    expect(said(planned(shop, ['marketing'], {}, { subjects: one }))).toEqual(['delete undetermined']);
  });

  test('end for a record only when they have ended for each producer that registered them', () => {
    const subjects = [
      { type: 'person', events: { 'consent.withdrawn': consent('marketing', '2026-03-01') } },
      { type: 'person', events: {} },
    ];
    const of = (index: number, purposes: readonly string[]) => ({
      purposes,
      entities: [{ type: 'person', ref: `person-${index}` as never }],
    });
    const said1 = (second: readonly string[]) =>
      said(planned(shop, [], {}, { subjects, variants: [of(0, ['marketing']), of(1, second)] }));
    expect(said1(['marketing'])).toEqual(['delete undetermined']);
    expect(said1(['newsletter'])).toEqual([
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
      'delete undetermined',
    ]);
  });
});

describe('what keeps a record whose purposes have all ended', () => {
  const withdrawn = { 'consent.withdrawn': consent('marketing', '2026-03-01') };
  const marketing = { marketing: consented('email') };
  const contract = (occurred?: string): Subject => ({
    type: 'contract',
    events: occurred === undefined ? {} : { 'contract.ended': occurred },
  });
  const person: Subject = { type: 'person', events: withdrawn };

  const withRules = (...rules: ReturnType<typeof aRule>[]): Policy => ({
    ...purposePolicy(marketing),
    categories: { contact: { rules } },
  });

  test('is a rule that the law asks for, until its date', () => {
    const law = withRules(aRule('10 years after contract.ended', { level: 'statutory' }));
    expect(said(planned(law, ['marketing'], {}, { subjects: [person, contract('2020-01-01')] }))).toEqual([
      'delete 2030-01-02T00:00:00Z',
    ]);
    expect(said(planned(law, ['marketing'], {}, { subjects: [person, contract()] }))).toEqual([
      'delete undetermined',
    ]);
  });

  test('is no rule of the policy itself, whatever its date', () => {
    for (const text of [
      '10 years after contract.ended',
      'keep permanently',
      'not computable, because "it says nothing"',
    ])
      expect(
        said(
          planned(withRules(aRule(text)), ['marketing'], {}, { subjects: [person, contract('2020-01-01')] }),
        ),
      ).toEqual(['delete 2026-03-03T00:00:00Z']);
  });

  test('is nothing if a rule of the policy deletes it earlier', () => {
    const rules = withRules(aRule('1 year after contract.ended'));
    expect(said(planned(rules, ['marketing'], {}, { subjects: [person, contract('2020-01-01')] }))).toEqual([
      'delete 2021-01-02T00:00:00Z',
    ]);
  });

  test('is an open hold of a rule', () => {
    const held = withRules(
      aRule('10 years after contract.ended, held from audit.completed until contract.renewed'),
    );
    const subjects = [person, { type: 'contract', events: { 'audit.completed': '2025-01-01' } }];
    expect(planned(held, ['marketing'], {}, { subjects }).next).toMatchObject({
      action: 'delete',
      heldByRule: true,
    });
  });

  test('is a purpose that no policy in effect has, and a registration that names none', () => {
    const person1 = { subjects: [person] };
    expect(said(planned(purposePolicy(marketing), ['marketing', 'research'], {}, person1))).toEqual([
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
      'delete undetermined',
    ]);
    expect(said(planned(purposePolicy(marketing), ['marketing', ''], {}, person1))).toEqual([
      'anonymise purpose:marketing 2026-03-03T00:00:00Z',
      'delete undetermined',
    ]);
  });

  test('keeps the fields too, if it is the law', () => {
    const law = {
      ...withRules(aRule('10 years after contract.ended', { level: 'statutory' })),
      purposes: ['marketing', 'service'],
    };
    const subjects = [person, contract('2020-01-01')];
    expect(said(planned(law, ['marketing', 'service'], {}, { subjects }))).toEqual([
      'delete 2030-01-02T00:00:00Z',
    ]);
  });
});

describe('an explanation', () => {
  const explained = (
    purposes: readonly string[],
    events: Subject['events'],
    changes: Partial<World> = {},
  ): string[] =>
    planned(shop, purposes, events, changes).explanation.filter((sentence) =>
      /purpose|Purpose|Next|consent/.test(sentence),
    );

  test('says of each purpose when it ended and why, and what becomes of its fields', () => {
    const events = { 'consent.withdrawn': consent('marketing', '2025-03-01') };
    expect(explained(['marketing', 'newsletter', 'service'], events)).toEqual([
      'consent.withdrawn happened on 2025-03-01.',
      'Purpose marketing ended at 2025-03-03T00:00:00+00:00 by “1 day after consent.withdrawn”.',
      'Fields that only purpose marketing needs: nickname. Not masked, because another purpose needs them: email.',
      'No consent.withdrawn counts so far.',
      'Purpose newsletter lives, because its end is not known: consent.withdrawn has not happened.',
      'Purpose service lives: the policy names nothing that ends it.',
      'anonymise (purpose:marketing) by “1 day after consent.withdrawn”: not before 2025-03-03T00:00:00+00:00, floor 2025-03-02T00:00:00+00:00, acts at 2025-03-03T00:00:00+00:00, overdue after 2025-03-06T00:00:00+00:00.',
      'Next: anonymise (purpose:marketing) at 2025-03-03T00:00:00+00:00.',
      'It would change with another consent.withdrawn, or consent.given, which undoes it, or with a correction or retraction.',
    ]);
  });

  test('says that a reduction cannot be undone', () => {
    const again = {
      'consent.withdrawn': consent('marketing', '2025-03-01'),
      'consent.given': consent('marketing', '2025-03-05'),
    };
    const done = [{ action: 'anonymise', part: 'purpose:marketing' }] as const;
    expect(explained(['marketing', 'service'], again, { done })).toEqual(
      expect.arrayContaining([
        'Purpose marketing lives, because its end is not known: consent.withdrawn has not happened since it was undone.',
        'Purpose marketing had ended before, and its fields were masked then: that cannot be undone.',
        'anonymise (purpose:marketing) is done.',
      ]),
    );
  });
});

describe('an erasure of what is held for a purpose', () => {
  const asked = (at: string, alsoLater = false) =>
    erase(at, { scope: { purposes: ['marketing'] }, alsoLater });
  const variant = { purposes: ['marketing', 'service'], sent: Date.parse('2026-02-01T00:00:00Z') };
  const masked = ['anonymise purpose:marketing 2026-03-01T10:00:00Z', 'delete undetermined'];

  test('ends the purpose for what was registered until then', () => {
    const variants = [variant];
    expect(said(planned(shop, [], asked('2026-03-01T10:00:00Z'), { variants }))).toEqual(masked);
    expect(planned(shop, [], asked('2026-03-01T10:00:00Z'), { variants }).next).toMatchObject({
      ruleText: 'erasure request of the person',
      facts: [{ type: 'tenure.request.erase' }],
    });
    const later = [{ ...variant, sent: Date.parse('2026-04-01T00:00:00Z') }];
    expect(said(planned(shop, [], asked('2026-03-01T10:00:00Z'), { variants: later }))).toEqual([
      'delete undetermined',
    ]);
    expect(said(planned(shop, [], asked('2026-03-01T10:00:00Z', true), { variants: later }))).toEqual(masked);
  });
});

describe('an objection', () => {
  const objected = (at: string, ...purposes: string[]) => ({
    'tenure.request.object': {
      occurred: at,
      sent: at,
      attributes: { request: 'r-1', scope: JSON.stringify({ purposes }) },
    },
  });

  test('ends a purpose from its instant on, with or without a rule', () => {
    expect(
      said(planned(shop, ['marketing', 'service'], objected('2026-03-01T10:00:30Z', 'marketing'))),
    ).toEqual(['anonymise purpose:marketing 2026-03-01T10:01:00Z', 'delete undetermined']);
    expect(said(planned(shop, ['service'], objected('2026-03-01T10:00:00Z', 'service')))).toEqual([
      'delete 2026-03-01T10:00:00Z',
    ]);
  });

  test('is about the purposes that it names', () => {
    expect(said(planned(shop, ['service'], objected('2026-03-01T10:00:00Z', 'marketing')))).toEqual([
      'delete undetermined',
    ]);
  });

  test('is undone by consent that is given afterwards, and by none that was given before', () => {
    for (const [given, stages] of [
      ['2026-02-01', ['delete 2026-03-01T10:00:00Z']],
      ['2026-04-01', ['delete undetermined']],
    ] as const) {
      const events = {
        ...objected('2026-03-01T10:00:00Z', 'marketing'),
        'consent.given': consent('marketing', given),
      };
      expect(said(planned(shop, ['marketing'], events))).toEqual(stages);
    }
  });

  test('of one of two people ends nothing before the other one has withdrawn', () => {
    const first = { type: 'person', events: objected('2026-03-01T10:00:00Z', 'marketing') };
    const second = (occurred?: string) => ({
      type: 'person',
      events: occurred === undefined ? {} : { 'consent.withdrawn': consent('marketing', occurred) },
    });
    const planOfBoth = (occurred?: string) =>
      said(planned(shop, ['marketing'], {}, { subjects: [first, second(occurred)] }));
    expect(planOfBoth()).toEqual(['delete undetermined']);
    expect(planOfBoth('2026-04-01')).toEqual(['delete 2026-04-03T00:00:00Z']);
    expect(planOfBoth('2026-01-01')).toEqual(['delete 2026-03-01T10:00:00Z']);
  });
});
