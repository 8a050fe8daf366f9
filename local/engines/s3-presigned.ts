import { createHash, createHmac } from 'node:crypto';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { S3Error } from './s3-bucket.ts';

interface Signed {
  readonly method: string;
  /** As they stood in the request line. */
  readonly path: string;
  readonly search: string;
  readonly headers: Readonly<Record<string, string>>;
}

const LONGEST_SECONDS = 7 * 86_400;

export function isPresigned(query: URLSearchParams): boolean {
  return query.has('X-Amz-Signature');
}

/**
 * Whether a link is signed with Signature Version 4 in its query, and its time is not over. The secret of a local access
 * key is its id.
 * https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-query-string-auth.html
 */
export function checkPresigned(signed: Signed, now: Instant): void {
  const query = new URLSearchParams(signed.search);
  const of = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const [keyId = '', day = '', region = '', service, end] = of('Credential').split('/');
  const [begun, seconds] = [timeOf(of('Date')), Number(of('Expires'))];
  const isForm = of('Algorithm') === 'AWS4-HMAC-SHA256' && service === 's3' && end === 'aws4_request';
  const isTime =
    begun !== undefined && of('Date').startsWith(day) && seconds >= 1 && seconds <= LONGEST_SECONDS;
  const names = of('SignedHeaders').split(';');
  if (!isForm || !isTime || !names.includes('host'))
    throw new S3Error('AuthorizationQueryParametersError', 400);
  if (now >= begun + seconds * 1000) throw new S3Error('AccessDenied', 403);

  const text = [
    'AWS4-HMAC-SHA256',
    of('Date'),
    [day, region, 's3', 'aws4_request'].join('/'),
    createHash('sha256')
      .update(canonicalRequest(signed, query, names))
      .digest('hex'),
  ].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (former, part) => createHmac('sha256', former).update(part).digest(),
    `AWS4${keyId}`,
  );
  if (createHmac('sha256', key).update(text).digest('hex') !== of('Signature'))
    throw new S3Error('SignatureDoesNotMatch', 403);
}

function canonicalRequest(
  { method, path, headers }: Signed,
  query: URLSearchParams,
  names: readonly string[],
): string {
  const pairs = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted();
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`);
  return [method, path, pairs.join('&'), lines.join(''), names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
}

/** As RFC 3986 has it. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Of `20260301T100000Z`. */
function timeOf(text: string): Instant | undefined {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const time = Date.parse(iso);
  return iso === text || Number.isNaN(time) ? undefined : time;
}
