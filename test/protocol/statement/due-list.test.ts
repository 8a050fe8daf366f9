import { describe, expect, it } from 'vitest';
import { statementChecks } from '../../../cli/log-commands/audit-statements.ts';
import { entryIn } from '../../../shared/domain/log/entry-schema.ts';
import {
  countsOfLines,
  DUE_LINE,
  dueLine,
  dueLineIn,
  NONE_DUE,
} from '../../../shared/domain/record/due-line.ts';
import type { DueListEntry, StatementEntry } from '../../../shared/domain/record/entry.ts';
import {
  listedBy,
  listFault,
  packLines,
  rootOf,
  unpackList,
} from '../../../shared/domain/record/page-list.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { pageListsOf } from '../../../shared/protocol/log/page-lists.ts';
import { refOf, shortEntry } from '../../support/log/generated-log.ts';

const OF = {
  v: 2,
  at: '2026-03-02T00:00:00.000Z',
  first: '2026-03-01',
  last: '2026-03-01',
  software: 's',
} as const;
const LINES = ['open', 'settled', 'held'].map((state, n) => `${refOf(`record ${n}`)} 1 ${state}`).toSorted();

function part(lines: readonly string[], number = 0): { readonly entry: DueListEntry; readonly list: string } {
  const { root, list } = packLines(lines);
  const due = countsOfLines(lines);
  return {
    entry: { ...OF, did: 'due-list', token: `t${number}`, part: number, records: lines.length, root, due },
    list,
  };
}

function statement(parts: readonly DueListEntry[], changes: Partial<StatementEntry> = {}): StatementEntry {
  const due = { ...NONE_DUE, settled: parts.length, held: parts.length, open: parts.length };
  const root = rootOf(parts.map((one) => one.root));
  return { ...OF, did: 'statement', token: 'whole', parts: parts.length, root, due, ...changes };
}

describe('the list of what was due', () => {
  it('has a line for each record, which is read as it was written', () => {
    const line = { ref: refOf('a') as LogRef, generation: 12, state: 'later' } as const;
    expect(dueLine(line)).toMatch(DUE_LINE);
    expect(dueLineIn(dueLine(line))).toEqual(line);
    for (const wrong of [
      '',
      refOf('a'),
      `${refOf('a')} 0 open`,
      `${refOf('a')} 1 gone`,
      ` ${refOf('a')} 1 open`,
    ])
      expect(wrong).not.toMatch(DUE_LINE);
    expect(unpackList(packLines(LINES).list)).toEqual(LINES);
  });

  it('is not taken for another one', () => {
    const { entry } = part(LINES);
    const listed = listedBy(entry);
    if (listed === undefined) throw new Error('it has a list');
    const [one = '', two = '', three = ''] = LINES;
    expect(listFault(listed, LINES)).toBeUndefined();
    expect(listFault(listed, [one, two])).toMatchObject({ code: 'other-count' });
    expect(listFault(listed, [two, one, three])).toMatchObject({ code: 'not-in-order', line: 2 });
    expect(listFault(listed, [one, two, 'x'])).toMatchObject({ code: 'not-a-reference', line: 3 });
    expect(
      listFault(
        listed,
        LINES.map((line) => line.slice(0, 22)),
      ),
    ).toMatchObject({ code: 'not-a-reference' });
    const twice = [`${refOf('a')} 1 held`, `${refOf('a')} 1 open`];
    expect(listFault({ ...listed, records: 2, root: rootOf(twice) }, twice)).toMatchObject({
      code: 'not-in-order',
    });
    const moved = LINES.map((line) => line.replace('open', 'settled'));
    expect(listFault(listed, moved)).toMatchObject({ code: 'other-root' });
    expect(listFault({ ...listed, root: rootOf(moved) }, moved)).toMatchObject({ code: 'other-states' });
  });

  it('comes into the log with its entry, and never without or instead of it', () => {
    const { entry, list } = part(LINES);
    const of = { entries: [], actions: [entry] };
    expect(pageListsOf({ ...of, lists: { [entry.root]: list } }, 7)).toEqual([
      { index: 7, root: entry.root, records: LINES },
    ]);
    expect(pageListsOf(of, 7)).toBeUndefined();
    expect(pageListsOf({ ...of, lists: { [entry.root]: list, other: list } }, 7)).toBeUndefined();
    expect(pageListsOf({ entries: [], actions: [], lists: { [entry.root]: list } }, 7)).toBeUndefined();
  });
});

