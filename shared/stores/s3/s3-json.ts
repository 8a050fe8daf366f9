import { maskTree } from '../../domain/record/mask-tree.ts';
import type { Masks } from '../../domain/record/masks.ts';
import { maskedJson } from './s3-json-text.ts';
import { held, type Masker, UnfitContent } from './s3-masker.ts';

type MaskRecord = (text: string) => string;

/**
 * An object, or an array of objects. Everything that is not masked stays as written, including white space and numbers.
 */
export function jsonMasker(masks: Masks, key: Uint8Array): Masker {
  const { mask, isChanged } = recordMasker(masks, key);
  const record = held();
  let place: 'start' | 'first' | 'record' | 'after' | 'next' | 'end' = 'start';
  let isArray = false;
  let depth = 0;
  let inString = false;
  let isEscaped = false;

  /** Whether the record ends with this character. */
  function endsRecord(char: string): boolean {
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (char === '\\') isEscaped = true;
      else if (char === '"') inString = false;
      return false;
    }
    if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    return depth === 0;
  }

  /** Between records: whether one begins here. */
  function begins(char: string, isFirst: boolean): boolean {
    if (' \t\r\n'.includes(char) || (isFirst && char === '\uFEFF')) return false;
    if (char === '{' && ['start', 'first', 'next'].includes(place)) return true;
    if (char === '[' && place === 'start') {
      isArray = true;
      place = 'first';
    } else if (char === ',' && place === 'after') place = 'next';
    else if (char === ']' && (place === 'first' || place === 'after')) place = 'end';
    else throw new UnfitContent();
    return false;
  }

  let isFirst = true;
  return {
    isChanged,
    write(text) {
      let out = '';
      // The start of the text that was neither written nor held yet.
      let from = 0;
      for (let index = 0; index < text.length; index += 1) {
        const char = text.charAt(index);
        if (place !== 'record') {
          if (begins(char, isFirst)) {
            out += text.slice(from, index);
            from = index;
            place = 'record';
            depth = 0;
          }
          isFirst = false;
        }
        if (place === 'record' && endsRecord(char)) {
          record.add(text.slice(from, index + 1));
          out += mask(record.take());
          from = index + 1;
          place = isArray ? 'after' : 'end';
        }
      }
      if (place === 'record') record.add(text.slice(from));
      else out += text.slice(from);
      return out;
    },
    end() {
      if (place !== 'end') throw new UnfitContent();
      return '';
    },
  };
}

/** One object per line. */
export function jsonLinesMasker(masks: Masks, key: Uint8Array): Masker {
  const { mask, isChanged } = recordMasker(masks, key);
  const line = held();
  let isFirst = true;

  function maskLine(text: string): string {
    const begin = isFirst && text.startsWith('\uFEFF') ? 1 : 0;
    isFirst = false;
    const content = text.slice(begin);
    if (content.trim() === '') return text;
    const start = content.length - content.trimStart().length;
    const end = content.trimEnd().length;
    return text.slice(0, begin + start) + mask(content.slice(start, end)) + content.slice(end);
  }

  return {
    isChanged,
    write(text) {
      const lines = text.split('\n');
      const last = lines.pop() ?? '';
      let out = '';
      for (const part of lines) {
        line.add(part);
        out += `${maskLine(line.take())}\n`;
      }
      line.add(last);
      return out;
    },
    end: () => maskLine(line.take()),
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
