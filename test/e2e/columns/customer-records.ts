import { clientsOf } from '../collections/company-records.ts';
import type { LocalPostgres } from '../../../local/engines/postgres.ts';
import type { Emulator } from '../emulator.ts';
import { MARKER } from '../records.ts';

type Stores = { readonly emulator: Emulator; readonly postgres: LocalPostgres };

const YEAR = 365 * 86_400_000;
export const LETTERS_EACH = 20;
/** Customers that left years ago, by the number of years. */
export const LEFT = 40;
/** Customers whose rows the scenario changes, and one that never left. */
export const NAMES = { stays: 1001, back: 1002, moved: 1003, late: 1004, open: 1005 } as const;
export type Customer = (typeof NAMES)[keyof typeof NAMES];

/** Before anything is deployed: rows that have been there for years, and no event says anything about them. */
export async function createCustomers(stores: Stores): Promise<void> {
  const { session, close } = clientsOf(stores);
  await session(async (sql) => {
    await sql.query('create table customers (customer_id integer primary key, left_at timestamptz)');
    await sql.query('create index customers_by_leaving on customers (left_at)');
    await sql.query(
      'create table letters (letter_id serial primary key, customer integer not null, text text)',
    );
    await sql.query('create index letters_of_customer on letters (customer)');
    for (let id = 1; id <= LEFT; id += 1)
      await sql.query('insert into customers values ($1, $2)', [id, new Date(Date.now() - id * (YEAR / 4))]);
    for (const id of Object.values(NAMES)) await sql.query('insert into customers values ($1, null)', [id]);
    await sql.query(
      `insert into letters (customer, text)
         select customer_id, $1 from customers, generate_series(1, ${LETTERS_EACH})`,
      [MARKER],
    );
  });
  close();
}

export async function letLeave(stores: Stores, customer: Customer, at: number | null): Promise<void> {
  const { session, close } = clientsOf(stores);
  const leftAt = at === null ? null : new Date(at);
  await session((sql) =>
    sql.query('update customers set left_at = $2 where customer_id = $1', [customer, leftAt]),
  );
  close();
}

/** By customer: those of whom all have gone have no line. */
export async function countLetters(stores: Stores): Promise<Readonly<Record<string, number>>> {
  const { session, close } = clientsOf(stores);
  try {
    const { rows } = await session((sql) =>
      sql.query<{ customer: number; count: string }>(
        'select customer, count(*) from letters group by customer order by customer',
      ),
    );
    return Object.fromEntries(rows.map(({ customer, count }) => [customer, Number(count)]));
  } finally {
    close();
  }
}
