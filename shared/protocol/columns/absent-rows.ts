import { type ColumnEntry, entryKey } from '../../domain/columns/column-entry.ts';
import type { DefinedColumn } from '../../domain/columns/fact-columns.ts';
import { each } from '../../domain/each.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { openSealed } from '../lane/locators.ts';
import { type ColumnPass, isToday } from './column-pass.ts';
import { named, tellIngest, WIDTH } from './tell-ingest.ts';

/** What one pass takes back: it has to be seen to have left the registry before the column counts as read. */
const MOST_TAKEN_BACK = 2000;
/** A row that was not found in two passes an hour apart is gone. */
const NEWLY = 50 * 60_000;
/** Rows that are gone are looked for so long, in case the table is loaded again. Then their ids are forgotten. */
const LOOKED_FOR = 7 * 86_400_000;

/**
 * Entries whose value the column does not say. Where the row is there, the value was changed: it is taken back. Where the
 * row is gone, it says nothing: what has happened stays so. The row is looked for by its key, because a row without a value
 * is in no range.
 */
export async function lookForRows(
  core: LaneCore,
  column: DefinedColumn,
  pass: ColumnPass,
  missing: readonly ColumnEntry[],
): Promise<void> {
  if (missing.length === 0) return;
  const opened: { readonly entry: ColumnEntry; readonly locator: Locator }[] = [];
  await each(missing, WIDTH, async (entry) => {
    const sealed = { ref: entryKey(entry), store: column.store, locator: entry.sealed };
    const one = await openSealed(core, sealed);
    if (one.state === 'opened') opened.push({ entry, locator: one.locator });
    else pass.code ??= one.state === 'failed' ? one.code : 'CIPHERTEXT_BROKEN';
  });
  const presences = opened.length === 0 ? [] : await core.store.look(opened.map(({ locator }) => locator));
  const changed: ColumnEntry[] = [];
  const gone: ColumnEntry[] = [];
  for (const [index, { entry }] of opened.entries()) {
    const presence = presences[index] ?? { state: 'unknown' as const, code: 'STORE_ERROR' as const };
    if (presence.state === 'unknown') pass.code ??= presence.code;
    else if (presence.state === 'gone') gone.push(entry);
    else changed.push(entry);
  }
  await each(gone, WIDTH, (entry) => noteGone(core, pass, entry));
  const room = Math.max(0, MOST_TAKEN_BACK - pass.open.length);
  if (changed.length > room) pass.code ??= 'COLUMN_CHANGES_TOO_OFTEN';
  const back = changed.slice(0, room).map(named);
  pass.open.push(...back);
  await tellIngest(core, column, back, 'taken-back');
}

/** An entry that somebody else has written meanwhile is looked for by the next pass. */
async function noteGone(core: LaneCore, pass: ColumnPass, entry: ColumnEntry): Promise<void> {
  const { goneSince = pass.startedAt, toldAt, version } = entry;
  if (goneSince > pass.startedAt - NEWLY) pass.gone += 1;
  if (isToday(pass, goneSince)) {
    pass.goneToday += 1;
    if (!isToday(pass, toldAt)) pass.knownGone += 1;
  }
  if (entry.goneSince === undefined)
    await core.registry.writeColumnEntry({ ...entry, goneSince, version: version + 1 });
  else if (goneSince <= pass.startedAt - LOOKED_FOR) await core.registry.deleteColumnEntry(entry);
}
