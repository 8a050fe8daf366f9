import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { collectionOf, collectionsOf } from '../../../shared/domain/collections/collections-of.ts';
import {
  configurationOf,
  laneConfiguration,
} from '../../../shared/domain/configuration/configuration-part.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { CollectionConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { GOOD_POLICY, policyFrom, written } from '../../support/rules/policy-text.ts';
import type { HoldingVariant } from '../../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { answersTo, compiled, goodConfig } from '../../support/rules/configuration-text.ts';

const USAGE = { category: 'usage-data', entity: 'account', by: 'account_id', producer: 'erp' } as const;

const variantOf = (type: string, producer: string): HoldingVariant => ({
  producer,
  content: '',
  categories: ['usage-data'],
  purposes: [],
  entities: [{ type, ref: 'ref' as EntityRef }],
  sent: 0,
  received: 0,
  since: 1,
  folded: 1,
});
const variants = [variantOf('account', 'erp')];

/** These collections in the table of PostgreSQL. */
const inUsage =
  (...collections: object[]) =>
  ({ stores }: RetentionConfig): void => {
    stores['usage']!.collections = collections as CollectionConfiguration[];
  };

/** Objects of S3 with `contacts` as their store. */
const inObjects =
  (...collections: object[]) =>
  ({ stores }: RetentionConfig): void => {
    const keys = [{ name: 'key', type: 'text' as const }];
    stores['contacts'] = { kind: 's3', region: 'eu-central-1', keys, options: { bucket: 'contacts' } };
    stores['contacts'].collections = collections as CollectionConfiguration[];
  };

describe('collections', () => {
  it('can be deployed', () => {
    expect(answersTo(inUsage(USAGE))).toEqual([]);
  });

  it('are documented as what this release does with them', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page).not.toContain('This release checks collections, but does not dispose of them yet');
  });

  it('are compiled with their filter, and found by entity type and by name', () => {
    const config = goodConfig();
    const usage = { ...USAGE, where: { kind: 'usage', open: true, count: 7 } };
    inUsage(usage, { ...USAGE, category: 'contact-data', where: { kind: 'contact' } })(config);
    const configuration = compiled(config);
    const found = { ...usage, store: 'usage' };
    expect(collectionsOf(configuration, 'account')).toEqual([
      found,
      { ...USAGE, category: 'contact-data', store: 'usage', where: { kind: 'contact' } },
    ]);
    expect(collectionsOf(configuration, 'person')).toEqual([]);
    const named = (store: string, collection: string) =>
      collectionOf(configuration, { store, collection, variants });
    expect(named('usage', 'usage-data')).toEqual(found);
    expect(named('usage', 'mail')).toBeUndefined();
    expect(named('contacts', 'usage-data')).toBeUndefined();
  });

  it('are no longer those of a holding that was made for other ids', () => {
    const config = goodConfig();
    inUsage(USAGE)(config);
    const configuration = compiled(config);
    const is = (type: string, producer: string, entityTypes = configuration.entityTypes): boolean => {
      const holding = { store: 'usage', collection: 'usage-data', variants: [variantOf(type, producer)] };
      return collectionOf({ ...configuration, entityTypes }, holding) !== undefined;
    };
    expect([is('account', 'erp'), is('person', 'erp'), is('account', 'crm')]).toEqual([true, false, false]);
    // Ids that all producers share are the same ids, whatever producer the collection has.
    expect(is('account', 'crm', { account: { ids: 'shared', normalise: [] } })).toBe(true);
  });

  it('are in the parts of those who register, list and dispose of them, and of no other lane', () => {
    const config = goodConfig();
    inUsage(USAGE)(config);
    const configuration = compiled(config);
    const parts = [
      ...(['api', 'ingest', 'sweep'] as const).map((name) => configurationOf(name, configuration)),
      laneConfiguration('usage', configuration),
    ];
    for (const part of parts) expect(collectionsOf(part, 'account')).toEqual([{ ...USAGE, store: 'usage' }]);
    for (const part of [configurationOf('seal', configuration), laneConfiguration('contacts', configuration)])
      expect(collectionsOf(part, 'account')).toEqual([]);
  });

  it('may be of a shared type, and of prefixes that do not begin with each other', () => {
    const files = { category: 'contact-data', entity: 'account', by: 'accounts/{id}/', producer: 'crm' };
    expect(answersTo(inObjects(files))).toEqual([]);
    expect(answersTo(inObjects(files, { ...files, category: 'usage-data', by: 'usage/{id}/' }))).toEqual([]);
    expect(
      answersTo((config) => {
        inObjects({ ...files, entity: 'person', category: 'mail' })(config);
        config.producers['crm']!.categories.push('mail');
        config.producers['crm']!.events!.push('consent.withdrawn');
      }),
    ).toEqual([]);
  });
});

