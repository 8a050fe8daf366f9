import { describe, expect, it, test } from 'vitest';
import {
  configurationOf,
  laneConfiguration,
} from '../../../shared/domain/configuration/configuration-part.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { datasetNamed, datasetsIn } from '../../../shared/domain/datasets/datasets-of.ts';
import { answersWith, compiled, goodConfig } from '../../support/rules/configuration-text.ts';
import { GOOD_POLICY, policyFrom, written } from '../../support/rules/policy-text.ts';

const LOGS = { category: 'access-logs', producer: 'erp', clock: { 'record.created': 'created_at' } };

/** The good policy, with rows that have clocks. */
function policyWith(rule: string, more = ''): PolicySet {
  const events = `  account.closed: { entity: account, undoneBy: [account.reopened] }
  record.created: { entity: record }
  record.used: { entity: record }
  account.moved: { entity: account, attributes: { place: text } }`;
  const text = [
    [
      '[eu-central-1]',
      '[eu-central-1]\npurposes: [service]\nattributes: { country: text, size: { type: number, default: 1 } }',
    ],
    ['  account.closed: { entity: account, undoneBy: [account.reopened] }', events],
    ['  usage-data:', `  access-logs:\n    rule: ${rule}\n${more}  usage-data:`],
  ].reduce((sofar, [part = '', instead = '']) => written(part, instead, sofar), GOOD_POLICY);
  return { policies: [policyFrom(text)] };
}

const PLAIN = policyWith('delete 90 days after record.created');

/** These datasets in the table of PostgreSQL. */
const inUsage =
  (...datasets: object[]) =>
  (config: RetentionConfig): void => {
    config.entityTypes['record'] = { ids: 'owned' };
    config.producers['erp']!.categories.push('access-logs');
    config.stores['usage']!.datasets = datasets as NonNullable<RetentionConfig['stores'][string]['datasets']>;
  };

describe('datasets', () => {
  it('are compiled with what may be left out, and are in the part of their own lane', () => {
    const config = goodConfig();
    const ended = { column: 'ended', in: { table: 'contracts', key: 'id', by: 'contract_id' } };
    const clock = { 'record.created': ended, 'record.used': 'used_at' };
    const logs = { ...LOGS, clock, by: 'record.used', where: { kind: 'access' } };
    const policies = policyWith('delete 90 days after the later of record.created and record.used if any');
    inUsage(logs)(config);
    const configuration = compiled(config, policies);
    const found = {
      ...logs,
      clock: {
        'record.created': ended,
        'record.used': { column: 'used_at' },
      },
      store: 'usage',
      type: 'record',
    };
    expect(datasetNamed(configuration, 'usage', 'access-logs')).toEqual(found);
    expect(datasetNamed(configuration, 'usage', 'usage-data')).toBeUndefined();
    expect(datasetsIn(laneConfiguration('usage', configuration), 'usage')).toEqual([found]);
    expect(datasetsIn(configurationOf('sweep', configuration), 'usage')).toEqual([found]);
    expect(datasetsIn(laneConfiguration('contacts', configuration), 'usage')).toEqual([]);
  });

  test.each([
    'delete 90 days after record.created',
    'until 2030-12-31',
    'delete 90 days after the later of record.created and account.closed if any',
    'delete 1 year after record.created if size is more than 3, otherwise 90 days after record.created',
  ])('may have the rule “%s”', (rule) => {
    expect(answersWith(inUsage({ ...LOGS, entities: { account: 'account_id' } }), policyWith(rule))).toEqual(
      [],
    );
  });

  it('may be beside a collection of their category, through which requests reach their rows', () => {
    expect(
      answersWith((config) => {
        inUsage({ ...LOGS, entities: { account: 'account_id' } })(config);
        config.stores['usage']!.collections = [
          { category: 'access-logs', entity: 'account', by: 'account_id', producer: 'erp' },
        ];
      }, policyWith('delete 90 days after the later of record.created and account.closed if any')),
    ).toEqual([]);
  });
});

