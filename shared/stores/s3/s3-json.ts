import { type FieldValue, isMasked, type Mask, maskField, type Masks } from '../../domain/record/masks.ts';
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
  let changed = false;
  return {
    isChanged: () => changed,
    mask(text) {
      assertObject(text);
      let out = '';
      let from = 0;
      for (const { name, start, end } of membersOf(text)) {
        const wanted = Object.hasOwn(masks, name) ? masks[name] : undefined;
        const masked = wanted && maskedValue(text.slice(start, end), wanted, key);
        if (masked === undefined) continue;
        out += text.slice(from, start) + masked;
        from = end;
        changed = true;
      }
      return out + text.slice(from);
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

interface Member {
  readonly name: string;
  /** Where the value begins and ends, without the white space around it. */
  readonly start: number;
  readonly end: number;
}

/** All members of a valid object, including those with the same name. */
function* membersOf(text: string): Generator<Member> {
  let depth = 0;
  let from = 0;
  let colon = -1;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === '"') index = endOfString(text, index);
    else if (char === ':' && depth === 1) colon = index;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth === 1) from = index + 1;
    } else if (char === '}' || char === ']') depth -= 1;
    const isEnd = (char === ',' && depth === 1) || (char === '}' && depth === 0);
    if (!isEnd) continue;
    if (colon >= 0) yield memberOf(text, from, colon, index);
    from = index + 1;
    colon = -1;
  }
}

function memberOf(text: string, from: number, colon: number, to: number): Member {
  const value = text.slice(colon + 1, to);
  const start = colon + 1 + value.length - value.trimStart().length;
  return { name: String(JSON.parse(text.slice(from, colon))), start, end: start + value.trim().length };
}

function endOfString(text: string, quote: number): number {
  let index = quote + 1;
  while (text.charAt(index) !== '"') index += text.charAt(index) === '\\' ? 2 : 1;
  return index;
}

/** The text that replaces a value; `undefined` when it shows what the mask promises. */
function maskedValue(source: string, mask: Mask, key: Uint8Array): string | undefined {
  const value = scalarOf(source);
  if (value !== undefined && isMasked(value, mask, key)) return undefined;
  if (mask.kind === 'null') return 'null';
  // Lists, objects and numbers that JavaScript cannot represent exactly accept only a constant or `null`. A pseudonym
  // of a number is computed from its digits.
  const field = mask.kind === 'pseudonym' && isNumber(source) ? source : value;
  if (field === undefined && mask.kind !== 'constant') throw new UnfitContent();
  const masked = maskField(field ?? null, mask, key);
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
