import { readFile } from 'node:fs/promises';
import { demoConfiguration } from '../../examples/demo-configuration.ts';
import { compileConfiguration } from '../../shared/domain/configuration/compile-configuration.ts';
import type { RetentionConfig } from '../../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { PolicySet } from '../../shared/domain/configuration/policy.ts';
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

async function read(): Promise<PolicySet> {
  const files = await Promise.all(
    demoConfiguration.policies.map(async (path) => ({
      path,
      text: await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'),
    })),
  );
  const { settings } = demoConfiguration;
  const loaded = loadPolicies(files, settings === undefined ? {} : { settings });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.policySet;
}
