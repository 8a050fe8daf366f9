import { App } from 'aws-cdk-lib';
import { Tenure, type TenureConfig } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { ROOT } from '../support/house/synthesized.ts';

/**
 * `retention.config.ts` after a restore of the registry, with principals of another account, and with surveys that look at
 * everything.
 */
const other = (name: string): string => `arn:aws:iam::444455556666:role/${name}`;
const { 'odoo-events': producer } = retention.producers;
const { usage, 'invoice-files': files } = retention.stores;
if (producer === undefined || usage === undefined || files === undefined)
  throw new Error('The producer or a store is called something else now.');
const config: TenureConfig = {
  ...retention,
  deployment: { ...retention.deployment, registry: { adopt: 'registry-restored' } },
  stores: {
    ...retention.stores,
    usage: { ...usage, coverage: { account: true, sample: true } },
    'invoice-files': { ...files, coverage: { account: true } },
  },
  producers: {
    ...retention.producers,
    'odoo-events': { ...producer, principals: [...(producer.principals ?? []), other('odoo-events')] },
  },
  operators: [...(retention.operators ?? []), other('operator')],
  auditors: [...(retention.auditors ?? []), other('auditor')],
};
new Tenure(new App(), 'Tenure', { config, folder: ROOT });
