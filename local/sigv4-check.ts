import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface KeyOwner {
  readonly secretAccessKey: string;
  readonly principal: string;
}

export type SignatureCheck =
  | { readonly ok: true; readonly principal: string }
  | { readonly ok: false; readonly reason: string };

/** How far a request's date may be from ours, as AWS has it. */
const TOLERANCE = 15 * 60_000;

/**
 * What API Gateway's IAM authorizer checks before a request reaches the function: an `Authorization` header of
 * Signature Version 4 over the whole request, by a known key and of about now. Reasons repeat nothing that was sent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function checkSignature(
  request: SignedRequest,
  keys: ReadonlyMap<string, KeyOwner>,
  now: number,
): SignatureCheck {
  const parts =
    /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, *SignedHeaders=([a-z0-9;_.-]+), *Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (parts === null) return refused('the request is not signed with AWS Signature Version 4');
  const [, keyId = '', day = '', region = '', service = '', names = '', signature = ''] = parts;
  const owner = keys.get(keyId);
  if (owner === undefined) return refused('the access key is not known here');
  const date = header(request, 'x-amz-date');
  const time = dateOf(date);
  if (time === undefined || !date.startsWith(day))
    return refused('x-amz-date is missing or not the date of the credential');
  if (Math.abs(time - now) > TOLERANCE)
    return refused('the request was signed more than 15 minutes before or after now');
  if (service !== 'execute-api') return refused('the request is signed for another service than execute-api');
  const signed = names.split(';');
  if (!areEnough(request, signed)) return refused('host and every x-amz- header have to be signed');
  const hash = sha256(request.body);
  const claimed = header(request, 'x-amz-content-sha256');
  if (claimed !== '' && claimed !== hash) return refused('x-amz-content-sha256 is not the hash of the body');

  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, signed, hash))].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${owner.secretAccessKey}`,
  );
  const expected = createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
    ? { ok: true, principal: owner.principal }
    : refused('the signature does not match the request');
}

function canonicalRequest(request: SignedRequest, signed: readonly string[], hash: string): string {
  const [path = '/', query = ''] = splitOnce(request.target, '?');
  return [
    request.method,
    // Every service but S3 signs the path encoded once more than it was sent.
    path.replaceAll(/\/+/g, '/').split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${header(request, name).trim().replaceAll(/\s+/g, ' ')}`),
    '',
    signed.join(';'),
    hash,
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(
    ([name, value]) => [encode(name), encode(value)] as const,
  );
  const ordered = pairs.toSorted(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  return ordered.map((pair) => pair.join('=')).join('&');
}

/** RFC 3986: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function areEnough(request: SignedRequest, signed: readonly string[]): boolean {
  const needed = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'));
  return ['host', ...needed].every((name) => signed.includes(name));
}

/** `20260301T100000Z` */
function dateOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function header(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function refused(reason: string): SignatureCheck {
  return { ok: false, reason };
}
