import type { TenureConfig } from '../../../infra/load-deployment.ts';
import { REGION } from '../emulator.ts';

/** The vendor that sends mailings: it has recipients, and answers late. */
export const MAILINGS = 'mailings';
/** In the secret, and in every request. */
export const TOKEN = 'token-of-the-mailings';
/** Where it is, and the ARN of the secret. */
export interface VendorPlace {
  readonly origin: string;
  readonly secret: string;
}

export function withVendor(settings: TenureConfig, { origin, secret }: VendorPlace): TenureConfig {
  const { crm } = settings.producers;
  if (crm === undefined) throw new TypeError('there is no application');
  return {
    ...settings,
    stores: {
      ...settings.stores,
      [MAILINGS]: {
        kind: 'http',
        region: REGION,
        keys: [{ name: 'recipient', type: 'text' }],
        options: {
          origin,
          secret,
          // It is on this machine.
          privateAddresses: true,
          headers: { authorization: 'Bearer {secret.token}' },
          delete: {
            method: 'DELETE',
            path: '/recipients/{recipient}',
            accepted: [{ status: [202] }],
            follow: {
              at: 'location',
              confirmed: [{ status: [200], where: { '/state': ['done'] } }],
              waiting: [{ status: [200], where: { '/state': ['queued'] } }],
            },
          },
        },
      },
    },
    producers: { ...settings.producers, crm: { ...crm, stores: { ...crm.stores, [MAILINGS]: {} } } },
  };
}
