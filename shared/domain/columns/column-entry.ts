import { dayId, isoUtc } from '../calendar/utc-time.ts';
import { earliest } from '../facts/occurrence-time.ts';
import type { EntityRef, Instant, Occurred } from '../record/ids.ts';

/**
 * One value of a column that was taken as a fact, or is about to be. It is there before the fact can be, and goes only after
 * the fact was taken back, or when its row has been gone for long: so code that finds a fact of a column can compare it with
 * what the column says.
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
  /** When `ingest` was told first. */
  readonly toldAt: Instant;
  /** The fact is on record. */
  readonly taken?: true;
  /** Since when the store has no row of the entity. */
  readonly goneSince?: Instant;
}

/** What a lane has found in a column of facts. Only the entry in the registry says whose value it is. */
export type ColumnMessage =
  | {
      readonly kind: 'column-fact';
      /** The column's name, and the key and token of the entry. */
      readonly column: string;
      readonly key: string;
      readonly token: string;
      /** `taken-back`: the column does not say it any more. */
      readonly says: 'happened' | 'taken-back';
    }
  /** It was read to its end, at or after this instant, and says all that is on record. */
  | {
      readonly kind: 'column-read';
      readonly column: string;
      readonly at: Instant;
      /** Of which table: what a table that was restored has forgotten was not compared with the column. */
      readonly table?: string;
    };

const DIGITS = 15;
const HALF_DAY = 14 * 3_600_000;

/** Sorts as the values do: by when it happened at the earliest, a date before an instant. */
export function entryKey({ occurred, entity }: Pick<ColumnEntry, 'occurred' | 'entity'>): string {
  const kind = occurred.length === 'YYYY-MM-DD'.length ? 'd' : 'i';
  return `${keyFrom(earliest(occurred))}${kind}${entity}`;
}

/** Names a message among those of its column. */
export function messageKey(message: ColumnMessage): string {
  return message.kind === 'column-read' ? 'read' : `${message.key}#${message.says}`;
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
