import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isPublic } from '../../../shared/stores/http/vendor-address.ts';
import { askVendor } from '../../../shared/stores/http/vendor-request.ts';
import { signedRequest } from '../../../shared/stores/http/vendor-signature.ts';

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  server = undefined;
});

/** A server that says these bytes to each request, and then what `more` does. */
async function saying(text: string, more: (socket: Socket) => void = () => {}): Promise<URL> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(text, () => more(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function asked(url: URL, headers: Record<string, string> = {}) {
  const started = performance.now();
  const limits = { signal: AbortSignal.timeout(500), privateAddresses: true };
  const answer = await Promise.race([
    askVendor({ method: 'DELETE', url, headers }, limits),
    new Promise<'never'>((resolve) => setTimeout(() => resolve('never'), 1500)),
  ]);
  return { answer, took: performance.now() - started };
}

describe('a request always has an end', () => {
  it.each([
    [
      'switches to another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['closes without an answer', ''],
    ['breaks off in its headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['says only that it goes on', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['has headers without an end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(40_000)}`],
    ['does not speak HTTP', '220 mail.example.com ESMTP\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab'],
    ['breaks off in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab'],
  ])('when the answer %s', async (_, text) => {
    for (const end of [(socket: Socket) => void socket.end(), () => {}]) {
      const { answer } = await asked(await saying(text, end));
      expect(answer).toMatchObject({ failure: expect.stringMatching(/^STORE_/) as string });
    }
  });

  it('when the answer goes on with informations', async () => {
    const url = await saying('', (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await asked(url)).toMatchObject({ answer: { failure: 'STORE_TIMEOUT' } });
  });
});

describe('more addresses that are not public ones', () => {
  it.each([
    'fec0::1',
    '::7f00:1',
    '::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '3fff::1',
    '5f00::1',
    '4000::1',
    '2001:2::1',
    '2001:20::1',
    '100::1',
    '::ffff:0:a9fe:a9fe',
    'fe80::1%eth0',
    '192.88.99.1',
    '192.0.0.170',
    '192.31.196.1',
    '192.52.193.1',
    '192.175.48.1',
    '203.0.113.1',
    '198.51.100.1',
    '240.0.0.1',
  ])('%s', (address) => expect(isPublic(address)).toBe(false));
});

describe('a signature', () => {
  const key = { id: 'k', secret: new Uint8Array(32).fill(7) };
  const of = (type: string) =>
    signedRequest(
      { method: 'POST', url: new URL('https://a.example.com/'), headers: { 'content-type': type } },
      key,
      0,
    ).headers['signature'];
  it('is that of the value as a receiver reads it (RFC 9421, section 2.1)', () => {
    expect(of(' application/json ')).toBe(of('application/json'));
  });
});
