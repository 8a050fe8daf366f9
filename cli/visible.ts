/**
 * What a terminal or an editor does not show as itself: control characters, characters that change the direction of the
 * text, line separators, halves of characters. The two joiners belong to words of several languages.
 */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text on one line, with every such character as an escape: names and ids come from strangers. */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, escaped);
}

/** The same in a document, where line ends stay. Of a JSON document, `JSON.parse` gives the same data. */
export function visibleDocument(document: string): string {
  return document.replaceAll(INVISIBLE, (char) => (char === '\n' ? char : escaped(char)));
}

function escaped(char: string): string {
  return Array.from(
    { length: char.length },
    (_, index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
