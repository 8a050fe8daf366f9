import { AwsV4Signer } from 'aws4fetch';
import { describe, expect, test } from 'vitest';
import { checkSignature, type SignedRequest } from '../../../local/sigv4-check.ts';
import { present } from '../../../shared/domain/present.ts';

const NOW = Date.UTC(2026, 2, 1, 10, 0, 0);
const PRINCIPAL = 'arn:aws:sts::111122223333:assumed-role/operator/demonstration';
const KEYS = new Map([
  ['KEYOFTHEOPERATOR', { secretAccessKey: 'secret of the operator', principal: PRINCIPAL }],
]);

interface Options {
  readonly url?: string;
  readonly method?: string;
  readonly body?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly service?: string;
  readonly datetime?: string;
  readonly headers?: Record<string, string>;
}

/** A request as `aws4fetch` signs it and node:http hands it over. */
async function signed(options: Options = {}): Promise<SignedRequest> {
  const { url = 'http://127.0.0.1:4000/v1/overdue', method = 'GET', body, ...more } = options;
  const request = await new AwsV4Signer({
    url,
    method,
    accessKeyId: 'KEYOFTHEOPERATOR',
    secretAccessKey: 'secret of the operator',
    service: 'execute-api',
    region: 'local-1',
    datetime: '20260301T100000Z',
    ...present({ body }),
    ...more,
  }).sign();
  const { pathname, search, host } = new URL(url);
  return {
    method,
    target: `${pathname}${search}`,
    headers: { ...Object.fromEntries(request.headers), host },
    body: Buffer.from(body ?? ''),
  };
}

const check = (request: SignedRequest, now = NOW) => checkSignature(request, KEYS, now);

describe('a request is its principal’s', () => {
  test.each<[string, Options]>([
    ['without a body', {}],
    ['with a body', { method: 'POST', body: '{"entity":{"type":"person","id":"ä"}}' }],
    ['with a query', { url: 'http://127.0.0.1:4000/v1/overdue?cursor=b%2Fc%3D&a=1&a=0&b=~*' }],
    [
      'with a path that needs encoding',
      { url: 'http://127.0.0.1:4000/v1/lanes/a%20b%2Bc/pause', method: 'POST' },
    ],
    ['with more signed headers', { headers: { 'x-amz-security-token': 'token' } }],
  ])('%s', async (_, options) => {
    expect(await check(await signed(options))).toEqual({ ok: true, principal: PRINCIPAL });
  });

  test('up to 15 minutes after it was signed, and before', async () => {
    const request = await signed();
    expect(await check(request, NOW + 15 * 60_000)).toMatchObject({ ok: true });
    expect(await check(request, NOW - 15 * 60_000)).toMatchObject({ ok: true });
    expect(await check(request, NOW + 15 * 60_000 + 1)).toMatchObject({ ok: false });
    expect(await check(request, NOW - 15 * 60_000 - 1)).toMatchObject({ ok: false });
  });
});

describe('a request is refused', () => {
  const refusal = async (change: (request: SignedRequest) => SignedRequest, options: Options = {}) => {
    const result = await check(change(await signed({ method: 'POST', body: '{}', ...options })));
    return result.ok ? 'accepted' : result.reason;
  };
  const same = (request: SignedRequest): SignedRequest => request;
  const withHeaders = (request: SignedRequest, headers: SignedRequest['headers']): SignedRequest => ({
    ...request,
    headers: { ...request.headers, ...headers },
  });

  test('without a signature', async () => {
    expect(await refusal((request) => withHeaders(request, { authorization: undefined }))).toMatch(
      /not signed/,
    );
    expect(await refusal((request) => withHeaders(request, { authorization: 'Bearer x' }))).toMatch(
      /not signed/,
    );
  });

  test('by an unknown key, or by a known one with another secret', async () => {
    expect(await refusal(same, { accessKeyId: 'SOMEBODYELSE' })).toMatch(/not known/);
    expect(await refusal(same, { secretAccessKey: 'another' })).toMatch(/does not match/);
  });

  test('for another service', async () => {
    expect(await refusal(same, { service: 's3' })).toMatch(/another service/);
  });

  test('when method, path, query, body or a signed header were changed', async () => {
    expect(await refusal((request) => ({ ...request, method: 'GET' }))).toMatch(/does not match/);
    expect(await refusal((request) => ({ ...request, target: '/v1/lanes' }))).toMatch(/does not match/);
    expect(await refusal((request) => ({ ...request, target: `${request.target}?a=1` }))).toMatch(
      /does not match/,
    );
    expect(await refusal((request) => ({ ...request, body: Buffer.from('{"a":1}') }))).toMatch(
      /does not match/,
    );
    expect(await refusal((request) => withHeaders(request, { host: 'elsewhere' }))).toMatch(/does not match/);
  });

  test('when a signature was put into its query, alone or besides the header', async () => {
    const inQuery = (request: SignedRequest) => ({
      ...request,
      target: `${request.target}?X-Amz-Signature=${'0'.repeat(64)}`,
    });
    expect(await refusal(inQuery)).toMatch(/signature in its query/);
    expect(await refusal((request) => withHeaders(inQuery(request), { authorization: undefined }))).toMatch(
      /not signed/,
    );
  });

  test('when it names a hash that is not the body’s', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await refusal(same, { headers })).toMatch(/hash of the body/);
  });

  test('when an x-amz- header was added after signing', async () => {
    expect(await refusal((request) => withHeaders(request, { 'x-amz-meta': 'x' }))).toMatch(
      /have to be signed/,
    );
  });

  test('when its date is missing or of another day than its credential', async () => {
    expect(await refusal((request) => withHeaders(request, { 'x-amz-date': undefined }))).toMatch(
      /x-amz-date/,
    );
    expect(await refusal((request) => withHeaders(request, { 'x-amz-date': '20260302T100000Z' }))).toMatch(
      /x-amz-date/,
    );
  });

  test('with a reason that repeats nothing that was sent', async () => {
    const reason = await refusal(same, {
      accessKeyId: 'MARKERKEY',
      body: 'MARKER',
      url: 'http://127.0.0.1/MARKER',
    });
    expect(reason).not.toContain('MARKER');
  });
});
