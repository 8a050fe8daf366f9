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
  },

  producers: {
    crm: {
      source: 'com.example.crm',
      principals: ['arn:aws:iam::111122223333:role/crm'],
      // It also sends events to the bus. Without this line only the API takes them.
      bus: true,
      stores: { members: { prefixes: ['crm/'] }, pictures: { prefixes: ['crm/'] } },
      categories: ['contract-data'],
      events: ['contract.ended', 'contract.renewed'],
    },
  },
  operators: ['arn:aws:iam::111122223333:role/tenure-operator'],
  auditors: ['arn:aws:iam::111122223333:role/tenure-auditor'],
};

export default retention;
