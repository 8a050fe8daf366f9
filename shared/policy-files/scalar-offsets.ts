/** How a scalar is written: its characters in the file can differ from those of its value. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

interface Scalar {
  readonly start: number;
  readonly style: ScalarStyle;
  readonly value: string;
}

/**
 * Where the character at `index` of a scalar's value is in the file: quotes, escapes, folded lines and indentation make
 * the two differ. `start` is the offset of the scalar's first character (of `|` or `>` for a block). An index at or
 * beyond the end of the value gives the place after its last visible character.
 */
export function sourceOffset(text: string, { start, style, value }: Scalar, index: number): number {
  let at = contentStart(text, start, style);
  let afterVisible = at;
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i);
    const white = isSpace(char);
    at = white ? skipEscapedBreak(text, at, style) : skipWhite(text, at, style);
    if (i === index) return at;
    at += written(text, at, style, char);
    if (!white) afterVisible = at;
  }
  return afterVisible;
}

/** White space in front of a visible character, written as it is or as an escape. */
function skipWhite(text: string, from: number, style: ScalarStyle): number {
  let at = from;
  for (;;) {
    if (isSpace(text.charAt(at))) at += 1;
    else if (style === 'double' && /^\\[ tnr\r\n]/.test(text.slice(at, at + 2))) at += 2;
    else return at;
  }
}

/** An escape at the end of a line removes the line break and the indentation after it. */
function skipEscapedBreak(text: string, from: number, style: ScalarStyle): number {
  if (style !== 'double' || text.charAt(from) !== '\\' || !isLineBreak(text.charAt(from + 1))) return from;
  let at = from + 2;
  while (isSpace(text.charAt(at))) at += 1;
  return at;
}

const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** How many characters of the file this character of the value takes up. */
function written(text: string, at: number, style: ScalarStyle, char: string): number {
  const here = text.charAt(at);
  if (style === 'single' && here === "'") return 2;
  if (style === 'double' && here === '\\') {
    // A character beyond 16 bits is one escape: its second half takes no space in the file.
    if (text.charAt(at + 1) === 'U' && /[\uD800-\uDBFF]/.test(char)) return 0;
    return ESCAPE_LENGTHS[text.charAt(at + 1)] ?? 2;
  }
  // The first line break of several is folded away: no character of the file corresponds to the space.
  return isSpace(char) && !isSpace(here) ? 0 : 1;
}

function contentStart(text: string, start: number, style: ScalarStyle): number {
  switch (style) {
    case 'plain':
      return start;
    case 'single':
    case 'double':
      return start + 1;
    case 'block': {
      const headerEnd = text.indexOf('\n', start);
      return headerEnd === -1 ? text.length : headerEnd + 1;
    }
  }
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || isLineBreak(char);
}

function isLineBreak(char: string): boolean {
  return char === '\n' || char === '\r';
}
