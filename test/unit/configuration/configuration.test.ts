import { describe, expect, it } from 'vitest';
import {
  DEFAULT_TIMING,
  KEY_TYPES,
  type KeyType,
} from '../../../shared/domain/configuration/configuration.ts';
import { checkTiming } from '../../../shared/domain/configuration/check-timing.ts';
import { answersTo, compiled, goodConfig, POLICIES } from '../../support/rules/configuration-text.ts';

describe('a compiled configuration', () => {
  it('has the defaults in the place of what was left out', () => {
    const configuration = compiled(goodConfig());
    expect(configuration.timing).toEqual(DEFAULT_TIMING);
    expect(configuration.auditors).toEqual([]);
    expect(configuration.entityTypes['account']).toEqual({ ids: 'owned', normalise: [] });
    expect(configuration.stores['contacts']?.hourlyCap).toBe(10_000);
    expect(configuration.producers['crm']?.stores).toEqual({ contacts: { prefixes: [''], shared: false } });
  });

  it('has the defaults that a kind of store gives to its options', () => {
    expect(compiled(goodConfig()).stores['usage']?.options).toMatchObject({ port: 5432, schema: 'public' });
  });

  it('says which stores can restrict records, from their options', () => {
    const config = goodConfig();
    expect(compiled(config).stores).toMatchObject({
      contacts: { restricts: false },
      usage: { restricts: false },
    });
    config.stores['contacts']!.options = { table: 'contacts', restrict: { attribute: 'restricted' } };
    expect(compiled(config).stores).toMatchObject({
      contacts: { restricts: true },
      usage: { restricts: false },
    });
  });

  it('takes some times and leaves the others', () => {
    const { timing } = compiled({ ...goodConfig(), timing: { lease: 900 } });
    expect(timing).toEqual({ ...DEFAULT_TIMING, lease: 900 });
  });

  it('carries the policies and what facts have to be kept for them', () => {
    const configuration = compiled(goodConfig());
    expect(configuration.policies).toBe(POLICIES);
    expect(configuration.foldProfile.types['account.closed']).toEqual({
      undoneBy: ['account.reopened'],
      keepAll: false,
    });
  });

  it('can be sent as JSON without losing anything', () => {
    const configuration = compiled(goodConfig());
    expect(JSON.parse(JSON.stringify(configuration))).toEqual(configuration);
  });
});

describe('types of entities that belong to others', () => {
  const withTypes = (types: Readonly<Record<string, string | undefined>>): string[] =>
    answersTo(({ entityTypes }) => {
      for (const [type, belongsTo] of Object.entries(types))
        entityTypes[type] = { ids: 'owned', ...(belongsTo !== undefined && { belongsTo }) };
    });

  it('may form a tree', () => {
    expect(
      withTypes({ account: undefined, customer: 'account', booking: 'customer', note: 'customer' }),
    ).toEqual([]);
  });

  it('must not form a circle, nor belong to themselves', () => {
    expect(withTypes({ account: 'booking', customer: 'account', booking: 'customer' }).join()).toContain(
      'entityTypes.booking.belongsTo: types belong to each other in a circle: booking → customer → account → booking; remove one of these `belongsTo`',
    );
    expect(withTypes({ account: 'account' }).join()).toContain('in a circle: account → account');
  });

  it('are refused once each, also where a type only leads to a circle', () => {
    expect(withTypes({ visit: 'booking', booking: 'customer', customer: 'booking' })).toHaveLength(2);
  });

  it('name a type that exists', () => {
    expect(withTypes({ booking: 'acount' }).join()).toContain(
      'there is no entity type "acount"; did you mean "account"?',
    );
  });
});

