import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions } from './memory-rows.ts';
import { minuteId } from '../../domain/calendar/utc-time.ts';
import type { Instant } from '../../domain/record/ids.ts';
import { SHARDS, shardOf, tellingShardOf } from '../../domain/record/shard.ts';
import type { Hint, Hints, ShardCursor } from '../../ports/hints.ts';

export interface MemoryHints extends Hints {
  allHints(): Hint[];
  allCursors(): ShardCursor[];
  /** What a table's time-to-live does: hints of minutes before this instant go. */
  expireHints(before: Instant): number;
}

export function memoryHints(pageSize: number): MemoryHints {
  const hints = memoryPartitions<Hint>();
  const cursors = new Map<number, ShardCursor>();
  const key = ({ minute, holding }: Pick<Hint, 'minute' | 'holding'>): string =>
    `${minuteId(minute)}#${holding}`;
  return {
    async putHints(all) {
      for (const hint of all) hints.of(String(shardOfHint(hint))).put(key(hint), deepFreeze(hint));
    },
    async hintsAfter({ shard, after }, until) {
      const rows = hints.at(String(shard));
      const last = after === undefined ? undefined : key(after);
      // Years of sweeps are simulated, and most of them find that the next hint is of a later minute.
      const [next] = rows.page(1, last).items;
      if (next === undefined || next.minute > until) return { items: [] };
      const page = rows.page(pageSize, last);
      const items = page.items.filter(({ minute }) => minute <= until);
      return items.length < page.items.length ? { items } : { ...page, items };
    },
    async hasHint(hint) {
      return hints.at(String(shardOf(hint.holding))).get(key(hint)) !== undefined;
    },
    async cursors() {
      return Array.from({ length: SHARDS }, (_, shard) => cursors.get(shard) ?? { shard, version: 0 });
    },
    async moveCursors(next) {
      return next.map((cursor) => {
        if ((cursors.get(cursor.shard)?.version ?? 0) !== cursor.version - 1) return 'moved';
        cursors.set(cursor.shard, deepFreeze(cursor));
        return 'written';
      });
    },
    allHints: () => hints.all(),
    allCursors: () =>
      Array.from({ length: SHARDS }, (_, shard) => cursors.get(shard) ?? { shard, version: 0 }),
    expireHints(before) {
      const old = hints.all().filter(({ minute }) => minute < before);
      for (const hint of old) hints.of(String(shardOfHint(hint))).delete(key(hint));
      return old.length;
    },
  };
}

function shardOfHint({ holding, tells }: Hint): number {
  return tells === true ? tellingShardOf(holding) : shardOf(holding);
}