describe('a dataset is refused', () => {
  test.each<[what: string, change: object, answers: readonly string[]]>([
    [
      'without a clock',
      { clock: {} },
      [".clock: empty; name an event and its column, such as `{ 'record.created': 'created_at' }`"],
    ],
    [
      'with a clock that is not a column',
      { clock: { 'record.created': 7 } },
      [
        ".clock.record.created: found the number 7; name the column, such as `created_at`, or `{ column: 'created', unit: 'seconds' }`",
      ],
    ],
    [
      'with a misspelled key in its clock',
      { clock: { 'record.created': { column: 'a', units: 'seconds' } } },
      ['.clock.record.created: a clock has no key "units"; did you mean "unit"?'],
    ],
    [
      'with a zone that does not exist',
      { clock: { 'record.created': { column: 'a', zone: 'Berlin' } } },
      ['.clock.record.created.zone: found "Berlin"; write a time zone such as `Europe/Berlin`, or `UTC`'],
    ],
    [
      'with a number in a zone',
      { clock: { 'record.created': { column: 'a', unit: 'seconds', zone: 'UTC' } } },
      [
        '.clock.record.created: a number of seconds has no time zone; remove `zone`, or `unit` if the column holds times',
      ],
    ],
    [
      'with several clocks of which none is said to have the index',
      { clock: { 'record.created': 'a', 'record.used': 'b' } },
      ['.by: missing; name the event whose column has the index: the rows are read in its order'],
    ],
    [
      'that is read by another clock',
      { by: 'record.used' },
      ['.by: "record.used" is none of its clocks; write one of record.created'],
    ],
    [
      'of an unknown event',
      { clock: { 'record.made': 'a' } },
      [
        '.clock.record.made: no policy declares the event "record.made"; write one of account.closed, record.created, record.used, account.moved, account.reopened',
      ],
    ],
    [
      'of events of different types',
      { clock: { 'record.created': 'a', 'account.closed': 'b' }, by: 'record.created' },
      [
        '.clock: its events happen to entities of different types (record, account), and a row is one; declare one type for them in every policy, such as `record`',
      ],
    ],
    [
      'of events that a producer may send',
      { clock: { 'account.closed': 'closed_at' } },
      [
        '.clock: the producer "crm" may send "account.closed", which happens to a "account", but only columns say what happened to a row; remove the event from its `events`, or declare another type for rows',
        '.clock: the producer "erp" may send "account.closed", which happens to a "account", but only columns say what happened to a row; remove the event from its `events`, or declare another type for rows',
      ],
    ],
    [
      'that names the row as an entity',
      { entities: { record: 'id' } },
      ['.entities.record: "record" is the row itself; remove it'],
    ],
    [
      'of unknown entities',
      { entities: { acount: 'a' } },
      ['.entities.acount: there is no entity type "acount"; did you mean "account"?'],
    ],
    [
      'of unknown attributes',
      { attributes: { contry: 'c' } },
      ['.attributes.contry: no policy declares the attribute "contry"; did you mean "country"?'],
    ],
    [
      'with a column that cannot be one',
      { attributes: { country: 'a\0' } },
      [
        ': clocks, attributes, entities, `in` and the fields of `where` are columns and tables, with names of 1 to 63 bytes; write a name such as `created_at`',
      ],
    ],
    [
      'with a clock in another table that is not said whole',
      { clock: { 'record.created': { column: 'a', in: { table: 'contracts', key: 'id' } } } },
      [
        '.clock.record.created: in.by: "by" is missing; name the column of the row with the value of that key, such as `contract_id`',
      ],
    ],
    [
      'with clocks in two other tables',
      {
        clock: {
          'record.created': { column: 'a', in: { table: 'contracts', key: 'id', by: 'contract' } },
          'record.used': { column: 'b', in: { table: 'contracts', key: 'id', by: 'other' } },
        },
        by: 'record.created',
      },
      [
        '.clock: its clocks are in more than one other table; write the same `in` for each of them, or let the application write a clock into the row',
      ],
    ],
    [
      'with a filter that cannot be kept',
      { where: { kind: 'a\0' } },
      [': a text of `where` has a zero byte, which PostgreSQL cannot keep; remove it'],
    ],
    [
      'of a producer that may not register its category',
      { producer: 'crm' },
      [
        '.producer: the producer "crm" may not register "access-logs"; add it to its `categories`, or name another producer',
        '.producer: the producer "crm" may not register records of this store; add it to its `stores`: \'usage\': {}, or name another producer',
      ],
    ],
  ])('%s', (_, change, answers) => {
    expect(
      answersWith(inUsage({ ...LOGS, ...change }), PLAIN).filter((one) => one.startsWith('stores.')),
    ).toEqual(answers.map((answer) => `stores.usage.datasets.0${answer}`));
  });

  test.each<[rule: string, dataset: object, answer: string]>([
    [
      'delete 3 years after account.closed',
      {},
      'no rule of "access-logs" waits for an event of the row, so its rows would be kept for ever; what waits for an event of another entity is a collection',
    ],
    [
      'anonymise 90 days after record.created, then delete 2 years after record.created\n    anonymise: { email: pseudonym }',
      {},
      'a rule of "access-logs" (policy "crm") asks to anonymise, and nothing remembers for which rows that is done; a dataset can only delete, so register the records, or make it a collection',
    ],
    [
      'delete 1 year after record.created if country is "DE", otherwise 2 years after record.created',
      {},
      'a rule of "access-logs" (policy "crm") asks for the attribute "country"; name its column, such as attributes: { country: \'country\' }, or give it a default in the policy',
    ],
    [
      'delete 90 days after record.used',
      { clock: { 'record.created': 'a', 'record.used': 'b' }, by: 'record.created' },
      'no rule of "access-logs" (policy "crm") waits for "record.created", whose column has the index; write by: \'record.used\', and give its column the index',
    ],
  ])('with the rule “%s”', (rule, change, answer) => {
    expect(answersWith(inUsage({ ...LOGS, ...change }), policyWith(rule))).toEqual([
      `stores.usage.datasets.0.category: ${answer}`,
    ]);
  });

  test.each([
    'delete 3 years after account.closed\n    cap: 10 years',
    'delete 90 days after the later of record.created and account.closed\n    cap: 10 years',
  ])('of a category with a cap, which counts from a registration: “%s”', (rule) => {
    const answers = answersWith(inUsage({ ...LOGS, entities: { account: 'a' } }), policyWith(rule));
    expect(answers).toEqual(expect.arrayContaining([expect.stringContaining('has a `cap`')]));
  });

  it('with more conditions than can be looked through', () => {
    const branch = (size: number): string =>
      `(if size is ${size}, ${size} days after record.created, otherwise 20 days after record.created)`;
    const rule = [1, 2, 3, 4, 5, 6, 7, 8, 9]
      .map(branch)
      .reduce((all, one) => `(the later of ${all} and ${one})`);
    expect(answersWith(inUsage(LOGS), policyWith(rule.slice(1, -1)))).toEqual([
      expect.stringContaining('more than 256 combinations of conditions, laws and events'),
    ]);
  });

  const besides = (collection: object, dataset: object, rule: string): readonly string[] =>
    answersWith((config) => {
      inUsage({ ...LOGS, ...dataset })(config);
      const byAccount = { category: 'access-logs', entity: 'account', by: 'account_id', producer: 'erp' };
      config.stores['usage']!.collections = [{ ...byAccount, ...collection }];
    }, policyWith(rule));
  const ENTITIES = { entities: { account: 'account_id' } };

  it('beside a collection of its category whose holds would not reach its rows', () => {
    const rule = 'delete 90 days after record.created';
    const answers = [
      'stores.usage.datasets.0.entities: the collection of "access-logs" finds its rows by "account_id", so holds on the account have to reach the rows of the dataset, too; add account: \'account_id\'',
    ];
    expect(besides({}, ENTITIES, rule)).toEqual([]);
    expect(besides({}, {}, rule)).toEqual(answers);
    expect(besides({}, { entities: { account: 'customer_id' } }, rule)).toEqual(answers);
  });

  test.each([
    'delete 90 days after the later of record.created if any and account.closed if any',
    'delete 90 days after the later of record.created and account.closed',
  ])('beside a collection of its category that could go by itself, by “%s”', (rule) => {
    expect(besides({}, ENTITIES, rule)).toEqual([
      expect.stringContaining('could go before the clocks of its rows allow it'),
    ]);
  });

  it('beside a collection of another category that can have its rows', () => {
    const rule = 'delete 90 days after record.created';
    const other = { category: 'contact-data', where: { kind: 'contact' } };
    expect(besides(other, { where: { kind: 'access' } }, rule)).toEqual([]);
    expect(besides(other, {}, rule)).toEqual([
      expect.stringContaining('a row can be in this dataset and in the collection of "contact-data"'),
    ]);
  });

  it('if a row can be in another one of the store', () => {
    const other = policyWith(
      'delete 90 days after record.created',
      '  mail: { rule: delete 1 day after record.created }\n',
    );
    const both = (one: object, second: object): readonly string[] =>
      answersWith((config) => {
        inUsage({ ...LOGS, ...one }, { ...LOGS, category: 'mail', ...second })(config);
        config.producers['erp']!.categories.push('mail');
      }, other);
    expect(both({ where: { kind: 'a' } }, { where: { kind: 'b' } })).toEqual([]);
    expect(both({}, { where: { kind: 'b' } })).toEqual([
      expect.stringContaining(
        'stores.usage.datasets.1.where: a row can be in this dataset and in that of "access-logs", and would go when the first of them is due',
      ),
    ]);
  });

  it('in a table whose version the application counts: it need not count each change of a clock', () => {
    const answers = answersWith((config) => {
      inUsage(LOGS)(config);
      Object.assign(config.stores['usage']!.options!, { versionColumn: 'version' });
    }, PLAIN);
    expect(answers).toEqual([
      'stores.usage.datasets.0: a row goes only if nothing in it has changed since its clock was read, and only `xmin` tells that; remove the option `versionColumn`',
    ]);
  });

  test.each([{ index: 'by-kind:kind' }, { scan: true }])(
    'in PostgreSQL with %j: it finds the index',
    (more) => {
      expect(answersWith(inUsage({ ...LOGS, ...more }), PLAIN)).toEqual([
        'stores.usage.datasets.0: `index` and `scan` are for DynamoDB, and PostgreSQL finds the index of a column itself; remove them',
      ]);
    },
  );

  it('in a table of DynamoDB of which no index is named', () => {
    const answers = answersWith((config) => {
      config.entityTypes['record'] = { ids: 'owned' };
      config.producers['crm']!.categories.push('access-logs');
      config.stores['contacts']!.datasets = [{ ...LOGS, producer: 'crm' }];
    }, PLAIN);
    expect(answers).toEqual([
      expect.stringMatching(/^stores\.contacts\.datasets\.0: DynamoDB finds items by their clock only in a/),
    ]);
  });

  it('with a clock in another table, in a kind of store that has none', () => {
    const answers = answersWith((config) => {
      config.entityTypes['record'] = { ids: 'owned' };
      config.producers['crm']!.categories.push('access-logs');
      const ended = { column: 'ended', in: { table: 'contracts', key: 'id', by: 'contract_id' } };
      config.stores['contacts']!.datasets = [
        { ...LOGS, producer: 'crm', clock: { 'record.created': ended } },
      ];
    }, PLAIN);
    expect(answers).toEqual([expect.stringMatching(/^stores\.contacts\.datasets\.0\.clock: .* remove `in`/)]);
  });
});