describe('the key of a store', () => {
  const keysOf = (kind: string, options: object, ...types: readonly KeyType[]): string[] =>
    answersTo(({ stores }) => {
      const keys = types.map((type, index) => ({ name: `key${index}`, type }));
      stores['contacts'] = { kind, region: 'eu-central-1', keys, options: { ...options } };
    });

  it('has one column or two in DynamoDB, of any type', () => {
    for (const type of KEY_TYPES.filter((each) => each !== 'timestamp')) {
      expect(keysOf('dynamodb', { table: 'contacts' }, type)).toEqual([]);
      expect(keysOf('dynamodb', { table: 'contacts' }, type, type)).toEqual([]);
    }
  });

  it('has no instant where the engine keeps it as text, and no decimals in the key of an object', () => {
    expect(keysOf('dynamodb', { table: 'contacts' }, 'text', 'timestamp').join()).toContain(
      'the key "key1" is declared as `timestamp`, but DynamoDB keeps text, which must be found exactly as it is written',
    );
    for (const type of ['decimal', 'timestamp'] as const)
      expect(keysOf('s3', { bucket: 'contacts' }, 'uuid', type).join()).toContain(
        `the column "key1" is declared as \`${type}\`, but the key of an object is text`,
      );
    expect(keysOf('s3', { bucket: 'contacts' }, 'date', 'text')).toEqual([]);
  });

  it('has one text column at most in S3, beside others or not', () => {
    expect(keysOf('s3', { bucket: 'contacts' }, 'text')).toEqual([]);
    expect(keysOf('s3', { bucket: 'contacts' }, 'uuid', 'binary', 'integer', 'uuid')).toEqual([]);
    expect(keysOf('s3', { bucket: 'contacts' }, 'integer', 'text', 'uuid')).toEqual([]);
  });

  it('has columns of a vendor whose names templates can have', () => {
    const ask = { method: 'DELETE', path: '/people/{key0}', confirmed: [{ status: [204] }] };
    const options = { origin: 'https://api.example.com', delete: ask, anonymise: ask };
    expect(keysOf('http', options, 'text', ...KEY_TYPES)).toEqual([]);
    const path = (text: string) => ({ ...options, delete: { ...ask, path: text } });
    expect(keysOf('http', path('/people/{key1}'), 'text').join()).toContain(
      'delete.path: names {key1}; use one of: key0, action',
    );
  });

  it('has any columns in PostgreSQL', () => {
    const options = { host: 'db.internal', database: 'crm', user: 'tenure', table: 'contacts' };
    expect(keysOf('postgresql', options, 'text', ...KEY_TYPES)).toEqual([]);
  });
});

describe('producers of one store', () => {
  it('may have prefixes that do not overlap', () => {
    expect(
      answersTo(({ producers }) => {
        producers['crm']!.stores = { contacts: { prefixes: ['crm#', 'old-crm#'] } };
        producers['erp']!.stores = { contacts: { prefixes: ['erp#'] } };
      }),
    ).toEqual([]);
  });

  it('may share it when both say so', () => {
    expect(
      answersTo(({ producers }) => {
        producers['crm']!.stores = { contacts: { shared: true } };
        producers['erp']!.stores = { contacts: { shared: true, prefixes: ['erp#'] } };
      }),
    ).toEqual([]);
  });

  it('may name one prefix inside another for themselves', () => {
    expect(
      answersTo(({ producers }) => {
        producers['crm']!.stores = { contacts: { prefixes: ['crm', 'crm#old'] } };
      }),
    ).toEqual([]);
  });
});

describe('the default timing', () => {
  it('fulfils every inequality', () => {
    expect(checkTiming(DEFAULT_TIMING)).toEqual([]);
  });

  it.each([
    ['lease', 481],
    ['minimumHintDistance', 121],
    ['earlyHint', 361],
  ] as const)('could have a %s of %i at least', (setting, least) => {
    const settings = (seconds: number) =>
      checkTiming({ ...DEFAULT_TIMING, storeTimeout: 60, [setting]: seconds })
        .filter((mistake) => mistake.setting === setting)
        .map((mistake) => mistake.setting);
    expect([settings(least), settings(least - 1)]).toEqual([[], [setting]]);
  });
});