describe('an audit of statements', () => {
  const parts = [part(LINES, 0).entry, part(LINES, 1).entry];
  const saying = (
    ...entries: readonly (DueListEntry | StatementEntry)[]
  ): readonly (string | undefined)[] => {
    const checks = statementChecks();
    return entries.map((entry) => checks.faultOf(entry));
  };
  const [one, two] = parts as [DueListEntry, DueListEntry];

  it('takes what its parts give, in a form that the log knows', () => {
    expect(saying(one, two, statement(parts))).toEqual([undefined, undefined, undefined]);
    expect(saying(statement([]))).toEqual([undefined]);
    for (const entry of [one, statement(parts)]) expect(entryIn(entry)).toEqual(entry);
    expect(entryIn({ ...one, due: { open: 1 } })).toBeUndefined();
    expect(entryIn({ ...one, last: '2026-02-31' })).toBeUndefined();
  });

  it.each([
    ['a part is missing', [one, statement(parts)], 'has 2 parts, and 1 are before it.'],
    ['a part comes twice', [one, one], 'is part 0 of 2026-03-01, and part 1 was to come.'],
    ['a part comes too late', [statement([]), one], 'is about 2026-03-01, after the statement of this day.'],
    [
      'a statement comes twice',
      [statement([]), statement([])],
      'is about 2026-03-01, after the statement of this day.',
    ],
    [
      'counts differ',
      [one, statement([one], { due: NONE_DUE })],
      'has other numbers of records than its parts.',
    ],
    [
      'the root differs',
      [one, statement([one], { root: 'ab'.repeat(32) })],
      'has another root than its parts give.',
    ],
    [
      'a part is about other days',
      [one, statement([one], { first: '2026-02-27' })],
      'is about days from 2026-02-27 to 2026-03-01, and one of its parts is about others.',
    ],
    [
      'one dataset has two clocks',
      [
        statement([], {
          datasets: [
            { store: 'logs', category: 'c', oldest: '2026-01-01' },
            { store: 'logs', category: 'c', oldest: 'none' },
          ],
        }),
      ],
      'says two things about one dataset.',
    ],
    [
      'days go back',
      [statement([], { first: '2026-03-05' })],
      'is about days from 2026-03-05 to 2026-03-01.',
    ],
  ] as const)('finds it out when %s', (_what, entries, fault) => {
    expect(saying(...entries).at(-1)).toBe(fault);
  });

  it.each([
    ['0000-01-01', '2026-03-01'],
    ['1899-12-31', '1900-01-01'],
    ['2200-12-31', '2201-01-01'],
    ['2026-03-01', '9999-12-31'],
    ['1926-02-28', '2026-03-01'],
  ])(
    'finds it out when days are none that a log can have, without counting them (%s to %s)',
    (first, last) => {
      const checks = statementChecks();
      for (const entry of [part(LINES, 0).entry, statement([])])
        expect(checks.faultOf({ ...entry, first, last })).toBe(`is about days from ${first} to ${last}.`);
      expect(checks.daysWithout()).toEqual([]);
    },
  );

  it('takes the first and the last day that there are, and all days of a hundred years', () => {
    for (const [first, last] of [
      ['1900-01-01', '1900-01-01'],
      ['2200-12-31', '2200-12-31'],
      ['1926-03-02', '2026-03-01'],
    ] as const) {
      const checks = statementChecks();
      const at = `${last}T23:59:59.000Z`;
      expect(checks.faultOf(statement([], { first, last, at }))).toBeUndefined();
      expect(checks.daysWithout()).toEqual([]);
    }
  });

  it('takes a second statement of a day only from a registry that was restored', () => {
    expect(saying(statement([]), statement([], { registry: 'restored' }))).toEqual([undefined, undefined]);
  });

  it('takes that parts of the first statement were dropped from the log, and of no later one', () => {
    const checks = statementChecks({ isCut: true });
    expect([two, statement(parts)].map((entry) => checks.faultOf(entry))).toEqual([undefined, undefined]);
    const next = { first: '2026-03-02', last: '2026-03-02' };
    expect(checks.faultOf({ ...two, ...next })).toBe('is part 1 of 2026-03-02, and part 0 was to come.');
    expect(checks.faultOf(statement(parts, next))).toBe('has 2 parts, and 0 are before it.');
  });

  it('takes no part for dropped that comes after one that is there', () => {
    const three = [...parts, part(LINES, 2).entry] as [DueListEntry, DueListEntry, DueListEntry];
    for (const left of [[0], [1], [0, 1]]) {
      const checks = statementChecks({ isCut: true });
      const entries = left.map((at) => three[at] as DueListEntry);
      expect([...entries, statement(three)].map((entry) => checks.faultOf(entry)).at(-1)).toBe(
        `has 3 parts, and ${left.length} are before it.`,
      );
    }
  });

  it('says which days no statement covers', () => {
    const checks = statementChecks();
    expect(checks.daysWithout()).toEqual([]);
    for (const [first, last] of [
      ['2026-02-26', '2026-02-27'],
      ['2026-03-02', '2026-03-02'],
    ] as const)
      checks.faultOf(statement([], { first, last }));
    expect(checks.daysWithout()).toEqual(['2026-02-28', '2026-03-01']);
    checks.faultOf(statement([], { first: '2026-02-20', last: '2026-02-28' }));
    expect(checks.daysWithout()).toEqual(['2026-03-01']);
  });

  it('says also that statements have ended, while the log goes on', () => {
    const checks = statementChecks();
    checks.faultOf(shortEntry(0));
    checks.faultOf(statement([]));
    const days = ['02', '03', '04'].map((day) => `2026-03-${day}`);
    for (const [at, without] of [
      ['2026-03-03T23:59:59.000Z', 0],
      ['2026-03-04T00:00:01.000Z', 1],
      ['2026-03-06T08:00:00.000Z', 3],
      ['9999-03-06T08:00:00.000Z', 3],
    ] as const) {
      checks.faultOf({ ...shortEntry(1), at });
      expect(checks.daysWithout()).toEqual(days.slice(0, without));
    }
  });
});
