import { describe, expect, test } from 'vitest';
import { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import { mostNewlyDue } from '../../../shared/domain/policy-plan/activation.ts';

const PolicyChanges = RetentionConfig.shape.policyChanges;

describe('policyChanges', () => {
  test.for([
    [undefined, 1000],
    [{}, 1000],
    [{ maxNewlyDue: 0 }, 0],
    [{ maxNewlyDue: 250 }, 250],
    [{ maxNewlyDue: null }, Infinity],
  ] as const)('%j asks a person beyond %d records', ([policyChanges, most]) => {
    expect(PolicyChanges.safeParse(policyChanges).success).toBe(true);
    expect(mostNewlyDue({ ...(policyChanges && { policyChanges }) })).toBe(most);
  });

  test.for([
    [
      { maxNewlyDue: -1 },
      'write how many records may become due by a change of policies before a person is asked',
    ],
    [{ maxNewlyDue: 'many' }, 'found "many"; write how many records'],
    [{ maxNewlyDues: 1 }, 'policy changes has no key "maxNewlyDues"; did you mean "maxNewlyDue"?'],
  ] as const)('%j is refused', ([policyChanges, message]) => {
    expect(PolicyChanges.safeParse(policyChanges).error?.issues[0]?.message).toContain(message);
  });
});
