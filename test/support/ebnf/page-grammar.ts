import { readFileSync } from 'node:fs';
import { readGrammar } from './grammar.ts';
import type { Grammar } from './grammar.ts';

/** The grammar that `docs/rules.md` shows. */
export function pageGrammar(): Grammar {
  const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8');
  const block = /```ebnf\n([\s\S]*?)```/.exec(page)?.[1];
  if (block === undefined) throw new Error('docs/rules.md has no ```ebnf block');
  return readGrammar(block);
}
