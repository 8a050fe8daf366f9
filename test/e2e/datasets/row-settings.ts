import type { TenureConfig } from '../../../infra/load-deployment.ts';
import { REGION } from '../emulator.ts';

/** An index of the visits with a clock: only items that have one are in it. */
export const KIND_INDEX = 'by-kind';
export const EXPORTS = 'exports/';

/** Categories of rows with clocks of their own, by the store that has them. */
export const ROW_CATEGORIES = { visits: 'session-logs', bills: 'bill-logs', files: 'exports' } as const;
export type RowStore = keyof typeof ROW_CATEGORIES;

/** A minute, because an object cannot be written with an earlier date. */
export const ROW_POLICY = `format: 1
policy: rows
version: '2026-01-01'
effectiveFrom: 2026-01-01
document: Retention of logs, 1 January 2026
zone: UTC
regions: [${REGION}]
purposes: [service]

events:
  record.written: { entity: record }

categories:
  session-logs: 30 days after record.written
  bill-logs: 30 days after record.written
  exports: 1 minute after record.written
`;

/** Beside the collections of companies, in the same stores: nothing registers these rows, and nothing is sent about them. */
export function withRows(settings: TenureConfig): TenureConfig {
  const { crm } = settings.producers;
  const { visits, bills, files } = settings.stores;
  if (crm === undefined || visits === undefined || bills === undefined || files === undefined)
    throw new TypeError('there are no stores of companies');
  const producer = 'crm';
  return {
    ...settings,
    policies: [...settings.policies, 'policies/rows.yaml'],
    entityTypes: { ...settings.entityTypes, record: { ids: 'owned' } },
    stores: {
      ...settings.stores,
      visits: {
        ...visits,
        datasets: [
          {
            producer,
            category: ROW_CATEGORIES.visits,
            clock: { 'record.written': 'at' },
            entities: { company: 'author' },
            index: `${KIND_INDEX}:kind`,
            where: { kind: 'session' },
          },
        ],
      },
      bills: {
        ...bills,
        datasets: [
          {
            producer,
            category: ROW_CATEGORIES.bills,
            clock: { 'record.written': 'made_at' },
            entities: { company: 'company' },
            where: { kind: 'log' },
          },
        ],
      },
      files: {
        ...files,
        datasets: [
          {
            producer,
            category: ROW_CATEGORIES.files,
            clock: { 'record.written': 'LastModified' },
            entities: { company: `${EXPORTS}{id}/` },
            where: { prefix: EXPORTS },
          },
        ],
      },
    },
    producers: {
      ...settings.producers,
      crm: { ...crm, categories: [...crm.categories, ...Object.values(ROW_CATEGORIES)] },
    },
  };
}
