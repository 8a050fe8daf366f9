import type { Entry, EntryPage } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { packList } from '../../../shared/domain/record/page-list.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';

/** A reference of 22 characters. */
export function aLogRef(n: number): LogRef {
  return `record-${n}`.padEnd(22, '_') as LogRef;
}

export function pagedEntry(token: string, holding: string, page?: EntryPage): Entry {
  return {
    v: 2,
    token,
    holding: holding as LogRef,
    generation: 1,
    stage: 'delete',
    categories: ['uploads'],
    store: 'notes',
    outcome: 'deleted',
    ...(page !== undefined && { page }),
    subjects: [],
    policy: 'p',
    policyVersion: '1',
    rule: 'r',
    facts: [],
    leased: '2026-03-01T10:00:00.000Z',
    readBack: '2026-03-01T10:01:00.000Z',
    software: 's',
    tzdata: 't',
  };
}

/** A result with an entry for each page, and the lists of their records. */
export function pagedResult(token: string, ...pages: readonly (readonly number[])[]): AttemptResult {
  const packed = pages.map((numbers) => ({ count: numbers.length, ...packList(numbers.map(aLogRef)) }));
  const entries = packed.map(({ root, count }, n) =>
    pagedEntry(token, `${token}-${n}`, count === 0 ? { records: 0 } : { records: count, root }),
  );
  const lists = Object.fromEntries(
    packed.filter(({ count }) => count > 0).map(({ root, list }) => [root, list]),
  );
  return { token, store: 'notes', entries, lines: [], lists };
}
