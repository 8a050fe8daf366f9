import { type Client, type Credentials, tenureClient } from '../shared/client/client.ts';
import { regionOfApiHost } from '../shared/domain/aws-domain.ts';
import { UsageError } from './usage-error.ts';

/** A client for the deployment at TENURE_URL. */
export function apiClient(
  env: Readonly<Record<string, string | undefined>>,
  credentials: () => Promise<Credentials>,
  say: (line: string) => void,
): Client {
  const url = env['TENURE_URL'];
  if (!url) {
    throw new UsageError('Set TENURE_URL to the URL of the API: `ApiUrl` in the outputs of `cdk deploy`.');
  }
  if (!URL.canParse(url)) throw new UsageError('TENURE_URL is not a URL: set it to the URL of the API.');
  const { hostname, protocol, username, password, search, hash } = new URL(url);
  if (!/^https?:$/.test(protocol) || username + password + search + hash !== '')
    throw new UsageError(
      'TENURE_URL is not the URL of an API: set it to https:// and a host, without a user, a query or a fragment.',
    );
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOfApiHost(hostname);
  if (region && !/^[a-z0-9-]{1,40}$/.test(region))
    throw new UsageError('AWS_REGION is not the name of a region: set it to one such as eu-central-1.');
  if (!region && !isLoopback(hostname)) {
    throw new UsageError(
      'Set AWS_REGION to the region of the API: the URL in TENURE_URL does not contain it.',
    );
  }
  return tenureClient({
    url,
    credentials,
    ...(region ? { region } : {}),
    // A long list goes on when the next hour begins.
    longestWait: 3_600_000,
    waiting: (seconds) => say(`The API asks to wait ${seconds} seconds. The command then goes on.`),
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host.startsWith('127.');
}
