import type { LogMonth, LogMonthKey } from '../../domain/log/log-month.ts';
import type { LogPage, LogPageKey } from '../../domain/log/log-page.ts';
import type { LogIndex, LogIndexed } from '../../ports/results.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryRows, type Rows } from '../memory/memory-rows.ts';

export interface MemoryLogIndex extends LogIndex {
  allLogMonths(): LogMonth[];
  allLogPages(): LogPage[];
}

/** A page of what is small has more of it than one of what people walk through: by default 2,500, as 1 MB has. */
const SMALL = 25;
const NOTHING: LogIndexed = deepFreeze({ version: 0, index: 0, until: 0 });

export function memoryLogIndex(pageSize: number): MemoryLogIndex {
  const months = memoryRows<LogMonth>();
  const pages = memoryRows<LogPage>();
  let indexed: LogIndexed = NOTHING;
  return {
    logIndexed: async () => indexed,
    async putLogIndexed(next) {
      if (indexed.version !== next.version - 1) return 'moved';
      indexed = deepFreeze(next);
      return 'written';
    },
    logMonths: async (keys) => found(months, keys.map(monthName)),
    async logMonthsBetween({ index, from, to, after }) {
      const page = months.page(pageSize * SMALL, after ?? `${index} ${from}`, `${index} `);
      const items = page.items.filter(({ month }) => month <= to);
      return items.length < page.items.length ? { items } : page;
    },
    putLogMonth: async (next) => put(months, monthName(next), next),
    logPages: async (keys) => found(pages, keys.map(pageName)),
    putLogPage: async (next) => put(pages, pageName(next), next),
    allLogMonths: () => months.all(),
    allLogPages: () => pages.all(),
  };
}

function found<Row>(rows: Rows<Row>, names: readonly string[]): Row[] {
  return names.flatMap((name) => rows.get(name) ?? []);
}

function put<Row extends { readonly version: number }>(
  rows: Rows<Row>,
  name: string,
  next: Row,
): 'written' | 'moved' {
  if ((rows.get(name)?.version ?? 0) !== next.version - 1) return 'moved';
  rows.put(name, deepFreeze(next));
  return 'written';
}

function monthName({ index, month, store }: LogMonthKey): string {
  return `${index} ${month} ${store}`;
}

function pageName({ index, day, store, page }: LogPageKey): string {
  return `${index} ${day} ${store} ${page}`;
}
