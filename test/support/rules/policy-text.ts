import { describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { printProblem } from '../../../shared/policy-files/problem.ts';
import type { PolicySettings } from '../../../shared/policy-files/settings.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';

/** A policy without mistakes, in which tests make one. Line numbers below are those of this text. */
export const GOOD_POLICY = `format: 1
policy: crm
version: '1'
effectiveFrom: 2025-01-01
zone: Europe/Berlin
document: CRM privacy policy
regions: [eu-central-1]
events:
  account.closed: { entity: account, undoneBy: [account.reopened] }
  account.reopened: { entity: account }
settings:
  fair period:
    sentence: We keep your data for a fair period.
categories:
  contact-data:
    rule: account plus {fair period}
  usage-data:
    rule: anonymise 30 days after account.closed, then delete 2 years after account.closed
    anonymise:
      email: pseudonym
`;

export const GOOD_SETTINGS: PolicySettings = { crm: { 'fair period': '90 days' } };

/** The mistakes of these files as they are printed; of a single text, in the file `crm.yaml`. */
export function mistakesIn(
  texts: string | Readonly<Record<string, string>>,
  settings: PolicySettings = GOOD_SETTINGS,
): string[] {
  const files = Object.entries(typeof texts === 'string' ? { 'crm.yaml': texts } : texts);
  const loaded = loadPolicies(
    files.map(([path, text]) => ({ path, text })),
    { settings },
  );
  return loaded.ok ? [] : loaded.problems.map(printProblem);
}

export function policyFrom(text: string, settings: PolicySettings = GOOD_SETTINGS): Policy {
  const loaded = loadPolicies([{ path: 'crm.yaml', text }], { settings });
  if (!loaded.ok) throw new Error(loaded.problems.map(printProblem).join('\n'));
  const [policy] = loaded.policySet.policies;
  if (policy === undefined) throw new Error('no policy was read');
  return policy;
}

/** The good policy with one part replaced; throws if the part does not exist. */
export function written(part: string, instead: string, text: string = GOOD_POLICY): string {
  if (!text.includes(part)) throw new Error(`the policy does not contain ${part}`);
  return text.replace(part, () => instead);
}

type Mistake = readonly [
  when: string,
  texts: string | Readonly<Record<string, string>>,
  answers: readonly string[],
  settings?: PolicySettings,
];

/** The messages for mistakes, word for word: people read the sentences, and editors follow the places. */
export function describeMistakes(where: string, mistakes: readonly Mistake[]): void {
  describe(`a mistake in ${where} is answered when`, () => {
    for (const [when, texts, answers, settings] of mistakes) {
      it(when, () => {
        expect(mistakesIn(texts, settings)).toEqual(answers);
      });
    }
  });
}
