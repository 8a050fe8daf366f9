import type { Mask, Masks } from './masks.ts';

/** A field of a map, or every element of a list. */
export type MaskStep = { readonly kind: 'field'; readonly name: string } | { readonly kind: 'elements' };

/** The masks of a record in the shape of its values. */
export type MaskTree =
  | { readonly kind: 'mask'; readonly mask: Mask }
  | MaskedFields
  | { readonly kind: 'elements'; readonly each: MaskTree };

export interface MaskedFields {
  readonly kind: 'fields';
  readonly fields: ReadonlyMap<string, MaskTree>;
}

/** One or more characters; a dot, an opening bracket and a backslash only after a backslash. */
const NAME = String.raw`(?:[^.[\\]|\\[.[\\])+`;
const PATH = new RegExp(String.raw`^${NAME}(?:\[\])*(?:\.${NAME}(?:\[\])*)*$`, 's');
const STEPS = new RegExp(String.raw`\[\]|${NAME}`, 'gs');

/**
 * `email`; `profile.email`: a field inside a field; `addresses[].street`: a field of every element of a list;
 * `full\.name`: a field whose name contains a dot. `undefined` for anything else.
 */
export function maskPath(text: string): readonly MaskStep[] | undefined {
  if (!PATH.test(text)) return undefined;
  return [...text.matchAll(STEPS)].map(([step]) =>
    step === '[]' ? { kind: 'elements' } : { kind: 'field', name: step.replaceAll(/\\(.)/gs, '$1') },
  );
}

/**
 * The masks as one tree. A mask of a whole field replaces the masks inside that field. `undefined` if a path is not
 * valid, or if one path takes a field as a map and another takes it as a list: no record is masked by such masks.
 */
export function maskTree(masks: Masks): MaskedFields | undefined {
  let tree: MaskTree | undefined = { kind: 'fields', fields: new Map() };
  for (const [text, mask] of Object.entries(masks)) {
    const path = maskPath(text);
    tree = path && tree && withMask(tree, path, mask);
  }
  return tree?.kind === 'fields' ? tree : undefined;
}

function withMask(
  tree: MaskTree | undefined,
  [step, ...rest]: readonly MaskStep[],
  mask: Mask,
): MaskTree | undefined {
  if (tree?.kind === 'mask') return tree;
  if (step === undefined) return { kind: 'mask', mask };
  if (step.kind === 'elements') {
    if (tree?.kind === 'fields') return undefined;
    const each = withMask(tree?.each, rest, mask);
    return each && { kind: 'elements', each };
  }
  if (tree?.kind === 'elements') return undefined;
  const field = withMask(tree?.fields.get(step.name), rest, mask);
  return field && { kind: 'fields', fields: new Map([...(tree?.fields ?? []), [step.name, field]]) };
}

/** Whether a record may lack what is to be masked here: every mask says `if present`. */
export function mayBeAbsent(tree: MaskTree): boolean {
  switch (tree.kind) {
    case 'mask':
      return tree.mask.ifPresent ?? false;
    case 'fields':
      return [...tree.fields.values()].every(mayBeAbsent);
    case 'elements':
      return mayBeAbsent(tree.each);
  }
}

/** For records of flat columns: the masks by the column's name. `undefined` if a mask is for a field inside a field. */
export function columnMasks(masks: Masks): ReadonlyMap<string, Mask> | undefined {
  const tree = maskTree(masks);
  if (!tree) return undefined;
  const columns = new Map<string, Mask>();
  for (const [name, field] of tree.fields) {
    if (field.kind !== 'mask') return undefined;
    columns.set(name, field.mask);
  }
  return columns;
}
