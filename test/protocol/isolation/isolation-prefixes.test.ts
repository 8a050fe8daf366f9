import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoConfiguration } from '../../../examples/demo-configuration.ts';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { demoDeployment } from '../../support/deployment.ts';

const STORES = ['paltalk-members', 'paltalk-marketing', 'paltalk-devices'];

/** Two brands with these prefixes in the same stores; the third has none of them. */
function configured(
  prefixes: readonly [readonly string[], readonly string[]],
  shared: readonly [boolean, boolean],
): RetentionConfig {
  const producers = { ...demoConfiguration.producers };
  for (const [index, name] of ['paltalk', 'camfrog'].entries()) {
    const grant = { prefixes: [...(prefixes[index] ?? [])], shared: shared[index] ?? false };
    const brand = producers[name];
    if (brand === undefined) throw new Error(`${name} is no longer in the demonstration`);
    producers[name] = { ...brand, stores: Object.fromEntries(STORES.map((store) => [store, grant])) };
  }
  return { ...demoConfiguration, producers };
}

function problemsOf(raw: RetentionConfig, { policies }: Configuration): readonly string[] {
  const compiled = compileConfiguration(raw, policies, STORE_KINDS);
  return compiled.ok ? [] : compiled.problems.map(({ path, message }) => `${path}: ${message}`);
}

const prefix = fc.string({ unit: fc.constantFrom('a', 'b', '#'), minLength: 1, maxLength: 3 });
const prefixes = fc.uniqueArray(
  prefix.filter((text) => !'tinychat#'.startsWith(text)),
  { minLength: 1, maxLength: 2 },
);

test('overlapping prefixes of two producers are refused, unless both declare them shared', async () => {
  const deployment = await demoDeployment();
  fc.assert(
    fc.property(prefixes, prefixes, fc.boolean(), fc.boolean(), (one, other, isShared, isOtherShared) => {
      const overlap = one.some((a) => other.some((b) => a.startsWith(b) || b.startsWith(a)));
      const problems = problemsOf(configured([one, other], [isShared, isOtherShared]), deployment);
      const isRefused = overlap && !(isShared && isOtherShared);
      expect(problems.length > 0).toBe(isRefused);
      expect(problems.every((problem) => problem.includes('shared: true in both'))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('no key value is reached by two producers whose prefixes were accepted and are not shared', async () => {
  const deployment = await demoDeployment();
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '#', 'c'), maxLength: 5 });
  fc.assert(
    fc.property(prefixes, prefixes, value, (one, other, key) => {
      fc.pre(problemsOf(configured([one, other], [false, false]), deployment).length === 0);
      const reached = [one, other].filter((granted) => granted.some((each) => key.startsWith(each)));
      expect(reached.length).toBeLessThan(2);
    }),
    { numRuns: 300 },
  );
});
