import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signedRequest } from '../../../shared/stores/http/vendor-signature.ts';
import {
  askVendor,
  MOST_ANSWER_BYTES,
  type VendorLimits,
} from '../../../shared/stores/http/vendor-request.ts';
import { type Certificate, makeCertificate } from '../../support/vendor/certificates.ts';
import { startVendor, type VendorServer } from '../../support/vendor/vendor-server.ts';

let certificate: Certificate;
let vendor: VendorServer;
beforeAll(async () => {
  certificate = await makeCertificate();
});
beforeEach(async () => {
  vendor = await startVendor(certificate);
  return () => vendor.stop();
});

const limits = (): VendorLimits => ({
  signal: AbortSignal.timeout(5000),
  privateAddresses: true,
  authorities: certificate.cert,
});
const request = (path = '/customers/c-1') => ({
  method: 'POST',
  url: new URL(path, vendor.origin),
  headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1' },
  body: '{"a":"é"}',
});

describe('a request to a vendor', () => {
  it('arrives as it was made, and its answer is read', async () => {
    vendor.behave((_, response) =>
      response.writeHead(202, { location: '/jobs/7', 'retry-after': '60' }).end('{}'),
    );
    expect(await askVendor(request('/customers/c-1?x=%20'), limits())).toEqual({
      status: 202,
      location: '/jobs/7',
      retryAfter: '60',
      body: new Uint8Array(Buffer.from('{}')),
    });
    expect(vendor.got).toMatchObject([
      {
        method: 'POST',
        path: '/customers/c-1?x=%20',
        body: '{"a":"é"}',
        headers: { 'content-length': '10', 'idempotency-key': 'k-1', 'accept-encoding': 'identity' },
      },
    ]);
  });

  it('is not sent to where an answer redirects it', async () => {
    const other = await startVendor(certificate);
    vendor.behave((_, response) => response.writeHead(307, { location: `${other.origin}/x` }).end());
    expect(await askVendor(request(), limits())).toMatchObject({ status: 307 });
    expect(other.got).toEqual([]);
    await other.stop();
  });

  it('is not sent to an address of one’s own machine unless that is configured', async () => {
    expect(await askVendor(request(), { ...limits(), privateAddresses: false })).toEqual({
      failure: 'STORE_DENIED',
      mayHaveArrived: false,
    });
    const literal = { ...request(), url: new URL(vendor.origin.replace('localhost', '127.0.0.1')) };
    expect(await askVendor(literal, { ...limits(), privateAddresses: false })).toEqual({
      failure: 'STORE_DENIED',
      mayHaveArrived: false,
    });
    expect(vendor.got).toEqual([]);
  });

  it('is not sent to a server whose certificate is not trusted, or is of another name', async () => {
    const refused = { failure: 'STORE_ERROR', mayHaveArrived: false };
    const { signal, privateAddresses } = limits();
    expect(await askVendor(request(), { signal, privateAddresses })).toEqual(refused);
    const changed = await makeCertificate('DNS:other.example.com');
    vendor.useCertificate(changed);
    expect(await askVendor(request(), limits())).toEqual(refused);
    expect(await askVendor(request(), { ...limits(), authorities: changed.cert })).toEqual(refused);
    expect(vendor.got).toEqual([]);
  });

  it('says that it may have arrived when no answer comes in time, or the connection breaks', async () => {
    vendor.behave(() => {});
    expect(await askVendor(request(), { ...limits(), signal: AbortSignal.timeout(300) })).toEqual({
      failure: 'STORE_TIMEOUT',
      mayHaveArrived: true,
    });
    vendor.behave((_, response) => response.destroy());
    expect(await askVendor(request(), limits())).toEqual({
      failure: 'STORE_UNREACHABLE',
      mayHaveArrived: true,
    });
  });

  it('ends in time when the answer never ends', async () => {
    vendor.behave((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await askVendor(request(), { ...limits(), signal: AbortSignal.timeout(300) })).toEqual({
      failure: 'STORE_TIMEOUT',
      mayHaveArrived: true,
    });
  });

  it('reads no more of an answer than its limit', async () => {
    vendor.behave((_, response) => {
      response.writeHead(200);
      const more = () => response.write(Buffer.alloc(64 * 1024, 'a'), more);
      response.on('close', () => response.destroy());
      response.on('error', () => {});
      more();
    });
    const answer = await askVendor(request(), limits());
    expect(answer).toMatchObject({ status: 200 });
    expect('body' in answer && answer.body.byteLength).toBe(MOST_ANSWER_BYTES);
  });

  it('says that it did not arrive when nothing listens', async () => {
    const gone = request();
    await vendor.stop();
    expect(await askVendor(gone, limits())).toEqual({ failure: 'STORE_UNREACHABLE', mayHaveArrived: false });
    vendor = await startVendor(certificate);
  });

  it('is refused when a header cannot be one, and nothing is sent', async () => {
    const wrong = { ...request(), headers: { 'x-a': 'a\nb: c' } };
    expect(await askVendor(wrong, limits())).toEqual({ failure: 'STORE_ERROR', mayHaveArrived: false });
    expect(vendor.got).toEqual([]);
  });

  it('is signed over its method, host, path, query, body and idempotency key', async () => {
    const key = { id: 'k-2026', secret: new Uint8Array(32).fill(7) };
    await askVendor(signedRequest(request('/a?b=c'), key, Date.UTC(2026, 10, 30)), limits());
    const [got] = vendor.got;
    expect(got?.headers['signature-input']).toBe(
      'tenure=("@method" "@authority" "@path" "@query" "content-digest" "idempotency-key" "content-type");created=1795996800;keyid="k-2026";alg="hmac-sha256"',
    );
    expect(got?.headers['content-digest']).toMatch(/^sha-256=:[A-Za-z0-9+/]{43}=:$/);
    const signatures = new Set<string>();
    for (const changed of [
      request('/a?b=c'),
      { ...request('/a?b=c'), method: 'PUT' },
      request('/a?b=d'),
      request('/b?b=c'),
      { ...request('/a?b=c'), body: '{}' },
      { ...request('/a?b=c'), url: new URL('https://other.example.com/a?b=c') },
      { ...request('/a?b=c'), headers: { 'idempotency-key': 'k-2' } },
    ])
      signatures.add(signedRequest(changed, key, 0).headers['signature'] ?? '');
    expect(signatures.size).toBe(7);
  });
});
