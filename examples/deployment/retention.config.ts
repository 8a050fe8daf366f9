import type { TenureConfig } from 'tenure';

/** What is yours to replace: account, region, names of stores, who may say what. */
const retention: TenureConfig = {
  deployment: {
    name: 'records',
    account: '111122223333',
    region: 'eu-central-1',
    // An entry of the deletion log cannot be deleted for a year; with `compliance` not even by the account's root.
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
      stores: { members: { prefixes: ['crm/'] }, pictures: { prefixes: ['crm/'] } },
      categories: ['contract-data'],
      events: ['contract.ended', 'contract.renewed'],
    },
  },
  operators: ['arn:aws:iam::111122223333:role/tenure-operator'],
  auditors: ['arn:aws:iam::111122223333:role/tenure-auditor'],
};

export default retention;
