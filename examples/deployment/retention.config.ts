import type { TenureConfig } from 'tenure';

/** Replace these values with your own: account, region, names of stores, and who may do what. */
const retention: TenureConfig = {
  deployment: {
    name: 'records',
    account: '111122223333',
    region: 'eu-central-1',
    // Entries of the deletion log cannot be deleted for a year. With `compliance`, not even the root user can delete them.
    deletionLog: { lock: 'governance', days: 365 },
    alarms: { email: 'data-protection@example.com' },
  },

  policies: ['policies/contracts.yaml'],
  entityTypes: { contract: { ids: 'owned' } },

  stores: {
    members: {
      kind: 'dynamodb',
      region: 'eu-central-1',
      keys: [{ name: 'member', type: 'text' }],
      options: { table: 'members' },
      backupDays: 35,
    },
    pictures: {
      kind: 's3',
      region: 'eu-central-1',
      keys: [{ name: 'key', type: 'text' }],
      options: { bucket: 'pictures-of-members', owner: '111122223333' },
    },
    // A company that sends mails to members: it is asked to delete a recipient. Remove it if you do not share data.
    newsletter: {
      kind: 'http',
      region: 'eu-central-1',
      keys: [{ name: 'recipient', type: 'text' }],
      options: {
        origin: 'https://api.mailings.example',
        secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:newsletter-AbCdEf',
        headers: { authorization: 'Bearer {secret.token}' },
        delete: {
          method: 'DELETE',
          path: '/v1/recipients/{recipient}',
          confirmed: [{ status: [204] }],
          gone: [{ status: [404] }],
        },
      },
      // Only if a key of yours encrypts the secret.
      lane: { key: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000' },
    },
  },

  producers: {
    crm: {
      source: 'com.example.crm',
      principals: ['arn:aws:iam::111122223333:role/crm'],
      // It also sends events to the bus. Without this line only the API takes them.
      bus: true,
      stores: { members: { prefixes: ['crm/'] }, pictures: { prefixes: ['crm/'] }, newsletter: {} },
      categories: ['contract-data'],
      events: ['contract.ended', 'contract.renewed'],
    },
  },
  operators: ['arn:aws:iam::111122223333:role/tenure-operator'],
  auditors: ['arn:aws:iam::111122223333:role/tenure-auditor'],
};

export default retention;
