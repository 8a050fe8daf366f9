import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressInfo, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../../shared/stores/kinds.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-certificates-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function certificate(name: string, host: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const request = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=${host}`;
  await promisify(execFile)('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
  return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
}

/** Begins as PostgreSQL does when it is asked for TLS, and says whether the client went on. */
async function connects(server: { cert: string; key: string }, ca?: string): Promise<boolean> {
  let wentOn = false;
  const listener = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, ...server });
      secure.on('error', () => {});
      // The first message of the login: sent only to a server that is trusted.
      secure.once('data', () => {
        wentOn = true;
        secure.destroy();
      });
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => listener.listen(0, 'localhost', resolve));
  const options = { host: 'localhost', port: (listener.address() as AddressInfo).port };
  const table = { database: 'crm', user: 'tenure', table: 'people' };
  const keys = [{ name: 'id', type: 'text' }] as const;
  const store = await openStore(
    {
      kind: 'postgresql',
      region: 'eu-west-1',
      keys,
      options: { ...options, ...table, ...(ca === undefined ? {} : { ca }) },
    },
    { timeoutSeconds: 5, pseudonymKey: async () => new Uint8Array(32) },
  );
  expect(await store.look([['a']])).toEqual([{ state: 'unknown', code: 'STORE_UNREACHABLE' }]);
  await store.close();
  await new Promise((resolve) => listener.close(resolve));
  return wentOn;
}

test('a lane logs in only to a server whose certificate is of the authority that it is given', async () => {
  const own = await certificate('own', 'DNS:localhost');
  const other = await certificate('other', 'DNS:localhost');
  const elsewhere = await certificate('elsewhere', 'DNS:db.example.com');
  expect(await connects(own, own.cert)).toBe(true);
  expect(await connects(own, other.cert + own.cert)).toBe(true);
  expect(await connects(own)).toBe(false);
  expect(await connects(own, other.cert)).toBe(false);
  // The authority is the right one, and the name is not.
  expect(await connects(elsewhere, elsewhere.cert)).toBe(false);
});
