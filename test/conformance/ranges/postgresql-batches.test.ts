import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Range, Store, Target } from '../../../shared/ports/store.ts';
import { type PostgresBench, postgresBench } from '../store/store-postgresql-bench.ts';

/** What the store sends to PostgreSQL for a batch, statement by statement. */

let bench: PostgresBench;
beforeAll(async () => {
  bench = await postgresBench();
});
afterAll(() => bench.stop());
afterEach(() => vi.restoreAllMocks());

const ROWS = 5000;
const RANGE: Range = {
  clock: { column: 'created' },
  until: { at: Date.parse('2026-01-01T00:00:00Z'), date: '2026-01-01' },
  columns: [],
};

interface Sent {
  readonly verb: string;
  /** Of the first of its arrays, which are sent as text; 0 if it has none. */
  readonly records: number;
}

/** The statements of `act`, by their first word. */
async function sentBy<Answer>(
  act: () => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly sent: readonly Sent[] }> {
  const query = vi.spyOn(Client.prototype, 'query');
  const answer = await act();
  const sent = query.mock.calls.map(([statement]): Sent => {
    const { text = '', values = [] } = statement as { readonly text?: string; readonly values?: unknown[] };
    const [first] = values;
    const [verb = ''] = text.trim().split(' ');
    const isArray = verb !== 'WITH' && typeof first === 'string' && first.startsWith('{');
    return { verb, records: isArray ? first.split(',').length : 0 };
  });
  query.mockRestore();
  return { answer, sent };
}

function verbs(sent: readonly Sent[]): string[] {
  return sent.map(({ verb }) => verb);
}

async function withRows(name: string, body: (store: Store, targets: Target[]) => Promise<void>) {
  await bench.sql.query(`CREATE TABLE ${name} (id bigint PRIMARY KEY, created timestamptz NOT NULL)`);
  await bench.sql.query(
    `INSERT INTO ${name} SELECT n, '2025-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, ${ROWS}) n`,
  );
  await bench.sql.query(`CREATE INDEX ON ${name} (created)`);
  const store = await bench.open({ table: name, timeoutSeconds: 20 });
  try {
    const page = await store.range(RANGE, ROWS);
    if (page.state !== 'ranged') throw new Error(page.code);
    await body(
      store,
      page.rows.map(({ locator, version = '' }) => ({ locator, version })),
    );
  } finally {
    await store.close();
  }
}

test('5,000 rows are read, deleted and read back in one transaction each', () =>
  withRows('whole', async (store, targets) => {
    expect(store.batch).toBe(ROWS);
    expect(targets).toHaveLength(ROWS);
    const read = await sentBy(() => store.range(RANGE, ROWS));
    // Whether the table is as it was, and the settings of the reading, before the rows.
    expect(verbs(read.sent)).toEqual(['BEGIN', 'SELECT', 'SELECT', 'SELECT', 'SELECT', 'COMMIT']);
    const deleted = await sentBy(() => store.delete(targets));
    expect(verbs(deleted.sent)).toEqual(['BEGIN', 'SELECT', 'DELETE', 'SET', 'COMMIT']);
    expect(deleted.answer.every(({ outcome }) => outcome === 'deleted')).toBe(true);
    const back = await sentBy(() =>
      store.readBack(targets.map(({ locator }) => ({ locator, expect: 'gone' }))),
    );
    expect(verbs(back.sent)).toEqual(['BEGIN', 'SELECT', 'SELECT', 'COMMIT']);
    expect(back.answer.every(({ state }) => state === 'kept')).toBe(true);
  }));

test('where rows are slow, a large batch is divided before half of the time is over', () =>
  withRows('slow', async (store, targets) => {
    // Longer than the large batch may take, and shorter than the smaller ones.
    await bench.sql.query(`CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF OLD.id = 2500 THEN PERFORM pg_catalog.pg_sleep(4.5); END IF; RETURN OLD; END $$`);
    await bench.sql.query('CREATE TRIGGER waits BEFORE DELETE ON slow FOR EACH ROW EXECUTE FUNCTION waits()');
    const { answer, sent } = await sentBy(() => store.delete(targets));
    const tried = sent.flatMap(({ verb, records }) => (verb === 'DELETE' ? [records] : []));
    expect(tried).toEqual([5000, 1000, 1000, 1000, 1000, 1000]);
    expect(answer.every(({ outcome }) => outcome === 'deleted')).toBe(true);
  }));
