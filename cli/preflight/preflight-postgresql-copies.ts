import type { Query } from '../../shared/stores/postgresql/postgresql-session.ts';
import { type Finding, fails, note } from './preflight-finding.ts';
import { checkPublications } from './preflight-postgresql-publications.ts';

/**
 * What else happens when a row of the table is deleted or masked, and where copies of it stay. Asked of the catalog, with
 * nothing but PostgreSQL's own names in the search path.
 */

const TREE = `WITH RECURSIVE tree(oid) AS (SELECT to_regclass($1)::oid
  UNION SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)`;

/** Bits of `tgtype`: 1 for each row, 2 before, 8 delete, 16 update. A clone on a partition is its parent's trigger. */
const TRIGGERS = `${TREE}
SELECT t.tgname::text AS name, t.tgrelid::regclass::text AS owner, f.oid::regprocedure::text AS called,
  t.tgtype & 8 <> 0 AS deletes, t.tgtype & 16 <> 0 AS updates, t.tgtype & 2 <> 0 AS before,
  l.lanname IN ('plpgsql', 'sql') AS readable, f.prosrc ~* '\\minsert\\s+into\\M' AS inserts,
  ARRAY(SELECT k FROM unnest($2::text[]) k WHERE position('new.' || lower(k) || ':=' IN
    regexp_replace(lower(f.prosrc), '["\\s]', '', 'g')) > 0) AS keys
FROM tree JOIN pg_trigger t ON t.tgrelid = tree.oid JOIN pg_proc f ON f.oid = t.tgfoid
JOIN pg_language l ON l.oid = f.prolang
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D' AND t.tgtype & 24 <> 0 ORDER BY 1, 2`;

interface Trigger {
  readonly name: string;
  readonly owner: string;
  readonly called: string;
  readonly deletes: boolean;
  readonly updates: boolean;
  readonly before: boolean;
  /** In a language whose text says what it does. */
  readonly readable: boolean;
  readonly inserts: boolean;
  /** Key columns that it assigns. */
  readonly keys: readonly string[];
}

/** Event types of rules: 2 update, 4 delete. With DO INSTEAD the table is refused, so only the others count here. */
const RULES = `${TREE}
SELECT w.rulename::text AS name, w.ev_class::regclass::text AS owner, w.ev_type = '4' AS deletes FROM tree
JOIN pg_rewrite w ON w.ev_class = tree.oid
WHERE w.ev_type IN ('2', '4') AND NOT w.is_instead AND w.ev_enabled <> 'D' ORDER BY 1, 2`;

const REFERENCES = `${TREE}
SELECT r.conname::text AS name, r.conrelid::regclass::text AS owner, r.confrelid::regclass::text AS target,
  r.confdeltype::text AS action FROM tree JOIN pg_constraint r ON r.confrelid = tree.oid
WHERE r.contype = 'f' AND r.conparentid = 0 ORDER BY 2, 1`;

interface Reference {
  readonly name: string;
  readonly owner: string;
  readonly target: string;
  /** `a` and `r`: forbidden. `c`: deleted. `n` and `d`: set to NULL or a default. */
  readonly action: 'a' | 'r' | 'c' | 'n' | 'd';
}

/** Tables named after this one as histories are, which have its key columns or one of its masked columns. */
const HISTORIES = `${TREE}, named AS (SELECT lower(relname) AS name FROM pg_class WHERE oid = to_regclass($1))
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, named
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.oid NOT IN (SELECT oid FROM tree)
AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND lower(c.relname) ~ '(^|[^a-z])(history|histories|hist|audit|audits|log|logs|archive|archived|versions?|old|backup|bak|copy|deleted|shadow)([^a-z]|$)'
AND (starts_with(regexp_replace(lower(c.relname), '^(history|hist|audit|log|archive|old|backup|deleted)s?_', ''), named.name)
  OR starts_with(lower(c.relname), rtrim(named.name, 's') || '_'))
AND (NOT EXISTS (SELECT 1 FROM unnest($2::text[]) k WHERE NOT EXISTS (SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname = k AND NOT a.attisdropped))
  OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($3::text[]) AND NOT a.attisdropped))
ORDER BY 1`;

