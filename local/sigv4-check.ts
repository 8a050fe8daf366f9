import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

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
 * Signature Version 4 over the whole request, by a known key and of about now. AWS's own signer signs what arrived once
 * more, and the two signatures have to be the same. Reasons repeat nothing that was sent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function checkSignature(
  request: SignedRequest,
  keys: ReadonlyMap<string, KeyOwner>,
  now: number,
): Promise<SignatureCheck> {
  const parts =
    /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, *SignedHeaders=([a-z0-9;_.-]+), *Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (parts === null) return refused('the request is not signed with AWS Signature Version 4');
  const [, keyId = '', day = '', region = '', service = '', names = '', signature = ''] = parts;
  const owner = keys.get(keyId);
  if (owner === undefined) return refused('the access key is not known here');
  const date = header(request, 'x-amz-date');
  const time = timeOf(date);
  if (time === undefined || !date.startsWith(day))
    return refused('x-amz-date is missing or not the date of the credential');
  if (Math.abs(time - now) > TOLERANCE)
    return refused('the request was signed more than 15 minutes before or after now');
  if (service !== 'execute-api') return refused('the request is signed for another service than execute-api');
  const query = queryOf(request);
  // The signer leaves such a value out of what it signs, so that it could be added to any request.
  if (Object.keys(query).some((name) => name.toLowerCase() === 'x-amz-signature'))
    return refused('the request carries another signature in its query');
  const signed = names.split(';');
  if (!areEnough(request, signed)) return refused('host and every x-amz- header have to be signed');
  const claimed = header(request, 'x-amz-content-sha256');
  if (claimed !== '' && claimed !== createHash('sha256').update(request.body).digest('hex'))
    return refused('x-amz-content-sha256 is not the hash of the body');

  const credentials = { accessKeyId: keyId, secretAccessKey: owner.secretAccessKey };
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256Node, applyChecksum: false });
  const again = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: pathOf(request),
      query,
      headers: Object.fromEntries(signed.map((name) => [name, header(request, name)])),
      body: request.body,
    },
    { signingDate: new Date(time), signableHeaders: new Set(signed) },
  );
  const expected = again.headers['authorization']?.slice(-signature.length) ?? '';
  return timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
    ? { ok: true, principal: owner.principal }
    : refused('the signature does not match the request');
}

function pathOf({ target }: SignedRequest): string {
  return target.split('?', 1)[0] ?? '/';
}

/** Each name with all of its values. */
function queryOf(request: SignedRequest): Record<string, string[]> {
  const pairs = new URLSearchParams(request.target.slice(pathOf(request).length));
  return Object.fromEntries([...new Set(pairs.keys())].map((name) => [name, pairs.getAll(name)]));
}

function areEnough(request: SignedRequest, signed: readonly string[]): boolean {
  const needed = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'));
  return ['host', ...needed].every((name) => signed.includes(name));
}

/** Of `20260301T100000Z`. */
function timeOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function header(request: SignedRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function refused(reason: string): SignatureCheck {
  return { ok: false, reason };
}
