import { MARKERS } from '../../shared/stores/postgresql/postgresql-marks.ts';
import type { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import type { Table } from '../../shared/stores/postgresql/postgresql-table.ts';
import { type Finding, fails, note } from './preflight-finding.ts';

/** Whether the column that says what is restricted can say it, asked of the catalog. */

const COLUMN = `
SELECT a.attgenerated <> '' AS generated, a.attnotnull AS required,
  has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS writable,
  EXISTS (SELECT 1 FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
    AND d.refobjsubid = a.attnum AND d.classid IN ('pg_policy'::regclass, 'pg_rewrite'::regclass)) AS applied
FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attname = $2`;

interface MarkerFacts {
  readonly generated: boolean;
  readonly required: boolean;
  /** The lane's user may write it. */
  readonly writable: boolean;
  /** A policy or a view depends on it. */
  readonly applied: boolean;
}

export async function checkMarker(
  where: string,
  query: Query,
  table: Table,
  { schema, table: name, user, restrict }: PostgresOptions,
): Promise<Finding[]> {
  if (restrict === undefined) return [];
  const { column } = restrict;
  const { marker } = table;
  if (marker === undefined)
    return [
      fails(
        where,
        `the table has no column ${column}, which \`restrict\` names; run: ALTER TABLE ${schema}.${name} ADD COLUMN ${column} timestamptz`,
      ),
    ];
  if (!marker.isBuiltIn || !MARKERS.includes(marker.type))
    return [
      fails(
        where,
        `the column ${column}, which \`restrict\` names, has the type ${marker.declared}; use one of type timestamptz, timestamp or boolean`,
      ),
    ];
  const [row] = (await query(COLUMN, [table.sql, column])) as unknown as readonly [MarkerFacts];
  const say = (holds: boolean, message: string): Finding[] => (holds ? [fails(where, message)] : []);
  return [
    ...say(
      row.generated,
      `the column ${column} is generated, so no record can be restricted; use another one`,
    ),
    ...say(
      row.required && marker.type !== 'bool',
      `the column ${column} is NOT NULL, so no restriction can be lifted; run: ALTER TABLE ${schema}.${name} ALTER COLUMN ${column} DROP NOT NULL`,
    ),
    ...say(!row.writable, `run: GRANT UPDATE (${column}) ON ${schema}.${name} TO ${user}`),
    ...(row.applied
      ? []
      : [
          note(
            where,
            `no policy and no view depends on the column ${column}, so nothing in the database keeps applications from restricted rows; see the examples in docs/stores/postgresql.md`,
          ),
        ]),
  ];
}
