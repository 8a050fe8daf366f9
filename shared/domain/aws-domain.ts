/** Where AWS answers outside its largest partition. https://docs.aws.amazon.com/general/latest/gr/rande.html */
const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
];
const COMMON = 'amazonaws.com';

/** The domain of AWS's endpoints in a region, such as `amazonaws.com`. */
export function awsDomain(region: string): string {
  return DOMAINS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? COMMON;
}

/** The region in the host of an API of API Gateway. A domain of one's own does not contain it. */
export function regionOfApiHost(host: string): string | undefined {
  const [, region, domain] = /\.execute-api\.([a-z0-9-]+)\.(.+)$/.exec(host) ?? [];
  return region !== undefined && domain === awsDomain(region) ? region : undefined;
}
