import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import { sumsOf } from '../../../shared/protocol/log/bundle.ts';
import { deletionEntry, logFiles, refOf, shortEntry, writeLog } from '../../support/log/generated-log.ts';

const PAGE = new URL('../../../docs/log-sql.md', import.meta.url);
const HOUR = 3_600_000;
const OUTCOMES = ['deleted', 'failed', 'already-so', 'held'] as const;

/** 400 attempts of half a year, an hour and more after their records were due; each record has up to three. */
const ENTRIES: readonly Entry[] = Array.from({ length: 400 }, (_, n) => {
  const leased = Date.parse('2025-12-01T00:00:00Z') + n * 11 * HOUR;
  const outcome = OUTCOMES[(n * 7 + (n % 3)) % 4] ?? 'deleted';
  const iso = (instant: number): string => new Date(instant).toISOString();
  const { readBack: _readBack, ...entry } = deletionEntry(n, {
    store: n % 2 === 0 ? 'notes' : 'files',
    rule: `delete ${(n % 3) + 1} years after account.closed`,
    stage: n % 5 === 0 ? 'anonymise' : 'delete',
    holding: refOf(`holding ${n % 150}`),
    outcome,
    due: iso(leased - ((n % 9) + 1) * HOUR),
    leased: iso(leased),
  });
  return {
    ...entry,
    ...present({
      readBack: isSuccess(outcome) ? iso(leased + n * 1000) : undefined,
      page: n % 10 === 1 ? { records: n, root: 'x' } : undefined,
    }),
  };
});
const isDone = ({ outcome }: Entry): boolean => outcome !== 'pseudonymised' && isSuccess(outcome);
const seconds = ({ due = '', readBack = '' }: Entry): number =>
  Math.floor(Date.parse(readBack) / 1000) - Math.floor(Date.parse(due) / 1000);

/** The statements of the page, by their names. */
async function statements(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(PAGE, 'utf8');
  return new Map(
    [...text.matchAll(/^```sql name=(\w+)\n([^]*?)^```$/gm)].map(([, name = '', sql = '']) => [name, sql]),
  );
}

let folder: string;
let sql: ReadonlyMap<string, string>;
let answer: (name: string) => Promise<readonly Record<string, unknown>[]>;
let stop: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-sql-'));
  sql = await statements();
  await writeLog(folder, logFiles([...ENTRIES, shortEntry(1)], { batch: 90 }));
  // Nothing is downloaded.
  const settings = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  answer = async (name) => {
    const text = (sql.get(name) ?? '').replace("'log/entries/*'", `'${folder}/entries/*'`);
    const rows = (await connection.runAndReadAll(text)).getRowObjectsJson();
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, numberOf(value)])),
    );
  };
  stop = () => {
    connection.closeSync();
    instance.closeSync();
  };
  await answer('view');
});
afterAll(async () => {
  stop();
  await rm(folder, { recursive: true });
});

/** 64-bit numbers come as text. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

describe('the page about SQL', () => {
  test('has no other statements than these', () => {
    expect([...sql.keys()]).toEqual(['view', 'deleted', 'quarters', 'waited', 'open']);
  });

  test('tells what was deleted in a month, and under which rule', async () => {
    const deleted = ENTRIES.filter(
      ({ stage, outcome, leased }) =>
        stage === 'delete' && outcome === 'deleted' && leased >= '2026-03-01' && leased < '2026-04-01',
    );
    const rows = [
      ...Map.groupBy(deleted, ({ store, policy, rule }) => JSON.stringify({ store, policy, rule })),
    ].map(([name, same]) => ({ ...(JSON.parse(name) as object), ...totalOf(same), entries: same.length }));
    const found = await answer('deleted');
    expect(found.length).toBeGreaterThan(2);
    expect(sorted(found)).toEqual(sorted(rows));
  });

  test('counts as the log summary does, by rule and quarter', async () => {
    const byQuarter = Map.groupBy(ENTRIES, ({ leased }) =>
      leased < '2026' ? '2025-Q4' : leased < '2026-04' ? '2026-Q1' : '2026-Q2',
    );
    const rows = [...byQuarter].flatMap(([period, own]) =>
      sumsOf(own).map(({ rule, outcome, records }) => ({ period, rule, outcome, records })),
    );
    expect(sorted(await answer('quarters'))).toEqual(sorted(rows));
  });

  test('tells how long records waited', async () => {
    const done = ENTRIES.filter(isDone);
    const rows = [...Map.groupBy(done, ({ store }) => store)].map(([store, own]) => {
      const waited = own.map(seconds).toSorted((a, b) => a - b);
      const half = waited[Math.ceil(waited.length / 2) - 1];
      return { store, entries: own.length, half_within_seconds: half, longest_seconds: waited.at(-1) };
    });
    expect(sorted(await answer('waited'))).toEqual(sorted(rows));
  });

  test('lists what failed and was not done later', async () => {
    const same = (a: Entry, b: Entry): boolean => a.holding === b.holding && a.stage === b.stage;
    const open = ENTRIES.filter(
      (entry) =>
        entry.outcome === 'failed' &&
        !ENTRIES.some((later) => same(entry, later) && later.leased > entry.leased && isDone(later)),
    );
    const names = [
      ...new Set(open.map(({ store, rule, stage, holding }) => [store, rule, stage, holding].join(' '))),
    ];
    const found = await answer('open');
    expect(found.length).toBeGreaterThan(10);
    expect(
      found.map(({ store, rule, stage, holding }) => [store, rule, stage, holding].join(' ')).toSorted(),
    ).toEqual(names.toSorted());
    expect(found.reduce((all, { failures }) => all + Number(failures), 0)).toBe(open.length);
  });
});

function totalOf(entries: readonly Entry[]): { readonly records: number } {
  return { records: entries.reduce((all, { page }) => all + (page?.records ?? 1), 0) };
}

function sorted(rows: readonly object[]): readonly string[] {
  return rows
    .map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted();
}
