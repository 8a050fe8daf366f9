import { regionOfApiHost } from '../shared/domain/aws-domain.ts';
import type { CliContext } from './cli-context.ts';
import { UsageError } from './usage-error.ts';

/** The region of the deployment: as AWS's tools are told, or in the address of the API. */
export function regionIn(env: CliContext['env']): string {
  const url = env['TENURE_URL'] ?? '';
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || regionOfApiHost(host);
  if (region !== undefined && /^[a-z0-9-]{1,40}$/.test(region)) return region;
  throw new UsageError('Set AWS_REGION to the region of the deployment, such as eu-central-1.');
}
