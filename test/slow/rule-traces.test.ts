import { describe, expect, test } from 'vitest';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { printRule } from '../../shared/domain/rule/print.ts';
import { seededDraw, sentencesOf } from '../support/ebnf/generate.ts';
import { tokensOf } from '../support/ebnf/mutations.ts';
import { pageGrammar } from '../support/ebnf/page-grammar.ts';
import { writtenRules } from '../support/ebnf/written-rules.ts';

function treeOf(text: string): string | undefined {
  const parsed = parseRule(text);
  return parsed.ok ? JSON.stringify(parsed.rule) : undefined;
}

/**
 * Words and marks that may be left out without a change, each with the reason. All others leave a trace: without them the
 * rule is another one, or is refused.
 */
const SAYS_NOTHING = new Set(
  [
    // Articles, commas, and words that are only there so that it reads well.
    'the a an , ; of on to day in',
    // The other spellings of a bound, of an action and of an age that is there already.
    'until upon after for keep retain once immediately undue delete erase destroy',
    'calendar year years old has have had',
    // Two words for one link: "counted from" is "from", and "starting from", too.
    'commencing counting as calculated running counted beginning starting',
    // "one hundred and ten", "a hundred" is "one hundred"; "and then" is "then".
    'and one then or',
    // The last one counts if no other is named. The day says what kind of year and of run it is.
    'last next fiscal financial accounting academic school tax yearly weekly monthly',
    // "in which x.y occurred" is "of x.y".
    'occurs occurred happens happened falls fell ends',
    // A verb or bound of a branch that the one in front of it says as well.
    'within by at most no longer than block restrict anonymise anonymize archive transfer review notify warn',
    // What is paused goes on, whether it is said or not.
    'resumed',
    // "every 1 year" is "every year". "between 30 and 90 days" has the days in both.
    '1 days',
  ].flatMap((words) => words.split(' ')),
);

function wordsWithoutTrace(sentences: readonly string[]): {
  readonly left: Map<string, string>;
  tried: number;
} {
  const left = new Map<string, string>();
  let tried = 0;
  for (const sentence of sentences) {
    const tokens = tokensOf(sentence);
    const whole = treeOf(tokens.join(' '));
    if (whole === undefined) continue;
    for (const [index, token] of tokens.entries()) {
      tried += 1;
      if (treeOf(tokens.toSpliced(index, 1).join(' ')) !== whole) continue;
      const word = token.toLowerCase().replace(/\.$/, '');
      if (!SAYS_NOTHING.has(word)) left.set(word, tokens.with(index, `[${token}]`).join(' '));
    }
  }
  return { left, tried };
}

describe('a word of a rule', () => {
  test('leaves a trace in what the rule means, unless it is one that says nothing', () => {
    const generated = sentencesOf(pageGrammar(), seededDraw(20260301));
    const sentences = [...writtenRules(), ...Array.from({ length: 1500 }, () => generated.next())];
    const { left, tried } = wordsWithoutTrace(sentences);
    expect([...left.values()]).toEqual([]);
    expect(tried).toBeGreaterThan(20_000);
  });
});

describe('two actions', () => {
  test.each([
    ['delete or anonymise within 90 days after a.b', 'delete or anonymise within 90 days after a.b'],
    ['anonymise or erase 1 year after a.b', 'delete or anonymise 1 year after a.b'],
    ['restrict or anonymise 1 year after a.b', 'restrict or anonymise 1 year after a.b'],
    ['erase or destroy 1 year after a.b', '1 year after a.b'],
    [
      'delete or anonymise if paid, 1 year after a.b, otherwise 2 years after a.b',
      'delete or anonymise if paid is true, 1 year after a.b, otherwise 2 years after a.b',
    ],
  ])('are both in the wording: %s', (written, wording) => {
    const parsed = parseRule(written);
    expect(parsed.ok ? printRule(parsed.rule) : parsed.error.message).toBe(wording);
    expect(treeOf(wording)).toBe(treeOf(written));
  });

  test.each([
    'delete if paid, anonymise 3 years after a.b',
    'anonymise if paid, keep for 3 years after a.b',
    'delete or anonymise 1 year after a.b if paid, otherwise delete 2 years after a.b',
  ])('that contradict each other are refused: %s', (written) => {
    expect(parseRule(written)).toMatchObject({ ok: false, error: { code: 'RULE_INCONSISTENT' } });
  });
});
