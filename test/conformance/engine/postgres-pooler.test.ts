import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { checkPostgresTable } from '../../../cli/preflight/preflight-postgresql.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { openStore } from '../../../shared/stores/kinds.ts';

const KEYS: readonly KeyColumn[] = [{ name: 'id', type: 'integer' }];

/** What a pooler takes at the start of a session: https://www.pgbouncer.org/config.html#ignore_startup_parameters */
const TAKEN = ['user', 'database', 'application_name', 'client_encoding'];

/** The parameters with which a client begins its session: pairs of texts, each ended by a zero byte. */
async function startedWith(connect: (port: number) => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const texts = data.subarray(8).toString().split('\0');
      names.push(...texts.filter((text, index) => index % 2 === 0 && text !== ''));
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await connect((server.address() as AddressInfo).port);
  server.close();
  return [...new Set(names)];
}

const storeAt = (port: number) => ({
  kind: 'postgresql',
  region: 'eu-central-1',
  keys: KEYS,
  restricts: false,
  hourlyCap: 100,
  options: { host: '127.0.0.1', port, database: 'crm', user: 'lane', table: 'people', tls: 'off' },
});

test('a lane begins its session with nothing that a pooler refuses', async () => {
  const names = await startedWith(async (port) => {
    const store = await openStore(storeAt(port), {
      timeoutSeconds: 1,
      pseudonymKey: async () => new Uint8Array(),
    });
    expect(await store.look([[1]])).toEqual([{ state: 'unknown', code: 'STORE_UNREACHABLE' }]);
    await store.close();
  });
  expect(names).toContain('user');
  expect(names.filter((name) => !TAKEN.includes(name))).toEqual([]);
});

test('preflight does, too', async () => {
  const names = await startedWith((port) =>
    checkPostgresTable('people', storeAt(port), { deletes: true, masked: [] }),
  );
  expect(names).toContain('user');
  expect(names.filter((name) => !TAKEN.includes(name))).toEqual([]);
});
