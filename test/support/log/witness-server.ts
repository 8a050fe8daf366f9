import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WitnessBook } from './witness-book.ts';

export interface WitnessServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server on this machine. `url` has a prefix, as a witness may have one. */
export async function serving(listener: RequestListener): Promise<WitnessServer> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A witness as C2SP tlog-witness has it. */
export function witnessServer(book: WitnessBook): Promise<WitnessServer> {
  return serving((request, response) => {
    if (request.method !== 'POST' || request.url !== '/prefix/add-checkpoint') {
      response.writeHead(404).end();
      return;
    }
    void text(request).then((body) => {
      const answer = book.add(body);
      response.writeHead(answer.status, answer.type === undefined ? {} : { 'content-type': answer.type });
      response.end(answer.text);
    });
  });
}
