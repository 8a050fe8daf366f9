import { columnMasks } from '../domain/record/mask-tree.ts';
import { type FieldValue, isMasked, maskField, type Masks } from '../domain/record/masks.ts';

type Fields = Readonly<Record<string, FieldValue>>;

export function areMasked(fields: Fields, masks: Masks, key: Uint8Array): boolean {
  const columns = columnMasks(masks);
  return columns !== undefined && [...columns].every(([field, mask]) => isMasked(fields[field], mask, key));
}

/** `undefined` if a mask does not fit its field. */
export function maskedFields(fields: Fields, masks: Masks, key: Uint8Array): Fields | undefined {
  const columns = columnMasks(masks);
  if (!columns) return undefined;
  const changed: Record<string, FieldValue> = { ...fields };
  for (const [field, mask] of columns) {
    const masked = maskField(fields[field], mask, key);
    if (!masked.fits) return undefined;
    if (Object.hasOwn(fields, field)) changed[field] = masked.value;
  }
  return changed;
}
