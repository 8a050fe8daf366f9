import { describe, expect, it } from 'vitest';
import { GOOD_POLICY, describeMistakes, policyFrom, written } from '../../support/rules/policy-text.ts';

const LOCATED = written(
  '  account.reopened: { entity: account }\n',
  '  account.reopened: { entity: account }\n  person.located: { entity: person, attributes: { place: text } }\n',
  written('regions', 'jurisdictionFrom: { event: person.located, attribute: place }\nregions'),
);
const BY_LAW = written(
  '    rule: account plus {fair period}\n',
  `    rule: account plus {fair period}
    statutory:
      jurisdictions:
        DE: { rule: 10 years after account.closed, source: { document: Commercial Code } }
        FR:
          rules: [8 years after account.closed]
          source: { document: Code de commerce, sentence: Dix ans. }
`,
  LOCATED,
);

describe('a policy file', () => {
  it('says which fact tells the jurisdiction', () => {
    expect(policyFrom(LOCATED).jurisdictionFrom).toEqual({ event: 'person.located', attribute: 'place' });
    expect(policyFrom(GOOD_POLICY).jurisdictionFrom).toBeUndefined();
  });

  it('has laws of single jurisdictions, each with its source', () => {
    const { rules } = policyFrom(BY_LAW).categories['contact-data'] ?? { rules: [] };
    expect(rules.slice(1)).toMatchObject([
      {
        id: 'contact-data/statutory/DE/0',
        level: 'statutory',
        basis: 'law',
        jurisdiction: 'DE',
        text: '10 years after account.closed',
        source: { document: 'Commercial Code' },
      },
      {
        id: 'contact-data/statutory/FR/0',
        level: 'statutory',
        basis: 'law',
        jurisdiction: 'FR',
        source: { document: 'Code de commerce', sentence: 'Dix ans.' },
      },
    ]);
  });

  it('has laws of single jurisdictions beside one that counts everywhere', () => {
    const both = written(
      '    statutory:\n',
      '    statutory:\n      rule: 1 year after account.closed\n      source: { document: Tax Code }\n',
      BY_LAW,
    );
    const { rules } = policyFrom(both).categories['contact-data'] ?? { rules: [] };
    expect(rules.map(({ id, source }) => [id, source?.document])).toEqual([
      ['contact-data/category/0', 'CRM privacy policy'],
      ['contact-data/statutory/0', 'Tax Code'],
      ['contact-data/statutory/DE/0', 'Commercial Code'],
      ['contact-data/statutory/FR/0', 'Code de commerce'],
    ]);
  });
});

describeMistakes('jurisdictions', [
  [
    'the event that tells the jurisdiction is not declared',
    written('event: person.located', 'event: person.locatd', LOCATED),
    ['crm.yaml:7:28 the policy declares no event "person.locatd"; did you mean "person.located"?'],
  ],
  [
    'the event that tells the jurisdiction is like none that is declared',
    written('event: person.located', 'event: citizen.moved', LOCATED),
    ['crm.yaml:7:28 the policy declares no event "citizen.moved"; declare it under `events`'],
  ],
  [
    'the event does not carry the attribute',
    written('attribute: place', 'attribute: plaice', LOCATED),
    ['crm.yaml:7:55 the event "person.located" declares no text attribute "plaice"; did you mean "place"?'],
  ],
  [
    'the attribute is not text',
    written('attributes: { place: text }', 'attributes: { place: number }', LOCATED),
    [
      'crm.yaml:7:55 the event "person.located" declares no text attribute "place"; declare it, such as `person.located: { entity: person, attributes: { place: text } }`',
    ],
  ],
  [
    'the event can be undone',
    written(
      'person.located: { entity: person',
      'person.located: { entity: account, undoneBy: [account.reopened]',
      LOCATED,
    ),
    [
      'crm.yaml:7:28 "person.located" is undone by other events, and then it would not be known where somebody is; remove its `undoneBy`: a later "person.located" replaces an earlier one',
    ],
  ],
  [
    'the event is personal by month',
    written('person.located: { entity: person', 'person.located: { personal: month, entity: person', LOCATED),
    [
      'crm.yaml:7:28 "person.located" is personal by month, but other rules count from its very time, which a disposal would tell; write `personal: true`',
    ],
  ],
  [
    'the event is about one purpose',
    written(
      'person.located: { entity: person',
      'person.located: { byPurpose: true, entity: person',
      written('regions', 'purposes: [service]\nregions', LOCATED),
    ),
    [
      'crm.yaml:7:28 "person.located" is about one purpose, and where somebody is holds for all of them; name another event, or remove its `byPurpose`',
    ],
  ],
  [
    'the source of jurisdictions is only an event',
    written('{ event: person.located, attribute: place }', 'person.located', LOCATED),
    ['crm.yaml:7:19 found "person.located"; the source of jurisdictions is a mapping with event, attribute'],
  ],
  [
    'the law of a jurisdiction is not named',
    written(', source: { document: Commercial Code }', '', BY_LAW),
    ['crm.yaml:21:13 a statutory rule must name the law that it comes from; write `source: { document: … }`'],
  ],
  [
    'a jurisdiction has no law',
    written('DE: { rule: 10 years after account.closed, ', 'DE: { ', BY_LAW),
    ['crm.yaml:21:13 no rule found; write `rule: …`'],
  ],
  [
    'the law of a jurisdiction has mistakes in its rule',
    written('rules: [8 years', 'rules: [8 yeers', BY_LAW),
    [
      'crm.yaml:23:21 expected a unit (hours, days, weeks, months or years), found "yeers"; did you mean "years"?',
    ],
  ],
  [
    'there are laws for some jurisdictions and no rule for the others',
    written('    rule: account plus {fair period}\n    statutory', '    statutory', BY_LAW),
    [
      'crm.yaml:17:3 this category has rules for some jurisdictions only; write `rule: …` for holdings of all others',
    ],
  ],
  [
    'laws of jurisdictions depend on what nothing tells',
    written('jurisdictionFrom: { event: person.located, attribute: place }\n', '', BY_LAW),
    [
      'crm.yaml:19:7 these rules depend on the attribute `jurisdiction` of holdings, which the policy does not declare; write `attributes: { jurisdiction: text }`, or name the event that says it under `jurisdictionFrom`',
    ],
  ],
]);
