import { cutInstant } from '../domain/calendar/cut-instant.ts';
import { type FieldValue, isMasked, type Mask, type MaskedField, maskField } from '../domain/record/masks.ts';

/**
 * Masks of values that are read as text: of documents, and of PostgreSQL, which shows instants in UTC. A date-time in UTC
 * is an instant: it is cut in the zone of the policy, in the form in which it was written. A date, or a date-time with
 * the offset of its place or without one, is cut as it stands.
 */
export function maskDocumentField(value: FieldValue, mask: Mask, key: Uint8Array): MaskedField {
  const cut = isMasked(value, mask, key) ? undefined : cutInZone(value, mask);
  return cut === undefined ? maskField(value, mask, key) : { fits: true, value: cut };
}

/** The start of a period in UTC counts as cut: it is a date that was written as its midnight in UTC. */
export function isDocumentFieldMasked(value: FieldValue, mask: Mask, key: Uint8Array): boolean {
  return isMasked(value, mask, key) || (value !== undefined && cutInZone(value, mask) === value);
}

const UTC =
  /^(?<date>\d{4}-\d\d-\d\d)(?<separator>[T ])(?<clock>\d\d:\d\d)(?::(?<second>\d\d)(?<fraction>[.,]\d{1,9})?)?(?<zone> ?(?:Z|[+-]00(?::?00){0,2}))$/;

function cutInZone(value: FieldValue, mask: Mask): string | undefined {
  if (typeof value !== 'string' || mask.kind !== 'truncate-date' || mask.zone === undefined) return undefined;
  const parts = UTC.exec(value)?.groups;
  if (!parts) return undefined;
  const { date = '', separator = '', clock = '', second, fraction = '', zone = '' } = parts;
  const cut = cutInstant(`${date}T${clock}:${second ?? '00'}Z`, mask.to, mask.zone);
  if (cut === undefined) return undefined;
  // Only offsets of the nineteenth century have seconds.
  const seconds = second === undefined && cut.endsWith(':00Z') ? '' : cut.slice(16, 19);
  return `${cut.slice(0, 10)}${separator}${cut.slice(11, 16)}${seconds}${fraction.replaceAll(/\d/g, '0')}${zone}`;
}
