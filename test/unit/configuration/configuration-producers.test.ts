import { describeAnswers } from '../../support/rules/configuration-text.ts';

describeAnswers('producers', [
  [
    'a granted store is misspelled',
    ({ producers }) => {
      producers['crm']!.stores = { contact: {} };
    },
    ['producers.crm.stores.contact: there is no store "contact"; did you mean "contacts"?'],
  ],
  [
    'a granted category is misspelled',
    ({ producers }) => {
      producers['crm']!.categories = ['contactdata'];
    },
    ['producers.crm.categories.0: no policy has the category "contactdata"; did you mean "contact-data"?'],
  ],
  [
    'a granted category is nowhere',
    ({ producers }) => {
      producers['crm']!.categories = ['pictures'];
    },
    ['producers.crm.categories.0: no policy has the category "pictures"; remove it, or declare it'],
  ],
  [
    'a granted event is misspelled',
    ({ producers }) => {
      producers['crm']!.events = ['account.closd', 'account.closed'];
    },
    ['producers.crm.events.0: no policy declares the event "account.closd"; did you mean "account.closed"?'],
  ],
  [
    'two producers have one source',
    ({ producers }) => {
      producers['erp']!.source = 'com.example.crm';
    },
    [
      'producers.erp.source: the producer "crm" already uses this value; each producer needs its own, so that none can act as another',
    ],
  ],
  [
    'two producers have one principal, written differently',
    ({ producers }) => {
      producers['erp']!.principals = ['arn:aws:sts::111122223333:assumed-role/crm/session'];
    },
    [
      'producers.erp.principals.0: the producer "crm" already uses this value; each producer needs its own, so that none can act as another',
    ],
  ],
  [
    'a producer may not send the event that its category waits for',
    ({ producers }) => {
      producers['crm']!.events = ['account.reopened'];
    },
    [
      'producers.crm.categories.0: "contact-data" waits for the event "account.closed", but this producer may not send it, and no other producer can send it for this producer\'s account ids, so its data would never become due; grant the event',
      'producers.crm.categories.1: "usage-data" waits for the event "account.closed", but this producer may not send it, and no other producer can send it for this producer\'s account ids, so its data would never become due; grant the event',
    ],
  ],
  [
    'no producer may send an event of a shared type',
    ({ producers }) => {
      producers['crm']!.categories.push('mail');
    },
    [
      'producers.crm.categories.2: "mail" waits for the event "consent.withdrawn", but no producer may send it, so its data would never become due; grant the event',
    ],
  ],
  [
    'an entity type is misspelled',
    (it) => {
      it.entityTypes = { acount: { ids: 'owned' }, person: { ids: 'shared' } };
    },
    [
      'entityTypes: the event "account.closed" of the policy "crm" happens to an entity of type "account", which is not declared; did you mean "acount"?',
    ],
  ],
  [
    'a policy of the settings is misspelled',
    (it) => {
      it.settings = { crn: {} };
    },
    ['settings.crn: no policy is named "crn"; did you mean "crm"?'],
  ],
]);

describeAnswers('key prefixes', [
  [
    'two producers are granted a whole store',
    ({ producers }) => {
      producers['erp']!.stores = { contacts: {} };
    },
    [
      'producers.erp.stores.contacts.prefixes.0: the whole store is also granted to the producer "crm"; give each its own prefixes, or write shared: true in both if they register the same records',
    ],
  ],
  [
    'one prefix begins with another',
    ({ producers }) => {
      producers['crm']!.stores = { contacts: { prefixes: ['a#', 'crm'] } };
      producers['erp']!.stores = { contacts: { prefixes: ['crm#erp'] } };
    },
    [
      'producers.erp.stores.contacts.prefixes.0: "crm#erp" overlaps with "crm", which is granted to the producer "crm"; give each its own prefixes, or write shared: true in both if they register the same records',
    ],
  ],
  [
    'only one of them says that records are shared',
    ({ producers }) => {
      producers['crm']!.stores = { contacts: { shared: true } };
      producers['erp']!.stores = { contacts: {} };
    },
    [
      'producers.erp.stores.contacts.prefixes.0: the whole store is also granted to the producer "crm"; give each its own prefixes, or write shared: true in both if they register the same records',
    ],
  ],
  [
    'a prefix stands before a number',
    ({ producers }) => {
      producers['erp']!.stores = { usage: { prefixes: ['4'] } };
    },
    [
      'producers.erp.stores.usage.prefixes.0: prefixes require a text key, but "id", the first key column of the store "usage", is integer; remove the prefixes, or give the producer its own store',
    ],
  ],
]);
