import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { type Finding, fails } from './preflight-finding.ts';

/**
 * Publications under which PostgreSQL refuses to change a row, because a subscriber could not find it
 * (https://www.postgresql.org/docs/current/logical-replication-publication.html). What counts is the identity of the table
 * that holds the row, and also the publications of the tables that it is a partition of. Row filters and column lists are
 * known from PostgreSQL 15 on, so they are read as JSON.
 */
const PUBLICATIONS = `
WITH RECURSIVE tree(oid) AS (SELECT to_regclass($1)::oid
  UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid),
held AS (SELECT m.oid, m.relreplident = 'f' AS whole, ARRAY(SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND (m.relreplident = 'f' OR EXISTS (
      SELECT 1 FROM pg_index i WHERE i.indrelid = m.oid AND a.attnum = ANY (i.indkey::int2[])
      AND CASE m.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate
        WHEN 'i' THEN i.indisreplident ELSE false END))) AS identity
  FROM tree JOIN pg_class m ON m.oid = tree.oid WHERE m.relkind = 'r')
SELECT DISTINCT p.pubname::text AS name, held.oid::regclass::text AS owner, cardinality(identity) > 0 AS identified,
  ARRAY(SELECT k FROM unnest(identity) k WHERE NOT to_jsonb(p) -> 'attnames' ? k) AS unlisted,
  ARRAY(SELECT a.attname::text FROM pg_publication_rel r
    JOIN pg_depend d ON d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid AND d.refobjid = u.oid
    JOIN pg_attribute a ON a.attrelid = u.oid AND a.attnum = d.refobjsubid
    WHERE r.prpubid = b.oid AND r.prrelid = u.oid AND to_jsonb(r) ->> 'prattrs' IS NULL AND NOT held.whole
      AND a.attnum > 0 AND a.attname <> ALL (identity) ORDER BY 1) AS filtered
FROM held
JOIN LATERAL (SELECT held.oid AS oid UNION SELECT relid::oid FROM pg_partition_ancestors(held.oid)) AS above ON true
JOIN pg_class u ON u.oid = above.oid JOIN pg_namespace n ON n.oid = u.relnamespace
JOIN pg_publication_tables p ON p.schemaname = n.nspname AND p.tablename = u.relname
JOIN pg_publication b ON b.pubname = p.pubname AND (b.pubdelete AND $2 OR b.pubupdate AND $3)
ORDER BY 1, 2`;

interface Publication {
  readonly name: string;
  /** The table that holds the rows. */
  readonly owner: string;
  /** It has a replica identity. */
  readonly identified: boolean;
  /** Columns of the identity that the publication does not list. */
  readonly unlisted: readonly string[];
  /** Columns of the row filter that are not part of the identity. */
  readonly filtered: readonly string[];
}

export async function checkPublications(
  where: string,
  query: Query,
  {
    sql,
    deletes,
    masked,
  }: { readonly sql: string; readonly deletes: boolean; readonly masked: readonly string[] },
): Promise<Finding[]> {
  const rows = await query(PUBLICATIONS, [sql, deletes, masked.length > 0]);
  return (rows as unknown as readonly Publication[]).flatMap(({ name, owner, ...has }) => {
    const what = `${owner} is published for replication by ${name}`;
    const so = 'so PostgreSQL refuses each delete and update';
    if (!has.identified)
      return fails(
        where,
        `${what} and has no replica identity, ${so}; add a primary key, or run: ALTER TABLE ${owner} REPLICA IDENTITY FULL`,
      );
    if (has.unlisted.length > 0)
      return fails(
        where,
        `${what} without ${has.unlisted.join(', ')}, which is part of its replica identity, ${so}; add it to the columns of the publication`,
      );
    if (has.filtered.length > 0)
      return fails(
        where,
        `${what} with a row filter on ${has.filtered.join(', ')}, which is not part of its replica identity, ${so}; run: ALTER TABLE ${owner} REPLICA IDENTITY FULL`,
      );
    return [];
  });
}
