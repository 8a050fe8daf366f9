import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';

/** The same number that the lane reads and deletes at once. */
const BATCH = 5000;

type Connection = InstanceType<typeof Pool>;

/**
 * The least that a Node program needs that can say which rows went: it reads rows in the order of their clock, names each by
 * two keyed references and all of them by a Merkle tree, deletes them on the versions that were read, and reads back
 * whether they are gone. It has no plans, holds, limits, work record or log, and does not know its table.
 */
export function leastProgram(sql: Connection, table: string, until: number): () => Promise<number> {
  const key = createSecretKey(randomBytes(32));
  const last = new Date(until).toISOString();
  let after: readonly unknown[] = ['-infinity', '0'];
  return async () => {
    const { rows } = await sql.query<[string, string, string, string]>({
      rowMode: 'array',
      text: `SELECT id::text, created_at::text, account_id::text, xmin::text FROM ${table}
        WHERE ROW(created_at, id) > ROW($1::timestamptz, $2::bigint) AND created_at <= $3
        ORDER BY created_at, id LIMIT ${BATCH}`,
      values: [...after, last],
    });
    if (rows.length === 0) return 0;
    after = [rows.at(-1)?.[1], rows.at(-1)?.[0]];
    const ids = rows.map(([id]) => id);
    const references = ids.map((id) => keyed(key, ['log', keyed(key, ['holding', 'events', `[${id}]`])]));
    if (rootOf(references.toSorted()).length === 0) throw new Error('no root');
    const gone = await sql.query(
      `DELETE FROM ${table} t USING ROWS FROM (unnest($1::bigint[]), unnest($2::text[])) AS k(id, version)
        WHERE t.id = k.id AND t.xmin::text = k.version RETURNING t.id`,
      [ids, rows.map(([, , , version]) => version)],
    );
    const back = await sql.query(
      `SELECT 1 FROM unnest($1::bigint[]) AS k(id) JOIN ${table} t ON t.id = k.id`,
      [ids],
    );
    if (gone.rowCount !== rows.length || back.rowCount !== 0) throw new Error('rows are left');
    return rows.length;
  };
}

function keyed(key: KeyObject, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

function rootOf(leaves: readonly string[]): string {
  let level = leaves.map((leaf) => hash('sha256', `\0${leaf}`, 'hex'));
  while (level.length > 1) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left = '', right] = [level[at], level[at + 1]];
      next.push(right === undefined ? left : hash('sha256', `\x01${left}${right}`, 'hex'));
    }
    level = next;
  }
  return level[0] ?? '';
}
