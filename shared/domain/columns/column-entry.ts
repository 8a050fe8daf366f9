import { dayId, isoUtc } from '../calendar/utc-time.ts';
import { earliest } from '../facts/occurrence-time.ts';
import type { EntityRef, Instant, Occurred } from '../record/ids.ts';

/**
 * One value of a column that was taken as a fact, or is about to be. It is there before the fact can be, and goes only after
 * the fact was taken back: so whoever finds a fact of a column finds it here, too.
 */
export interface ColumnEntry {
  /** The column's name. */
  readonly column: string;
  readonly entity: EntityRef;
  readonly occurred: Occurred;
  /** Grows by one with every write. */
  readonly version: number;
  /** Names the event. A value that comes back after it was taken back has another one. */
  readonly token: string;
  /** The entity's id, sealed for the store. */
  readonly sealed: string;
  /** When `ingest` was last told. */
  readonly toldAt: Instant;
  /** The fact is on record. */
  readonly taken?: true;
  /** Since when the store has no row of the entity. */
  readonly goneSince?: Instant;
}

const DIGITS = 15;
const HALF_DAY = 14 * 3_600_000;

/** Sorts as the values do: by when it happened at the earliest, a date before an instant. */
export function entryKey({ occurred, entity }: Pick<ColumnEntry, 'occurred' | 'entity'>): string {
  const kind = occurred.length === 'YYYY-MM-DD'.length ? 'd' : 'i';
  return `${keyFrom(earliest(occurred))}${kind}${entity}`;
}

/** Before all keys of values that happened then or later. */
export function keyFrom(instant: Instant): string {
  return String(Math.max(0, instant)).padStart(DIGITS, '0');
}

/** What a key says. Nothing for what is none. */
export function ofEntryKey(key: string): Pick<ColumnEntry, 'occurred' | 'entity'> | undefined {
  const [, digits, kind, entity] = /^(\d{15})([di])([\w-]{22})$/.exec(key) ?? [];
  if (digits === undefined || entity === undefined) return undefined;
  const at = Number(digits);
  const occurred = kind === 'd' ? dayId(at + HALF_DAY) : isoUtc(at);
  return { occurred: occurred as Occurred, entity: entity as EntityRef };
}
