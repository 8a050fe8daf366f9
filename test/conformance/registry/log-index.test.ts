import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyMonth, type LogMonth } from '../../../shared/domain/log/log-month.ts';
import type { LogPage } from '../../../shared/domain/log/log-page.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from './registry-kinds.ts';

const INDEX = Date.UTC(2026, 2, 1, 12);
const RULE = '1 year after a';

function aMonth(month: string, store: string, changes: Partial<LogMonth> = {}): LogMonth {
  return {
    ...emptyMonth({ index: INDEX, month, store }),
    version: 1,
    until: 7,
    rules: [RULE],
    sums: [{ rule: 0, outcome: 'deleted', days: [[31, 3, 900]] }],
    days: [{ day: 31, pages: 2, lines: 7 }],
    ...changes,
  };
}

const PAGE: LogPage = {
  index: INDEX,
  day: '2026-03-31',
  store: 'crm#odd',
  page: 11,
  version: 1,
  until: 7,
  results: [
    {
      token: '2026-03-31T10.token',
      first: 4,
      count: 3,
      store: 'crm#odd',
      rules: [RULE],
      outcomes: { deleted: 1, failed: 2 },
      sums: [
        { rule: RULE, outcome: 'deleted', entries: 1, records: 900 },
        { rule: RULE, outcome: 'failed', entries: 2, records: 2 },
      ],
    },
    { token: '2026-03-31T11.note', first: 0, count: 1, store: 'crm#odd', rules: [], outcomes: {}, sums: [] },
  ],
};

describe.each(registryKinds)('the index of the log in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('says how far it has come, on its version', async () => {
    expect(await registry.logIndexed()).toEqual({ version: 0, index: 0, until: 0 });
    const first = { version: 1, index: INDEX, until: 0 };
    expect(await registry.putLogIndexed(first)).toBe('written');
    expect(await registry.putLogIndexed({ ...first, until: 9 })).toBe('moved');
    expect(await registry.putLogIndexed({ version: 2, index: INDEX, until: 7 })).toBe('written');
    expect(await registry.logIndexed()).toEqual({ version: 2, index: INDEX, until: 7 });
    const months = [
      ['', ['2026-01', '2026-03']],
      ['crm#odd', ['2026-03']],
    ] as const;
    const again = {
      version: 3,
      index: INDEX + 1,
      until: 9,
      since: INDEX,
      lacks: 4,
      months,
      checked: { at: 7, day: '2026-03-01' },
    };
    expect(await registry.putLogIndexed(again)).toBe('written');
    expect(await registry.logIndexed()).toEqual(again);
  });

  test('keeps months as they are written, on their versions, also of no store and without sums', async () => {
    const { sums: _, ...wide } = aMonth('2026-03', 'shop', { rules: [] });
    const months = [aMonth('2026-03', ''), aMonth('2026-03', 'crm#odd'), wide];
    for (const month of months) expect(await registry.putLogMonth(month)).toBe('written');
    expect(await registry.putLogMonth(aMonth('2026-03', '', { until: 9 }))).toBe('moved');
    expect(await registry.putLogMonth(aMonth('2026-03', '', { version: 3 }))).toBe('moved');
    const other = { index: INDEX + 1, month: '2026-03', store: '' };
    const found = await registry.logMonths([...months, other, { ...other, index: INDEX, month: '2026-04' }]);
    expect(found.toSorted((a, b) => (a.store < b.store ? -1 : 1))).toEqual(months);
    const next = aMonth('2026-03', '', { version: 2, until: 9 });
    expect(await registry.putLogMonth(next)).toBe('written');
    expect(await registry.logMonths([next])).toEqual([next]);
  });

  test('lists the months of a time in their order, with all of their stores', async () => {
    for (const month of ['2025-12', '2026-01', '2026-02', '2026-03'])
      for (const store of ['shop', 'crm', '']) await registry.putLogMonth(aMonth(month, store));
    await registry.putLogMonth(aMonth('2026-01', 'crm', { index: INDEX + 1 }));
    const { items, next } = await registry.logMonthsBetween({ index: INDEX, from: '2026-01', to: '2026-02' });
    expect(next).toBeUndefined();
    expect(items.map(({ month, store }) => `${month} ${store}`)).toEqual([
      '2026-01 ',
      '2026-01 crm',
      '2026-01 shop',
      '2026-02 ',
      '2026-02 crm',
      '2026-02 shop',
    ]);
    expect(items[1]).toEqual(aMonth('2026-01', 'crm'));
  });

  test('keeps pages as they are written, on their versions, also without results', async () => {
    const { results: _, ...wide } = { ...PAGE, page: 2 };
    for (const page of [PAGE, wide]) expect(await registry.putLogPage(page)).toBe('written');
    expect(await registry.putLogPage({ ...PAGE, until: 9 })).toBe('moved');
    const found = await registry.logPages([PAGE, wide, { ...PAGE, page: 1 }, { ...PAGE, day: '2026-03-30' }]);
    expect(found.toSorted((a, b) => b.page - a.page)).toEqual([PAGE, wide]);
    expect(await registry.putLogPage({ ...PAGE, version: 2, results: [] })).toBe('written');
    expect(await registry.logPages([PAGE])).toEqual([{ ...PAGE, version: 2, results: [] }]);
  });
});
