import type { MemoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { StatementEntry } from '../../../shared/domain/record/entry.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { unpackList } from '../../../shared/domain/record/page-list.ts';
import type { Keys } from '../../../shared/ports/keys.ts';

export interface Stated {
  readonly statement: StatementEntry;
  /** Of all its parts, in their order. */
  readonly lines: readonly string[];
}

/** All statements whose results a registry has, by day. */
export function statedIn(registry: Pick<MemoryRegistry, 'allResults'>): readonly Stated[] {
  const results = registry.allResults().flatMap((result) => ('void' in result ? [] : [result]));
  const notes = results.flatMap(({ actions = [], lists = {} }) => actions.map((note) => ({ note, lists })));
  return notes
    .flatMap(({ note: statement }) => {
      if (statement.did !== 'statement') return [];
      const lines = notes.flatMap(({ note, lists }) =>
        note.did === 'due-list' && note.last === statement.last ? unpackList(lists[note.root] ?? '') : [],
      );
      return [{ statement, lines }];
    })
    .toSorted((a, b) => (a.statement.last < b.statement.last ? -1 : 1));
}

/** How the list names a generation, without its state. */
export async function nameOf(keys: Keys, holding: Holding): Promise<string> {
  const key = await keys.logKey(yearOf(holding.registeredAt));
  return `${logRef(key, holding.ref)} ${holding.generation}`;
}

/** The state of each line, by the name of its generation. */
export function statesIn(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), line.slice(end + 1)];
    }),
  );
}
