import { App } from 'aws-cdk-lib';
import { Tenure, type TenureConfig } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { ROOT } from '../support/house/synthesized.ts';

/**
 * `retention.config.ts` after a restore of the registry, with principals of another account, with surveys that look at
 * everything, with a log that drops old entries and that a later key signs, with collections of every kind: by a table's key, by an index, by a column and by a prefix; with datasets of
 * every kind: by an index, by a scan, by a column and by a listing; and with a column that says facts.
 */
const other = (name: string): string => `arn:aws:iam::444455556666:role/${name}`;
const { 'odoo-events': producer } = retention.producers;
const { usage, contacts, invoices, 'invoice-files': files } = retention.stores;
if (!producer || !usage || !contacts || !invoices || !files)
  throw new Error('The producer or a store is called something else now.');
const about = { producer: 'odoo-events' };
const byAccount = { ...about, entity: 'account' };
const rows = { ...about, clock: { 'record.written': 'writtenAt' } };
const config: TenureConfig = {
  ...retention,
  policies: [...retention.policies, 'test/policies/varied-rows.yaml'],
  entityTypes: { ...retention.entityTypes, record: { ids: 'owned' } },
  deployment: {
    ...retention.deployment,
    registry: { adopt: 'registry-restored' },
    deletionLog: { ...retention.deployment.deletionLog, keepDays: 7300, laterKeys: ['2032-01-01'] },
  },
  stores: {
    ...retention.stores,
    usage: {
      ...usage,
      coverage: { account: true, sample: true },
      collections: [
        { ...byAccount, category: 'usage-analytics', by: 'accountId', where: { kind: 'usage' } },
        {
          ...about,
          entity: 'occasion',
          category: 'event-interest',
          by: 'by-occasion:occasionId',
          where: { kind: 'interest' },
        },
      ],
      datasets: [
        {
          ...rows,
          category: 'usage-logs',
          entities: { account: 'accountId' },
          index: 'by-kind:kind',
          where: { kind: 'log' },
        },
        { ...rows, category: 'usage-drafts', scan: true, where: { kind: 'draft' } },
      ],
    },
    contacts: {
      ...contacts,
      collections: [
        { ...byAccount, category: 'account-and-contact-data', by: 'account_id', where: { kind: 'contact' } },
      ],
      datasets: [
        {
          ...about,
          category: 'sign-ins',
          clock: { 'record.written': 'written_at' },
          entities: { account: 'account_id' },
          where: { kind: 'sign-in' },
        },
      ],
    },
    invoices: {
      ...invoices,
      facts: [
        {
          ...about,
          event: 'invoice.issued',
          entity: { type: 'invoice', column: 'invoice_id' },
          clock: { column: 'issued_on', zone: 'Europe/Brussels' },
        },
      ],
    },
    'invoice-files': {
      ...files,
      coverage: { account: true },
      collections: [{ ...about, entity: 'invoice', category: 'invoices', by: 'of/{id}/' }],
      datasets: [
        {
          ...about,
          category: 'exports',
          clock: { 'record.written': 'LastModified' },
          where: { prefix: 'exports/' },
        },
      ],
    },
  },
  producers: {
    ...retention.producers,
    'odoo-events': {
      ...producer,
      categories: [...producer.categories, 'usage-logs', 'usage-drafts', 'sign-ins', 'exports'],
      principals: [...(producer.principals ?? []), other('odoo-events')],
      // A column says it.
      events: producer.events?.filter((event) => event !== 'invoice.issued') ?? [],
    },
  },
  operators: [...(retention.operators ?? []), other('operator')],
  auditors: [...(retention.auditors ?? []), other('auditor')],
};
new Tenure(new App(), 'Tenure', { config, folder: ROOT });
