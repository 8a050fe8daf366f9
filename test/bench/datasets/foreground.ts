import { Client } from 'pg';

/** Answered with how many milliseconds each query took. */
export interface ToBegin {
  readonly queries: number;
}

/* What an application does meanwhile, in a process of its own: each of its connections reads one row after another by its key. */

const CONNECTIONS = 8;
const PAUSE = 2;

const [settings = '{}', rows = '1'] = process.argv.slice(2);
const { connection } = JSON.parse(settings) as { readonly connection: object };
const clients = Array.from({ length: CONNECTIONS }, () => new Client(connection));
for (const client of clients) await client.connect();
process.on('message', ({ queries }: ToBegin) => {
  const times: number[] = [];
  const goOn = async (client: InstanceType<typeof Client>): Promise<void> => {
    for (let number = 0; number < queries / CONNECTIONS; number += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      const id = 1 + Math.floor(Math.random() * Number(rows));
      const began = performance.now();
      await client.query('SELECT * FROM foreground WHERE id = $1', [id]);
      times.push(performance.now() - began);
    }
  };
  void Promise.all(clients.map(goOn)).then(() => process.send?.(times));
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
