import { hash } from 'node:crypto';
import { createVerifier, httpbis } from 'http-message-signatures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { vendorCalls } from '../../../shared/stores/http/vendor-calls.ts';
import { makeCertificate } from '../../support/vendor/certificates.ts';
import { type Got, startVendor, type VendorServer } from '../../support/vendor/vendor-server.ts';

/*
 * What a vendor gets is verified as a vendor would do it: by an implementation of RFC 9421 that is not ours, over the
 * request line, the headers and the body as they arrived.
 */

const SECRET = 'a key with ü, "quotes" and 32 bytes';
const MADE = Date.UTC(2026, 2, 1, 10);
const FIELDS = ['@method', '@authority', '@path', '@query', 'content-digest'];

let vendor: VendorServer;
let send: (method: string, request: object, locator: readonly string[], more?: object) => Promise<Got>;
beforeAll(async () => {
  const certificate = await makeCertificate();
  vendor = await startVendor(certificate);
  const tools = {
    region: 'eu-central-1',
    keys: [
      { name: 'list', type: 'text' },
      { name: 'email', type: 'text' },
    ],
    timeoutSeconds: 5,
    pseudonymKey: async () => new Uint8Array(),
    connection: {
      vendor: {
        secret: async () => ({ key: SECRET }),
        now: () => MADE,
        authorities: certificate.cert,
      },
    },
  } as const;
  send = async (method, request, locator, more = { request: 'k-1' }) => {
    const options = HttpOptions.parse({
      origin: vendor.origin,
      privateAddresses: true,
      secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vendor-AbCdEf',
      sign: { key: 'key', keyId: '2026' },
      delete: { method: 'POST', path: '/' },
      [method === 'GET' ? 'read' : 'delete']: {
        method,
        ...request,
        ...(method === 'GET' && { gone: [{ status: [404] }], present: [{ status: [200] }] }),
      },
    });
    const template = method === 'GET' ? options.read : options.delete;
    if (template === undefined) throw new Error('the template is missing');
    const about = { locator, action: 'delete', ...more } as const;
    const sent = await vendorCalls(options, tools).send(template, about, AbortSignal.timeout(5000));
    expect(sent).toMatchObject({ status: 204 });
    const got = vendor.got.at(-1);
    if (got === undefined) throw new Error('nothing arrived');
    return got;
  };
});
afterAll(() => vendor.stop());

/** The signature fits what arrived, and so does the digest of the body that it covers. */
async function isVerified({ method, path, headers, body }: Got, key = SECRET): Promise<boolean> {
  const { host = '', ...others } = headers;
  const texts = Object.entries(others).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const question = path.indexOf('?');
  const raw = new Map([
    ['@path', question < 0 ? path : path.slice(0, question)],
    ['@query', question < 0 ? '?' : path.slice(question)],
  ]);
  const verified = await Promise.all(
    // Once by what the library makes of the address, and once by the bytes of the request line.
    [undefined, (name: string) => (raw.has(name) ? [raw.get(name) ?? ''] : null)].map((componentParser) =>
      httpbis.verifyMessage(
        {
          keyLookup: async ({ keyid }) =>
            keyid === '2026'
              ? { id: '2026', algs: ['hmac-sha256'], verify: createVerifier(key, 'hmac-sha256') }
              : null,
          requiredParams: ['created', 'keyid', 'alg'],
          requiredFields: FIELDS,
          notAfter: new Date(MADE),
          ...(componentParser !== undefined && { componentParser }),
        },
        { method, url: `https://${host}${path}`, headers: Object.fromEntries(texts) },
      ),
    ),
  );
  const digest = `sha-256=:${hash('sha256', body, 'base64')}:`;
  return verified.every((one) => one === true) && headers['content-digest'] === digest;
}

const ODD = ['a b/c?d#e%2F', 'Ürist+tag@ex ample.com&x=1'];
const PATH = '/v1/lists/{list}/{email}';
const QUERY = '?email={email}&list={list}&empty=&a=%20+b';
const BODY = { email: '{email}', nested: [{ list: '{list}' }], note: '🙂' };

