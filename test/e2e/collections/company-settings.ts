import type { TenureConfig } from '../../../infra/load-deployment.ts';
import { ACCOUNT, REGION } from '../emulator.ts';
import type { Places } from '../app-settings.ts';

/** What carries ids of companies: one store of each kind. In `visits`, notes are found by the index of their author. */
export const COMPANY_STORES = ['visits', 'bills', 'files'] as const;
export type CompanyStore = (typeof COMPANY_STORES)[number];

export const VISITS_TABLE = 'visits-of-companies';
export const AUTHOR_INDEX = 'by-author';
export const FILES_BUCKET = 'files-of-companies';

/** A file of its own beside the one that the README has, so that other runs need none of it. */
export const COMPANY_POLICY = `format: 1
policy: companies
version: '2026-01-01'
effectiveFrom: 2026-01-01
document: Retention of company data, 1 January 2026
zone: UTC
writeLag: 1 minute
regions: [${REGION}]
purposes: [service]

events:
  company.closed: { entity: company, undoneBy: [company.reopened] }
  company.reopened: { entity: company }

categories:
  visits: 30 days after company.closed
  visit-notes: 30 days after company.closed
  bills: 30 days after company.closed
  legal-bills: 10 years after company.closed
  files: 30 days after company.closed
`;

/** The application registers none of these records. It sends events about companies, as it does about contracts. */
export function withCompanies(settings: TenureConfig, places: Places): TenureConfig {
  const { crm } = settings.producers;
  if (crm === undefined) throw new TypeError('there is no application');
  const about = { entity: 'company', producer: 'crm' };
  return {
    ...settings,
    policies: [...settings.policies, 'policies/companies.yaml'],
    entityTypes: {
      ...settings.entityTypes,
      company: { ids: 'owned', identifies: 'person' },
      person: { ids: 'shared' },
    },
    stores: {
      ...settings.stores,
      visits: {
        kind: 'dynamodb',
        region: REGION,
        keys: [
          { name: 'company', type: 'text' },
          { name: 'visit', type: 'integer' },
        ],
        options: { table: VISITS_TABLE },
        collections: [
          { ...about, category: 'visits', by: 'company', where: { kind: 'visit' } },
          { ...about, category: 'visit-notes', by: `${AUTHOR_INDEX}:author`, where: { kind: 'note' } },
        ],
      },
      bills: {
        kind: 'postgresql',
        region: REGION,
        keys: [{ name: 'bill_id', type: 'integer' }],
        options: {
          host: '127.0.0.1',
          port: places.orders.port,
          database: places.orders.database,
          user: places.orders.user,
          table: 'bills',
          tls: 'off',
        },
        lane: { login: { secret: places.ordersLogin } },
        collections: [{ ...about, category: 'bills', by: 'company', where: { kind: 'bill' } }],
      },
      files: {
        kind: 's3',
        region: REGION,
        keys: [{ name: 'key', type: 'text' }],
        options: { bucket: FILES_BUCKET, owner: ACCOUNT },
        collections: [{ ...about, category: 'files', by: 'companies/{id}/' }],
      },
    },
    producers: {
      ...settings.producers,
      crm: {
        ...crm,
        stores: { ...crm.stores, visits: {}, bills: {}, files: {} },
        categories: [...crm.categories, 'visits', 'visit-notes', 'bills', 'legal-bills', 'files'],
        events: [...(crm.events ?? []), 'company.closed', 'company.reopened'],
      },
    },
  };
}
