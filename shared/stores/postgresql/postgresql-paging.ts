import type { Page } from '../listing.ts';
import { postgresFailure } from './postgresql-failure.ts';
import { DriverError, type Query, type Sessions } from './postgresql-session.ts';
import type { Table } from './postgresql-table.ts';

/** Reads one page in a transaction of its own. The table is read each time: it may have been altered. */
export async function pageIn<At, Of>(
  sessions: Sessions,
  describe: (query: Query) => Promise<Table | undefined>,
  read: (query: Query, table: Table) => Promise<Page<At, Of>>,
): Promise<Page<At, Of>> {
  const budget = sessions.budget();
  try {
    return await sessions.transaction({ ...budget, limit: budget.remaining() }, async (query) => {
      const table = await describe(query);
      return table ? read(query, table) : { code: 'STORE_SCHEMA' };
    });
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { code: postgresFailure(error.cause, budget.isSpent()).code };
  }
}
