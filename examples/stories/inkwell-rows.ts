import { dayId, isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import type { ExistingRecord } from './existing-story.ts';
import { objectOf } from './story.ts';

export const MARKER = 'MARKER-INKWELL-1';
export const TEXT = 'MARKER-INKWELL-2';
/** Each of the 400 workspaces has 25 records that go with it, so 10,000 in all. */
const WORKSPACES = 400;
/** The other 10,000 say themselves when they were made. */
export const SIGN_INS = 6000;
const NOTICES = 3000;
const EXPORTS = 1000;
/** Sign-ins of a former release, which wrote no date. */
export const UNDATED = 20;
const DAY = 86_400_000;
const at = (iso: string): number => Date.parse(iso);
export const all = Array.from({ length: WORKSPACES }, (_, index) => `w-${index + 1}-${MARKER}`);

/** Records with clocks of their own, in order, spread evenly over these days, at noon in New York in winter. */
function spread(
  count: number,
  [first, days]: readonly [string, number],
  record: (of: string, at: number, nth: number) => Omit<ExistingRecord, 'of' | 'at'>,
): readonly ExistingRecord[] {
  return Array.from({ length: count }, (_, nth) => {
    const made = at(`${first}T17:00:00Z`) + Math.floor((nth * days) / count) * DAY;
    const of = all[nth % WORKSPACES] ?? '';
    return { of, at: made, ...record(of, made, nth + 1) };
  });
}

export const rows = {
  'inkwell-sign-ins': [
    ...spread(SIGN_INS - UNDATED, ['2022-01-01', 1128], (workspace, signedIn, nth) => ({
      key: [nth],
      fields: { workspace, signed_in_at: isoUtc(signedIn), address: TEXT },
    })),
    ...all.slice(0, UNDATED).map((workspace, index): ExistingRecord => ({
      of: workspace,
      key: [SIGN_INS - index],
      fields: { workspace, address: TEXT },
    })),
  ],
  'inkwell-notices': spread(NOTICES, ['2024-02-08', 360], (workspace, sent, nth) => ({
    key: [nth],
    fields: { kind: 'notice', workspace, sentAt: isoUtc(sent), text: TEXT },
  })),
  'inkwell-exports': spread(EXPORTS, ['2024-11-01', 92], (workspace, made, nth) => ({
    key: [dayId(made), workspace, nth],
    fields: objectOf('application/zip', [`zip ${TEXT}`]),
  })),
} as const;
type WithRows = keyof typeof rows;

/** Made before a time, and from then on. `gone`: whether the former are gone, except those of `kept`. */
export function aged(store: WithRows, before: string, kept: readonly string[] = []) {
  const older = rows[store].filter((row) => (row.at ?? Infinity) < at(before));
  return {
    before: at(before),
    older: older.filter(({ of }) => kept.includes(of)).length,
    newer: rows[store].length - older.length,
  };
}

export function between(store: WithRows, from: string, to: string): number {
  return rows[store].filter((row) => (row.at ?? Infinity) >= at(from) && (row.at ?? Infinity) < at(to))
    .length;
}
