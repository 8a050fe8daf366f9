import { type ColumnEntry, type ColumnMessage, entryKey } from '../../domain/columns/column-entry.ts';
import { type DefinedColumn, nameOfColumn } from '../../domain/columns/fact-columns.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { minuteUp } from '../hint.ts';

/** Requests to the registry at the same time. */
export const WIDTH = 16;

/** Names an entry as it was when it was told. */
export type Named = readonly [key: string, token: string];

export function named(entry: ColumnEntry): Named {
  return [entryKey(entry), entry.token];
}

/**
 * What became of these values. A lane may send nothing to `ingest`, which trusts every sender that may send: it leaves messages
 * in the registry, and the sweep sends them on. What is lost is told again by a later pass.
 */
export async function tellIngest(
  core: LaneCore,
  column: DefinedColumn,
  entries: readonly Named[],
  says: 'happened' | 'taken-back',
): Promise<void> {
  const name = nameOfColumn(column);
  await leave(
    core,
    entries.map(([key, token]) => ({ kind: 'column-fact', column: name, key, token, says })),
  );
}

/** `ingest` notes it: it alone writes what says how far facts are on record. */
export async function tellRead(core: LaneCore, column: DefinedColumn, at: Instant): Promise<void> {
  const table = present({ table: core.adopted });
  await leave(core, [{ kind: 'column-read', column: nameOfColumn(column), at, ...table }]);
}

async function leave(core: LaneCore, messages: readonly ColumnMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await core.registry.putColumnMessages(messages);
  // Else the hourly sweep sends them on.
  await core.timers.wake(minuteUp(core.clock.now() + 1));
}
