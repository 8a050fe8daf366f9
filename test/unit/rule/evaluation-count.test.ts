import { describe, expect, test } from 'vitest';
import { evaluationCount } from '../../support/rules/evaluation-count.ts';

describe('the number of evaluations of the rule properties', () => {
  test('is a million by default, and otherwise what the environment says', () => {
    expect(evaluationCount({})).toBe(1_000_000);
    expect(evaluationCount({ TENURE_EVALUATIONS: '1' })).toBe(1);
    expect(evaluationCount({ TENURE_EVALUATIONS: '20000000' })).toBe(20_000_000);
  });

  test.each(['', ' ', '0', '-5', 'many', '1e6', '1_000', '2.5', 'Infinity', '9'.repeat(20)])(
    'cannot be %j, because then the properties could pass without an evaluation',
    (text) => {
      expect(() => evaluationCount({ TENURE_EVALUATIONS: text })).toThrow(
        `TENURE_EVALUATIONS is ${JSON.stringify(text)}: write a whole number from 1 on, such as 1000000, or leave it unset`,
      );
    },
  );
});
