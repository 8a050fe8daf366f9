import type { TenureConfig } from '../../../infra/load-deployment.ts';
import { REGION } from '../emulator.ts';
import type { Places } from '../app-settings.ts';

/** Its column says which customers have left. Nothing is ever sent about them. */
export const CUSTOMERS = 'customers';
/** A collection of each customer. */
export const LETTERS = 'letters';

export const CUSTOMER_POLICY = `format: 1
policy: customers
version: '2026-01-01'
effectiveFrom: 2026-01-01
document: Retention of customer data, 1 January 2026
zone: UTC
writeLag: 1 minute
regions: [${REGION}]
purposes: [service]

events:
  customer.left: { entity: customer }

categories:
  letters: 30 days after customer.left
`;

export function withCustomers(settings: TenureConfig, { orders, ordersLogin }: Places): TenureConfig {
  const { crm } = settings.producers;
  if (crm === undefined) throw new TypeError('there is no application');
  const { port, database, user } = orders;
  const place = { host: '127.0.0.1', port, database, user, tls: 'off' };
  const store = { kind: 'postgresql', region: REGION, lane: { login: { secret: ordersLogin } } } as const;
  return {
    ...settings,
    policies: [...settings.policies, 'policies/customers.yaml'],
    entityTypes: { ...settings.entityTypes, customer: { ids: 'owned' } },
    stores: {
      ...settings.stores,
      [CUSTOMERS]: {
        ...store,
        keys: [{ name: 'customer_id', type: 'integer' }],
        options: { ...place, table: CUSTOMERS },
        facts: [
          {
            event: 'customer.left',
            entity: { type: 'customer', column: 'customer_id' },
            clock: 'left_at',
            producer: 'crm',
          },
        ],
      },
      [LETTERS]: {
        ...store,
        keys: [{ name: 'letter_id', type: 'integer' }],
        options: { ...place, table: LETTERS },
        collections: [{ entity: 'customer', producer: 'crm', category: 'letters', by: 'customer' }],
      },
    },
    producers: {
      ...settings.producers,
      crm: {
        ...crm,
        stores: { ...crm.stores, [CUSTOMERS]: {}, [LETTERS]: {} },
        categories: [...crm.categories, 'letters'],
      },
    },
  };
}
