import { Client } from 'pg';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import { tlsOf } from '../../shared/stores/postgresql/postgresql-session.ts';
import { OWN_SETTINGS } from '../../shared/stores/postgresql/postgresql-settings.ts';
import { isCounted } from '../../shared/stores/postgresql/postgresql-statements.ts';
import { describeTable, type Table } from '../../shared/stores/postgresql/postgresql-table.ts';
import type { DatabaseLoginKind } from '../../shared/stores/store-kind.ts';
import { checkCollections } from './preflight-postgresql-collections.ts';
import { checkDatasets, checkFacts } from './datasets/preflight-postgresql-datasets.ts';
import { checkCopies } from './preflight-postgresql-copies.ts';
import { checkDependants } from './preflight-postgresql-dependants.ts';
import { checkKeys } from './preflight-postgresql-keys.ts';
import { checkMarker } from './preflight-postgresql-marker.ts';
import { checkColumns } from './preflight-postgresql-masks.ts';
import { checkHost, isProxy } from './preflight-host.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

const QUESTIONS = `
WITH RECURSIVE tree(oid) AS (SELECT to_regclass($1)::oid
  UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)
SELECT pg_is_in_recovery() AS replica,
       row_security_active(c.oid) AS hidden,
       has_table_privilege(c.oid, 'SELECT') AS readable,
       has_table_privilege(c.oid, 'DELETE') AS deletable,
       ARRAY(SELECT m FROM unnest($2::text[]) m WHERE NOT has_column_privilege(c.oid, m, 'UPDATE')) AS unmaskable,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
         AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])) <@ $3::text[]) AS single,
       ARRAY(SELECT DISTINCT f.oid::regprocedure::text FROM tree JOIN pg_trigger t ON t.tgrelid = tree.oid
         JOIN pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
         AND NOT EXISTS (SELECT 1 FROM unnest(f.proconfig) s WHERE s LIKE 'search_path=%')) AS "openFunctions",
       EXISTS (SELECT 1 FROM pg_roles iam WHERE iam.rolname = 'rds_iam'
         AND NOT pg_has_role(r.oid, iam.oid, 'MEMBER')) AS tokenless
FROM pg_class c, pg_roles r WHERE c.oid = to_regclass($1) AND r.rolname = current_user`;

interface Answers {
  readonly replica: boolean;
  readonly hidden: boolean;
  readonly readable: boolean;
  readonly deletable: boolean;
  readonly unmaskable: readonly string[];
  readonly single: boolean;
  /** Functions of triggers whose names without a schema mean what the session's search path says. */
  readonly openFunctions: readonly string[];
  /** RDS knows tokens, and takes none for this user. */
  readonly tokenless: boolean;
}

