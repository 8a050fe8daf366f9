import { describe, expect, test } from 'vitest';
import type {
  Policy,
  PolicyRule,
  SubjectsPolicy,
  Variant,
} from '../../../shared/domain/configuration/policy.ts';
import { type Plan, plan } from '../../../shared/domain/plan/plan.ts';
import { redactionMasks } from '../../../shared/domain/plan/redactions.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { erase } from '../../support/people/request-world.ts';
import { cleared } from '../../support/rules/purpose-world.ts';
import { aPolicy, aRule, inputOf, iso, planOf } from '../../support/rules/rule-world.ts';

const ROLES: SubjectsPolicy = {
  onRequest: 'redact',
  fields: { sender: cleared('sender_name'), recipient: cleared('recipient_name'), witness: {} },
};

function policyOf(subjects: SubjectsPolicy | undefined, rules: readonly PolicyRule[]): Policy {
  const policy = aPolicy({ messages: rules });
  return { ...policy, categories: { messages: { rules, ...(subjects && { subjects }) } } };
}

/** A message about a person in each role, some of whom asked for erasure on a day. */
function planned(
  asked: Readonly<Record<string, string | undefined>>,
  subjects: SubjectsPolicy | undefined = ROLES,
  rules: readonly PolicyRule[] = [aRule('keep permanently')],
): Plan {
  const people = Object.entries(asked);
  const roles = Map.groupBy(people.entries(), ([, [name]]) => name.split(' ')[0] ?? '');
  return planOf({
    policies: [policyOf(subjects, rules)],
    subjects: people.map(([, day]) => ({
      type: 'person',
      events: day === undefined ? {} : erase(`${day}T10:00:00Z`),
    })),
    variants: [
      {
        roles: Object.fromEntries(
          [...roles].map(([role, own]) => [role, own.map(([index]) => `person-${index}` as EntityRef)]),
        ),
      },
    ],
    now: '2026-07-01T00:00:00Z',
  });
}

const about = (...refs: (EntityRef | undefined)[]) =>
  refs.flatMap((ref) => (ref === undefined ? [] : [{ type: 'person', ref }]));

const said = ({ stages }: Plan): string[] =>
  stages.map(({ action, part, status, actAt }) =>
    [action, part, status === 'due' ? iso(actAt) : status].filter((word) => word !== undefined).join(' '),
  );

describe('a record about several people of whom one has asked for erasure', () => {
  test('loses the fields of that person, and is kept', () => {
    const plan = planned({ sender: '2026-05-01', recipient: undefined });
    expect(said(plan)).toEqual(['anonymise subject:sender 2026-05-01T10:00:00Z', 'delete never']);
    expect(plan.next).toMatchObject({
      part: 'subject:sender',
      ruleText: 'erasure request of the person',
      policy: 'test-policy',
      facts: [{ type: 'tenure.request.erase' }],
    });
    expect(plan.explanation).toEqual(
      expect.arrayContaining([
        'Erasure was asked for by everyone in the role sender on 2026-05-01T10:00:00+00:00. Fields that are masked: sender_name.',
      ]),
    );
  });

  test('is deleted when all have asked, and loses the fields of the first before that', () => {
    expect(said(planned({ sender: '2026-05-01', recipient: '2026-06-01' }))).toEqual([
      'anonymise subject:sender 2026-05-01T10:00:00Z',
      'delete 2026-06-01T10:00:00Z',
    ]);
    expect(said(planned({ sender: '2026-05-01', recipient: '2026-05-01' }))).toEqual([
      'delete 2026-05-01T10:00:00Z',
    ]);
  });

  test('is deleted at once if the category says so', () => {
    const plan = planned({ sender: '2026-05-01', recipient: undefined }, { ...ROLES, onRequest: 'delete' });
    expect(said(plan)).toEqual(['delete 2026-05-01T10:00:00Z']);
  });

  test.each<[string, SubjectsPolicy | undefined]>([
    ['the category keeps it', { ...ROLES, onRequest: 'keep' }],
    ['the category says nothing', undefined],
    ['the category names no fields for that person', { ...ROLES, fields: { recipient: cleared('name') } }],
  ])('is kept until all have asked if %s, and says so', (_, subjects) => {
    const plan = planOf({
      policies: [policyOf(subjects, [aRule('keep permanently')])],
      subjects: [
        { type: 'person', events: erase('2026-05-01T10:00:00Z') },
        { type: 'person', events: {} },
      ],
      variants: [{ roles: { sender: ['person-0' as EntityRef], recipient: ['person-1' as EntityRef] } }],
      now: '2026-07-01T00:00:00Z',
    });
    expect(said(plan)).toEqual(['delete never']);
    expect(plan.explanation).toContainEqual(
      expect.stringContaining('1 of 2 entities of type person have asked for erasure'),
    );
  });

  test('keeps what another person in the same role has in its fields', () => {
    expect(said(planned({ 'sender 1': '2026-05-01', 'sender 2': undefined, recipient: undefined }))).toEqual([
      'delete never',
    ]);
    expect(
      said(planned({ 'sender 1': '2026-05-01', 'sender 2': '2026-06-01', recipient: undefined })),
    ).toEqual(['anonymise subject:sender 2026-06-01T10:00:00Z', 'delete never']);
  });

  test('keeps all of its fields as long as a law does', () => {
    const rules = [aRule('10 years after contract.ended', { level: 'statutory' })];
    expect(said(planned({ sender: '2026-05-01', recipient: undefined }, ROLES, rules))).toEqual([
      'anonymise subject:sender undetermined',
      'delete undetermined',
    ]);
  });
});

