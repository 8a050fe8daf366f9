import { describe, expect, test } from 'vitest';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { WRONG_SENTENCES } from '../../support/rules/wrong-sentences.ts';

describe('a wrong sentence', () => {
  test.each(WRONG_SENTENCES)('is answered: %s', (sentence, answer) => {
    const parsed = parseRule(sentence);
    expect(parsed.ok ? 'read as a rule' : `${parsed.error.column}: ${parsed.error.message}`).toBe(answer);
  });

  test('never gets a word suggested that is there', () => {
    for (const [sentence, answer] of WRONG_SENTENCES) {
      const [, meant, instead] = /did you mean "([^"]+)"(?: instead of "([^"]+)")?/.exec(answer) ?? [];
      if (meant === undefined) continue;
      expect(instead).not.toBe(meant);
      const found = /found "([^"]+)"/.exec(answer)?.[1];
      expect(found).not.toBe(meant);
      expect(sentence.split(/[^\p{L}]+/u)).toContain(instead ?? found);
    }
  });

  test('of every sort is in the table', () => {
    expect(WRONG_SENTENCES.length).toBeGreaterThanOrEqual(60);
    const unhelpful = WRONG_SENTENCES.filter(([, answer]) => answer.length < 30);
    expect(unhelpful).toEqual([]);
  });
});