describe('a collection is refused', () => {
  test.each<[what: string, change: object, answers: readonly string[]]>([
    [
      'of an unknown type',
      { entity: 'acount' },
      ['.entity: there is no entity type "acount"; did you mean "account"?'],
    ],
    [
      'of an unknown category, which its producer cannot have',
      { category: 'usage' },
      [
        '.category: no policy has the category "usage"; write one of contact-data, mail, usage-data',
        '.producer: the producer "erp" may not register "usage"; add it to its `categories`, or name another producer',
      ],
    ],
    [
      'of an unknown producer',
      { producer: 'epr' },
      ['.producer: there is no producer "epr"; did you mean "erp"?'],
    ],
    [
      'of a producer without the store',
      { producer: 'crm' },
      [
        '.producer: the producer "crm" may not register records of this store; add it to its `stores`: \'usage\': {}, or name another producer',
      ],
    ],
    [
      'that its kind of store cannot list',
      { by: '' },
      [".by: empty; say where records carry the entity's id, such as `account_id`"],
    ],
    [
      'with a key as its filter that cannot be one',
      { by: 'a\0' },
      [
        ".by: `by` and the fields of `where` are names of columns, of 1 to 63 bytes; write a column of the table, such as by: 'account_id'",
      ],
    ],
    [
      'with a filter that is not a value',
      { where: { kind: null } },
      [
        ".where.kind: found nothing; write the value that the field has, such as `{ kind: 'invoice' }`: a text, a number or a boolean",
      ],
    ],
    ['with a misspelled key', { were: {} }, [': a collection has no key "were"; did you mean "where"?']],
    [
      'of a type whose events no rule waits for',
      { entity: 'person' },
      [
        '.category: no rule of "usage-data" waits for an event of the entity type "person", so its records would be kept for ever; name the type whose events the rules wait for',
      ],
    ],
  ])('%s', (_, change, answers) => {
    expect(answersTo(inUsage({ ...USAGE, ...change }))).toEqual(
      answers.map((answer) => `stores.usage.collections.0${answer}`),
    );
  });

  const attributes = 'attributes: { country: text }\nsettings:';
  const withAttributes = (rule: string): string =>
    [
      ['[eu-central-1]', '[eu-central-1]\npurposes: [service]'],
      ['settings:', attributes],
      ['rule: account plus {fair period}', rule],
    ].reduce((text, [part = '', instead = '']) => written(part, instead, text), GOOD_POLICY);
  const asking = withAttributes(
    'rule: 2 years after account.closed if country is "DE", otherwise account plus {fair period}',
  );

  it('whose rule asks for an attribute that nothing registers, unless the policy has a default', () => {
    const answers = (text: string): string[] =>
      answersTo(inUsage({ ...USAGE, category: 'contact-data' }), STORE_KINDS, {
        policies: [policyFrom(text)],
      });
    expect(answers(asking)).toEqual([
      'stores.usage.collections.0.category: a rule of "contact-data" (policy "crm") asks for the attribute "country", which nothing registers for a collection; give it a default in the policy, or let the records be registered',
    ]);
    expect(answers(written('country: text', 'country: { type: text, default: DE }', asking))).toEqual([]);
  });

  it('whose rules depend on a jurisdiction that nothing tells', () => {
    const byPlace = withAttributes(
      'rule: account plus {fair period}\n    jurisdictions: { DE: 2 years after account.closed }',
    ).replace('country', 'jurisdiction');
    const answers = (text: string): string[] =>
      answersTo(inUsage({ ...USAGE, category: 'contact-data' }), STORE_KINDS, {
        policies: [policyFrom(text)],
      });
    expect(answers(byPlace)).toEqual([
      expect.stringContaining('asks for the attribute "jurisdiction", which nothing registers'),
    ]);
    expect(
      answers(written('jurisdiction: text', 'jurisdiction: { type: text, default: DE }', byPlace)),
    ).toEqual([]);
    const moved = 'account.moved: { entity: account, attributes: { place: text } }\nattributes:';
    const told = written('attributes:', `  ${moved}`, byPlace);
    const from = 'jurisdictionFrom: { event: account.moved, attribute: place }\nevents:';
    const granted = (config: RetentionConfig): void => {
      inUsage({ ...USAGE, category: 'contact-data' })(config);
      config.producers['erp']!.events!.push('account.moved');
    };
    const policies = { policies: [policyFrom(written('events:', from, told))] };
    expect(answersTo(granted, STORE_KINDS, policies)).toEqual([]);
  });

  it('if its store has none', () => {
    expect(answersTo(inUsage())).toEqual([
      "stores.usage.collections: empty; list collections, such as `{ category: 'uploads', entity: 'account', by: 'account_id', producer: 'crm' }`",
    ]);
  });

  it('of a producer that has only a part of the store', () => {
    expect(
      answersTo((config) => {
        inObjects({ category: 'contact-data', entity: 'account', by: '{id}/', producer: 'crm' })(config);
        config.producers['crm']!.stores = { contacts: { prefixes: ['crm/'] } };
      }),
    ).toEqual([
      'stores.contacts.collections.0.producer: the producer "crm" has only some prefixes of this store, and a collection is in all of it; grant it the whole store, or divide the store in two',
    ]);
  });

  it('with the category of another one in the store', () => {
    const twice = [1, 2].map((count) => ({ ...USAGE, where: { count } }));
    expect(answersTo(inUsage(...twice))).toEqual([
      'stores.usage.collections.1.category: this store already has a collection of "usage-data"; write one collection for each category',
    ]);
  });

  const other = { ...USAGE, category: 'contact-data' };
  test.each<[what: string, one: object, other: object]>([
    ['nothing', {}, {}],
    ['a filter of one of them', {}, { where: { kind: 'a' } }],
    ['filters of different fields', { where: { open: true } }, { where: { kind: 'a' } }],
    ['different columns', {}, { by: 'customer_id' }],
  ])('if only %s tells it from another one', (_, one, second) => {
    expect(answersTo(inUsage({ ...USAGE, ...one }, { ...other, ...second }))).toEqual([
      "stores.usage.collections.1.by: a record can be in this collection and in that of \"usage-data\", and would go when the first of them is due; write a `where` in both, with different values of one field, such as where: { kind: 'invoice' } and where: { kind: 'draft' }",
    ]);
  });

  it('unless one field has another value', () => {
    const [one, second] = ['a', 'b'].map((kind) => ({ where: { kind, open: true } }));
    expect(answersTo(inUsage({ ...USAGE, ...one }, { ...other, ...second }))).toEqual([]);
  });

  test.each([
    ['users/{id}/', 'users/{id}/'],
    ['users/{id}/', 'users/old/{id}/'],
    ['{id}/', 'users/{id}/'],
    ['users/{id}/', 'users/x{id}/'],
  ])('with the prefix %s beside %s', (one, second) => {
    const files = { category: 'contact-data', entity: 'account', by: one, producer: 'crm' };
    expect(answersTo(inObjects(files, { ...files, category: 'usage-data', by: second }))).toEqual([
      "stores.contacts.collections.1.by: a record can be in this collection and in that of \"contact-data\", and would go when the first of them is due; write prefixes of which none begins with the other up to {id}, such as 'users/{id}/' and 'old-users/{id}/'",
    ]);
  });
});
