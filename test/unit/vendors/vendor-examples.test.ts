import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { startVendor } from '../../support/vendor/vendor-server.ts';
import { makeCertificate } from '../../support/vendor/certificates.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { templateProblems } from '../../../shared/stores/http/template-problems.ts';
import { vendorCalls } from '../../../shared/stores/http/vendor-calls.ts';

const page = readFileSync(new URL('../../../docs/stores/http.md', import.meta.url), 'utf8');
const Example = z.object({
  kind: z.literal('http'),
  keys: z.array(z.object({ name: z.string(), type: z.literal('text') })),
  options: HttpOptions,
});

/** The store of this name on the page, read as what it is: an object of texts, numbers and lists. */
function exampleOf(name: string): z.infer<typeof Example> {
  const code = new RegExp(`\`\`\`ts\n${name}: (\\{.*?\n\\}),\n\`\`\``, 's').exec(page)?.[1] ?? '';
  const json = code
    .replaceAll(/'((?:[^'])*)'/g, (_all, text: string) => JSON.stringify(text))
    .replaceAll(/([{,]\s*)([A-Za-z]+):/g, '$1"$2":')
    .replaceAll(/,(\s*[}\]])/g, '$1');
  return Example.parse(JSON.parse(json));
}

describe('the examples of the page about vendors', () => {
  test.each(['mailing', 'payments'])('of %s are valid, with their templates', (name) => {
    const { keys, options } = exampleOf(name);
    expect(templateProblems(options, keys)).toEqual([]);
  });

  test('ask the mailing service by the digest of the address in small letters', async () => {
    const { keys, options } = exampleOf('mailing');
    const certificate = await makeCertificate();
    const vendor = await startVendor(certificate);
    try {
      const calls = vendorCalls(
        { ...options, origin: vendor.origin, privateAddresses: true },
        {
          region: 'us-east-1',
          keys,
          timeoutSeconds: 5,
          pseudonymKey: async () => new Uint8Array(),
          connection: {
            vendor: { secret: async () => ({ token: 't' }), now: () => 0, authorities: certificate.cert },
          },
        },
      );
      const about = { locator: ['a1', 'Urist@Example.com'], action: 'delete', request: 'r-1' } as const;
      const { delete: ask } = options;
      if (ask === undefined) throw new Error('the example asks for no deletion');
      expect(await calls.send(ask, about, AbortSignal.timeout(5000))).toMatchObject({ status: 204 });
      // https://mailchimp.com/developer/marketing/docs/methods-parameters/ names members by the MD5 of the address.
      expect(vendor.got).toMatchObject([
        {
          method: 'POST',
          path: '/3.0/lists/a1/members/5dc77433f1f3489d1f194c57724a1686/actions/delete-permanent',
          headers: { authorization: 'Bearer t', 'idempotency-key': 'r-1' },
        },
      ]);
    } finally {
      await vendor.stop();
    }
  });

  test('an id of a key that could add to the header of the signature is not sent', async () => {
    const { keys, options } = exampleOf('payments');
    const calls = vendorCalls(
      { ...options, sign: { key: 'key', keyId: '2026' } },
      {
        region: 'us-east-1',
        keys,
        timeoutSeconds: 5,
        pseudonymKey: async () => new Uint8Array(),
        connection: {
          vendor: { secret: async () => ({ token: 't', key: 'k', keyId: 'a";alg="none' }), now: () => 0 },
        },
      },
    );
    const { delete: ask } = options;
    if (ask === undefined) throw new Error('the example asks for no deletion');
    const about = { locator: ['cus_1'], action: 'delete', request: 'r-1' } as const;
    expect(await calls.send(ask, about, AbortSignal.timeout(5000))).toEqual({ unsent: 'STORE_SCHEMA' });
  });
});