export interface Watched {
  /** With its schema, and quoted. */
  readonly sql: string;
  /** As people write it. */
  readonly table: string;
  readonly keys: readonly string[];
  readonly masked: readonly string[];
  readonly deletes: boolean;
  readonly mayCascade: boolean;
  /** What keeps rows of collections from being deleted is checked on its own. */
  readonly hasCollections: boolean;
}

/** Findings about triggers, rules, histories, references and publications of the table and its partitions. */
export async function checkCopies(where: string, query: Query, watched: Watched): Promise<Finding[]> {
  const { sql, keys, masked, deletes } = watched;
  const masks = masked.length > 0;
  const ask = async <Row>(text: string, ...more: readonly unknown[]) =>
    (await query(text, [sql, ...more])) as unknown as readonly Row[];
  const triggers = await ask<Trigger>(TRIGGERS, keys);
  const rules = await ask<{ name: string; owner: string; deletes: boolean }>(RULES);
  const histories = await ask<{ name: string }>(HISTORIES, keys, masked);
  const references = deletes ? await ask<Reference>(REFERENCES) : [];
  return [
    ...triggers
      .filter((trigger) => (deletes && trigger.deletes) || (masks && trigger.updates))
      .map((trigger) => note(where, triggerText(trigger))),
    ...rules
      .filter((rule) => (rule.deletes ? deletes : masks))
      .map(({ name, owner }) =>
        note(where, `the rule ${name} of ${owner} does something else as well (DO ALSO); ${COPIES}`),
      ),
    ...histories.map(({ name }) =>
      note(
        where,
        `${name} looks like a history of ${watched.table}, and nothing deletes or masks its rows; register them as records of a store of their own, or clean them by other means`,
      ),
    ),
    ...references
      .filter(({ action }) => !watched.hasCollections || !['a', 'r'].includes(action))
      .map((reference) => referenceFinding(where, reference, watched)),
    ...(await checkPublications(where, query, watched)),
  ];
}

const COPIES =
  'what it copies to another place, such as the old row, stays there; register the copies as records of a store of their own, or clean them by other means';

function triggerText({ name, owner, called, deletes, updates, before, ...does }: Trigger): string {
  const events = [...(updates ? ['UPDATE'] : []), ...(deletes ? ['DELETE'] : [])].join(' OR ');
  const what = `the trigger ${name} of ${owner} (${before ? 'BEFORE' : 'AFTER'} ${events}) calls ${called}`;
  if (does.keys.length > 0)
    return `${what}, which assigns the key ${does.keys.join(', ')}: a masked record would then be found under another key, so it is refused (STORE_CONSTRAINT); let the trigger leave the key as it is`;
  if (!does.readable) return `${what}, whose code cannot be read here; ${COPIES}`;
  return does.inserts
    ? `${what}, which inserts into a table; ${COPIES}`
    : `${what}; what it changes or calls elsewhere, Tenure does not see`;
}

function referenceFinding(where: string, reference: Reference, { mayCascade, table }: Watched): Finding {
  const { name, owner, target, action } = reference;
  const what = `rows of ${owner} refer to ${target} (${name})`;
  switch (action) {
    case 'c':
      return mayCascade
        ? note(
            where,
            `${what} and are deleted with it (ON DELETE CASCADE), without rules and holds of their own`,
          )
        : fails(
            where,
            `deleting a row of ${table} also deletes rows of ${owner} (${name}, ON DELETE CASCADE); set \`cascade: true\` to allow that, otherwise no row is deleted`,
          );
    case 'n':
    case 'd':
      return note(
        where,
        `${what}; when a row is deleted they stay, and their reference is set to ${action === 'n' ? 'NULL' : 'its default'} (ON DELETE SET ${action === 'n' ? 'NULL' : 'DEFAULT'}): give them rules of their own`,
      );
    case 'a':
    case 'r':
      return note(
        where,
        `${what}: a row is refused for as long as they refer to it; make their rules due before those of this store`,
      );
  }
}
