import { parentPort, workerData } from 'node:worker_threads';
import { Client } from 'pg';

/** What an application does meanwhile: it reads one row after another by its key, from a thread of its own. */
const { connection, rows } = workerData as { readonly connection: object; readonly rows: number };
const PAUSE = 2;

const client = new Client(connection);
await client.connect();
let times: number[] = [];
parentPort?.on('message', (asked: 'begin' | 'end') => {
  if (asked === 'end') parentPort?.postMessage(times);
  times = [];
});
parentPort?.postMessage('ready');
for (;;) {
  const id = 1 + Math.floor(Math.random() * rows);
  const began = performance.now();
  await client.query('SELECT * FROM foreground WHERE id = $1', [id]);
  times.push(performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
