import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRule } from '../../shared/domain/rule/parse.ts';
import { printRule } from '../../shared/domain/rule/print.ts';
import { seededDraw, sentencesOf } from '../support/ebnf/generate.ts';
import { pageGrammar } from '../support/ebnf/page-grammar.ts';
import type { Draw } from '../support/ebnf/tokens.ts';
import { writtenRules } from '../support/ebnf/written-rules.ts';
import { noteLives } from '../support/model/explored-so-far.ts';
import { arbitraryRule } from '../support/rules/arbitrary-rules.ts';
import { comparedMeaning } from '../support/rules/meaning.ts';

const SEED = Number(process.env.TENURE_SEED ?? 20260301);
/** A few seconds each, and several times that on a machine that is busy. */
const LONG = { timeout: 300_000 };

/** Where sentences come from, and how many of them have to be compared. */
const SOURCES: Readonly<Record<string, readonly [least: number, texts: (draw: Draw) => Iterable<string>]>> = {
  'generated sentences': [4500, (draw) => generated(6000, draw)],
  'random rules': [500, () => fc.sample(arbitraryRule(), { numRuns: 500, seed: SEED }).map(printRule)],
  'written rules': [4000, writtenRules],
};

function* generated(count: number, draw: Draw): Generator<string> {
  const sentences = sentencesOf(pageGrammar(), draw);
  for (let made = 0; made < count; made += 1) {
    const text = sentences.next();
    if (!parseRule(text).ok) continue;
    sentences.accepted();
    yield text;
  }
}

const some = (count: number): string => count.toLocaleString('en');

test.each(Object.entries(SOURCES))('%s mean the same when they are printed', LONG, (name, [least, texts]) => {
  const draw = seededDraw(SEED);
  const differences: string[] = [];
  let [sentences, same, compared, dated] = [0, 0, 0, 0];
  for (const text of texts(draw)) {
    const meaning = comparedMeaning(text, draw);
    if (meaning === undefined) continue;
    sentences += 1;
    if (meaning.differences.length === 0) same += 1;
    compared += meaning.compared;
    dated += meaning.dated;
    differences.push(...meaning.differences);
  }
  noteLives(
    `${name} that mean the same when they are printed: ${some(same)}/${some(sentences)} (seed ${SEED}; ${some(compared)} answers compared, ${some(dated)} with a date)`,
  );
  const shortest = differences.toSorted((a, b) => a.length - b.length).slice(0, 10);
  expect(shortest, `with TENURE_SEED=${SEED}`).toEqual([]);
  expect(sentences).toBeGreaterThanOrEqual(least);
});