/** Checks the table, its key columns and the privileges of the lane's user, connected as that user. */
export async function checkPostgresTable(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const options = PostgresOptions.parse(store.options);
  const { collections = [], datasets = [] } = reach;
  const hasMany = collections.length > 0 || datasets.length > 0;
  const client = clientOf(options, reach);
  client.on('error', () => {});
  try {
    await client.connect();
    // As the lane's own transactions, but this one changes nothing.
    await client.query(
      ['BEGIN READ ONLY', 'SET LOCAL statement_timeout = 10000', ...OWN_SETTINGS].join('; '),
    );
    const query = async (text: string, values: readonly unknown[]) =>
      (await client.query(text, [...values])).rows;
    const table = await describeTable(query, options, store.keys, (text) => client.escapeIdentifier(text));
    if (table === undefined) {
      const unfit = await checkKeys(name, query, options, store.keys);
      if (unfit.length > 0) return unfit;
      const keys = store.keys.map((key) => `${key.name} (${key.type})`).join(', ');
      return [
        fails(
          name,
          `table ${options.schema}.${options.table} with the columns ${keys} not found; correct \`options\` or \`keys\`. Views, foreign tables and tables with a foreign table among their partitions are not supported`,
        ),
      ];
    }
    const masked = reach.masked.filter((column) => table.columns.has(column));
    const absent = reach.masked.filter(
      (column) => !table.columns.has(column) && reach.optional?.includes(column) !== true,
    );
    const version =
      (masked.length > 0 || store.restricts) && table.version && isCounted(table.version)
        ? [options.versionColumn]
        : [];
    const [row] = await query(QUESTIONS, [
      table.sql,
      [...masked, ...version],
      store.keys.map((key) => key.name),
    ]);
    return [
      ...(await checkHost(name, options, reach)),
      ...absent.map((column) =>
        fails(
          name,
          `a policy masks the column ${column}, which the table does not have; correct the policy or grant another store`,
        ),
      ),
      ...findingsOf(name, options, {
        answers: row as Answers,
        deletes: reach.deletes,
        found: table,
        masked,
        restricts: store.restricts,
        login: reach.login ?? 'password',
      }),
      ...(await checkCopies(name, query, {
        sql: table.sql,
        table: `${options.schema}.${options.table}`,
        keys: store.keys.map((key) => key.name),
        masked,
        deletes: reach.deletes,
        mayCascade: options.cascade,
        hasCollections: hasMany,
      })),
      ...(await checkColumns(name, query, table, reach.masks ?? [])),
      ...(await checkMarker(name, query, table, options)),
      ...(await checkCollections(name, query, { table, keys: store.keys }, collections)),
      ...(await checkDatasets(name, query, { table, keys: store.keys }, { datasets, collections })),
      ...(await checkFacts(name, query, { table, keys: store.keys }, reach.facts ?? [])),
      ...(hasMany
        ? await checkDependants(name, query, { sql: table.sql, options, stores: reach.stores ?? {} })
        : []),
    ];
  } catch (error) {
    return [...(await checkHost(name, options, reach)), unreachable(name, options, reach, error)];
  } finally {
    await client.end().catch(() => {});
  }
}

interface TableFound extends Pick<StoreReach, 'deletes' | 'masked'> {
  readonly answers: Answers;
  readonly found: Table;
  readonly restricts: boolean;
  readonly login: DatabaseLoginKind;
}

function findingsOf(
  name: string,
  options: PostgresOptions,
  { answers, deletes, found, masked, restricts, login }: TableFound,
): Finding[] {
  const table = `${options.schema}.${options.table}`;
  const spreading = masked.filter((column) => found.columns.get(column)?.spreads === true);
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
      spreading.length > 0 && !options.cascade,
      `masking ${spreading.join(', ')} of ${table} also changes rows of other tables (ON UPDATE CASCADE, SET NULL or SET DEFAULT); set \`cascade: true\` to allow that, otherwise no row is masked`,
    ),
    ...say(
      (deletes && found.deleteReplaced) || ((masked.length > 0 || restricts) && found.updateReplaced),
      `a rule of ${table} does something else instead (DO INSTEAD), so nothing would be changed; drop the rule`,
    ),
    ...say(
      found.unguarded,
      `foreign keys are switched off for ${options.user}, so nothing would be changed; run: ALTER ROLE ${options.user} RESET session_replication_role`,
    ),
    ...say(
      login === 'token' && answers.tokenless && !isProxy(options.host),
      `RDS takes no token for ${options.user}; run: GRANT rds_iam TO ${options.user}`,
    ),
    ...answers.openFunctions.map((called) =>
      note(
        name,
        `a trigger calls ${called}, which finds only what it names with a schema; if it names none, run: ALTER FUNCTION ${called} SET search_path = …`,
      ),
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
    ssl: tlsOf(options),
    application_name: 'tenure-preflight',
    connectionTimeoutMillis: 10_000,
    query_timeout: 11_000,
  });
}

/** Codes only: the driver's messages may quote the login. */
function unreachable(
  name: string,
  { user }: PostgresOptions,
  { login }: StoreReach,
  error: unknown,
): Finding {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  if ((code === '28P01' || code === '28000') && login === 'token')
    return fails(
      name,
      `the database refused the token (${code}); allow rds-db:connect for the user, set \`host\` to the endpoint of \`databaseId\`, and run: GRANT rds_iam TO ${user}`,
    );
  if (code === '28P01' || code === '28000')
    return fails(name, `the database refused the login (${code}); check \`user\` and the lane's \`login\``);
  if (code === '3D000')
    return fails(name, 'the database does not exist on the server (3D000); correct `options.database`');
  return unknown(
    name,
    `the database could not be reached from here (${code}); run preflight from a network with access to it`,
  );
}
