import { Client } from 'pg';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import { describeTable } from '../../shared/stores/postgresql/postgresql-table.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

const QUESTIONS = `
SELECT pg_is_in_recovery() AS replica,
       c.relrowsecurity AND NOT r.rolbypassrls AND NOT r.rolsuper AS hidden,
       has_table_privilege(c.oid, 'SELECT') AS readable,
       has_table_privilege(c.oid, 'DELETE') AS deletable,
       ARRAY(SELECT m FROM unnest($2::text[]) m WHERE NOT has_column_privilege(c.oid, m, 'UPDATE')) AS unmaskable,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
         AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])) <@ $3::text[]) AS single
FROM pg_class c, pg_roles r WHERE c.oid = to_regclass($1) AND r.rolname = current_user`;

interface Answers {
  readonly replica: boolean;
  readonly hidden: boolean;
  readonly readable: boolean;
  readonly deletable: boolean;
  readonly unmaskable: readonly string[];
  readonly single: boolean;
}

/** Checks the table, its key columns and the privileges of the lane's user, connected as that user. */
export async function checkPostgresTable(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const options = PostgresOptions.parse(store.options);
  const client = clientOf(options, reach);
  client.on('error', () => {});
  try {
    await client.connect();
    const query = async (text: string, values: readonly unknown[]) =>
      (await client.query(text, [...values])).rows;
    const table = await describeTable(query, options, store.keys, (text) => client.escapeIdentifier(text));
    if (table === undefined) {
      const keys = store.keys.map((key) => `${key.name} (${key.type})`).join(', ');
      return [
        fails(
          name,
          `table ${options.schema}.${options.table} with the columns ${keys} not found; correct \`options\` or \`keys\``,
        ),
      ];
    }
    const masked = reach.masked.filter((column) => table.columns.has(column));
    const absent = reach.masked.filter(
      (column) => !table.columns.has(column) && reach.optional?.includes(column) !== true,
    );
    const [row] = await query(QUESTIONS, [table.sql, masked, store.keys.map((key) => key.name)]);
    return [
      ...absent.map((column) =>
        fails(
          name,
          `a policy masks the column ${column}, which the table does not have; correct the policy or grant another store`,
        ),
      ),
      ...findingsOf(name, options, {
        answers: row as Answers,
        deletes: reach.deletes,
        cascades: table.cascades,
      }),
    ];
  } catch (error) {
    return [unreachable(name, error)];
  } finally {
    await client.end().catch(() => {});
  }
}

interface TableFound extends Pick<StoreReach, 'deletes'> {
  readonly answers: Answers;
  /** Rows of other tables go with its rows. */
  readonly cascades: boolean;
}

function findingsOf(
  name: string,
  options: PostgresOptions,
  { answers, deletes, cascades }: TableFound,
): Finding[] {
  const table = `${options.schema}.${options.table}`;
  const say = (holds: boolean, message: string): Finding[] => (holds ? [fails(name, message)] : []);
  return [
    ...say(answers.replica, 'this server is a read replica, which cannot delete; set `host` to the primary'),
    ...say(
      answers.hidden,
      `row-level security hides rows of ${table}; run: ALTER ROLE ${options.user} BYPASSRLS`,
    ),
    ...say(!answers.readable, `run: GRANT SELECT ON ${table} TO ${options.user}`),
    ...say(deletes && !answers.deletable, `run: GRANT DELETE ON ${table} TO ${options.user}`),
    ...say(
      answers.unmaskable.length > 0,
      `run: GRANT UPDATE (${answers.unmaskable.join(', ')}) ON ${table} TO ${options.user}`,
    ),
    ...say(
      !answers.single,
      `no unique index ensures that a key of ${table} names only one row; create one, because disposal of a key with two rows is refused`,
    ),
    ...say(
      deletes && cascades && !options.cascade,
      `deleting a row of ${table} also deletes rows of other tables (ON DELETE CASCADE); set \`cascade: true\` to allow that, otherwise no row is deleted`,
    ),
    ...(options.tls === 'off' ? [note(name, '`tls: "off"` sends logins and data unencrypted')] : []),
  ];
}

function clientOf(
  options: PostgresOptions,
  { connection, password }: StoreReach,
): InstanceType<typeof Client> {
  const endpoint = connection?.endpoint === undefined ? undefined : new URL(connection.endpoint);
  return new Client({
    host: endpoint?.hostname ?? options.host,
    port: endpoint === undefined ? options.port : Number(endpoint.port) || 5432,
    database: options.database,
    user: options.user,
    ...(password === undefined ? {} : { password: () => password(options) }),
    ssl: options.tls === 'verify',
    application_name: 'tenure-preflight',
    connectionTimeoutMillis: 10_000,
    statement_timeout: 10_000,
  });
}

/** Codes only: the driver's messages may quote the login. */
function unreachable(name: string, error: unknown): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  if (code === '28P01' || code === '28000')
    return fails(name, `the database refused the login (${code}); check \`user\` and the lane's \`login\``);
  if (code === '3D000')
    return fails(name, 'the database does not exist on the server (3D000); correct `options.database`');
  return unknown(
    name,
    `the database could not be reached from here (${code}); run preflight from a network with access to it`,
  );
}
