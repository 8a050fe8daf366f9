import { describe, expect, test } from 'vitest';
import { omissionsOf } from '../../../cli/log-commands/omissions.ts';
import { countsOfLines, sumOfCounts } from '../../../shared/domain/record/due-line.ts';
import type { DueListEntry, Entry, NoteEntry, StatementEntry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { packLines, type PageList, rootOf } from '../../../shared/domain/record/page-list.ts';
import { listsObject } from '../../../shared/protocol/log/page-lists.ts';
import { entriesWithDrop, withoutDropped } from '../../support/log/dropped-log.ts';
import {
  deletionEntry,
  type LogFiles,
  logFiles,
  refOf,
  shortEntry,
} from '../../support/log/generated-log.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { testKey } from '../../support/log/note-keys.ts';

const BATCH = 100;
const KEYS = [testKey().key];

interface Said {
  readonly day: string;
  readonly parts: readonly (readonly string[])[];
  readonly registry?: string;
}

interface Listed {
  readonly entry: Entry | NoteEntry;
  readonly lines?: readonly string[];
}

/** The entries of the statement of a day, with their lists. */
function said({ day, parts, ...more }: Said): Listed[] {
  const of = { v: 2, at: `${day}T23:59:59.999Z`, first: day, last: day, software: 's', ...more } as const;
  const lists = parts.map((lines, part): Listed & { readonly entry: DueListEntry } => {
    const { root } = packLines(lines);
    const token = `${day}-${part}-${more.registry ?? ''}`;
    const due = countsOfLines(lines);
    return { entry: { ...of, did: 'due-list', token, part, records: lines.length, root, due }, lines };
  });
  const whole: StatementEntry = {
    ...of,
    did: 'statement',
    token: `${day}-${more.registry ?? ''}`,
    parts: parts.length,
    root: rootOf(lists.map(({ entry }) => entry.root)),
    due: sumOfCounts(lists.map(({ entry }) => entry.due)),
  };
  return [...lists, { entry: whole }];
}

function log(all: readonly Listed[]): LogFiles {
  const files = logFiles(
    all.map(({ entry }) => entry),
    { batch: BATCH },
  );
  for (let first = 0; first < all.length; first += BATCH) {
    const lists = all.slice(first, first + BATCH).flatMap(({ entry, lines }, at): PageList[] => {
      if (lines === undefined || !('root' in entry)) return [];
      return [{ index: first + at, root: entry.root, records: lines as readonly LogRef[] }];
    });
    if (lists.length === 0) continue;
    const { key, bytes } = listsObject(first, lists);
    files.set(key, bytes);
  }
  return files;
}

const done = (n: number, readBack: string): Listed => ({ entry: deletionEntry(n, { readBack }) });
const line = (n: number, state = 'settled'): string => `${refOf(`holding ${n}`)} 1 ${state}`;
const names = (...all: readonly number[]): readonly string[] => all.map((n) => line(n)).toSorted();

async function found(files: LogFiles, day: string) {
  const result = await omissionsOf(memorySource(files), { keys: KEYS, day });
  if (!result.ok) throw new Error(`${result.fault.file} ${result.fault.problem}`);
  return result;
}

test('two registries state the same days at the same time, and each is compared with its own parts', async () => {
  const noon = '2026-03-01T12:00:00.000Z';
  const own = { day: '2026-03-01', parts: [names(0), names(1)] };
  const [a0, a1, a] = said(own);
  const [b0, b1, b] = said({ ...own, registry: 'restored' });
  const all = [done(0, noon), done(1, noon), a0, b0, a1, b1, a, b].flatMap((one) => one ?? []);
  expect((await found(log(all), '2026-03-01')).stated).toMatchObject({ omissions: [], left: [] });
});

test('what was disposed of in the first millisecond of a day is of this day, or of the day before', async () => {
  const all = [done(0, '2026-03-02T00:00:00.000Z'), done(1, '2026-03-02T00:00:00.001Z')];
  const before = said({ day: '2026-03-01', parts: [names(0, 1)] });
  const nothing = said({ day: '2026-03-02', parts: [] });
  const [, second] = all.map(({ entry }) => (entry as Entry).holding);
  expect((await found(log([...all, ...before, ...nothing]), '2026-03-02')).stated?.omissions).toEqual([
    { ref: second, generation: 1, code: 'not-listed' },
  ]);
  expect((await found(log([...all, ...nothing]), '2026-03-02')).stated?.omissions).toHaveLength(2);
});

describe('a log that has dropped its first bundle', () => {
  /** Of 1 March are 250 entries and 10 more; of the others, the number that is said. */
  function dropped(statement: readonly Listed[], more: readonly Listed[]): LogFiles {
    const first = Array.from({ length: 250 }, (_none, n) => done(n, '2026-03-01T10:00:02.000Z'));
    const last = entriesWithDrop(2, 256).slice(1);
    const all = [...first, ...more, ...statement, ...last.map((entry) => ({ entry }))];
    return withoutDropped(log(all), 256);
  }

  test('says nothing about days whose entries may be gone', async () => {
    const statement = said({ day: '2026-03-01', parts: [names(0, 1)] });
    const more = Array.from({ length: 6 }, (_none, n) => done(250 + n, '2026-03-01T10:00:02.000Z'));
    const { stated, cut } = await found(dropped(statement, more), '2026-03-01');
    expect(stated).toBeUndefined();
    expect(cut).toMatchObject({ dropped: 256, statement: { first: '2026-03-01' } });
  });

  test('compares those that it has all entries of', async () => {
    const pauses = Array.from({ length: 10 }, (_none, n) => ({ entry: shortEntry(n) }));
    const more = [...pauses, done(300, '2026-03-05T10:00:02.000Z')];
    const statement = said({ day: '2026-03-05', parts: [names(301)] });
    const { stated, cut } = await found(dropped(statement, more), '2026-03-05');
    expect(cut).toBeUndefined();
    expect(stated?.omissions.map(({ code }) => code)).toEqual(['not-listed', 'no-entry']);
  });
});
