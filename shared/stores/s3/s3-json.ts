import { maskTree } from '../../domain/record/mask-tree.ts';
import type { Masks } from '../../domain/record/masks.ts';
import { maskedJson } from './s3-json-text.ts';
import { held, type Masker, UnfitContent } from './s3-masker.ts';

type MaskRecord = (text: string) => string;

/** An object, or an array of objects. */
export function jsonMasker(masks: Masks, key: Uint8Array): Masker {
  return recordsMasker(masks, key, 'one document');
}

/** Objects one after the other: a line for each, or with any white space between them, or with none. */
export function jsonLinesMasker(masks: Masks, key: Uint8Array): Masker {
  return recordsMasker(masks, key, 'objects');
}

/**
 * Text without any record has nothing to mask. Everything that is not masked stays as written, including white space
 * and numbers.
 */
function recordsMasker(masks: Masks, key: Uint8Array, shape: 'one document' | 'objects'): Masker {
  const { mask, isChanged } = recordMasker(masks, key);
  const record = held();
  const scan = recordScan();
  let place: 'start' | 'first' | 'record' | 'after' | 'next' | 'end' = 'start';
  let isArray = false;
  let isFirst = true;

  /** Between records: whether one begins here. */
  function begins(char: string): boolean {
    const isMark = isFirst && char === '\uFEFF';
    isFirst = false;
    if (isMark || ' \t\r\n'.includes(char)) return false;
    if (char === '{' && ['start', 'first', 'next'].includes(place)) return true;
    if (char === '[' && place === 'start' && shape === 'one document') {
      isArray = true;
      place = 'first';
    } else if (char === ',' && place === 'after') place = 'next';
    else if (char === ']' && (place === 'first' || place === 'after')) place = 'end';
    else throw new UnfitContent();
    return false;
  }

  function placeAfterRecord(): typeof place {
    if (isArray) return 'after';
    return shape === 'objects' ? 'start' : 'end';
  }

  return {
    isChanged,
    write(text) {
      let out = '';
      // The start of the text that was neither written nor held yet.
      let from = 0;
      let index = 0;
      while (index < text.length) {
        if (place !== 'record') {
          if (!begins(text.charAt(index))) {
            index += 1;
            continue;
          }
          out += text.slice(from, index);
          from = index;
          place = 'record';
        }
        const end = scan.endIn(text, index);
        if (end === undefined) break;
        record.add(text.slice(from, end));
        out += mask(record.take());
        from = end;
        index = end;
        place = placeAfterRecord();
      }
      if (place === 'record') record.add(text.slice(from));
      else out += text.slice(from);
      return out;
    },
    end() {
      if (place !== 'end' && place !== 'start') throw new UnfitContent();
      return '';
    },
  };
}

/** Finds the end of an object that arrives in pieces. */
function recordScan(): { endIn(text: string, from: number): number | undefined } {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  return {
    /** Where the record ends, from its first character or from the start of a later piece. */
    endIn(text, from) {
      let index = isEscaped ? from + 1 : from;
      isEscaped = false;
      for (;;) {
        const mark = inString ? /["\\]/g : /["{}[\]]/g;
        mark.lastIndex = index;
        const found = mark.exec(text);
        if (!found) return undefined;
        index = found.index + 1;
        switch (found[0]) {
          case '"':
            inString = !inString;
            break;
          case '\\':
            isEscaped = index === text.length;
            index += 1;
            break;
          case '{':
          case '[':
            depth += 1;
            break;
          case '}':
          case ']':
            depth -= 1;
            if (depth === 0) return index;
        }
      }
    },
  };
}

function recordMasker(masks: Masks, key: Uint8Array): { mask: MaskRecord; isChanged: () => boolean } {
  const tree = maskTree(masks);
  if (!tree) throw new UnfitContent();
  let changed = false;
  return {
    isChanged: () => changed,
    mask(text) {
      assertObject(text);
      const masked = maskedJson(text, tree, key);
      if (masked !== undefined) changed = true;
      return masked ?? text;
    },
  };
}

function assertObject(text: string): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw new UnfitContent();
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new UnfitContent();
}
