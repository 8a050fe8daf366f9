import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../../shared/ports/store.ts';
import { type OpenOptions, type PostgresBench, postgresBench } from './store-postgresql-bench.ts';
import { gone, looked, outcomesOf, statesOf } from './store-rig.ts';

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());

async function using(options: OpenOptions, body: (store: Store) => Promise<void>): Promise<void> {
  const store = await bench.open(options);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

async function table(name: string, rows: number): Promise<string> {
  await bench.sql.query(`CREATE TABLE ${name} (id int PRIMARY KEY, mail text DEFAULT 'ada')`);
  await bench.sql.query(`INSERT INTO ${name} SELECT generate_series(1, ${rows})`);
  return name;
}

/** Statements of the application in one transaction, which stays open while `meanwhile` runs. */
async function whileOpen(statement: string, meanwhile: () => Promise<void>): Promise<void> {
  const client = await bench.sql.connect();
  try {
    await client.query('BEGIN');
    await client.query(statement);
    await meanwhile();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

test('a row that the application holds locked times out alone; the others are deleted', () =>
  using({ table: 'locked_row', timeoutSeconds: 20 }, async (store) => {
    await table('locked_row', 10);
    const targets = await looked(
      store,
      Array.from({ length: 10 }, (_, index) => [index + 1]),
    );
    await whileOpen('SELECT 1 FROM locked_row WHERE id = 4 FOR UPDATE', async () => {
      const acted = await store.delete(targets);
      expect(acted[3]).toEqual({ outcome: 'failed', code: 'STORE_TIMEOUT' });
      expect(outcomesOf(acted).filter((outcome) => outcome === 'deleted')).toHaveLength(9);
    });
    expect(outcomesOf(await store.delete(targets.slice(3, 4)))).toEqual(['deleted']);
  }));

test('a table that is locked times out for every row, and nothing throws', () =>
  using({ table: 'locked_table', timeoutSeconds: 1 }, async (store) => {
    await table('locked_table', 3);
    const three = [[1], [2], [3]];
    await store.look(three);
    await whileOpen('LOCK TABLE locked_table IN ACCESS EXCLUSIVE MODE', async () => {
      expect(await store.look(three)).toEqual(Array(3).fill({ state: 'unknown', code: 'STORE_TIMEOUT' }));
      expect(await store.delete(three.map((locator) => ({ locator })))).toEqual(
        Array(3).fill({ outcome: 'failed', code: 'STORE_TIMEOUT' }),
      );
      expect(statesOf(await store.readBack(three.map(gone)))).toEqual(Array(3).fill('unknown'));
    });
    expect(statesOf(await store.look(three))).toEqual(Array(3).fill('present'));
  }));

test('waits for an application that is writing the row, and then leaves it as changed', () =>
  using({ table: 'raced' }, async (store) => {
    await table('raced', 2);
    const targets = await looked(store, [[1], [2]]);
    const client = await bench.sql.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE raced SET mail = 'eve' WHERE id = 1`);
    const acted = store.delete(targets);
    // The store's delete must be waiting for the row before the application commits.
    await expect
      .poll(async () => (await bench.sql.query(`SELECT 1 FROM pg_locks WHERE NOT granted`)).rowCount)
      .toBe(1);
    await client.query('COMMIT');
    client.release();
    expect(outcomesOf(await acted)).toEqual(['changed', 'deleted']);
    expect((await bench.sql.query('SELECT mail FROM raced')).rows).toEqual([{ mail: 'eve' }]);
  }));

test('a row that was removed and written again since the look is changed', () =>
  using({ table: 'reborn' }, async (store) => {
    await table('reborn', 1);
    const targets = await looked(store, [[1]]);
    await bench.sql.query(`BEGIN; DELETE FROM reborn; INSERT INTO reborn VALUES (1); COMMIT`);
    expect(outcomesOf(await store.delete(targets))).toEqual(['changed']);
    expect(outcomesOf(await store.anonymise(targets, { mail: { kind: 'null' } }))).toEqual(['changed']);
  }));

test('a look, a lock or a vacuum does not make a row newer', () =>
  using({ table: 'quiet' }, async (store) => {
    await table('quiet', 1);
    const targets = await looked(store, [[1]]);
    await bench.sql.query('BEGIN; SELECT 1 FROM quiet FOR UPDATE; COMMIT');
    await bench.sql.query('VACUUM (FREEZE) quiet');
    expect(await looked(store, [[1]])).toEqual(targets);
    expect(outcomesOf(await store.delete(targets))).toEqual(['deleted']);
  }));

test('uses a new connection when the old one died while it was idle', () =>
  using({ table: 'cut' }, async (store) => {
    await table('cut', 1);
    expect(statesOf(await store.look([[1]]))).toEqual(['present']);
    await bench.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenure'`,
    );
    expect(outcomesOf(await store.delete([{ locator: [1] }]))).toEqual(['deleted']);
  }));

test('calls may overlap', () =>
  using({ table: 'busy' }, async (store) => {
    await table('busy', 60);
    const parts = Array.from({ length: 6 }, (_, part) =>
      Array.from({ length: 10 }, (__, i) => [part * 10 + i + 1]),
    );
    const acted = await Promise.all(parts.map(async (part) => store.delete(await looked(store, part))));
    expect(acted.flatMap(outcomesOf)).toEqual(Array(60).fill('deleted'));
  }));

test('leaves no open transaction and no changed setting', () =>
  using({ table: 'tidy' }, async (store) => {
    await table('tidy', 1);
    await store.look([[1]]);
    await store.delete([{ locator: ['7'] }]);
    await store.anonymise([{ locator: [1] }], { mail: { kind: 'constant', value: 'x\0' } });
    const { rows } = await bench.sql.query(
      `SELECT DISTINCT state FROM pg_stat_activity WHERE application_name = 'tenure'`,
    );
    expect(rows).toEqual([{ state: 'idle' }]);
  }));

/** A proxy between store and server that can drop the server's answers. */
async function proxy(): Promise<{ server: Server; endpoint: string; silence: (isOn: boolean) => void }> {
  const { host, port } = bench.engine;
  let isSilent = false;
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(port, host);
    for (const socket of [inner, outer]) sockets.add(socket.on('error', () => {}));
    inner.on('data', (data) => outer.write(data)).on('close', () => outer.destroy());
    outer.on('data', (data) => void (isSilent || inner.write(data))).on('close', () => inner.destroy());
  });
  server.on('close', () => sockets.forEach((socket) => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return { server, endpoint: `postgres://127.0.0.1:${own}`, silence: (isOn) => void (isSilent = isOn) };
}

test('gives up on a server that no longer answers', async () => {
  const { server, endpoint, silence } = await proxy();
  await table('silent', 2);
  await using({ table: 'silent', timeoutSeconds: 1, endpoint }, async (store) => {
    const targets = await looked(store, [[1], [2]]);
    silence(true);
    expect(await store.delete(targets)).toEqual(Array(2).fill({ outcome: 'failed', code: 'STORE_TIMEOUT' }));
    expect(statesOf(await store.look([[1], [2]]))).toEqual(['unknown', 'unknown']);
    // The next call does not wait for the one that was given up.
    silence(false);
    expect(statesOf(await store.look([[3]]))).toEqual(['gone']);
  });
  server.close();
});

test('gives up on a server that accepts and says nothing', async () => {
  const mute = createServer((socket) => void socket.on('error', () => {}));
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const endpoint = `postgres://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  await using({ table: 'people', timeoutSeconds: 1, endpoint }, async (store) => {
    const [presence] = await store.look([[1]]);
    expect(presence).toMatchObject({
      state: 'unknown',
      code: expect.stringMatching(/^STORE_(TIMEOUT|UNREACHABLE)$/),
    });
  });
  mute.close();
});

test('a server that has become a replica cannot be reached, also for a look', async () => {
  const own = await postgresBench();
  try {
    await own.sql.query('CREATE TABLE people (id int PRIMARY KEY); INSERT INTO people VALUES (1)');
    const { rows } = await own.sql.query<{ data_directory: string }>('SHOW data_directory');
    await own.engine.down();
    await writeFile(join(rows[0]?.data_directory ?? '', 'standby.signal'), '');
    await own.engine.up();
    const store = await own.open({ table: 'people' });
    const code = 'STORE_UNREACHABLE';
    expect(await store.look([[1], [4]])).toEqual(Array(2).fill({ state: 'unknown', code }));
    expect(await store.delete([{ locator: [1] }])).toEqual([{ outcome: 'failed', code }]);
    await store.close();
  } finally {
    await own.stop();
  }
});
