import type { RetentionConfig } from '../shared/domain/configuration/configuration-schema.ts';

/** Where the deployment itself would be. Its bus, archive, registry and quarantine hold ids. */
export const demoRegion = 'us-east-1';

/** All five policies in one deployment, as `npm start` runs them. Hosts and endpoints are replaced by the local engines. */
export const demoConfiguration: RetentionConfig = {
  policies: [
    'examples/policies/paloma-parties.yaml',
    'examples/policies/paloma365.yaml',
    'examples/policies/paltalk.yaml',
    'examples/policies/calendera.yaml',
    'examples/policies/odoo-events.yaml',
  ],

  // The periods that the texts leave to the operator. Without them a policy is not loaded, and the error quotes the text.
  settings: {
    paltalk: { 'gdpr cap': '30 days', 'fallback cap': '2 years' },
    calendera: { 'reasonable period': '90 days', 'booking period': '2 years' },
    'odoo-events': { 'contact cap': '1 year', 'analytics cap': '13 months', 'follow-up period': '6 months' },
  },

  entityTypes: {
    // What a person asks for reaches the accounts by which Paltalk's apps know the person.
    account: { ids: 'owned', normalise: ['trim'], identifies: 'person' },
    // Bookings are deleted before the customers that they belong to, and customers before the subscription.
    booking: { ids: 'owned', belongsTo: 'customer' },
    contract: { ids: 'owned', normalise: ['trim'] },
    customer: { ids: 'owned', belongsTo: 'subscription' },
    invoice: { ids: 'owned' },
    occasion: { ids: 'owned' },
    payment: { ids: 'owned' },
    purchase: { ids: 'owned' },
    subscription: { ids: 'owned' },
    // A person is the same in all of Paltalk's apps, however the address is spelled.
    person: { ids: 'shared', normalise: ['trim', 'lowercase', 'nfc'] },
  },

  stores: {
    'parties-profiles': dynamoTable('parties-profiles', 'ca-central-1', [{ name: 'userId', type: 'text' }], {
      versionAttribute: 'revision',
    }),
    'parties-forms': postgresTable('parties', 'form_answers', 'ca-central-1', [
      { name: 'answer_id', type: 'integer' },
    ]),
    // Keeps versions: an old picture shows a person just like the newest one.
    'parties-pictures': bucket('paloma-parties-pictures', 'ca-central-1'),
    'paloma365-customers': postgresTable('paloma365', 'customers', 'kz-almaty-1', [
      { name: 'customer_id', type: 'uuid' },
    ]),
    'paloma365-payments': postgresTable('paloma365', 'payments', 'kz-almaty-1', [
      { name: 'payment_id', type: 'uuid' },
    ]),
    // One table for all brands. Each brand may register only its own members.
    'paltalk-members': dynamoTable('paltalk-members', 'us-east-1', [{ name: 'memberId', type: 'text' }]),
    'paltalk-devices': dynamoTable('paltalk-devices', 'us-east-1', [
      { name: 'memberId', type: 'text' },
      { name: 'session', type: 'integer' },
    ]),
    'paltalk-marketing': postgresTable('paltalk', 'marketing_profiles', 'eu-west-1', [
      { name: 'member_id', type: 'text' },
    ]),
    // The members who get the newsletter. The service deletes at once, and says so.
    'paltalk-mailing': vendor('mailing', 'us-east-1', { name: 'memberId', type: 'text' }),
    'paltalk-recordings': bucket('paltalk-recordings', 'us-east-1'),
    'paltalk-purchases': postgresTable('paltalk', 'purchases', 'eu-west-1', [
      { name: 'purchase_id', type: 'text' },
    ]),
    'calendera-accounts': postgresTable('calendera', 'accounts', 'us-east-1', [
      { name: 'account_id', type: 'integer' },
    ]),
    'calendera-bookings': dynamoTable('calendera-bookings', 'us-east-1', [
      { name: 'business', type: 'text' },
      { name: 'bookingId', type: 'text' },
    ]),
    'calendera-invoices': postgresTable('calendera', 'invoices', 'us-east-1', [
      { name: 'invoice_id', type: 'integer' },
    ]),
    // As long as there are backups of it, it can be asked what a restore has brought back.
    'odoo-contacts': {
      ...postgresTable('odoo', 'contacts', 'eu-central-1', [{ name: 'contact_id', type: 'integer' }]),
      afterCare: [8],
    },
    'odoo-invoices': postgresTable('odoo', 'invoices', 'eu-central-1', [
      { name: 'invoice_id', type: 'integer' },
    ]),
    // Who was interested in an event of the partner. It has to be reminded.
    'odoo-partner': vendor('partner', 'eu-central-1', { name: 'registrationId', type: 'integer' }),
    'odoo-usage': dynamoTable('odoo-usage', 'eu-central-1', [
      { name: 'accountId', type: 'text' },
      { name: 'recordId', type: 'text' },
    ]),
  },

  producers: {
    'paloma-parties': {
      source: 'com.palomaparties.app',
      principals: [role('paloma-parties')],
      stores: { 'parties-profiles': {}, 'parties-forms': {}, 'parties-pictures': {} },
      categories: ['external-profile', 'event-form-data', 'marketing-contact'],
      events: [
        'account.disconnected',
        'account.reconnected',
        'account.deleted',
        'consent.given',
        'consent.withdrawn',
        'permission.given',
        'permission.withdrawn',
      ],
    },
    paloma365: {
      source: 'com.paloma365.pos',
      principals: [role('paloma365')],
      stores: { 'paloma365-customers': {}, 'paloma365-payments': {} },
      categories: ['registration-data', 'usage-data', 'technical-data', 'payment-data'],
      events: ['contract.ended', 'contract.renewed', 'payment.completed'],
    },
    paltalk: brand('paltalk'),
    camfrog: brand('camfrog'),
    tinychat: brand('tinychat'),
    calendera: {
      source: 'com.calendera.booking',
      principals: [role('calendera')],
      stores: { 'calendera-accounts': {}, 'calendera-bookings': {}, 'calendera-invoices': {} },
      categories: ['account-data', 'usage-information', 'booking-data', 'billing-records'],
      events: ['subscription.ended', 'subscription.renewed', 'invoice.issued', 'person.found-to-be-child'],
    },
    'odoo-events': {
      source: 'com.odoo.events',
      principals: [role('odoo-events')],
      stores: { 'odoo-contacts': {}, 'odoo-invoices': {}, 'odoo-usage': {}, 'odoo-partner': {} },
      categories: ['account-and-contact-data', 'event-interest', 'usage-analytics', 'invoices'],
      events: [
        'account.closed',
        'account.reopened',
        'occasion.ended',
        'occasion.postponed',
        'invoice.issued',
      ],
    },
  },

  operators: [role('operator')],
  auditors: [role('auditor')],

  // Three of the policies do not allow their data in the deployment's own region.
  acknowledgedRegions: {
    [demoRegion]: {
      policies: ['paloma365', 'paloma-parties', 'odoo-events'],
      reason:
        'AWS has no region in Kazakhstan or Russia, and Paloma365 has agreed that ids and copies for its customers are here. Paloma Parties and Odoo are here only because the demonstration is one deployment.',
      exports: true,
    },
  },
};

