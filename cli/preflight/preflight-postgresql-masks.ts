import type { Mask } from '../../shared/domain/record/masks.ts';
import { FORM_LENGTHS, type PseudonymForm } from '../../shared/domain/record/pseudonym.ts';
import { pseudonymProblem } from '../../shared/stores/postgresql/postgresql-pseudonyms.ts';
import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { showsDates } from '../../shared/stores/postgresql/postgresql-statements.ts';
import type { Table } from '../../shared/stores/postgresql/postgresql-table.ts';
import { type Finding, fails, note } from './preflight-finding.ts';

/** Whether the masks fit the columns, asked of the catalog. */

const COLUMNS = `
SELECT a.attname::text AS name, a.attgenerated <> '' AS generated, a.attidentity = 'a' AS identity, 
  a.attnotnull OR EXISTS (WITH RECURSIVE up(next, required) AS (
    SELECT t.typbasetype, t.typnotnull FROM pg_type t WHERE t.oid = a.atttypid
    UNION ALL SELECT t.typbasetype, t.typnotnull FROM up JOIN pg_type t ON t.oid = up.next)
    SELECT 1 FROM up WHERE up.required) AS required,
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indnkeyatts = 1
    AND i.indkey[0] = a.attnum) AS single,
  ARRAY(SELECT u.attname::text FROM pg_attrdef d
    JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
      AND p.refobjid = d.adrelid AND p.refobjsubid <> d.adnum
    JOIN pg_attribute u ON u.attrelid = d.adrelid AND u.attnum = p.refobjsubid
    WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum ORDER BY 1) AS sources
FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

interface ColumnFacts {
  readonly name: string;
  readonly generated: boolean;
  /** GENERATED ALWAYS AS IDENTITY. */
  readonly identity: boolean;
  /** NOT NULL, also of a domain that it is of. */
  readonly required: boolean;
  /** A unique index is on this column alone. */
  readonly single: boolean;
  /** The columns that a generated one is computed from. */
  readonly sources: readonly string[];
}

export async function checkColumns(
  where: string,
  query: Query,
  table: Table,
  masks: readonly (readonly [column: string, mask: Mask])[],
): Promise<Finding[]> {
  const facts = (await query(COLUMNS, [table.sql])) as unknown as readonly ColumnFacts[];
  const masked = new Set(masks.map(([column]) => column));
  return [
    ...masks.flatMap(([name, mask]) => {
      const column = facts.find((each) => each.name === name);
      return column === undefined ? [] : maskFindings(where, column, table, mask);
    }),
    ...facts
      .filter(({ name, generated }) => generated && !masked.has(name))
      .flatMap(({ name, sources }) => {
        const from = sources.filter((source) => masked.has(source));
        if (from.length === 0) return [];
        return [
          note(where, `the column ${name} is generated from ${from.join(', ')}, so it changes with the mask`),
        ];
      }),
  ];
}

function maskFindings(where: string, column: ColumnFacts, table: Table, mask: Mask): Finding[] {
  const { name, generated, identity, required, single, sources } = column;
  if (generated) {
    const from = sources.length === 0 ? 'the columns that it is computed from' : sources.join(', ');
    return [fails(where, `the column ${name} is generated, so it cannot be masked; mask ${from} instead`)];
  }
  if (identity)
    return [fails(where, `the column ${name} is GENERATED ALWAYS AS IDENTITY, so it cannot be masked`)];
  if (mask.kind === 'null' && required)
    return [
      fails(
        where,
        `the column ${name} is NOT NULL, so it cannot be cleared; write a constant or a pseudonym`,
      ),
    ];
  if (mask.kind === 'constant' && single)
    return [
      fails(
        where,
        `the column ${name} is unique, so only one record can have the constant; write a pseudonym`,
      ),
    ];
  const described = table.columns.get(name);
  if (mask.kind === 'truncate-date' && described && !showsDates(described))
    return [
      fails(where, `the column ${name} has the type ${described.declared}, which has no dates to truncate`),
    ];
  if (mask.kind !== 'pseudonym') return [];
  const problem = described && pseudonymProblem(described, mask.form);
  if (problem !== undefined) return [fails(where, `the column ${name}: ${problem}`)];
  return single && mayCollide(mask.form)
    ? [
        note(
          where,
          `the column ${name} is unique, and a short pseudonym may occur twice; such a record is refused`,
        ),
      ]
    : [];
}

function mayCollide(form: PseudonymForm | undefined): boolean {
  return form !== undefined && form.length < FORM_LENGTHS[form.kind].safe;
}
