import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { CONSTRUCTS, constructsIn } from '../../support/rules/constructs.ts';
import { CORPUS_RULES } from '../../support/rules/corpus-rules.ts';
import { answer, inCorpusWords, largeCorpus, ownCorpus, wordingOf } from '../../support/rules/corpus.ts';
import type { Corpus, CorpusCase } from '../../support/rules/corpus.ts';

/** The expected stages next to the actual ones. Two stages may be the two bounds of one. */
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

function isExact(corpus: Corpus, one: CorpusCase): boolean {
  const text = wordingOf(corpus, one.rule_id);
  return (
    text !== undefined &&
    inCorpusWords(answer(text, one)) === one.expected_due &&
    stagesOf(text, one).every(([expected, found]) => expected === found)
  );
}

function score(corpus: Corpus, computable: boolean | 'partial'): string {
  const ids = corpus.rules.filter((rule) => rule.computable === computable).map(({ id }) => id);
  const cases = corpus.cases.filter((one) => ids.includes(one.rule_id));
  const withCases = ids.filter((id) => cases.some((one) => one.rule_id === id));
  const expressed = withCases.filter((id) => wordingOf(corpus, id) !== undefined);
  const exact = cases.filter((one) => isExact(corpus, one));
  return `${expressed.length} of ${withCases.length} statements expressed, ${exact.length} of ${cases.length} cases exact`;
}

describe.each([ownCorpus, ...(largeCorpus === undefined ? [] : [largeCorpus])])('$name', (corpus) => {
  test.each(corpus.cases)('$rule_id: $id', (one) => {
    const text = wordingOf(corpus, one.rule_id);
    expect(text, 'no wording').toBeDefined();
    if (text === undefined) return;
    expect(inCorpusWords(answer(text, one))).toBe(one.expected_due);
    for (const [expected, found] of stagesOf(text, one)) expect(found).toBe(expected);
  });

  test('is expressed as rules, as far as it can be computed', () => {
    process.stdout.write(
      `${corpus.name}: ${score(corpus, true)}; partial ones: ${score(corpus, 'partial')}\n`,
    );
    const computable = corpus.rules.filter((rule) => rule.computable === true).map(({ id }) => id);
    expect(computable.filter((id) => wordingOf(corpus, id) === undefined)).toEqual([]);
  });
});

describe("the project's own corpus", () => {
  test('uses every construct of the language', () => {
    const used = new Set(
      ownCorpus.rules.flatMap(({ id, rule = '' }) => {
        const parsed = parseRule(rule);
        return parsed.ok ? [...constructsIn(parsed.rule)] : [`${id}: ${parsed.error.message}`];
      }),
    );
    expect([...used].toSorted()).toEqual([...CONSTRUCTS].toSorted());
  });

  test('has a case for every statement, and a reason for every date', () => {
    const worked = new Set(ownCorpus.cases.map((one) => one.rule_id));
    expect(ownCorpus.rules.filter(({ id }) => !worked.has(id))).toEqual([]);
    expect(ownCorpus.cases.filter(({ reasoning }) => reasoning === undefined)).toEqual([]);
    expect(ownCorpus.cases.length).toBeGreaterThanOrEqual(80);
  });
});

describe('the large corpus', () => {
  test('is named where it is compared, and said to be missing where not', () => {
    const said =
      largeCorpus === undefined
        ? 'the large corpus: not there, so only the project’s own was compared; TENURE_CORPUS names its folder'
        : `${largeCorpus.name}: ${largeCorpus.rules.length} statements, ${largeCorpus.cases.length} cases`;
    process.stdout.write(`${said}\n`);
    expect(largeCorpus?.cases.length).not.toBe(0);
  });

  test('has wordings that are rules, whether it is there or not', () => {
    const wordings = Object.entries(CORPUS_RULES);
    const wrong = wordings.filter(([, text]) => !parseRule(text).ok).map(([id]) => id);
    expect(wrong).toEqual([]);
    expect(wordings.length).toBeGreaterThan(120);
  });
});
