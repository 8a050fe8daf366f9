import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryRule } from '../../support/rules/arbitrary-rules.ts';
import { CONSTRUCTS, constructsIn } from '../../support/rules/constructs.ts';

test('the rules that properties are tested with are made of every construct, and of nothing else', () => {
  const rules = fc.sample(arbitraryRule(), { numRuns: 2000, seed: 1 });
  const made = new Set(rules.flatMap((rule) => [...constructsIn(rule)]));
  expect([...made].toSorted()).toEqual([...CONSTRUCTS].toSorted());
});
