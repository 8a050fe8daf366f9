import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

export interface LocalDynamoDB {
  readonly endpoint: string;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts a DynamoDB look-alike in this process, in memory, on a free loopback port. Any credentials will do. */
export async function startDynamoDB(): Promise<LocalDynamoDB> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
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
