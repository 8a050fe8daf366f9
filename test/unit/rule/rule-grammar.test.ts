import { expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { seededDraw, sentencesOf } from '../../support/ebnf/generate.ts';
import { pageGrammar } from '../../support/ebnf/page-grammar.ts';

const SEED = 20260301;
const SENTENCES = 6000;

/*
 * The grammar of the page and the parser are one language. If this fails, either the grammar allows a sentence that the
 * parser does not read, or a refusal that a grammar cannot express has the code of a mistake in the syntax.
 */
test('every sentence that the grammar makes is read, or refused for its meaning', () => {
  const sentences = sentencesOf(pageGrammar(), seededDraw(SEED));
  const wrong: string[] = [];
  for (let made = 0; made < SENTENCES; made += 1) {
    const sentence = sentences.next();
    const result = parseRule(sentence);
    if (result.ok) sentences.accepted();
    else if (result.error.code === 'RULE_SYNTAX')
      wrong.push(`${sentence}\n    ${result.error.line}:${result.error.column}: ${result.error.message}`);
  }
  const shortest = wrong.toSorted((a, b) => a.length - b.length).slice(0, 5);
  expect(shortest, `${wrong.length} of ${SENTENCES} sentences of docs/rules.md do not parse`).toEqual([]);
  expect(sentences.undrawn(), 'alternatives that no sentence uses').toEqual([]);
});
