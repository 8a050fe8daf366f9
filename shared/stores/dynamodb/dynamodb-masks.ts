import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type MaskedFields, type MaskTree, mayBeAbsent } from '../../domain/record/mask-tree.ts';
import type { Promised } from '../../ports/store.ts';
import type { Change, Expected, ItemPath } from './dynamodb-expressions.ts';
import { type Item, maskAttribute } from './dynamodb-values.ts';

/** What masks an item as it was read, or marks it. Without changes it shows what was promised. */
export interface ItemMasking {
  readonly changes: readonly Change[];
  /** What must still be so: the values of all changed places, and how many elements their lists have. */
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

/** Sets the attribute that says that an item is restricted, or removes it. Only `true` says so. */
export function itemMarking(item: Item, attribute: string, on: boolean): ItemMasking {
  const path = [attribute];
  const value = item[attribute];
  if ((value?.BOOL === true) === on) return { changes: [], expected: [] };
  return {
    changes: [{ path, value: on ? { BOOL: true } : undefined }],
    expected: [{ path, value: value ?? 'absent' }],
  };
}

interface Shown {
  readonly tree: MaskedFields | undefined;
  readonly pseudonymKey: Uint8Array | undefined;
  /** Of the marker; it is there for every item that has to show it. */
  readonly attribute: string | undefined;
}

/** Whether an item that exists shows what was promised. */
export function itemShows(
  item: Item,
  { expect, masks }: Promised,
  { tree, pseudonymKey = new Uint8Array(), attribute = '' }: Shown,
): boolean {
  switch (expect) {
    case 'gone':
      return false;
    case 'masked':
      return (
        masks !== undefined &&
        tree !== undefined &&
        itemMasking(item, tree, pseudonymKey)?.changes.length === 0
      );
    case 'restricted':
    case 'unrestricted':
      return itemMarking(item, attribute, expect === 'restricted').changes.length === 0;
  }
}
