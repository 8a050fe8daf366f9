import type { Count, DatasetCounts, DatasetQuestion } from '../../domain/coverage/survey.ts';
import { readClock } from '../../domain/datasets/clock-value.ts';
import { present } from '../../domain/present.ts';
import type { Surveying } from '../surveying.ts';
import { findJoin, isNamed, isSweepable, type Joined } from './postgresql-joined.ts';
import { IN_ORDER } from './postgresql-joined-range.ts';
import { columnFacts, filterOf, orderedBy } from './postgresql-listing.ts';
import { lastValue } from './postgresql-range.ts';
import { valueOf } from './postgresql-ranged-row.ts';
import type { Query } from './postgresql-session.ts';
import { type Column, type Table, treeOf } from './postgresql-table.ts';

/**
 * `rows`: of one dataset, counted in the order of their clock, from the oldest on. `pages`: of 8 kB, read of a larger table to
 * estimate the rest.
 */
const OWN_CLOCK = { rows: 1_000_000, pages: 10_000 };
/**
 * Each row needs a look into the other table, which takes 50 microseconds if it is in memory. A row of that table that no
 * row names counts as one of `rows`, too.
 */
const JOINED_CLOCK = { rows: 100_000, pages: 1000 };
/** Of what is only told, and not planned: rows without a clock, and with one in the future. */
const MOST_ODD = 10_000;
const MILLISECONDS = 10_000;

/** The size of a table with its partitions and inheriting tables, in pages. */
const PAGES = `
${treeOf('$1')}
SELECT coalesce(sum(pg_catalog.pg_relation_size(c.oid)), 0)::float8 / 8192 AS pages
FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid WHERE c.relkind = 'r'`;

interface Counting {
  /** The store's own table. */
  readonly describe: (query: Query) => Promise<Table | undefined>;
  readonly transaction: <Result>(work: (query: Query) => Promise<Result>, most?: number) => Promise<Result>;
  readonly tried: Surveying['tried'];
  readonly note: Surveying['note'];
}

/**
 * Rows of datasets by their clock. Each number has a transaction of its own: one that takes too long is left out, and the
 * others are told.
 */
export async function countDatasets(
  questions: readonly DatasetQuestion[],
  counting: Counting,
): Promise<DatasetCounts[]> {
  const all: DatasetCounts[] = [];
  for (const question of questions) {
    const { category } = question;
    const ask = <Found>(look: (clocked: Clocked) => Promise<Found>) => asked(question, counting, look);
    const odd = await ask(oddRows);
    const front = await ask(frontRows);
    // One that cannot be asked at all is not asked again.
    const isElsewhere = question.clock.in !== undefined;
    const isOpen = front === undefined ? odd !== undefined : front.last !== undefined || isElsewhere;
    const sample = isOpen ? await ask(sampledRows) : undefined;
    const rows = together(front, sample, odd?.late);
    const noClock = odd?.noClock ?? sample?.noClock;
    all.push({ category, ...present({ rows, noClock, oldest: odd?.oldest }) });
  }
  return all;
}

/** A column that finds rows of the store's table in its order. */
interface Clock {
  readonly column: Column;
  /** The other table, if the column is not in the store's own. */
  readonly joined?: Joined;
}

/** A dataset's clock, as it is now. */
interface Clocked extends Clock {
  readonly query: Query;
  readonly table: Table;
  /** The column's value in a row of `t`, or of the other table, `j`. */
  readonly clock: string;
  readonly question: DatasetQuestion;
  /** As values of the clock. */
  readonly edges: readonly string[];
  /** Of the store's own table. Its values are the parameters from the second on. */
  readonly filter: { readonly conditions: readonly string[]; readonly values: readonly string[] };
}

async function asked<Found>(
  question: DatasetQuestion,
  { describe, transaction, tried, note }: Counting,
  look: (clocked: Clocked) => Promise<Found>,
): Promise<Found | undefined> {
  return tried('datasets', () =>
    transaction(async (query) => {
      const table = await describe(query);
      const found = table && (await findClock(query, table, question));
      const edges = found && edgesOf(found.column, question);
      const filter = table && filterOf(table, question, 2);
      if (table === undefined || found === undefined || edges === undefined || filter === undefined) {
        note('datasets', 'STORE_SCHEMA');
        return undefined;
      }
      const clock = orderedBy(found.column, found.joined ? 'j' : 't');
      return look({ ...found, query, table, clock, question, edges, filter });
    }, MILLISECONDS),
  );
}

