import { describe, expect, it } from 'vitest';
import { GOOD_POLICY, mistakesIn, policyFrom, written } from '../../support/rules/policy-text.ts';

const events = `  account.reopened: { entity: account }
  person.born: { entity: person, personal: true }
  person.is-child: { entity: person }
`;
const withChildren = (children: string): string =>
  written(
    '  account.reopened: { entity: account }\n',
    events,
    written('regions', `children: ${children}\nregions`),
  );

describe('a policy file', () => {
  it('says who counts as a child, and what tells it', () => {
    expect(policyFrom(GOOD_POLICY).children).toBeUndefined();
    expect(policyFrom(withChildren('{ under: 13 years, born: person.born }')).children).toEqual({
      under: { years: 13 },
      born: 'person.born',
    });
    expect(
      policyFrom(withChildren('{ under: 12 years and 6 months, found: person.is-child }')).children,
    ).toEqual({ under: { years: 12, months: 6 }, found: 'person.is-child' });
  });

  it('names at least one event that it declares, and an age', () => {
    const mistakes = (children: string) => mistakesIn(withChildren(children)).join('\n');
    expect(mistakes('{ under: 13 years }')).toMatch(/name at least one of `born`/);
    expect(mistakes('{ under: 13, born: person.born }')).toMatch(/such as `13 years`/);
    expect(mistakes('{ under: 5000 days, born: person.born }')).toMatch(/such as `13 years`/);
    expect(mistakes('{ under: 13 years, born: person.birth }')).toMatch(
      /the policy declares no event "person.birth"/,
    );
    expect(mistakes('{ under: 13 years, found: account.closed }')).toMatch(/remove its `undoneBy`/);
    expect(mistakes('{ under: 13 years, found: person.is-child, who: all }')).toMatch(/no key "who"/);
  });
});
