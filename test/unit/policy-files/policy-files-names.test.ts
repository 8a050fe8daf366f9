import { describe, expect, test } from 'vitest';
import { EventData, RegistrationData } from '../../../shared/contract/cloud-event.ts';
import { Name } from '../../../shared/contract/fields.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';

const policy = (changes: Record<string, unknown>) =>
  JSON.stringify({
    format: 1,
    policy: 'crm',
    version: '1',
    effectiveFrom: '2025-03-01',
    zone: 'Europe/Berlin',
    regions: ['eu-central-1'],
    ...changes,
  });

function loaded(changes: Record<string, unknown>, settings = {}) {
  return loadPolicies([{ path: 'crm.yaml', text: policy(changes) }], { settings: { crm: settings } });
}

const NAMES = ['contract_term', 'contract-term', 'a_b-c_d', 'x_', 'x-1_2'];

describe('underscores and hyphens', () => {
  test.each(NAMES)('are part of every name, up to the printed rule: %s', (name) => {
    const event = `${name}.${name}_ended`;
    const rule = `the later of {${name}} after ${name} noun, the period in ${name} of ${event} after ${event} and the date in ${name} if ${name} is "a" and ${name} of ${event} is "b"`;
    const result = loaded(
      {
        events: { [event]: { entity: name, attributes: { [name]: 'text' } } },
        nouns: { [`${name} noun`]: event },
        attributes: { [name]: 'text' },
        settings: { [name]: { sentence: 'as long as we say' } },
        categories: { data: rule },
      },
      { [name]: '90 days' },
    );
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([]);
    if (!result.ok) return;
    const found = result.policySet.policies[0]?.categories['data']?.rules[0]?.rule;
    expect(found && printRule(found)).toBe(
      `if ${name} is "a" and ${name} of ${event} is "b", the later of 90 days after ${event}, the period in ${name} of ${event} after ${event} and the date in ${name}`,
    );
  });

  test.each(NAMES)('can be sent: %s', (name) => {
    const event = {
      entity: { type: name, id: '1' },
      occurred: '2024-01-31',
      attributes: { [name]: 'a', [`${name}.${name}`]: 'b' },
    };
    expect(Name.safeParse(`${name}.${name}_ended`).success).toBe(true);
    expect(EventData.safeParse(event)).toMatchObject({ success: true });
    expect(RegistrationData.shape.attributes.safeParse(event.attributes)).toMatchObject({ success: true });
  });

  test('do not begin the name of an attribute: nothing could send it', () => {
    const result = loaded({ attributes: { _id: 'text' }, categories: { data: 'keep permanently' } });
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^"_id" is not a valid name/),
    ]);
    expect(Name.safeParse('_id').success).toBe(false);
  });
});

describe('a name in which words of the language are read', () => {
  test.each([
    [{ nouns: { 'date of birth': 'person.born' } }, 'date of birth', 'date-of-birth'],
    [{ nouns: { 'last login': 'person.born' } }, 'last login', 'last-login'],
    [{ nouns: { 'period in office': 'person.born' } }, 'period in office', 'period-in-office'],
    [{ attributes: { until: 'text' } }, 'until', 'the-until'],
    [{ attributes: { not: 'text' } }, 'not', 'the-not'],
  ])('is refused where it is declared: %j', (changes, name, example) => {
    const result = loaded({
      events: { 'person.born': { entity: 'person' } },
      categories: { data: 'keep permanently' },
      ...changes,
    });
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      `no rule can use the name "${name}", because words of the language are read in it; choose another one, such as "${example}"`,
    ]);
  });
});