describe('a request that is signed is verified by another implementation of RFC 9421', () => {
  test.for<readonly [string, string, object, readonly string[]]>([
    ['a POST with a body', 'POST', { path: PATH, body: BODY }, ['l-1', 'urist@example.com']],
    ['odd values in path, query and body', 'POST', { path: PATH + QUERY, body: BODY }, ODD],
    ['a form', 'POST', { path: PATH, form: { email: '{email}', list: '{list}' } }, ODD],
    ['an empty query', 'PUT', { path: `${PATH}?`, body: {} }, ODD],
    ['a PUT', 'PUT', { path: PATH + QUERY, body: BODY }, ODD],
    ['a PATCH', 'PATCH', { path: PATH, body: BODY }, ODD],
    ['a DELETE without a body', 'DELETE', { path: PATH + QUERY }, ODD],
    ['a DELETE with one', 'DELETE', { path: PATH, body: BODY }, ODD],
    ['a path of one slash', 'DELETE', { path: '/' }, ODD],
    ['a path with empty segments and an encoded slash', 'DELETE', { path: '/a//b/%2f/{list}' }, ODD],
    ['a header with spaces around', 'POST', { path: PATH, headers: { 'content-type': ' text/x ' } }, ODD],
  ])('%s', async ([, method, request, locator]) => {
    const got = await send(method, request, locator);
    expect(got.headers['idempotency-key']).toBe('k-1');
    expect(await isVerified(got)).toBe(true);
    expect(await isVerified(got, 'another key')).toBe(false);
  });

  test('a question without a name of the request', async () => {
    const got = await send('GET', { path: PATH + QUERY }, ODD, {});
    expect(got.headers).not.toHaveProperty('idempotency-key');
    expect(await isVerified(got)).toBe(true);
  });
});

describe('and not if something of it was changed on its way', () => {
  const changes: Record<string, (got: Got) => Partial<Got>> = {
    'the method': () => ({ method: 'PUT' }),
    'a byte of the path': ({ path }) => ({ path: path.replace('/v1/', '/v2/') }),
    'the case of an escape': ({ path }) => ({ path: path.replace('%2F', '%2f') }),
    'a byte of the query': ({ path }) => ({ path: path.replace('empty=', 'empty=1') }),
    'a query that is cut off': ({ path }) => ({ path: path.replace(/\?.*/, '') }),
    'a byte of the body': ({ body }) => ({ body: body.replace('note', 'nota') }),
    'a body that is cut off': () => ({ body: '' }),
    'the host': ({ headers }) => ({ headers: { ...headers, host: 'other.example.com' } }),
    'the idempotency key': ({ headers }) => ({ headers: { ...headers, 'idempotency-key': 'k-2' } }),
    'the content type': ({ headers }) => ({ headers: { ...headers, 'content-type': 'text/plain' } }),
    'body and digest': ({ headers }) => ({
      body: '{}',
      headers: { ...headers, 'content-digest': `sha-256=:${hash('sha256', '{}', 'base64')}:` },
    }),
    'the time': (got) => ({ headers: inInput(got, `created=${MADE / 1000}`, `created=${MADE / 1000 - 1}`) }),
    'what is covered': (got) => ({ headers: inInput(got, ' "idempotency-key"', '') }),
    'the id of the key': (got) => ({ headers: inInput(got, '"2026"', '"2027"') }),
  };

  function inInput({ headers }: Got, from: string, to: string): Got['headers'] {
    const input = String(headers['signature-input']);
    expect(input).toContain(from);
    return { ...headers, 'signature-input': input.replace(from, to) };
  }

  test.for(Object.keys(changes))('%s', async (name) => {
    const got = await send('POST', { path: PATH + QUERY, body: BODY }, ODD);
    const change = changes[name]?.(got);
    expect({ ...got, ...change }).not.toEqual(got);
    expect(await isVerified({ ...got, ...change })).toBe(false);
  });
});
