import { type MaskTree, mayBeAbsent } from '../../domain/record/mask-tree.ts';
import type { FieldValue, Mask } from '../../domain/record/masks.ts';
import { isDocumentFieldMasked, maskDocumentField } from '../document-dates.ts';
import { UnfitContent } from './s3-masker.ts';

/**
 * Valid JSON with its masked values replaced; everything else stays as written. `undefined` when it shows what the
 * masks promise. Throws `UnfitContent` if a mask does not fit, or if a field is not there that has to be.
 */
export function maskedJson(text: string, tree: MaskTree, key: Uint8Array): string | undefined {
  switch (tree.kind) {
    case 'mask':
      return maskedValue(text, tree.mask, key);
    case 'fields': {
      if (isAbsent(text, '{', tree)) return undefined;
      const parts = [...partsOf(text)].map((part) => ({ part, name: nameOf(text, part) }));
      const names = new Set(parts.map(({ name }) => name));
      for (const [name, field] of tree.fields)
        if (!names.has(name) && !mayBeAbsent(field)) throw new UnfitContent();
      return replaced(
        text,
        parts.map(({ part, name }) => ({ part, tree: tree.fields.get(name) })),
        key,
      );
    }
    case 'elements':
      if (isAbsent(text, '[', tree)) return undefined;
      return replaced(
        text,
        [...partsOf(text)].map((part) => ({ part, tree: tree.each })),
        key,
      );
  }
}

/** Any type but `null` and the one expected, such as JSON in a string, may contain what is to be masked. */
function isAbsent(text: string, begin: '{' | '[', tree: MaskTree): boolean {
  if (text.startsWith(begin)) return false;
  if (text === 'null' && mayBeAbsent(tree)) return true;
  throw new UnfitContent();
}

function replaced(
  text: string,
  parts: readonly { readonly part: Part; readonly tree: MaskTree | undefined }[],
  key: Uint8Array,
): string | undefined {
  let out = '';
  let from = 0;
  for (const { part, tree } of parts) {
    const masked = tree && maskedJson(text.slice(part.start, part.end), tree, key);
    if (masked === undefined) continue;
    out += text.slice(from, part.start) + masked;
    from = part.end;
  }
  return from === 0 ? undefined : out + text.slice(from);
}

/** A member of an object, or an element of an array. */
interface Part {
  /** Where it begins: with its name, if it is a member. */
  readonly from: number;
  /** Of a member, the position of its colon. */
  readonly colon: number | undefined;
  /** Where its value begins and ends, without the white space around it. */
  readonly start: number;
  readonly end: number;
}

/** All parts of a valid object or array, including members with the same name. */
function* partsOf(text: string): Generator<Part> {
  let depth = 0;
  let from = 0;
  let colon: number | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '"') index = endOfString(text, index);
    else if (char === ':' && depth === 1) colon = index;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth === 1) from = index + 1;
    } else if (char === '}' || char === ']') depth -= 1;
    const isEnd = (char === ',' && depth === 1) || depth === 0;
    if (!isEnd) continue;
    const begin = colon === undefined ? from : colon + 1;
    const value = text.slice(begin, index);
    const start = begin + value.length - value.trimStart().length;
    const end = start + value.trim().length;
    if (end > start) yield { from, colon, start, end };
    from = index + 1;
    colon = undefined;
  }
}

function nameOf(text: string, { from, colon }: Part): string {
  return String(JSON.parse(text.slice(from, colon)));
}

function endOfString(text: string, quote: number): number {
  let index = quote + 1;
  while (text.charAt(index) !== '"') index += text.charAt(index) === '\\' ? 2 : 1;
  return index;
}

/** The text that replaces a value; `undefined` when it shows what the mask promises. */
function maskedValue(source: string, mask: Mask, key: Uint8Array): string | undefined {
  const value = scalarOf(source);
  if (value !== undefined && isDocumentFieldMasked(value, mask, key)) return undefined;
  if (mask.kind === 'null') return 'null';
  // Lists, objects and numbers that JavaScript cannot represent exactly accept only a constant or `null`. A pseudonym
  // of a number is computed from its digits.
  const field = mask.kind === 'pseudonym' && isNumber(source) ? source : value;
  if (field === undefined && mask.kind !== 'constant') throw new UnfitContent();
  const masked = maskDocumentField(field ?? null, mask, key);
  if (!masked.fits || masked.value === undefined) throw new UnfitContent();
  return JSON.stringify(masked.value);
}

function scalarOf(source: string): FieldValue {
  if (/^[{[]/.test(source)) return undefined;
  const value = JSON.parse(source) as Exclude<FieldValue, undefined>;
  return typeof value === 'number' && String(value) !== source ? undefined : value;
}

function isNumber(source: string): boolean {
  return /^[-\d]/.test(source);
}
