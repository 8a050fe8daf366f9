import { type ColumnEntry, entryKey } from '../../domain/columns/column-entry.ts';
import { type DefinedColumn, nameOfColumn } from '../../domain/columns/fact-columns.ts';
import { each, pages } from '../../domain/each.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { sealJson } from '../people/sealed-json.ts';
import { lookForRows } from './absent-rows.ts';
import { type ColumnPass, isToday } from './column-pass.ts';
import { type Named, named, tellIngest, WIDTH } from './tell-ingest.ts';
import type { Value } from './values-of.ts';

/** What one pass tells `ingest`: what is more is told by the next one, a few minutes later. */
const MOST_TOLD = 10_000;
/** What was not taken by then is told again: its message was lost, or fails. */
const TOLD_AGAIN = 900_000;
/** Entries without a value that are looked for at once. */
const LOOKED_FOR = 500;

/**
 * Compares what the column says in a range of time with what was taken from it. `values`: all of the range. What is new is
 * put into the registry and told; what is not said any more is looked for, and taken back if its row is there. Any of it may
 * happen twice.
 */
export async function compareValues(
  core: LaneCore,
  column: DefinedColumn,
  pass: ColumnPass,
  {
    values,
    from,
    until,
  }: { readonly values: ReadonlyMap<string, Value>; readonly from: Instant; readonly until: Instant },
): Promise<void> {
  const name = nameOfColumn(column);
  const fresh = new Map(values);
  const untaken: Named[] = [];
  let missing: ColumnEntry[] = [];
  for await (const { items } of pages((after) => core.registry.columnEntries(name, { from, until }, after))) {
    for (const entry of items) {
      pass.entries += 1;
      if (!isToday(pass, entry.toldAt) && isToday(pass, entry.goneSince ?? pass.startedAt)) pass.known += 1;
      if (!fresh.delete(entryKey(entry))) missing.push(entry);
      else {
        if (entry.goneSince !== undefined) await cameBack(core, entry);
        if (isUntaken(core, entry)) untaken.push(named(entry));
      }
    }
    if (missing.length >= LOOKED_FOR) {
      await lookForRows(core, column, pass, missing);
      missing = [];
    }
  }
  await lookForRows(core, column, pass, missing);
  const again = untaken.slice(0, Math.max(0, MOST_TOLD - pass.told));
  pass.told += again.length;
  await tellIngest(core, column, again, 'happened');
  const toTake = [...fresh.values()].slice(0, Math.max(0, MOST_TOLD - pass.told));
  pass.told += toTake.length;
  const put: Named[] = [];
  await each(toTake, WIDTH, async (value) => {
    const entry = await newEntry(core, column, value);
    if ((await core.registry.writeColumnEntry(entry)) === 'written') put.push(named(entry));
  });
  await tellIngest(core, column, put, 'happened');
}

export function hasMoreToTell({ told }: ColumnPass): boolean {
  return told >= MOST_TOLD;
}

function isUntaken(core: LaneCore, { taken, toldAt }: ColumnEntry): boolean {
  return taken !== true && core.clock.now() - toldAt > TOLD_AGAIN;
}

/** Its row is there again. If somebody else has written the entry, the next pass does this. */
async function cameBack(core: LaneCore, entry: ColumnEntry): Promise<void> {
  const { goneSince: _goneSince, ...rest } = entry;
  await core.registry.writeColumnEntry({ ...rest, version: entry.version + 1 });
}

async function newEntry(
  core: LaneCore,
  column: DefinedColumn,
  { key, entity, occurred, locator }: Value,
): Promise<ColumnEntry> {
  const now = core.clock.now();
  const sealed = await sealJson(core.keys, { scope: column.store, context: key }, now, locator);
  const token = core.tokens.next();
  return { column: nameOfColumn(column), entity, occurred, version: 1, token, sealed, toldAt: now };
}
