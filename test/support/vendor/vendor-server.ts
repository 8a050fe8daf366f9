import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.ts';

/** A request as the vendor got it. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How the vendor answers; each may be changed while it runs. */
export type Behaviour = (got: Got, response: ServerResponse) => void;

export interface VendorServer {
  readonly origin: string;
  readonly got: readonly Got[];
  behave(as: Behaviour): void;
  useCertificate(certificate: Certificate): void;
  stop(): Promise<void>;
}

/** A vendor's API on this machine, over TLS. It answers 204 until it is told to behave in another way. */
export async function startVendor(certificate: Certificate): Promise<VendorServer> {
  const got: Got[] = [];
  let behaviour: Behaviour = (_, response) => response.writeHead(204).end();
  const server = createServer(certificate, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(parts).toString('utf8') };
      got.push(one);
      behaviour(one, response);
    });
    request.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    got,
    behave(as) {
      behaviour = as;
    },
    useCertificate: (next) => server.setSecureContext(next),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
