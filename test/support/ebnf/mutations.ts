import { tokenize } from '../../../shared/domain/rule/lexer.ts';
import type { Draw } from './tokens.ts';

/** The tokens of a text as they are written. */
export function tokensOf(text: string): string[] {
  const lexed = tokenize(text);
  if ('error' in lexed) return [];
  const starts = lexed.tokens.map(({ at }) => at);
  return starts.slice(0, -1).map((at, index) => text.slice(at, starts[index + 1]).trim());
}

/** The sentence with one token taken out, exchanged with its neighbour, put in or replaced; sometimes two changes. */
export function mutated(tokens: readonly string[], others: readonly string[], draw: Draw): string {
  const words = [...tokens];
  const changes = draw(4) === 0 ? 2 : 1;
  for (let change = 0; change < changes; change += 1) {
    const at = draw(words.length);
    const other = others[draw(others.length)] ?? '';
    const [word = '', next = ''] = [words[at], words[at + 1]];
    switch (draw(4)) {
      case 0:
        words.splice(at, 1);
        break;
      case 1:
        words.splice(at, 2, next, word);
        break;
      case 2:
        words.splice(at, 0, other);
        break;
      case 3:
        words.splice(at, 1, other);
    }
  }
  return words.join(' ');
}
