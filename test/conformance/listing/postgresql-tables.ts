import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Listed, Place, Store } from '../../../shared/ports/store.ts';
import type { OpenOptions, PostgresBench } from '../store/store-postgresql-bench.ts';
import { INTEGER } from '../store/store-rig.ts';

/** Tables with a column that has the ids of owners, and stores over them. `bench` is there once the tests run. */
export function postgresTables(bench: () => PostgresBench) {
  const run = (text: string, values: unknown[] = []) => bench().sql.query(text, values);

  async function using<Result>(
    options: OpenOptions,
    body: (store: Store) => Promise<Result>,
  ): Promise<Result> {
    const store = await bench().open(options);
    try {
      return await body(store);
    } finally {
      await store.close();
    }
  }

  return {
    run,
    using,
    listOnce: (table: string, place: Place, keys: readonly KeyColumn[] = INTEGER): Promise<Listed> =>
      using({ table, keys }, (store) => store.list(place, 100)),
    /** A table `name` with a bigint key, a column `owner` of this type with an index, and these owners, as SQL. */
    owned: async (name: string, type: string, owners: readonly string[]): Promise<void> => {
      await run(`CREATE TABLE ${name} (id bigint PRIMARY KEY, owner ${type})`);
      await run(`CREATE INDEX ON ${name} (owner)`);
      for (const [id, owner] of owners.entries()) await run(`INSERT INTO ${name} VALUES (${id}, ${owner})`);
    },
  };
}