/** Without an index every number would be a scan of the table. */
async function findClock(query: Query, table: Table, { clock }: DatasetQuestion): Promise<Clock | undefined> {
  const listable = { table, keys: [] };
  if (clock.in === undefined) {
    const column = table.columns.get(clock.column);
    return column && (await columnFacts(query, listable, clock.column)).isIndexed ? { column } : undefined;
  }
  const found = await findJoin(query, listable, clock.in);
  if (found.state !== 'joined') return undefined;
  const { joined } = found;
  const column = joined.columns.get(clock.column);
  if (column === undefined) return undefined;
  if ((await isSweepable(query, table, joined, clock.column)) !== 'sweepable') return undefined;
  await query(IN_ORDER, []);
  return { column, joined };
}

function edgesOf(column: Column, { clock, edges }: DatasetQuestion): readonly string[] | undefined {
  const values = edges.map((edge) => lastValue(column, clock, edge));
  return values.some((value) => value === undefined) ? undefined : (values as string[]);
}

/** One row for each row of the dataset with its clock, `c`, in that order. `own` is NULL in a row of the other table alone. */
function inOrder({ table, clock, joined, filter }: Clocked, condition: string, most: number): string {
  const ordered = `ORDER BY ${clock} LIMIT ${most}`;
  if (joined === undefined)
    return `SELECT ${clock} AS c, 1 AS own FROM ${table.sql} AS t WHERE ${[condition, ...filter.conditions].join(' AND ')} ${ordered}`;
  return `SELECT j.c, t.own FROM (
    SELECT ${clock} AS c, ${orderedBy(joined.key, 'j')} AS key FROM ${joined.sql} AS j
    WHERE ${condition} AND j.${joined.key.sql} IS NOT NULL ${ordered}) AS j
  LEFT JOIN LATERAL (
    SELECT 1 AS own FROM ${table.sql} AS t WHERE ${[isNamed(joined, 'j.key'), ...filter.conditions].join(' AND ')} LIMIT ${most}
  ) AS t ON true ORDER BY j.c LIMIT ${most}`;
}

interface Odd {
  /** Absent if it is in another table: no index finds rows that name nothing. */
  readonly noClock?: Count;
  /** From the last edge on. */
  readonly late: Count;
  readonly oldest?: number;
}

async function oddRows(clocked: Clocked): Promise<Odd> {
  const { query, clock, column, joined, question, edges, filter } = clocked;
  const from = (condition: string, most: number) => `FROM (${inOrder(clocked, condition, most)}) AS s`;
  const counted = async (condition: string, edge: string | undefined): Promise<Count> => {
    const [row] = await query(
      `SELECT count(*)::int4 AS seen, count(s.own)::int4 AS rows ${from(condition, MOST_ODD + 1)}`,
      [edge, ...filter.values],
    );
    const rows = Math.min(MOST_ODD, Number(row?.['rows'] ?? 0));
    return { count: rows, counted: Number(row?.['seen'] ?? 0) > MOST_ODD ? 'at-least' : 'exact' };
  };
  const after = `${clock} OPERATOR(pg_catalog.>=) $1::${column.base}`;
  // The parameter has its type there, too.
  const none = `${clock} IS NULL AND $1::${column.base} IS NOT NULL`;
  const noClock = joined ? undefined : await counted(none, edges[0]);
  const late = await counted(after, edges.at(-1));
  const [first] = await query(
    `SELECT s.c::pg_catalog.text AS at ${from(after, joined ? JOINED_CLOCK.rows : 1)} WHERE s.own IS NOT NULL ORDER BY s.c LIMIT 1`,
    [edges[0], ...filter.values],
  );
  const read = readClock(valueOf(column, first?.['at']), question.clock, { until: Infinity, declared: [] });
  const oldest = read.kind === 'dated' ? Date.parse(read.occurred) : undefined;
  return { late, ...present({ noClock, oldest }) };
}

