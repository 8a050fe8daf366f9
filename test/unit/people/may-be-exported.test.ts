import { describe, expect, test } from 'vitest';
import { mayBeExported } from '../../../shared/domain/people/may-be-exported.ts';
import { demoDeployment } from '../../support/deployment.ts';

const demo = await demoDeployment();
const categoriesOf = (name: string): readonly string[] =>
  demo.policies.policies.flatMap((policy) => (policy.name === name ? Object.keys(policy.categories) : []));
const [outside = ''] = categoriesOf('paloma365');
const [inside = '', other = ''] = categoriesOf('odoo-events');

/** The demonstration, deployed where these policies do not allow their data. */
const deployed = (notExported: readonly string[]) => ({
  ...demo,
  requests: { ...demo.requests, notExported },
});

describe('a copy for a person', () => {
  test('may have everything where every policy allows the region', () => {
    for (const categories of [[outside], [inside], [inside, outside], ['of-no-policy'], ['__proto__'], []])
      expect(mayBeExported(deployed([]), categories)).toBe(true);
  });

  test('has no record of a policy that does not allow the region, not even if another policy does', () => {
    const there = deployed(['paloma365']);
    expect(mayBeExported(there, [inside])).toBe(true);
    expect(mayBeExported(there, [inside, other])).toBe(true);
    expect(mayBeExported(there, [outside])).toBe(false);
    expect(mayBeExported(there, [inside, outside])).toBe(false);
    expect(mayBeExported(there, [outside, inside])).toBe(false);
  });

  test('has nothing whose policy is unknown where some policy does not allow the region', () => {
    const there = deployed(['paloma365']);
    for (const unknown of ['of-no-policy', '__proto__', 'toString'])
      expect([unknown, mayBeExported(there, [inside, unknown])]).toEqual([unknown, false]);
  });

  test('has no record of any policy where none allows the region', () => {
    const names = [...new Set(demo.policies.policies.map(({ name }) => name))];
    for (const name of names)
      for (const category of categoriesOf(name))
        expect([category, mayBeExported(deployed(names), [category])]).toEqual([category, false]);
  });
});
