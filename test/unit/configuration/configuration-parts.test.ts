import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { describeAnswers } from '../../support/rules/configuration-text.ts';

const DELETES_ONLY = {
  ...STORE_KINDS.dynamodb,
  capabilities: { ...STORE_KINDS.dynamodb.capabilities, verbs: () => ['delete' as const] },
} as const;

describeAnswers('the shape', [
  [
    'it is nothing',
    () => null,
    [
      'found nothing; the configuration is a mapping with policies, settings, entityTypes, stores, producers, operators, auditors, acknowledgedRegions, timing, policyChanges, fourEyes, requests',
    ],
  ],
  [
    'a section is misspelled',
    (it) => ({ ...it, producrs: {} }),
    ['the configuration has no key "producrs"; did you mean "producers"?'],
  ],
  [
    'a store has no region',
    ({ stores }) => {
      Reflect.deleteProperty(stores['contacts']!, 'region');
    },
    ['stores.contacts.region: "region" is missing; name the region where its data is stored'],
  ],
  [
    'a key column has no such type',
    ({ stores }) => {
      stores['contacts']!.keys = [{ name: 'id', type: 'string' as 'text' }];
    },
    [
      'stores.contacts.keys.0.type: found "string"; write one of text, integer, decimal, uuid, date, timestamp, binary',
    ],
  ],
  [
    'a store has no key',
    ({ stores }) => {
      stores['contacts']!.keys = [];
    },
    ['stores.contacts.keys: empty; list the key columns in order, such as `{ name: "id", type: "uuid" }`'],
  ],
  [
    'the hourly cap is nothing',
    ({ stores }) => {
      stores['contacts']!.hourlyCap = 0;
    },
    [
      'stores.contacts.hourlyCap: found the number 0; write how many holdings may be disposed of per hour, from 1 to 10000000',
    ],
  ],
  [
    'a name cannot be part of a queue’s name',
    ({ stores }) => {
      stores['Contacts_2'] = stores['contacts']!;
    },
    [
      'stores.Contacts_2: "Contacts_2" is not a valid name; write stores by name, at most 40 characters of a-z, 0-9 and -',
    ],
  ],
  [
    'ids are neither owned nor shared',
    ({ entityTypes }) => {
      entityTypes['account'] = { ids: 'own' as 'owned' };
    },
    [
      'entityTypes.account.ids: found "own"; write `owned` (each producer has its own ids) or `shared` (one id space)',
    ],
  ],
  [
    'a producer takes a source of the system',
    ({ producers }) => {
      producers['crm']!.source = 'tenure.api';
    },
    [
      'producers.crm.source: found "tenure.api"; write the `source` of its events, at most 256 characters, not beginning with `aws.` or `tenure.`, and without `${` or `{{`',
    ],
  ],
  [
    'a time is not a whole number of seconds',
    (it) => {
      it.timing = { lease: 1.5 };
    },
    ['timing.lease: found the number 1.5; write whole seconds, at most 43200'],
  ],
]);

