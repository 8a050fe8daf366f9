import type { PlanPolicies } from '../../../shared/contract/policy-plans.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { checkProducers } from '../../../shared/domain/configuration/check-producers.ts';
import { checkStores } from '../../../shared/domain/configuration/check-stores.ts';
import type { ConfigurationProblem } from '../../../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import type { PolicySet } from '../../../shared/domain/configuration/policy.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';

/** Mistakes in one answer. */
const MOST = 10;

export type CompiledFiles =
  | { readonly ok: true; readonly policySet: PolicySet }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Compiles policy files as a deployment does, and checks them against the configuration that is deployed. What producers
 * may register and send is changed together with the policies, so a category or an event that no policy has any more is no
 * mistake here: its records are counted. What a kind of store cannot do is found by the deployment, because only that one
 * knows the options of the stores.
 */
export function compileFiles(configuration: Configuration, { files, settings }: PlanPolicies): CompiledFiles {
  const loaded = loadPolicies(files, settings === undefined ? {} : { settings });
  if (!loaded.ok) {
    const [first] = loaded.problems;
    const index = files.findIndex(({ path }) => path === first?.file);
    const found = loaded.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
    return refused('POLICIES_INVALID', index < 0 ? 'files' : `files.${index}`, found);
  }
  const { policySet } = loaded;
  const known = new Set(problemsWith(configuration, configuration.policies).map(textOf));
  const found = problemsWith(configuration, policySet).filter((one) => !known.has(textOf(one)));
  if (found.length > 0) return refused('POLICIES_REFUSED', 'files', found.map(textOf));
  return { ok: true, policySet };
}

function problemsWith(configuration: Configuration, policies: PolicySet): readonly ConfigurationProblem[] {
  const categories = new Set(policies.policies.flatMap((policy) => Object.keys(policy.categories)));
  const events = new Set(policies.policies.flatMap((policy) => Object.keys(policy.events)));
  const producers = Object.entries(configuration.producers).map(([name, producer]) => [
    name,
    {
      ...producer,
      categories: producer.categories.filter((category) => categories.has(category)),
      events: producer.events.filter((event) => events.has(event)),
    },
  ]);
  const changed: Configuration = {
    ...configuration,
    policies,
    producers: Object.fromEntries(producers),
    foldProfile: foldProfile(policies),
  };
  return [...checkStores(changed), ...checkProducers(changed, {})];
}

function textOf({ path, message }: ConfigurationProblem): string {
  return `${path}: ${message}`;
}

function refused(
  code: 'POLICIES_INVALID' | 'POLICIES_REFUSED',
  path: string,
  found: readonly string[],
): CompiledFiles {
  const more = found.length > MOST ? [`and ${found.length - MOST} more`] : [];
  return { ok: false, problem: problem(code, path, [...found.slice(0, MOST), ...more].join('; ')) };
}
