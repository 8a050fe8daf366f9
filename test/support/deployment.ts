import { readFile } from 'node:fs/promises';
import { demoConfiguration } from '../../examples/demo-configuration.ts';
import { compileConfiguration } from '../../shared/domain/configuration/compile-configuration.ts';
import type { RetentionConfig } from '../../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { Policy, PolicySet } from '../../shared/domain/configuration/policy.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';

let policies: Promise<PolicySet> | undefined;

/** The five example policies as the demonstration configures them; `change` alters the rest before it is compiled. */
export async function demoDeployment(
  change: (config: RetentionConfig) => RetentionConfig = (config) => config,
): Promise<Configuration> {
  const policySet = await (policies ??= read());
  const compiled = compileConfiguration(change(demoConfiguration), policySet, STORE_KINDS);
  if (!compiled.ok) {
    throw new Error(compiled.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  }
  return compiled.configuration;
}

async function read(settings = demoConfiguration.settings): Promise<PolicySet> {
  const files = await Promise.all(
    demoConfiguration.policies.map(async (path) => ({
      path,
      text: await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'),
    })),
  );
  const loaded = loadPolicies(files, settings === undefined ? {} : { settings });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.policySet;
}

/** Calendera's policy where its operator chose another reasonable period. */
export async function calenderaWith(days: number): Promise<Policy> {
  const { calendera, ...others } = demoConfiguration.settings ?? {};
  const changed = { ...calendera, 'reasonable period': `${days} days` };
  const { policies: all } = await read({ ...others, calendera: changed });
  const policy = all.find(({ name }) => name === 'calendera');
  if (policy === undefined) throw new Error('calendera is no longer in the demonstration');
  return policy;
}