describe('a record of two categories', () => {
  const people = [
    { type: 'person', events: erase('2026-05-01T10:00:00Z') },
    { type: 'person', events: {} },
    { type: 'person', events: {} },
  ];
  const [ada, bob, cid] = ['person-0', 'person-1', 'person-2'] as EntityRef[];
  const ofAda = { sender: [ada as EntityRef], recipient: [bob as EntityRef] };
  const rules = [aRule('keep permanently')];
  const worldOf = (mails: SubjectsPolicy, variants: readonly Variant[]) =>
    inputOf({
      policies: [
        aPolicy(
          {},
          { categories: { messages: { rules, subjects: ROLES }, mails: { rules, subjects: mails } } },
        ),
      ],
      subjects: people,
      variants,
      now: '2026-07-01T00:00:00Z',
    });
  const masked = (mails: SubjectsPolicy, variants: readonly Variant[]) => {
    const world = worldOf(mails, variants);
    const isPlanned = plan(world).stages.some(({ part }) => part === 'subject:sender');
    const fields = Object.keys(redactionMasks(world, 'sender'));
    expect(isPlanned).toBe(fields.length > 0);
    return fields;
  };
  const entities = about(ada, bob);
  const mails: SubjectsPolicy = { onRequest: 'redact', fields: { sender: cleared('from') } };

  test('loses the fields that each of them names for the person', () => {
    expect(masked(mails, [{ entities, roles: ofAda }])).toEqual(['from', 'sender_name']);
  });

  test('loses no field that one of them names for another person', () => {
    const other: SubjectsPolicy = { onRequest: 'redact', fields: { recipient: cleared('sender_name') } };
    expect(masked(other, [{ entities, roles: ofAda }])).toEqual([]);
    const inside: SubjectsPolicy = {
      onRequest: 'redact',
      fields: { sender: cleared('from'), recipient: cleared('sender_name.first') },
    };
    expect(masked(inside, [{ entities, roles: ofAda }])).toEqual(['from']);
  });

  test('loses nothing before all have asked where one of them keeps it until then', () => {
    const { stages, explanation } = plan(
      worldOf({ ...mails, onRequest: 'keep' }, [{ entities, roles: ofAda }]),
    );
    expect(stages.map(({ action, status }) => `${action} ${status}`)).toEqual(['delete never']);
    expect(explanation.join('\n')).toContain('1 of 2 entities of type person have asked for erasure');
    expect(explanation.join('\n')).not.toContain('masked');
  });

  test('loses no field of a category whose registration does not say who has the role', () => {
    const variants: readonly Variant[] = [
      { producer: 'chat', categories: ['messages'], entities, roles: ofAda },
      { producer: 'mail', categories: ['mails'], entities: about(bob, cid) },
    ];
    expect(masked(mails, variants)).toEqual(['sender_name']);
  });
});

test('a record about one person is not redacted', () => {
  expect(said(planned({ sender: '2026-05-01' }))).toEqual(['delete 2026-05-01T10:00:00Z']);
});
