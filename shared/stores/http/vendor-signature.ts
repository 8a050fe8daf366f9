import { createHmac, hash } from 'node:crypto';
import type { VendorRequest } from './vendor-request.ts';

/** A secret shared with the vendor. `id`: names it in each request, so that both sides can change keys without a gap. */
export interface SigningKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

const LABEL = 'tenure';

/**
 * The request with an HTTP message signature (RFC 9421, `hmac-sha256`) over its method, host, path, query, idempotency
 * key and the digest of its body (RFC 9530). `at`: milliseconds since 1970; a vendor refuses what is old.
 */
export function signedRequest(request: VendorRequest, key: SigningKey, at: number): VendorRequest {
  const digest = `sha-256=:${hash('sha256', request.body ?? '', 'base64')}:`;
  const headers: Readonly<Record<string, string>> = { ...request.headers, 'content-digest': digest };
  const covered: readonly (readonly [string, string])[] = [
    ['@method', request.method],
    ['@authority', request.url.host],
    ['@path', request.url.pathname],
    ['@query', request.url.search === '' ? '?' : request.url.search],
    // As it is received: without the spaces around it (section 2.1).
    ...['content-digest', 'idempotency-key', 'content-type'].flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value.trim()] as const];
    }),
  ];
  const names = covered.map(([name]) => `"${name}"`).join(' ');
  const parameters = `(${names});created=${Math.floor(at / 1000)};keyid="${key.id}";alg="hmac-sha256"`;
  const base = [
    ...covered.map(([name, value]) => `"${name}": ${value}`),
    `"@signature-params": ${parameters}`,
  ];
  const signature = createHmac('sha256', key.secret).update(base.join('\n')).digest('base64');
  return {
    ...request,
    headers: {
      ...headers,
      'signature-input': `${LABEL}=${parameters}`,
      signature: `${LABEL}=:${signature}:`,
    },
  };
}
