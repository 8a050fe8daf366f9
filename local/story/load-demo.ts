import { readFile } from 'node:fs/promises';
import { demoConfiguration, demoRegion } from '../../examples/demo-configuration.ts';
import { withExistingData } from '../../examples/existing-data.ts';
import { checkOwnRegion } from '../../shared/domain/configuration/check-stores.ts';
import { compileConfiguration } from '../../shared/domain/configuration/compile-configuration.ts';
import { printConfigurationProblem } from '../../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { printProblem } from '../../shared/policy-files/problem.ts';
import { withoutExports } from '../../shared/domain/people/may-be-exported.ts';
import { demoPlace } from './demo-place.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';

/** The checkout: paths in the configuration start here, wherever the process was started. */
const ROOT = new URL('../../', import.meta.url);

/** With the company that registers nothing. */
const demo = withExistingData(demoConfiguration);

class DemoError extends Error {
  readonly code = 'DEMO_CONFIGURATION_INVALID';
  constructor(problems: readonly string[]) {
    super(`The demonstration's configuration or policies are wrong; correct them:\n${problems.join('\n')}`);
    this.name = 'DemoError';
  }
}

interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

/** The policy files of the demonstration, or of another configuration, as they are written. */
export function demoPolicies({ policies } = demo): Promise<readonly PolicyFile[]> {
  return Promise.all(
    policies.map(async (path) => ({ path, text: await readFile(new URL(path, ROOT), 'utf8') })),
  );
}

/** Reads the policies and compiles the demonstration's configuration, or another one, as synth does for a deployment. */
export async function loadDemo(of = demo): Promise<Configuration> {
  const files = await demoPolicies(of);
  const { settings, acknowledgedRegions = {} } = of;
  const loaded = loadPolicies(files, settings === undefined ? {} : { settings });
  if (!loaded.ok) throw new DemoError(loaded.problems.map(printProblem));
  const compiled = compileConfiguration(of, loaded.policySet, STORE_KINDS);
  if (!compiled.ok) throw new DemoError(compiled.problems.map(printConfigurationProblem));
  const { outside } = demoPlace(compiled.configuration.policies);
  const misplaced = checkOwnRegion(compiled.configuration.policies, demoRegion, acknowledgedRegions);
  if (misplaced.length > 0) throw new DemoError(misplaced.map(printConfigurationProblem));
  return withoutExports(compiled.configuration, outside);
}
