import { isPseudonym, type PseudonymForm, pseudonymOf } from './pseudonym.ts';

/** What becomes of one field when a record is anonymised. */
export type Mask = (
  | { readonly kind: 'null' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'pseudonym'; readonly form?: PseudonymForm }
  | {
      readonly kind: 'truncate-date';
      readonly to: 'year' | 'month' | 'day';
      /** The policy's zone: whose year, month or day of an instant. `masksOf` adds it. */
      readonly zone?: string;
    }
) & {
  /** A record may lack the field. Otherwise a record without it is not masked: the name may be misspelled. */
  readonly ifPresent?: boolean;
};

/** Fields to mask, by their paths: see `maskPath`. */
export type Masks = Readonly<Record<string, Mask>>;

/** A field as a mask sees it. `undefined`: the record has no such field. */
export type FieldValue = string | number | boolean | null | undefined;

/** `fits: false`: the mask cannot be applied to such a value; the record must not be reported as masked. */
export type MaskedField = { readonly fits: true; readonly value: FieldValue } | { readonly fits: false };

/**
 * The value that replaces `value`. Applying a mask to its own result changes nothing, and equal values give equal
 * results, so that joins over a pseudonym survive.
 */
export function maskField(value: FieldValue, mask: Mask, key: Uint8Array): MaskedField {
  if (isMasked(value, mask, key)) return { fits: true, value };
  if (value === undefined) return { fits: false };
  switch (mask.kind) {
    case 'null':
      return { fits: true, value: null };
    case 'constant':
      return { fits: true, value: mask.value };
    case 'pseudonym':
      return { fits: true, value: pseudonymOf(String(value), key, mask.form) };
    case 'truncate-date': {
      const date = typeof value === 'string' ? truncated(value, mask.to) : undefined;
      return date === undefined ? { fits: false } : { fits: true, value: date };
    }
  }
}

/** Whether the field already shows what the mask promises. */
export function isMasked(value: FieldValue, mask: Mask, key: Uint8Array): boolean {
  if (value === undefined) return mask.ifPresent ?? false;
  switch (mask.kind) {
    case 'null':
      return value === null;
    case 'constant':
      return value === mask.value;
    case 'pseudonym':
      return value === null || (typeof value === 'string' && isPseudonym(value, key, mask.form));
    case 'truncate-date':
      return value === null || (typeof value === 'string' && truncated(value, mask.to) === value);
  }
}

/**
 * ISO 8601 dates and date-times, and PostgreSQL's text forms of `date`, `timestamp` and `timestamptz`; also the
 * reduced forms `YYYY-MM` and `YYYY`.
 */
const DATE =
  /^(?<year>\d{4})(?:-(?<month>\d\d)(?:-(?<day>\d\d)(?<time>[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)?(?<zone> ?(?:Z|[+-]\d\d(?::?\d\d){0,2}))?)?)?$/;

/** Cuts the text as it stands: the offset stays and is never applied, so that no date moves to another day. */
function truncated(text: string, to: 'year' | 'month' | 'day'): string | undefined {
  const parts = DATE.exec(text)?.groups;
  if (!parts || !isInRange(parts['month'], 12) || !isInRange(parts['day'], 31)) return undefined;
  const { year = '', month, day, time, zone } = parts;
  const cutMonth = month === undefined ? '' : `-${to === 'year' ? '01' : month}`;
  const cutDay = day === undefined ? '' : `-${to === 'day' ? day : '01'}`;
  return `${year}${cutMonth}${cutDay}${time?.replaceAll(/\d/g, '0') ?? ''}${zone ?? ''}`;
}

function isInRange(digits: string | undefined, most: number): boolean {
  return digits === undefined || (Number(digits) >= 1 && Number(digits) <= most);
}
