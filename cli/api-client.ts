import { type Client, type Credentials, tenureClient } from '../shared/client/client.ts';
import { UsageError } from './usage-error.ts';

const REGION_IN_HOST = /\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

/** A client of the deployment that TENURE_URL names. */
export function apiClient(
  env: Readonly<Record<string, string | undefined>>,
  credentials: () => Promise<Credentials>,
): Client {
  const url = env['TENURE_URL'];
  if (!url) {
    throw new UsageError(
      'Set TENURE_URL to the address of the API: `ApiUrl` in the outputs of `cdk deploy`.',
    );
  }
  if (!URL.canParse(url)) throw new UsageError('TENURE_URL is no URL: set it to the address of the API.');
  const { hostname } = new URL(url);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (!region && !REGION_IN_HOST.test(hostname) && !isLoopback(hostname)) {
    throw new UsageError(
      'Set AWS_REGION to the region of the API: its address in TENURE_URL does not tell it.',
    );
  }
  return tenureClient({ url, credentials, ...(region ? { region } : {}) });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host.startsWith('127.');
}
