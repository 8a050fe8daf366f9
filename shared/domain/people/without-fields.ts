import type { JsonValue } from '../canonical-json.ts';
import { mayBeAbsent, type MaskTree, maskTree } from '../record/mask-tree.ts';
import type { Masks } from '../record/masks.ts';

type Members = Readonly<Record<string, JsonValue>>;

/**
 * The document without these fields. Nothing if it does not have the shape that they say: then it is not known where in it
 * they are. A field may be empty (`null`), and absent only if its mask says `if present`.
 */
export function withoutFields(document: Members, fields: Masks): Members | undefined {
  const tree = maskTree(fields);
  return tree && (without(document, tree) as Members | undefined);
}

/** Nothing: the value is not of this shape. */
function without(value: JsonValue, tree: MaskTree): JsonValue | undefined {
  if (value === null) return null;
  switch (tree.kind) {
    case 'mask':
      return null;
    case 'elements': {
      if (!isList(value)) return undefined;
      if (tree.each.kind === 'mask') return [];
      const kept = value.map((element) => without(element, tree.each));
      return kept.some((element) => element === undefined) ? undefined : (kept as JsonValue[]);
    }
    case 'fields': {
      if (typeof value !== 'object' || isList(value)) return undefined;
      const kept = new Map(Object.entries(value));
      for (const [name, inner] of tree.fields) {
        const member = kept.get(name);
        if (member === undefined) {
          if (!mayBeAbsent(inner)) return undefined;
          continue;
        }
        const rest = without(member, inner);
        if (rest === undefined) return undefined;
        if (inner.kind === 'mask') kept.delete(name);
        else kept.set(name, rest);
      }
      return Object.fromEntries(kept);
    }
  }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
