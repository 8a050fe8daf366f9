import { type Checked, refused } from '../checked.ts';
import { own } from '../own.ts';
import type { Attributes } from '../record/about.ts';

/** The attribute of an event by purpose that names the purpose. */
export const PURPOSE = 'purpose';

export function purposeOf({ attributes }: { readonly attributes?: Attributes }): string | undefined {
  const purpose = own(attributes, PURPOSE);
  return typeof purpose === 'string' ? purpose : undefined;
}

/** `purposes`: those that the event may be about; nothing if it is not by purpose. */
export function checkPurpose(
  attributes: Attributes | undefined,
  purposes: readonly string[] | undefined,
): Checked<undefined, 'EVENT_PURPOSE_MISSING' | 'EVENT_PURPOSE_UNKNOWN'> {
  if (purposes === undefined) return { ok: true, value: undefined };
  const path = `data.attributes.${PURPOSE}`;
  const purpose = own(attributes, PURPOSE);
  if (purpose === undefined) return refused('EVENT_PURPOSE_MISSING', path);
  return typeof purpose === 'string' && purposes.includes(purpose)
    ? { ok: true, value: undefined }
    : refused('EVENT_PURPOSE_UNKNOWN', path);
}
