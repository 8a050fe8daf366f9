import type { KeyColumn, KeyType } from '../../shared/domain/configuration/configuration.ts';
import type { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { KEY_COLUMNS } from '../../shared/stores/postgresql/postgresql-table.ts';
import { type Finding, fails } from './preflight-finding.ts';

/** The key columns that are there, with the types that their domains are over. */
const TYPES = `
SELECT a.attname::text AS name, bottom.oid::regtype::text AS shown, b.typname::text AS type
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (WITH RECURSIVE up(oid, kind, next) AS (
    SELECT t.oid, t.typtype, t.typbasetype FROM pg_type t WHERE t.oid = a.atttypid
    UNION ALL SELECT t.oid, t.typtype, t.typbasetype FROM up JOIN pg_type t ON t.oid = up.next WHERE up.kind = 'd')
  SELECT up.oid FROM up WHERE up.kind <> 'd') AS bottom
JOIN pg_type b ON b.oid = bottom.oid
WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = ANY ($3::text[]) AND c.relkind IN ('r', 'p')
ORDER BY array_position($3::text[], a.attname::text)`;

/** Why a type that people have keys of is none of those that a key may have. */
const REASONS: Readonly<Record<string, string>> = {
  bpchar:
    'whose padding does not belong to its value, so one row would have several keys; make it text or varchar',
  timestamp: 'which names no instant, because it has no time zone; make it timestamptz',
  float4: 'which rounds, so a key would not be found exactly; make it numeric',
  float8: 'which rounds, so a key would not be found exactly; make it numeric',
};

/** Key columns whose type cannot hold a key of the declared type. */
export async function checkKeys(
  where: string,
  query: Query,
  { schema, table }: PostgresOptions,
  keys: readonly KeyColumn[],
): Promise<Finding[]> {
  const names = keys.map(({ name }) => name);
  const rows = (await query(TYPES, [schema, table, names])) as unknown as readonly {
    readonly name: string;
    readonly shown: string;
    readonly type: string;
  }[];
  return rows.flatMap(({ name, shown, type }) => {
    const declared = keys.find((key) => key.name === name)?.type;
    if (declared === undefined || KEY_COLUMNS[declared].includes(type)) return [];
    const reason = REASONS[type];
    const what = `the key column ${name} has the type ${type === 'bpchar' ? 'char(n)' : shown}`;
    return [fails(where, `${what}, ${reason ?? otherTypes(declared, type)}`)];
  });
}

function otherTypes(declared: KeyType, type: string): string {
  const fitting = Object.entries(KEY_COLUMNS).find(([, types]) => types.includes(type))?.[0];
  const hint = fitting === undefined ? '' : `; declare it as \`${fitting}\` in \`keys\``;
  return `which a key of type ${declared} cannot be found in (it needs ${KEY_COLUMNS[declared].join(', ')})${hint}`;
}
