import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { newlyDue } from '../../../shared/domain/policy-plan/tally.ts';
import { present } from '../../../shared/domain/present.ts';
import {
  activated,
  deployedPolicies,
  NOT_COUNTED,
  planFor,
} from '../../../shared/protocol/policy-plan/activation.ts';
import { ringActivated } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { GatedAction } from './gated-action.ts';

export interface ActivatedPolicies {
  readonly policies: string;
  /** Of what says that they wait: what was counted once more since is another question. */
  readonly version: number;
  readonly newlyDue?: number;
}

const isProblem = (found: Problem | ActivatedPolicies): found is Problem => 'code' in found;

/** What a person is asked about these policies now. */
export async function waitingPolicies(
  ports: ApiPorts,
  policies: string,
): Promise<ActivatedPolicies | Problem> {
  const activation = await ports.registry.activation();
  const { waiting } = activation ?? {};
  const isDeployed = deployedPolicies(ports) === policies;
  if (activation === undefined || waiting?.policies !== policies || !isDeployed)
    return problem('POLICIES_NOT_WAITING', 'policies');
  const progress = await planFor(ports, activation);
  if (waiting.plan !== NOT_COUNTED && progress?.isCounted !== true)
    return problem('POLICIES_NOT_COUNTED', 'policies');
  const { version } = activation;
  return { policies, version, ...present({ newlyDue: progress && newlyDue(progress.tally) }) };
}

/** Lanes dispose of records by the policies that waited. One conditional write makes them active; then the lanes are rung. */
export const ACTIVATE_POLICIES: GatedAction<ActivatedPolicies> = {
  kind: 'activate',
  notes: ({ policies, newlyDue: count }) => [
    { did: 'activate', policies: { digest: policies, ...present({ newlyDue: count }) } },
  ],
  shown: ({ policies, newlyDue: count }) => ({ policies, ...present({ newlyDue: count }) }),
  async refusal(ports, { policies, version }) {
    const found = await waitingPolicies(ports, policies);
    if (isProblem(found)) return found;
    return found.version === version ? undefined : problem('POLICIES_NOT_WAITING', 'policies');
  },
  async carryOut(ports, { policies, version }) {
    const activation = await ports.registry.activation();
    const isActive = activation?.active === policies;
    if (!isActive) {
      const isMeant = activation?.waiting?.policies === policies && activation.version === version;
      const written =
        isMeant && (await ports.registry.putActivation(activated(activation, ports.clock.now())));
      if (written !== 'written') return problem('POLICIES_NOT_WAITING', 'policies');
    }
    await ringActivated(ports);
    return isActive ? 'void' : 'done';
  },
};
