import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalVendors, startVendors } from '../../../local/engines/vendors.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { HttpOptions } from '../../../shared/stores/http/http-options.ts';
import { http } from '../../../shared/stores/http/http.ts';

/** It leads nowhere: only the server of this machine is connected to. */
const HOST = 'api.mailer.example';
const DONE = [{ status: [200], where: { '/state': ['done'] } }];
const OPTIONS = HttpOptions.parse({
  origin: `https://${HOST}`,
  secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mailer-AbCdEf',
  sign: { key: 'key', keyId: 'k1' },
  delete: {
    method: 'DELETE',
    path: '/members/{email}',
    headers: { authorization: 'Bearer {secret.token}' },
    confirmed: DONE,
    accepted: [{ status: [202] }],
    follow: {
      at: 'location',
      confirmed: DONE,
      waiting: [{ status: [200], where: { '/state': ['queued'] } }],
    },
  },
});

describe('a vendor of the demonstration', () => {
  let vendors: LocalVendors;
  let store: Store;
  beforeEach(async () => {
    vendors = await startVendors();
    vendors.put(HOST, '/members/a%40example.com', { name: 'A' });
    store = await http.open(OPTIONS, {
      region: 'eu-central-1',
      keys: [{ name: 'email', type: 'text' }],
      timeoutSeconds: 5,
      pseudonymKey: async () => new Uint8Array(),
      connection: {
        endpoint: vendors.endpoint,
        vendor: { secret: async () => vendors.secret, now: () => Date.parse('2026-03-01T10:00:00Z') },
      },
    });
  });
  afterEach(() => vendors.stop());
  const locator = ['a@example.com'] as const;
  const ask = (request: string) => store.delete([{ locator, request }]);
  const has = (): boolean => vendors.read(HOST, '/members/a%40example.com') !== undefined;
  const asked = async (follow: string | undefined) => {
    const [said] = await store.readBack([
      { locator, expect: 'gone', ...(follow !== undefined && { follow }) },
    ]);
    return said;
  };

  test('is reached by the name of its host, and does at once what it is asked for', async () => {
    expect(await ask('r-1')).toEqual([{ outcome: 'confirmed' }]);
    expect([vendors.got[0]?.host, vendors.got[0]?.idempotencyKey, has()]).toEqual([HOST, 'r-1', false]);
  });

  test('does it later, once for the same request', async () => {
    vendors.behave(HOST, 'later');
    const follow = `https://${HOST}/requests/r-1`;
    expect(await ask('r-1')).toEqual([{ outcome: 'requested', follow }]);
    expect(await ask('r-1')).toEqual([{ outcome: 'requested', follow }]);
    expect([await asked(follow), has()]).toEqual([{ state: 'pending' }, true]);
    expect([await asked(follow), has()]).toEqual([{ state: 'confirmed' }, false]);
  });

  test('forgets its first request, and does what the second asks for', async () => {
    vendors.behave(HOST, 'when-chased');
    await ask('r-1');
    for (let times = 0; times < 5; times += 1)
      expect(await asked(`https://${HOST}/requests/r-1`)).toEqual({ state: 'pending' });
    await ask('r-2');
    await asked(`https://${HOST}/requests/r-2`);
    expect([await asked(`https://${HOST}/requests/r-2`), has()]).toEqual([{ state: 'confirmed' }, false]);
  });
});
