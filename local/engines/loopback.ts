import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  readonly endpoint: string;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

/** Lets a server listen on a free port that only this machine reaches. */
export async function listenOnLoopback(server: Server): Promise<LocalServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      (stopped ??= new Promise((resolve) => {
        // Kept-alive connections of SDK clients would otherwise hold the server open.
        server.closeAllConnections();
        server.close(() => resolve());
      })),
  };
}
