import { AwsV4Signer } from 'aws4fetch';
import { awsDomain } from '../domain/aws-domain.ts';

export interface AwsPlace {
  readonly region: string;
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
  /** Replaces the region's own endpoint. */
  readonly endpoint?: string;
}

/** One call of a service with the protocol AWS JSON 1.1. Throws `HTTP` and the status if it is refused. */
export async function callAws(
  { region, credentials, endpoint }: AwsPlace,
  { service, target }: { readonly service: string; readonly target: string },
  input: object,
): Promise<unknown> {
  const signed = await new AwsV4Signer({
    ...(await credentials()),
    url: `${endpoint ?? `https://${service}.${region}.${awsDomain(region)}`}/`,
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
    service,
    region,
  }).sign();
  const { method, headers, body } = signed;
  const answer = await fetch(signed.url, {
    method,
    headers,
    body: body ?? null,
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}
