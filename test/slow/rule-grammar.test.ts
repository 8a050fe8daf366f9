import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleErrorCode } from '../../shared/domain/rule/ast.ts';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { printRule } from '../../shared/domain/rule/print.ts';
import { seededDraw, sentencesOf } from '../support/ebnf/generate.ts';
import { mutated, tokensOf } from '../support/ebnf/mutations.ts';
import { pageGrammar } from '../support/ebnf/page-grammar.ts';
import { recogniserOf } from '../support/ebnf/recognise.ts';
import { writtenRules } from '../support/ebnf/written-rules.ts';
import { noteLives } from '../support/model/explored-so-far.ts';
import { arbitraryRule } from '../support/rules/arbitrary-rules.ts';

const SEED = Number(process.env.TENURE_SEED ?? 20260301);
const SENTENCES = 50_000;
/** About twenty seconds each, and several times that on a machine that is busy. */
const LONG = { timeout: 300_000 };

/**
 * What a grammar cannot say, and how large a part of the sentences may be refused for it. Measured, in this order: 3.7 %,
 * 5.3 %, 10.2 %, 1.5 %, 0.8 % and 0.2 %. Ambiguous are mostly two conditions in a row, a period "beginning with" a day as a
 * maximum, a maximum that waits for a run, and lists without parentheses; out of range are the sixth Friday of a month and
 * ages over 150. Since a condition after a comma in a later stage, or after the last branch, is refused, 17.2 % are
 * ambiguous. A code that is not here, such as RULE_SYNTAX, is never right.
 */
const MOST_REFUSED: Readonly<Partial<Record<RuleErrorCode, number>>> = {
  RULE_NAME_UNKNOWN: 0.06,
  RULE_INCONSISTENT: 0.08,
  RULE_AMBIGUOUS: 0.2,
  RULE_STAGE_ORDER: 0.04,
  RULE_OUT_OF_RANGE: 0.06,
  RULE_TYPE: 0.01,
};

/** A stage that is counted from another one, in the words that only such a reference has. */
const REFERENCE = /\b(?:that|previous stage|next stage|same start|thereafter)\b|\bstage (?:live|backups)\b/;

const some = (count: number): string => count.toLocaleString('en');
const shortest = (texts: Iterable<string>): string[] =>
  [...texts].toSorted((a, b) => a.length - b.length).slice(0, 10);

test('every sentence of the grammar is read, or refused for what a grammar cannot say', LONG, () => {
  const sentences = sentencesOf(pageGrammar(), seededDraw(SEED));
  const refused = new Map<RuleErrorCode, number>();
  const wrong: string[] = [];
  let [read, referring] = [0, 0];
  for (let made = 0; made < SENTENCES; made += 1) {
    const sentence = sentences.next();
    const result = parseRule(sentence);
    if (result.ok) {
      read += 1;
      if (REFERENCE.test(sentence)) referring += 1;
      sentences.accepted();
      continue;
    }
    const { code, message } = result.error;
    refused.set(code, (refused.get(code) ?? 0) + 1);
    if (MOST_REFUSED[code] === undefined) wrong.push(`${sentence}\n    ${message}`);
  }
  const parsed = SENTENCES - wrong.length;
  const shares = [...refused].map(([code, count]) => `${code} ${((100 * count) / SENTENCES).toFixed(1)} %`);
  noteLives(
    `sentences generated and parsed: ${some(parsed)}/${some(SENTENCES)} (seed ${SEED}; ${some(read)} read, ${some(referring)} of them refer to another stage; refused for their meaning: ${shares.join(', ')})`,
  );
  expect(shortest(wrong)).toEqual([]);
  const tooMany = [...refused].filter(([code, count]) => count / SENTENCES > (MOST_REFUSED[code] ?? 0));
  expect(tooMany).toEqual([]);
  expect(referring).toBeGreaterThan(2000);
  expect(sentences.undrawn(), 'alternatives that no sentence uses').toEqual([]);
});

/** Every rule that is written in the project, printed random ones, and what few changed words make of them. */
function* acceptedSentences(count: number): Generator<string> {
  const draw = seededDraw(SEED + 1);
  const written = writtenRules();
  const printed = fc.sample(arbitraryRule(), { numRuns: 4000, seed: SEED }).map(printRule);
  const generated = sentencesOf(pageGrammar(), draw);
  const made = Array.from({ length: 4000 }, () => generated.next()).filter((text) => parseRule(text).ok);
  yield* written;
  yield* printed;
  const bases = [written, printed, made].map((texts) =>
    texts.map(tokensOf).filter(({ length }) => length > 2),
  );
  const others = [...new Set(bases.flat(2))];
  let left = count - written.length - printed.length;
  while (left > 0) {
    // Most changes of random rules and of generated sentences are refused, and refusals take most of the time.
    const base = bases[[0, 0, 0, 0, 0, 0, 2, 2, 2, 1][draw(10)] ?? 0] ?? [];
    const text = mutated(base[draw(base.length)] ?? [], others, draw);
    if (!parseRule(text).ok) continue;
    left -= 1;
    yield text;
  }
}

test('every sentence that is read is one of the grammar', LONG, () => {
  const isSentence = recogniserOf(pageGrammar());
  const unknown = new Set<string>();
  let recognised = 0;
  for (const text of acceptedSentences(SENTENCES)) {
    if (isSentence(text)) recognised += 1;
    else unknown.add(text);
  }
  noteLives(`sentences recognised: ${some(recognised)}/${some(SENTENCES)} (seed ${SEED + 1})`);
  expect(shortest(unknown)).toEqual([]);
  expect(recognised).toBe(SENTENCES);
});