describeAnswers('stores', [
  [
    'there is no such kind',
    ({ stores }) => {
      stores['usage']!.kind = 'postgres';
    },
    ['stores.usage.kind: "postgres" is not a kind of store; did you mean "postgresql"?'],
  ],
  [
    'an option is missing',
    ({ stores }) => {
      stores['contacts']!.options = {};
    },
    [
      'stores.contacts.options.table: Invalid input: expected string, received undefined; a store of kind dynamodb takes table, versionAttribute, restrict, replicas',
    ],
  ],
  [
    'an option is misspelled',
    ({ stores }) => {
      stores['contacts']!.options = { table: 'contacts', versionAtribute: 'v' };
    },
    ['stores.contacts.options: unknown option "versionAtribute"; did you mean "versionAttribute"?'],
  ],
  [
    'a key names a column twice',
    ({ stores }) => {
      stores['contacts']!.keys = [
        { name: 'id', type: 'text' },
        { name: 'id', type: 'text' },
      ];
    },
    ['stores.contacts.keys.1.name: the key column "id" is listed twice; list each column once'],
  ],
  [
    'a key of DynamoDB has more columns than any table’s',
    ({ stores }) => {
      stores['contacts']!.keys = ['id', 'place', 'day'].map((name) => ({ name, type: 'text' }));
    },
    [
      "stores.contacts.keys: a table's key has one or two columns, not 3; declare its partition key and, if it has one, its sort key",
    ],
  ],
  [
    'two text columns of S3 could name one object in two ways',
    ({ stores }) => {
      stores['contacts'] = {
        kind: 's3',
        region: 'eu-central-1',
        keys: [
          { name: 'folder', type: 'text' },
          { name: 'year', type: 'integer' },
          { name: 'file', type: 'text' },
        ],
        options: { bucket: 'contacts' },
      };
    },
    [
      'stores.contacts.keys: the columns "folder" and "file" are text, so two different keys joined by "/" could name the same object; declare at most one text column',
    ],
  ],
  [
    'the options and the keys of a store are wrong, both',
    ({ stores }) => {
      const keys = ['folder', 'file'].map((name) => ({ name, type: 'text' as const }));
      stores['contacts'] = { ...stores['contacts']!, kind: 's3', keys, options: { bucket: 'a' } };
    },
    [
      'stores.contacts.options.bucket: expected the name of a general purpose bucket (directory buckets and access points are not supported)',
      'stores.contacts.keys: the columns "folder" and "file" are text, so two different keys joined by "/" could name the same object; declare at most one text column',
    ],
  ],
  [
    'two stores are one place',
    ({ stores }) => {
      stores['people'] = { ...stores['contacts']!, options: { table: 'contacts', versionAttribute: 'v' } };
    },
    [
      'stores.people.options: these options name the same place as the store "contacts"; configure one store, and divide it among producers by prefixes',
    ],
  ],
  [
    'a store lies outside the regions of a policy',
    ({ stores }) => {
      stores['contacts']!.region = 'us-east-1';
    },
    [
      'producers.crm.stores.contacts: the store is in us-east-1, but the policy "crm" keeps "contact-data" in eu-central-1 only; grant a store in an allowed region, or give the category to another producer',
      'producers.crm.stores.contacts: the store is in us-east-1, but the policy "crm" keeps "usage-data" in eu-central-1 only; grant a store in an allowed region, or give the category to another producer',
    ],
  ],
  [
    'a kind of store cannot do what a rule asks',
    () => undefined,
    [
      'producers.crm.stores.contacts: a rule of "usage-data" (policy "crm") requires the action anonymise, which stores of kind dynamodb do not support (supported: delete); change the rule or grant another store',
    ],
    { ...STORE_KINDS, dynamodb: DELETES_ONLY },
  ],
  [
    'a mask would change the key',
    ({ stores }) => {
      stores['contacts']!.keys = [{ name: 'email', type: 'text' }];
    },
    [
      'producers.crm.stores.contacts: "email" is a key column of the store, and "usage-data" (policy "crm") masks it, so the record could no longer be found; remove it from the masks, or use another key',
    ],
  ],
]);

describeAnswers('timing', [
  [
    'a worker could outlive its lease',
    (it) => {
      it.timing = { lease: 480 };
    },
    [
      'timing.lease: lease (480) must be longer than functionTimeout + storeTimeout + 2 × clockTolerance (300 + 60 + 2 × 60 = 480), otherwise a worker could still act after another has taken over; write at least 481',
    ],
  ],
  [
    'a store call does not fit into the last third of a lease',
    (it) => {
      it.timing = { storeTimeout: 180, lease: 700 };
    },
    [
      'timing.storeTimeout: storeTimeout + clockTolerance (180 + 60 = 240) must fit into the last third of the lease (700 / 3 = 233), in which no store call may begin; write at most 173, or a longer lease',
    ],
  ],
  [
    'a hint could lie in the past',
    (it) => {
      it.timing = { minimumHintDistance: 120 };
    },
    [
      'timing.minimumHintDistance: minimumHintDistance (120) must be longer than clockTolerance + 60 (60 + 60 = 120), otherwise a hint could be in the past when it is written; write at least 121',
    ],
  ],
  [
    'a hint could fire during its registration',
    (it) => {
      it.timing = { earlyHint: 360 };
    },
    [
      'timing.earlyHint: earlyHint (360) must be longer than functionTimeout + clockTolerance (300 + 60 = 360), otherwise it could fire while a registration is still being written; write at least 361',
    ],
  ],
  [
    'a retry comes before a hint can',
    (it) => {
      it.timing = { firstBackoff: 60 };
    },
    [
      'timing.firstBackoff: firstBackoff (60) cannot be shorter than minimumHintDistance (180); write at least 180',
    ],
  ],
  [
    'back-off shrinks',
    (it) => {
      it.timing = { longestBackoff: 200 };
    },
    [
      'timing.longestBackoff: longestBackoff (200) cannot be shorter than firstBackoff (300); write at least 300',
    ],
  ],
  [
    'nothing has any time',
    (it) => {
      it.timing = { functionTimeout: 0, storeTimeout: 0 };
    },
    [
      'timing.storeTimeout: storeTimeout (0) leaves a store no time to answer; write 60',
      'timing.functionTimeout: functionTimeout (0) leaves a function no time; write 300',
    ],
  ],
]);
