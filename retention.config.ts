import type { TenureConfig } from './infra/tenure.ts';

/** How the vendor of mailings answers the question whether it has done what it accepted. */
const MAILINGS_LATER = {
  at: 'location',
  confirmed: [{ status: [200], where: { '/state': ['done'] } }],
  waiting: [{ status: [200], where: { '/state': ['queued', 'running'] } }],
  refused: [{ status: [200], where: { '/state': ['rejected'] } }],
};

/**
 * One deployment: where it runs, which policies apply, where the data is, and who may do what. The example is an events
 * agency with a usage table in DynamoDB, contacts and invoices in PostgreSQL, the files of invoices in S3, and a vendor that
 * sends its mailings. Replace the account and all names with your own.
 */
const retention: TenureConfig = {
  deployment: {
    name: 'tenure',
    account: '111122223333',
    region: 'eu-central-1',
    // Entries of the deletion log cannot be deleted for ten years. With `compliance`, not even the root user can delete them.
    deletionLog: { lock: 'governance', days: 3653 },
    alarms: { email: 'data-protection@example.com' },
  },

  policies: ['examples/policies/odoo-events.yaml'],

  settings: {
    'odoo-events': { 'contact cap': '1 year', 'analytics cap': '13 months', 'follow-up period': '6 months' },
  },

  entityTypes: {
    account: { ids: 'owned', normalise: ['trim'] },
    invoice: { ids: 'owned' },
    occasion: { ids: 'owned' },
  },

  stores: {
    usage: {
      kind: 'dynamodb',
      region: 'eu-central-1',
      keys: [
        { name: 'accountId', type: 'text' },
        { name: 'recordId', type: 'text' },
      ],
      options: { table: 'usage' },
      backupDays: 35,
    },
    contacts: {
      kind: 'postgresql',
      region: 'eu-central-1',
      keys: [{ name: 'contact_id', type: 'integer' }],
      options: {
        host: 'crm.cluster-abcdefghijkl.eu-central-1.rds.amazonaws.com',
        database: 'crm',
        user: 'tenure',
        table: 'contacts',
      },
      backupDays: 7,
      lane: {
        network: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] },
        login: { databaseId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
        concurrency: 2,
      },
    },
    invoices: {
      kind: 'postgresql',
      region: 'eu-central-1',
      keys: [{ name: 'invoice_id', type: 'integer' }],
      options: {
        host: 'billing.abcdefghijkl.eu-central-1.rds.amazonaws.com',
        database: 'billing',
        user: 'tenure',
        table: 'invoices',
        // An invoice that a law keeps is marked as not to be used when its person asks for erasure.
        restrict: { column: 'restricted_at' },
      },
      backupDays: 7,
      lane: {
        network: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] },
        login: { secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:billing/tenure-AbCdEf' },
        concurrency: 2,
      },
    },
    'invoice-files': {
      kind: 's3',
      region: 'eu-central-1',
      keys: [{ name: 'key', type: 'text' }],
      options: {
        bucket: 'invoices-of-the-agency',
        owner: '111122223333',
        prefix: 'invoices/',
        restrict: { tag: 'tenure-restricted' },
      },
    },
    // The company that sends mailings: it is asked to delete or anonymise a recipient, and later whether it has done it.
    mailings: {
      kind: 'http',
      region: 'eu-central-1',
      keys: [{ name: 'recipient', type: 'text' }],
      options: {
        origin: 'https://api.mailings.example',
        secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mailings/tenure-AbCdEf',
        headers: { authorization: 'Bearer {secret.token}' },
        delete: {
          method: 'POST',
          path: '/v1/erasures',
          body: { recipient: '{recipient}', reference: '{request.id}' },
          accepted: [{ status: [202] }],
          gone: [{ status: [404] }],
          follow: MAILINGS_LATER,
        },
        anonymise: {
          method: 'POST',
          path: '/v1/anonymisations',
          body: { recipient: '{recipient}', reference: '{request.id}' },
          accepted: [{ status: [202] }],
          gone: [{ status: [404] }],
          follow: MAILINGS_LATER,
        },
      },
    },
  },

  producers: {
    'odoo-events': {
      source: 'com.odoo.events',
      principals: ['arn:aws:iam::111122223333:role/odoo-events'],
      // It also sends events to the bus. Without this line only the API takes them.
      bus: true,
      stores: { usage: {}, contacts: {}, invoices: {}, 'invoice-files': {} },
      categories: ['account-and-contact-data', 'event-interest', 'usage-analytics', 'invoices'],
      events: [
        'account.closed',
        'account.reopened',
        'occasion.ended',
        'occasion.postponed',
        'invoice.issued',
      ],
    },
    'odoo-mailings': {
      source: 'com.odoo.mailings',
      principals: ['arn:aws:iam::111122223333:role/odoo-mailings'],
      stores: { mailings: {} },
      categories: ['account-and-contact-data'],
      events: ['account.closed', 'account.reopened'],
    },
  },

  operators: ['arn:aws:iam::111122223333:role/tenure-operator'],
  auditors: ['arn:aws:iam::111122223333:role/tenure-auditor'],
};

export default retention;
