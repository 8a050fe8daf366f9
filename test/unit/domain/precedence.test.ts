import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../../shared/domain/configuration/policy.ts';
import { aPolicy, aRule, iso, planOf } from '../../support/rules/rule-world.ts';
import type { World } from '../../support/rules/rule-world.ts';

const events = { 'contract.ended': '2020-01-01', 'contract.started': '2015-01-01' };
const jurisdiction = { jurisdiction: { type: 'text' as const } };

function planWith(categories: Record<string, readonly PolicyRule[]>, world: Partial<World> = {}) {
  return planOf({
    policies: [aPolicy(categories, { attributes: jurisdiction })],
    subjects: [{ events }],
    ...world,
  });
}

const usual = aRule('3 years after contract.ended');
const category = aRule('2 years after contract.ended', { level: 'category' });
const german = aRule('1 year after contract.ended', { level: 'jurisdiction', jurisdiction: 'DE' });
const statutory = aRule('6 months after contract.ended', {
  level: 'statutory',
  source: { document: 'Tax code, section 147' },
});
const inGermany = { variants: [{ attributes: { jurisdiction: 'DE' } }] };
const inFrance = { variants: [{ attributes: { jurisdiction: 'FR' } }] };

describe('more explicit rules replace each other, shorter or longer', () => {
  test.each([
    ['the default alone', [usual], inGermany, '2023-01-02T00:00:00Z'],
    ['a category rule over the default', [usual, category], inGermany, '2022-01-02T00:00:00Z'],
    ['a jurisdiction over a category rule', [usual, category, german], inGermany, '2021-01-02T00:00:00Z'],
    ['the law over everything', [statutory, usual, category, german], inGermany, '2020-07-02T00:00:00Z'],
    [
      'a rule of another jurisdiction not at all',
      [usual, category, german],
      inFrance,
      '2022-01-02T00:00:00Z',
    ],
    ['the law without asking for a jurisdiction', [statutory, german, usual], {}, '2020-07-02T00:00:00Z'],
  ] as const)('%s', (_, rules, world, actAt) => {
    const result = planWith({ records: rules }, world);
    expect(iso(result.next?.actAt)).toBe(actAt);
  });

  test('a jurisdiction that is not known keeps the holding', () => {
    const result = planWith({ records: [usual, german] });
    expect(result.status).toBe('undetermined');
    expect(result.stages[0]?.reasons.join()).toMatch(/no attribute jurisdiction/);
  });

  test('a jurisdiction that the policy gives a default is known', () => {
    const policy = aPolicy(
      { records: [usual, german] },
      { attributes: { jurisdiction: { type: 'text', default: 'DE' } } },
    );
    expect(iso(planOf({ policies: [policy], subjects: [{ events }] }).next?.actAt)).toBe(
      '2021-01-02T00:00:00Z',
    );
  });

  test('a category whose rules are all for elsewhere keeps the holding', () => {
    expect(planWith({ records: [german] }, inFrance)).toMatchObject({ status: 'undetermined' });
  });

  test('the basis is law where the law decides', () => {
    expect(planWith({ records: [usual, statutory] }).next?.window?.basis).toBe('law');
    expect(planWith({ records: [usual] }).next?.window?.basis).toBe('policy');
  });
});

describe('what remains joins', () => {
  test('the latest minimum of one category', () => {
    const { next } = planWith({ records: [usual, aRule('9 years after contract.started')] });
    expect(next).toMatchObject({
      actAt: Date.parse('2024-01-02T00:00:00Z'),
      ruleText: '9 years after contract.started',
    });
  });

  test('the latest minimum of several categories', () => {
    const { next } = planWith({ a: [usual], b: [aRule('5 years after contract.ended')] });
    expect(iso(next?.actAt)).toBe('2025-01-02T00:00:00Z');
  });

  test('the earliest maximum and the latest floor', () => {
    const { next } = planWith({
      a: [aRule('within 90 days after contract.ended')],
      b: [aRule('within 6 years after contract.started')],
    });
    expect(next?.window).toMatchObject({
      notAfter: Date.parse('2020-04-01T00:00:00Z'),
      floor: Date.parse('2020-01-02T00:00:00Z'),
    });
  });

  test('a minimum of one with a maximum of another', () => {
    const { next } = planWith({
      a: [aRule('30 days after contract.ended')],
      b: [aRule('within 90 days after contract.ended')],
    });
    expect(next).toMatchObject({
      actAt: Date.parse('2020-02-01T00:00:00Z'),
      deadline: Date.parse('2020-04-01T00:00:00Z'),
    });
  });

  test('never before the floor of a maximum, even when a minimum has passed', () => {
    const { next } = planWith({
      a: [aRule('1 year after contract.started')],
      b: [aRule('within 90 days after contract.ended')],
    });
    expect(iso(next?.actAt)).toBe('2020-01-02T00:00:00Z');
  });

  test('an undetermined minimum keeps everything', () => {
    expect(planWith({ a: [usual], b: [aRule('until audit.completed')] }).status).toBe('undetermined');
    expect(planWith({ a: [usual, aRule('until audit.completed')] }).status).toBe('undetermined');
  });

  test('a category that is kept permanently keeps everything', () => {
    expect(planWith({ a: [usual], b: [aRule('keep permanently')] }).status).toBe('never');
  });

  test('an unknown maximum alone does not permit anything', () => {
    expect(planWith({ a: [usual], b: [aRule('within 30 days after audit.completed')] }).status).toBe(
      'undetermined',
    );
  });

  test('a minimum later than a maximum is a conflict and keeps the data', () => {
    const result = planWith({
      a: [aRule('6 years after contract.ended')],
      b: [aRule('within 90 days after contract.ended')],
    });
    expect(result).toMatchObject({ status: 'conflict', stages: [{ status: 'conflict' }] });
    expect(result.next).toBeUndefined();
    expect(result.stages[0]?.reasons).toEqual([
      '“6 years after contract.ended” allows it only from 2026-01-02T00:00:00+00:00 on, but “within 90 days after contract.ended” requires it by 2020-04-01T00:00:00+00:00',
    ]);
  });

  test('a conflict within one rule names the rule once, with both dates', () => {
    const rule = 'not before 2 years after contract.ended and by 1 year after contract.started';
    expect(planWith({ a: [aRule(rule)] }).stages[0]?.reasons).toEqual([
      `“${rule}” allows it only from 2022-01-02T00:00:00+00:00 on, but requires it by 2016-01-02T00:00:00+00:00`,
    ]);
  });

  test('a maximum before the floor of another rule is said, and acts late', () => {
    const result = planWith({
      a: [aRule('within 30 days after contract.ended')],
      b: [aRule('within 30 days after contract.started')],
    });
    expect(result).toMatchObject({ status: 'due', next: { actAt: Date.parse('2020-01-02T00:00:00Z') } });
    expect(result.explanation).toContain(
      'The maximum 2015-02-01T00:00:00+00:00 is before the floor 2020-01-02T00:00:00+00:00: delete can only be late, because it does not happen before the floor. Correct the rule, or the event.',
    );
  });

  test('equal bounds are not a conflict', () => {
    expect(
      planWith({
        a: [aRule('90 days after contract.ended')],
        b: [aRule('within 90 days after contract.ended')],
      }).status,
    ).toBe('due');
  });
});

