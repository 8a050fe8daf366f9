import { describe, expect, test } from 'vitest';
import { CORPUS_RULES } from '../../support/rules/corpus-rules.ts';
import { answer, corpusIsThere, inCorpusWords, readCorpus } from '../../support/rules/corpus.ts';
import type { CorpusCase } from '../../support/rules/corpus.ts';

const { rules, cases } = corpusIsThere ? readCorpus() : { rules: [], cases: [] };

/** What is expected of the stages, beside what came out. Two stages may be the two bounds of one. */
function stagesOf(text: string, one: CorpusCase): [string, string][] {
  const { stages } = answer(text, one);
  const wanted = Object.entries(one.expected_stages ?? {});
  return wanted.map(([name, expected], index) => {
    const stage = stages.find((each) => each.name === name) ?? stages[index];
    const [only] = stages;
    if (stages.length < wanted.length && only?.notBefore !== undefined && only.notAfter !== undefined)
      return [expected, index === 0 ? only.notBefore : only.notAfter];
    return [expected, stage === undefined ? 'no such stage' : inCorpusWords(stage)];
  });
}

describe.skipIf(!corpusIsThere)('the shared statements, worded as rules', () => {
  test.each(cases)('$rule_id: $id', (one) => {
    const text = CORPUS_RULES[one.rule_id];
    expect(text, 'no wording').toBeDefined();
    if (text === undefined) return;
    expect(inCorpusWords(answer(text, one))).toBe(one.expected_due);
    for (const [expected, found] of stagesOf(text, one)) expect(found).toBe(expected);
  });

  test('are all expressed', () => {
    const isExact = (one: CorpusCase): boolean => {
      const text = CORPUS_RULES[one.rule_id];
      return (
        text !== undefined &&
        inCorpusWords(answer(text, one)) === one.expected_due &&
        stagesOf(text, one).every(([expected, found]) => expected === found)
      );
    };
    const ofKind = (computable: boolean | 'partial'): string[] =>
      rules.filter((rule) => rule.computable === computable).map(({ id }) => id);
    const score = (ids: readonly string[]): string => {
      const own = cases.filter((one) => ids.includes(one.rule_id));
      const withCases = ids.filter((id) => own.some((one) => one.rule_id === id));
      const expressed = withCases.filter((id) => CORPUS_RULES[id] !== undefined);
      return `${expressed.length} of ${withCases.length} statements expressed, ${own.filter(isExact).length} of ${own.length} cases exact`;
    };
    process.stdout.write(`corpus: ${score(ofKind(true))}; partial ones: ${score(ofKind('partial'))}\n`);
    expect(ofKind(true).filter((id) => CORPUS_RULES[id] === undefined)).toEqual([]);
  });
});

test.skipIf(corpusIsThere)('the shared statements are not here: nothing to compare', () => {
  process.stdout.write('corpus: not there (TENURE_CORPUS), so its worked dates were not compared\n');
  expect(Object.keys(CORPUS_RULES).length).toBeGreaterThan(120);
});
