import { describe, expect, it } from 'vitest';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import type { Configuration, StoreKinds } from '../../../shared/domain/configuration/configuration.ts';
import { printConfigurationProblem } from '../../../shared/domain/configuration/configuration-problem.ts';
import type { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { GOOD_POLICY, policyFrom, written } from './policy-text.ts';

const TEXT = [
  ['settings:', '  consent.withdrawn: { entity: person }\nsettings:'],
  ['  usage-data:', '  mail: until consent.withdrawn\n  usage-data:'],
  ['regions: [eu-central-1]\n', 'regions: [eu-central-1]\npurposes: [service]\n'],
] as const;

export const POLICIES: PolicySet = {
  policies: [policyFrom(TEXT.reduce((text, [before, after]) => written(before, after, text), GOOD_POLICY))],
};

/** A configuration without mistakes for these policies: two producers, each with its own store. */
export function goodConfig(): RetentionConfig {
  const grant = () => ({
    categories: ['contact-data', 'usage-data'],
    events: ['account.closed', 'account.reopened'],
  });
  return {
    policies: ['policies/crm.yaml'],
    settings: { crm: { 'fair period': '90 days' } },
    entityTypes: { account: { ids: 'owned' }, person: { ids: 'shared', normalise: ['trim', 'lowercase'] } },
    stores: {
      contacts: {
        kind: 'dynamodb',
        region: 'eu-central-1',
        keys: [{ name: 'id', type: 'text' }],
        options: { table: 'contacts' },
      },
      usage: {
        kind: 'postgresql',
        region: 'eu-central-1',
        keys: [{ name: 'id', type: 'integer' }],
        options: { host: 'db.internal', database: 'erp', user: 'tenure', table: 'usage' },
      },
    },
    producers: {
      crm: { source: 'com.example.crm', principals: [role('crm')], stores: { contacts: {} }, ...grant() },
      erp: { source: 'com.example.erp', principals: [role('erp')], stores: { usage: {} }, ...grant() },
    },
    operators: [role('operator')],
  };
}

export function role(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** The messages for a change of the good configuration, as printed. */
export function answersTo(
  change: (config: RetentionConfig) => unknown,
  kinds: StoreKinds = STORE_KINDS,
  policies: PolicySet = POLICIES,
): string[] {
  const config = goodConfig();
  const changed = change(config);
  const compiled = compileConfiguration(changed === undefined ? config : changed, policies, kinds);
  return compiled.ok ? [] : compiled.problems.map(printConfigurationProblem);
}

/** The same by other policies. */
export function answersWith(change: Change, policies: PolicySet): string[] {
  return answersTo(change, STORE_KINDS, policies);
}

export function compiled(config: RetentionConfig, policies: PolicySet = POLICIES): Configuration {
  const result = compileConfiguration(config, policies, STORE_KINDS);
  if (!result.ok) throw new Error(result.problems.map(printConfigurationProblem).join('\n'));
  return result.configuration;
}

type Change = (config: RetentionConfig) => unknown;

/** The messages for mistakes in a configuration, word for word. */
export function describeAnswers(
  where: string,
  mistakes: readonly (readonly [
    when: string,
    change: Change,
    answers: readonly string[],
    kinds?: StoreKinds,
  ])[],
): void {
  describe(`a mistake in ${where} is answered when`, () => {
    for (const [when, change, answers, kinds] of mistakes) {
      it(when, () => {
        expect(answersTo(change, kinds)).toEqual(answers);
      });
    }
  });
}