type Store = RetentionConfig['stores'][string];
type Producer = RetentionConfig['producers'][string];

function dynamoTable(
  table: string,
  region: string,
  keys: Store['keys'],
  options: { readonly versionAttribute?: string } = {},
): Store {
  const restrict = { attribute: 'restricted' };
  return { kind: 'dynamodb', region, keys, options: { table, restrict, ...options }, backupDays: 35 };
}

function bucket(name: string, region: string): Store {
  const options = { bucket: name, restrict: { tag: 'tenure-restricted' } };
  return { kind: 's3', region, keys: [{ name: 'key', type: 'text' }], options };
}

function postgresTable(database: string, table: string, region: string, keys: Store['keys']): Store {
  const restrict = { column: 'restricted_at' };
  const options = { host: '127.0.0.1', database, user: 'tenure', table, tls: 'off', restrict };
  return { kind: 'postgresql', region, keys, options, backupDays: 7 };
}

/** A company that has got records of people. What it is asked for is a request of its own API. */
function vendor(name: string, region: string, key: Store['keys'][number]): Store {
  const answers = {
    confirmed: [{ status: [200], where: { '/state': ['done'] } }],
    accepted: [{ status: [202] }],
    follow: {
      at: 'location',
      confirmed: [{ status: [200], where: { '/state': ['done'] } }],
      waiting: [{ status: [200], where: { '/state': ['queued'] } }],
    },
  };
  const options = {
    origin: `https://${name}.example.com`,
    secret: `arn:aws:secretsmanager:${region}:111122223333:secret:${name}-AbCdEf`,
    headers: { authorization: 'Bearer {secret.token}' },
    delete: { method: 'DELETE', path: `/v1/people/{${key.name}}`, ...answers },
    // It keeps what it counts, without the person.
    anonymise: { method: 'POST', path: `/v1/people/{${key.name}}/anonymise`, ...answers },
  };
  return { kind: 'http', region, keys: [key], options };
}

/** Paltalk's apps share their stores, divided by prefix, and the ids of persons. */
function brand(name: string): Producer {
  const prefixes = [`${name}#`];
  return {
    source: `com.${name}.chat`,
    principals: [role(name)],
    stores: {
      'paltalk-members': { prefixes },
      'paltalk-devices': { prefixes },
      'paltalk-marketing': { prefixes },
      'paltalk-mailing': { prefixes },
      'paltalk-recordings': { prefixes },
      'paltalk-purchases': { prefixes },
    },
    categories: [
      'member-profile',
      'member-marketing',
      'member-recordings',
      'device-data',
      'purchase-records',
    ],
    events: [
      'account.closed',
      'account.reopened',
      'marketing.objected',
      'marketing.allowed',
      'purchase.completed',
    ],
  };
}

function role(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}
