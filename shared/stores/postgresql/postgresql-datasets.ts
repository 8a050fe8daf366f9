import type { Count, DatasetCounts, DatasetQuestion } from '../../domain/coverage/survey.ts';
import { readClock } from '../../domain/datasets/clock-value.ts';
import { present } from '../../domain/present.ts';
import type { Surveying } from '../surveying.ts';
import { columnFacts, filterOf, orderedBy } from './postgresql-listing.ts';
import { lastValue } from './postgresql-range.ts';
import type { Query } from './postgresql-session.ts';
import { type Column, type Table, treeOf } from './postgresql-table.ts';

/** Rows of one dataset that are counted in the order of their clock, from the oldest on. */
const MOST_ROWS = 1_000_000;
/** Of what is only told, and not planned: rows without a clock, and with one in the future. */
const MOST_ODD = 10_000;
/** Pages of 8 kB that are read of a larger table to estimate the rest. */
const SAMPLE_PAGES = 10_000;
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
    const isOpen = front === undefined ? odd !== undefined : front.last !== undefined;
    const sample = isOpen ? await ask(sampledRows) : undefined;
    const rows = joined(front, sample, odd?.late);
    all.push({ category, ...present({ rows, noClock: odd?.noClock, oldest: odd?.oldest }) });
  }
  return all;
}

/** A dataset's clock in the store's table, as it is now. */
interface Clocked {
  readonly query: Query;
  readonly table: Table;
  readonly clock: string;
  readonly column: Column;
  readonly question: DatasetQuestion;
  /** As values of the clock. */
  readonly edges: readonly string[];
}

async function asked<Found>(
  question: DatasetQuestion,
  { describe, transaction, tried, note }: Counting,
  look: (clocked: Clocked) => Promise<Found>,
): Promise<Found | undefined> {
  return tried('datasets', () =>
    transaction(async (query) => {
      const table = await describe(query);
      // Rows are counted in the order of a column of their own.
      const column = question.clock.in === undefined ? table?.columns.get(question.clock.column) : undefined;
      const edges = column && edgesOf(column, question);
      // Without an index every number would be a scan of the table.
      const isIndexed =
        table !== undefined &&
        (await columnFacts(query, { table, keys: [] }, question.clock.column)).isIndexed;
      if (!isIndexed || column === undefined || edges === undefined) {
        note('datasets', 'STORE_SCHEMA');
        return undefined;
      }
      return look({ query, table, column, clock: orderedBy(column), question, edges });
    }, MILLISECONDS),
  );
}

function edgesOf(column: Column, { clock, edges }: DatasetQuestion): readonly string[] | undefined {
  const values = edges.map((edge) => lastValue(column, clock, edge));
  return values.some((value) => value === undefined) ? undefined : (values as string[]);
}

interface Odd {
  readonly noClock: Count;
  /** From the last edge on. */
  readonly late: Count;
  readonly oldest?: number;
}

async function oddRows(clocked: Clocked): Promise<Odd | undefined> {
  const { query, table, clock, column, question, edges } = clocked;
  const filter = filterOf(table, question, 2);
  if (filter === undefined) return undefined;
  const from = (condition: string) =>
    `FROM ${table.sql} AS t WHERE ${[condition, ...filter.conditions].join(' AND ')}`;
  const counted = async (condition: string, edge: string | undefined): Promise<Count> => {
    const [row] = await query(
      `SELECT count(*)::int4 AS rows FROM (SELECT 1 ${from(condition)} LIMIT ${MOST_ODD + 1}) AS s`,
      [edge, ...filter.values],
    );
    return limited(Number(row?.['rows'] ?? 0), MOST_ODD);
  };
  const after = `${clock} OPERATOR(pg_catalog.>=) $1::${column.base}`;
  // The parameter has its type there, too.
  const noClock = await counted(`${clock} IS NULL AND $1::${column.base} IS NOT NULL`, edges[0]);
  const late = await counted(after, edges.at(-1));
  const [first] = await query(
    `SELECT ${clock}::pg_catalog.text AS at ${from(after)} ORDER BY ${clock} LIMIT 1`,
    [edges[0], ...filter.values],
  );
  const text = typeof first?.['at'] === 'string' ? first['at'].replace(/\+00$/, 'Z') : undefined;
  const read = readClock(text, question.clock, { until: Infinity, declared: [] });
  return { noClock, late, ...(read.kind === 'dated' && { oldest: Date.parse(read.occurred) }) };
}

function limited(count: number, most: number): Count {
  return count > most ? { count: most, counted: 'at-least' } : { count, counted: 'exact' };
}

interface Buckets {
  readonly counts: readonly number[];
  /** The bucket in which counting ended early. */
  readonly last?: number;
}

/** The oldest rows, in the order of the index. */
async function frontRows(clocked: Clocked): Promise<Buckets | undefined> {
  const { table, clock, question } = clocked;
  const filter = filterOf(table, question, 2);
  if (filter === undefined) return undefined;
  const conditions = [`${clock} IS NOT NULL`, ...filter.conditions].join(' AND ');
  const counts = await bucketsOf(
    clocked,
    `SELECT ${clock} AS c FROM ${table.sql} AS t WHERE ${conditions} ORDER BY ${clock} LIMIT ${MOST_ROWS}`,
    filter.values,
  );
  const isAll = counts.reduce((sum, count) => sum + count, 0) < MOST_ROWS;
  return { counts, ...(!isAll && { last: counts.findLastIndex((count) => count > 0) }) };
}

/** All rows, as far as some pages of the table tell. */
async function sampledRows(clocked: Clocked): Promise<Buckets | undefined> {
  const { query, table, clock, question } = clocked;
  const filter = filterOf(table, question, 2);
  if (filter === undefined) return undefined;
  const [size] = await query(PAGES, [table.sql]);
  const pages = Math.max(1, Number(size?.['pages'] ?? 0));
  const percent = Math.min(100, (100 * SAMPLE_PAGES) / pages);
  const conditions = [`${clock} IS NOT NULL`, ...filter.conditions].join(' AND ');
  const counts = await bucketsOf(
    clocked,
    `SELECT ${clock} AS c FROM ${table.sql} AS t TABLESAMPLE SYSTEM (${percent.toFixed(6)}) WHERE ${conditions}`,
    filter.values,
  );
  return { counts: counts.map((count) => Math.round((count * 100) / percent)) };
}

async function bucketsOf(
  { query, column, edges }: Clocked,
  rows: string,
  values: readonly string[],
): Promise<number[]> {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  const found = await query(
    // The edges are read from their texts once, and not again for each row.
    `WITH edges AS MATERIALIZED (SELECT $1::pg_catalog.text[]::${column.base}[] AS all)
SELECT s.at, count(*)::float8 AS rows FROM (
  SELECT pg_catalog.width_bucket(r.c, e.all) AS at FROM edges AS e, (${rows}) AS r) AS s GROUP BY s.at`,
    [edges, ...values],
  );
  for (const { at, rows: count } of found) counts[Number(at)] = Number(count);
  return counts;
}

/** What was counted row by row, and after that the estimate. `late`: of the last bucket, which was counted on its own. */
function joined(
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
    const isEstimate = sample !== undefined && (index > last || estimate > count);
    return isEstimate ? { count: estimate, counted: 'estimate' } : { count, counted: 'at-least' };
  });
}
