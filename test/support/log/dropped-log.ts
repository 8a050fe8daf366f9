import type { DropEntry, Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { MINIMUM_INDEX, minimumIndexText } from '../../../shared/domain/log/minimum-index.ts';
import { TILE_WIDTH } from '../../../shared/domain/log/tiles.ts';
import { deletionEntry, type LogFiles, logFiles, shortEntry } from './generated-log.ts';

/** A log whose last entry says that entries before this one are dropped. */
export function entriesWithDrop(size: number, before: number): (Entry | NoteEntry)[] {
  const last: DropEntry = {
    v: 2,
    token: 'drop',
    did: 'drop',
    at: '2036-03-01T10:00:00.000Z',
    before,
    software: 's',
  };
  const others = Array.from({ length: size - 1 }, (_none, n) =>
    n % 3 === 0 ? shortEntry(n) : deletionEntry(n),
  );
  return [...others, last];
}

/** What is left of these files, and the object that says so. */
export function withoutDropped(files: LogFiles, before: number): LogFiles {
  const batches = [...files.keys()].filter((key) => key.startsWith('entries/'));
  const kept = Math.max(...batches.map((key) => Number(key.slice(8))).filter((first) => first <= before));
  const isDropped = (key: string): boolean => {
    const [, bundle] = /^tile\/(?:0|entries)\/([x\d/]+)/.exec(key) ?? [];
    if (bundle !== undefined) return (Number(bundle.replaceAll(/[x/]/g, '')) + 1) * TILE_WIDTH <= before;
    const [, first] = /^(?:entries|lists)\/(\d{20})/.exec(key) ?? [];
    return first !== undefined && Number(first) < kept;
  };
  const left: LogFiles = new Map([...files].filter(([key]) => !isDropped(key)));
  return left.set(MINIMUM_INDEX, Buffer.from(minimumIndexText(before)));
}

/** A log of this number of entries, without those before the given one. */
export function droppedLog(size: number, before: number, batch?: number): LogFiles {
  const entries = entriesWithDrop(size, before);
  return withoutDropped(logFiles(entries, batch === undefined ? {} : { batch }), before);
}
