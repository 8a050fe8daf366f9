import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A port at which no request is ever answered, as in a network without a route. */
export interface BlackHole {
  readonly port: number;
  /** How many connections were accepted. */
  accepted(): number;
  stop(): Promise<void>;
}

/** Accepts every connection, reads what is sent, and never answers. */
export async function muteServer(): Promise<BlackHole> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => sockets.length,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Its thread sleeps for ever, so it accepts nothing: the system does, up to the length of the queue. */
const SLEEPER = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 0);
});`;
const MORE_THAN_FIT = 8;

/** The queue of connections is full: packets of another one are dropped, and it never comes about. */
export async function fullBacklog(): Promise<BlackHole> {
  const worker = new Worker(SLEEPER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = Array.from({ length: MORE_THAN_FIT }, () =>
    connect(port, '127.0.0.1').on('error', () => {}),
  );
  await Promise.race(waiting.map((socket) => once(socket, 'connect')));
  return {
    port,
    accepted: () => 0,
    async stop() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
