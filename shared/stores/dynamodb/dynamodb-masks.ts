import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type MaskedFields, type MaskTree, mayBeAbsent } from '../../domain/record/mask-tree.ts';
import type { Change, Expected, ItemPath } from './dynamodb-expressions.ts';
import { type Item, maskAttribute } from './dynamodb-values.ts';

/** What masks an item as it was read. Without changes it shows what the masks promise. */
export interface ItemMasking {
  readonly changes: readonly Change[];
  /** What must still be so: the values of all masked places, and how many elements their lists have. */
  readonly expected: readonly Expected[];
}

/** `undefined`: a mask does not fit, or a field is not there that has to be. */
export function itemMasking(item: Item, tree: MaskedFields, key: Uint8Array): ItemMasking | undefined {
  const changes: Change[] = [];
  const expected: Expected[] = [];

  function fits(value: AttributeValue | undefined, at: MaskTree, path: ItemPath): boolean {
    if (at.kind === 'mask') {
      const masked = maskAttribute(value, at.mask, key);
      expected.push({ path, value: value ?? 'absent' });
      if (masked.change === 'set') changes.push({ path, value: inPlace(masked.value, path) });
      return masked.change !== 'unfit';
    }
    // Another type than a map or a list, such as JSON in a text, may contain what is to be masked.
    if (value === undefined || value.NULL === true) {
      expected.push({ path, value: value ?? 'absent' });
      return mayBeAbsent(at);
    }
    if (at.kind === 'elements') {
      if (!value.L) return false;
      expected.push({ path, length: value.L.length });
      return value.L.every((element, index) => fits(element, at.each, [...path, index]));
    }
    return value.M !== undefined && fieldsFit(value.M, at, path);
  }

  function fieldsFit(map: Item, { fields }: MaskedFields, path: ItemPath): boolean {
    return [...fields].every(([name, field]) =>
      fits(Object.hasOwn(map, name) ? map[name] : undefined, field, [...path, name]),
    );
  }

  return fieldsFit(item, tree, []) ? { changes, expected } : undefined;
}

/** An element of a list is never removed: the others would change their places. */
function inPlace(value: AttributeValue | undefined, path: ItemPath): AttributeValue | undefined {
  return typeof path.at(-1) === 'number' ? (value ?? { NULL: true }) : value;
}
