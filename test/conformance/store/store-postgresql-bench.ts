import { escapeIdentifier, Pool } from 'pg';
import { type LocalPostgres, startPostgres } from '../../../local/engines/postgres.ts';
import type { KeyColumn, KeyType } from '../../../shared/domain/configuration/configuration.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { openStore } from '../../../shared/stores/kinds.ts';
import { inDocument, type PersonRead, PSEUDONYM_KEY, type StoreBench } from './store-bench.ts';

export interface PostgresBench extends StoreBench {
  readonly engine: LocalPostgres;
  readonly sql: InstanceType<typeof Pool>;
  open(options: OpenOptions): Promise<Store>;
}

export interface OpenOptions {
  readonly table: string;
  readonly keys?: readonly KeyColumn[];
  readonly schema?: string;
  readonly versionColumn?: string;
  readonly cascade?: boolean;
  /** The column that says what is restricted. */
  readonly restrict?: string;
  readonly timeoutSeconds?: number;
  readonly endpoint?: string;
  readonly user?: string;
  readonly password?: string;
}

const SQL_TYPES: Readonly<Record<KeyType, string>> = {
  text: 'text',
  integer: 'bigint',
  decimal: 'numeric',
  uuid: 'uuid',
  date: 'date',
  timestamp: 'timestamptz',
  binary: 'bytea',
};

/** Any number of tables in one PostgreSQL; the names of tables and columns need quoting. */
export async function postgresBench(
  versionColumn?: string,
  marker: 'timestamptz' | 'boolean NOT NULL DEFAULT false' = 'timestamptz',
): Promise<PostgresBench> {
  const engine = await startPostgres();
  const { host, port, user, password, database } = engine;
  const sql = new Pool({ host, port, user, password, database, max: 4 });
  sql.on('error', () => {});
  let tables = 0;

  function open({ keys = [{ name: 'id', type: 'integer' }], timeoutSeconds = 10, ...more }: OpenOptions) {
    const { table, schema = 'public', endpoint } = more;
    const version = more.versionColumn ?? versionColumn;
    return openStore(
      {
        kind: 'postgresql',
        region: 'eu-west-1',
        keys,
        options: {
          host,
          port,
          database,
          table,
          schema,
          tls: 'off',
          user: more.user ?? user,
          cascade: more.cascade ?? false,
          ...present({ versionColumn: version, restrict: more.restrict && { column: more.restrict } }),
        },
      },
      {
        timeoutSeconds,
        pseudonymKey: async () => PSEUDONYM_KEY,
        connection: {
          password: async () => more.password ?? password,
          ...present({ endpoint }),
        },
      },
    );
  }

  return {
    engine,
    sql,
    open,
    async collection(keys) {
      tables += 1;
      const table = `People "${tables}"`;
      const name = escapeIdentifier(table);
      const columns = keys.map((key) => `${escapeIdentifier(key.name)} ${SQL_TYPES[key.type]}`);
      const names = keys.map((key) => escapeIdentifier(key.name)).join(', ');
      await sql.query(`CREATE TABLE ${name} (${columns.join(', ')}, mail text, born timestamptz, score numeric(10,2),
        note text, "Version" int NOT NULL DEFAULT 1, "Restricted" ${marker}, PRIMARY KEY (${names}))`);
      const valuesOf = (locator: readonly (string | number)[]) =>
        keys.map(({ type }, index) =>
          type === 'binary' ? Buffer.from(String(locator[index]), 'base64url') : String(locator[index]),
        );
      const where = keys.map((key, index) => `${escapeIdentifier(key.name)} = $${index + 1}`).join(' AND ');
      return {
        store: await open({ table, keys, restrict: 'Restricted' }),
        async put(locator, { mail, born, score, note }) {
          const places = [...keys, 1, 2, 3, 4].map((_, index) => `$${index + 1}`).join(', ');
          await sql.query(
            `INSERT INTO ${name} AS p (${names}, mail, born, score, note) VALUES (${places})
             ON CONFLICT (${names}) DO UPDATE SET mail = EXCLUDED.mail, born = EXCLUDED.born,
               score = EXCLUDED.score, note = EXCLUDED.note, "Version" = p."Version" + 1`,
            [...valuesOf(locator), mail, born, score, note],
          );
        },
        remove: async (locator) => {
          await sql.query(`DELETE FROM ${name} WHERE ${where}`, valuesOf(locator));
        },
        async read(locator) {
          const { rows } = await sql.query<PersonRead>(
            `SELECT mail, to_char(born AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS born,
               trim_scale(score)::text AS score, note FROM ${name} WHERE ${where}`,
            valuesOf(locator),
          );
          return rows[0];
        },
        count: async () => Number((await sql.query(`SELECT count(*) FROM ${name}`)).rows[0].count),
        exported: inDocument,
        async isRestricted(locator) {
          const isSet = marker === 'timestamptz' ? '"Restricted" IS NOT NULL' : '"Restricted"';
          const { rows } = await sql.query(
            `SELECT FROM ${name} WHERE ${where} AND ${isSet}`,
            valuesOf(locator),
          );
          return rows.length > 0;
        },
      };
    },
    unreachable: (keys) =>
      open({ table: 'people', keys, endpoint: 'postgres://127.0.0.1:1', restrict: 'Restricted' }),
    withoutTable: (keys) => open({ table: 'nowhere', keys, restrict: 'Restricted' }),
    async stop() {
      await sql.end();
      await engine.stop();
    },
  };
}
