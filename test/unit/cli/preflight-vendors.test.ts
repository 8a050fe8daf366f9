import { describe, expect, test } from 'vitest';
import { checkVendor } from '../../../cli/preflight/preflight-http.ts';
import type { StoreReach } from '../../../cli/preflight/preflight-reach.ts';
import { tlsProblem, type TlsProblem } from '../../../cli/preflight/preflight-tls.ts';
import { makeCertificate } from '../../support/vendor/certificates.ts';
import { startVendor } from '../../support/vendor/vendor-server.ts';

const ASK = {
  method: 'DELETE',
  path: '/people/{id}',
  headers: { authorization: 'Bearer {secret.token}' },
  confirmed: [{ status: [204] }],
};
const OPTIONS = {
  origin: 'https://api.example.com',
  secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vendor-AbCdEf',
  sign: { key: 'key', keyId: 'k1' },
  delete: ASK,
};
const WHOLE = { token: 'hunter2', key: 'hunter3' };

interface World {
  readonly options?: object;
  readonly secret?: Readonly<Record<string, string>> | Error;
  readonly addresses?: readonly string[] | Error;
  readonly tls?: TlsProblem;
}

async function said({
  options = {},
  secret = WHOLE,
  addresses = ['93.184.216.34'],
  tls,
}: World): Promise<string[]> {
  const answer = <Found>(found: Found | Error): Promise<Found> =>
    found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  const reach: StoreReach = {
    deletes: true,
    masked: [],
    addressesOf: () => answer(addresses),
    tlsProblemOf: async () => tls,
    connection: { vendor: { secret: () => answer(secret), now: Date.now } },
  };
  const place = { kind: 'http', region: 'eu-west-1', restricts: false, hourlyCap: 1000 };
  const keys = [{ name: 'id', type: 'text' }] as const;
  const found = await checkVendor('mailer', { ...place, options: { ...OPTIONS, ...options }, keys }, reach);
  expect(JSON.stringify(found)).not.toMatch(/hunter/);
  return found.map(({ severity, message }) => `${severity}: ${message}`);
}

const failed = (more: object): Error => Object.assign(new Error('hunter2'), more);

describe('the preflight of a vendor', () => {
  test('finds nothing where the name leads to a public address, and the secret has what is named', async () => {
    expect(await said({})).toEqual([]);
  });

  test.each([['10.0.0.7'], ['169.254.169.254'], ['::1'], ['93.184.216.34', '192.168.1.1']])(
    'refuses a name that leads to %s, unless that is configured',
    async (...addresses) => {
      const [message] = await said({ addresses });
      expect(message).toMatch(/^fails: api\.example\.com leads to an address that is not a public one/);
      for (const address of addresses) expect(message).not.toContain(address);
      expect(await said({ addresses, options: { privateAddresses: true } })).toEqual([]);
    },
  );

  test('says whether a name does not exist, or could not be looked up', async () => {
    expect((await said({ addresses: failed({ code: 'ENOTFOUND' }) })).join()).toMatch(
      /^fails: api\.example\.com is not a name/,
    );
    expect((await said({ addresses: failed({ code: 'EAI_AGAIN' }) })).join()).toMatch(
      /^unknown: .*EAI_AGAIN/,
    );
  });

  test('says whether nothing answers there, or a server whose certificate is not trusted', async () => {
    const ofTls = async (tls: TlsProblem) => (await said({ tls })).join();
    expect(await ofTls({ kind: 'certificate', code: 'CERT_HAS_EXPIRED' })).toMatch(
      /^fails: the certificate of api\.example\.com is not trusted \(CERT_HAS_EXPIRED\)/,
    );
    expect(await ofTls({ kind: 'no connection', code: 'ECONNREFUSED' })).toMatch(
      /^unknown: no server could be connected to at api\.example\.com from here \(ECONNREFUSED\)/,
    );
  });

  test('connects to nothing whose address is refused', async () => {
    const tls = { kind: 'no connection', code: 'ECONNREFUSED' } as const;
    expect(await said({ addresses: ['169.254.169.254'], tls })).toHaveLength(1);
  });

  test('names what the secret lacks: what templates name, and the key of the signature', async () => {
    expect(await said({ secret: { token: '' } })).toEqual([
      'fails: the secret of the vendor has no value for token, key, so no request could be sent; add it to the secret, or correct the name in `options`',
    ]);
  });

  test.each([
    [{ code: 'SECRET_UNREADABLE' }, /^fails: .*not a JSON object whose values are texts/],
    [{ name: 'ResourceNotFoundException' }, /^fails: .*does not exist; correct `options.secret`/],
    [{ name: 'AccessDeniedException' }, /^unknown: .*AccessDeniedException.*secretsmanager:GetSecretValue/],
    [{ code: 'SECRETS_MANAGER_UNREACHABLE' }, /^unknown: .*Secrets Manager could not be reached from here/],
  ])('says why the secret cannot be read: %o', async (more, sentence) => {
    expect((await said({ secret: failed(more) })).join()).toMatch(sentence);
  });

  test('notes that only a person can end what no answer confirms', async () => {
    const { confirmed: _, ...silent } = ASK;
    expect((await said({ options: { delete: silent } })).join()).toMatch(
      /^note: no answer of the vendor says that it is done \(delete\)/,
    );
    const read = {
      method: 'GET',
      path: '/people/{id}',
      gone: [{ status: [404] }],
      present: [{ status: [200] }],
    };
    expect(await said({ options: { delete: silent, read } })).toEqual([]);
  });
});

test('a connection to a server shows its certificate, and sends nothing', async () => {
  const certificate = await makeCertificate();
  const vendor = await startVendor(certificate);
  const origin = new URL(vendor.origin);
  expect(await tlsProblem(origin, certificate.cert)).toBeUndefined();
  expect(
    await tlsProblem(new URL(origin.href.replace('localhost', '127.0.0.1')), certificate.cert),
  ).toBeUndefined();
  expect(await tlsProblem(origin)).toMatchObject({ kind: 'certificate' });
  const other = await makeCertificate('DNS:other.example.com');
  vendor.useCertificate(other);
  expect(await tlsProblem(origin, other.cert)).toEqual({
    kind: 'certificate',
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
  expect(vendor.got).toEqual([]);
  await vendor.stop();
  expect(await tlsProblem(origin, certificate.cert)).toEqual({ kind: 'no connection', code: 'ECONNREFUSED' });
});