describe('stages of several categories', () => {
  const dates = (result: ReturnType<typeof planWith>) =>
    Object.fromEntries(
      result.stages.map(({ action, status, window }) => [action, iso(window?.notBefore) ?? status]),
    );

  test('who may delete may also anonymise, but not sooner', () => {
    const result = planWith({
      a: [aRule('anonymise 90 days after contract.ended, then delete 3 years after contract.ended')],
      b: [aRule('1 year after contract.ended')],
    });
    expect(dates(result)).toEqual({ anonymise: '2021-01-02T00:00:00Z', delete: '2023-01-02T00:00:00Z' });
  });

  test('a category that never lets anything delete keeps the rest from deleting', () => {
    const result = planWith({ a: [aRule('anonymise 90 days after contract.ended')], b: [usual] });
    expect(dates(result)).toEqual({ anonymise: '2023-01-02T00:00:00Z', delete: 'never' });
    expect(result.stages[1]?.reasons).toEqual(['no rule of category a allows “delete”']);
  });

  test('a maximum counts for the action that names it', () => {
    const result = planWith({
      a: [aRule('anonymise within 90 days after contract.ended')],
      b: [aRule('30 days after contract.ended')],
    });
    expect(result.stages[0]).toMatchObject({
      action: 'anonymise',
      deadline: Date.parse('2020-04-01T00:00:00Z'),
    });
    expect(result.stages[1]?.window?.notAfter).toBeUndefined();
  });

  test('a conflict about one stage keeps the data from all', () => {
    const result = planWith({
      a: [aRule('anonymise within 90 days after contract.ended, then delete 1 year after contract.ended')],
      b: [aRule('2 years after contract.ended')],
    });
    expect(result.status).toBe('conflict');
    expect(result.next).toBeUndefined();
  });
});

test('another rule, category or registration only ever keeps longer', () => {
  const text = fc.constantFrom(
    '3 years after contract.ended',
    '30 days after contract.started',
    'keep permanently',
    'within 90 days after contract.ended',
    'until audit.completed',
    'at least 1 year and at most 9 years after contract.started',
  );
  const rules = fc.array(text, { minLength: 1, maxLength: 3 });
  const zone = fc
    .constantFrom('UTC', 'Asia/Tokyo', 'America/New_York', 'Pacific/Apia')
    .map((name) => ({ zone: name }));
  const permitted = (categories: Record<string, string[]>, variants: { zone: string }[]): number => {
    const withRules = Object.fromEntries(
      Object.entries(categories).map(([name, texts]) => [
        name,
        texts.map((one, index) => aRule(one, { id: `${name}/${index}` })),
      ]),
    );
    const { next } = planWith(withRules, { variants });
    return next === undefined ? Infinity : Math.max(next.window?.notBefore ?? 0, next.window?.floor ?? 0);
  };
  fc.assert(
    fc.property(rules, rules, zone, zone, (a, b, here, there) => {
      const alone = permitted({ a }, [here]);
      expect(permitted({ a, b }, [here])).toBeGreaterThanOrEqual(alone);
      expect(permitted({ a: [...a, ...b] }, [here])).toBeGreaterThanOrEqual(alone);
      expect(permitted({ a }, [here, there])).toBeGreaterThanOrEqual(alone);
      expect(permitted({ b, a }, [there, here])).toBe(permitted({ a, b }, [here, there]));
    }),
    { numRuns: 300 },
  );
});
