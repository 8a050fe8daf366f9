import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { type Finding, fails, note } from './preflight-finding.ts';

/**
 * Foreign keys that keep a row from being deleted for as long as a row of another table refers to it: those without an
 * action, and those that would clear a column which must not be empty. Also of tables whose rows are deleted with it, if
 * that is allowed. `ON DELETE SET NULL (column)` names its columns, from PostgreSQL 15 on.
 */
const DEPENDANTS = `
WITH RECURSIVE own(oid) AS (SELECT to_regclass($1)::oid
  UNION SELECT i.inhrelid FROM own JOIN pg_inherits i ON i.inhparent = own.oid),
gone(oid) AS (SELECT oid FROM own
  UNION SELECT next.oid FROM gone CROSS JOIN LATERAL (
    SELECT i.inhrelid AS oid FROM pg_inherits i WHERE i.inhparent = gone.oid
    UNION ALL SELECT r.conrelid FROM pg_constraint r
      WHERE $2::boolean AND r.confrelid = gone.oid AND r.contype = 'f' AND r.confdeltype = 'c') AS next)
SELECT DISTINCT r.conname::text AS name, n.nspname::text AS schema, c.relname::text AS table,
  r.conrelid::regclass::text AS child, r.confrelid::regclass::text AS target, EXISTS (SELECT 1 FROM own WHERE own.oid = r.conrelid) AS "isOwn"
FROM gone JOIN pg_constraint r ON r.confrelid = gone.oid
JOIN pg_class c ON c.oid = r.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.contype = 'f' AND r.conparentid = 0 AND (r.confdeltype IN ('a', 'r') OR r.confdeltype IN ('n', 'd') AND EXISTS (
  SELECT 1 FROM pg_attribute a WHERE a.attrelid = r.conrelid AND a.attnum = ANY (r.conkey) AND a.attnotnull
  AND (r.confdeltype = 'n' OR NOT a.atthasdef)
  AND coalesce(nullif(to_jsonb(r) -> 'confdelsetcols', 'null') @> to_jsonb(a.attnum), true)))
ORDER BY 4, 1`;

interface Dependant {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly child: string;
  readonly target: string;
  readonly isOwn: boolean;
}

interface Parent {
  /** Quoted, with its schema. */
  readonly sql: string;
  readonly options: PostgresOptions;
  /** All stores of the configuration. */
  readonly stores: Readonly<Record<string, StoreConfiguration>>;
}

/** Rows of other tables that have to go before those of a collection: each is declared, or the check fails. */
export async function checkDependants(
  name: string,
  query: Query,
  { sql, options, stores }: Parent,
): Promise<readonly Finding[]> {
  const found = (await query(DEPENDANTS, [sql, options.cascade])) as unknown as readonly Dependant[];
  const declared = options.dependants ?? [];
  const names = new Set(found.map((dependant) => dependant.name));
  return [
    ...declared
      .filter((constraint) => !names.has(constraint))
      .map((constraint) =>
        fails(
          name,
          `\`dependants\` names ${constraint}, but no foreign key of that name keeps rows of this table from being deleted; remove it`,
        ),
      ),
    ...found
      .filter((dependant) => !declared.includes(dependant.name))
      .map((dependant) => findingOf(name, dependant, storeOf(dependant, options, stores))),
  ];
}

function findingOf(name: string, dependant: Dependant, store: string | undefined): Finding {
  const { child, target, name: constraint, isOwn } = dependant;
  const what = `rows of ${child} refer to ${target} by the foreign key ${constraint}`;
  if (isOwn)
    return note(
      name,
      `${what}: a row to which another one of this table refers is not deleted before that one (STORE_CONSTRAINT), and is tried again`,
    );
  if (store !== undefined)
    return note(
      name,
      `${what}, and are disposed of in the store ${store}: until they are gone, a row is not deleted (STORE_CONSTRAINT), and is tried again. Let them be due no later than these rows`,
    );
  return fails(
    name,
    `${what}, and no store has them: a row to which some refer would never be deleted (STORE_CONSTRAINT). Configure ${child} as a store with a collection or records of its own, so that they go first; or, if the application deletes them itself, write dependants: ['${constraint}'] into \`options\``,
  );
}

/** The store that has the rows of the other table. */
function storeOf(
  { schema, table }: Dependant,
  { host, port, database }: PostgresOptions,
  stores: Readonly<Record<string, StoreConfiguration>>,
): string | undefined {
  return Object.entries(stores).find(([, { kind, options }]) => {
    const parsed = kind === 'postgresql' ? PostgresOptions.safeParse(options).data : undefined;
    const place = { host, port, database, schema, table };
    return (
      parsed !== undefined &&
      Object.entries(place).every(([key, value]) => parsed[key as keyof typeof place] === value)
    );
  })?.[0];
}