interface Buckets {
  readonly counts: readonly number[];
  /** The bucket in which counting ended early. */
  readonly last?: number;
  /** Only of a clock in another table. */
  readonly noClock?: Count;
}

/** The oldest rows, in the order of the index. */
async function frontRows(clocked: Clocked): Promise<Buckets> {
  const { rows: most } = clocked.joined ? JOINED_CLOCK : OWN_CLOCK;
  const { counts, seen } = await bucketsOf(clocked, inOrder(clocked, `${clocked.clock} IS NOT NULL`, most));
  const isAll = seen.reduce((sum, count) => sum + count, 0) < most;
  return { counts, ...(!isAll && { last: seen.findLastIndex((count) => count > 0) }) };
}

/** All rows, as far as some pages of the table tell. */
async function sampledRows(clocked: Clocked): Promise<Buckets> {
  const { query, table, clock, joined, filter } = clocked;
  const [size] = await query(PAGES, [table.sql]);
  const most = joined ? JOINED_CLOCK.pages : OWN_CLOCK.pages;
  const pages = Math.max(1, Number(size?.['pages'] ?? 0));
  const percent = Math.min(100, (100 * most) / pages);
  // Each row of the sample looks for the one that it names, however large the other table is.
  const other = joined
    ? ` LEFT JOIN LATERAL (SELECT ${clock} AS c FROM ${joined.sql} AS j WHERE ${isNamed(joined)} LIMIT 1) AS j ON true`
    : '';
  const conditions = [...(joined ? [] : [`${clock} IS NOT NULL`]), ...filter.conditions];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  const { counts, none } = await bucketsOf(
    clocked,
    `SELECT ${joined ? 'j.c' : `${clock} AS c`}, 1 AS own FROM ${table.sql} AS t TABLESAMPLE SYSTEM (${percent.toFixed(6)})${other}${where}`,
  );
  const ofAll = (count: number) => Math.round((count * 100) / percent);
  const noClock: Count = { count: ofAll(none), counted: percent === 100 ? 'exact' : 'estimate' };
  return { counts: counts.map(ofAll), ...(joined && { noClock }) };
}

interface Bucketed {
  readonly counts: readonly number[];
  /** With rows of the other table alone. */
  readonly seen: readonly number[];
  /** Rows without a clock. */
  readonly none: number;
}

async function bucketsOf({ query, column, edges, filter }: Clocked, rows: string): Promise<Bucketed> {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  const seen = [...counts];
  let none = 0;
  const found = await query(
    // The edges are read from their texts once, and not again for each row.
    `WITH edges AS MATERIALIZED (SELECT $1::pg_catalog.text[]::${column.base}[] AS all)
SELECT s.at, count(*)::float8 AS seen, count(s.own)::float8 AS rows FROM (
  SELECT pg_catalog.width_bucket(r.c, e.all) AS at, r.own FROM edges AS e, (${rows}) AS r) AS s GROUP BY s.at`,
    [edges, ...filter.values],
  );
  for (const row of found) {
    if (row['at'] === null) none = Number(row['rows']);
    else {
      counts[Number(row['at'])] = Number(row['rows']);
      seen[Number(row['at'])] = Number(row['seen']);
    }
  }
  return { counts, seen, none };
}

/** What was counted row by row, and after that the estimate. `late`: of the last bucket, which was counted on its own. */
function together(
  front: Buckets | undefined,
  sample: Buckets | undefined,
  late: Count | undefined,
): readonly Count[] | undefined {
  const counts = front?.counts ?? sample?.counts;
  if (counts === undefined) return undefined;
  const last = front === undefined ? -1 : (front.last ?? Infinity);
  return counts.map((count, index): Count => {
    if (index === counts.length - 1 && late !== undefined) return late;
    if (index < last) return { count, counted: 'exact' };
    const estimate = sample?.counts[index] ?? 0;
    // Where counting ended, the estimate may be less than what was counted.
    const isEstimate = sample !== undefined && (index > last || estimate >= count);
    return isEstimate ? { count: estimate, counted: 'estimate' } : { count, counted: 'at-least' };
  });
}
