import type { PoliciesAnswer } from '../../../shared/contract/policy-plans.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { mostNewlyDue } from '../../../shared/domain/policy-plan/activation.ts';
import { newlyDue } from '../../../shared/domain/policy-plan/tally.ts';
import { present } from '../../../shared/domain/present.ts';
import {
  activated,
  deployedPolicies,
  NOT_COUNTED,
  planFor,
  waitingForPerson,
} from '../../../shared/protocol/policy-plan/activation.ts';
import { ringActivated } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { noteActions } from '../note-actions.ts';

/** Which policies are deployed, which are active, and which wait for what. */
export const showPolicies: Operation<'showPolicies'> = async (ports) => ({
  kind: 'answer',
  answer: await policiesNow(ports),
});

/**
 * A person says that lanes may dispose of records by the deployed policies. Only by those that wait, which `policies`
 * names, and only after they were counted. The entry is written first; then one conditional write makes them active, so
 * what was counted again in the meantime is not approved. Sent again it changes nothing, and rings the lanes once more.
 */
export const approvePolicies: Operation<'approvePolicies'> = async (ports, { input, principal }) => {
  const { registry, clock } = ports;
  const activation = await registry.activation();
  if (activation?.active !== input.policies) {
    const { waiting } = activation ?? {};
    const isDeployed = deployedPolicies(ports) === input.policies;
    if (activation === undefined || waiting?.policies !== input.policies || !isDeployed)
      return { kind: 'problem', problem: problem('POLICIES_NOT_WAITING', 'policies') };
    const progress = await planFor(ports, activation);
    if (waiting.plan !== NOT_COUNTED && progress?.isCounted !== true)
      return { kind: 'problem', problem: problem('POLICIES_NOT_COUNTED', 'policies') };
    const policies = {
      digest: waiting.policies,
      ...present({ newlyDue: progress && newlyDue(progress.tally) }),
    };
    await noteActions(ports, principal, [{ did: 'activate', policies }]);
    if ((await registry.putActivation(activated(activation, clock.now()))) === 'moved')
      return { kind: 'problem', problem: problem('POLICIES_NOT_WAITING', 'policies') };
  }
  await ringActivated(ports);
  return { kind: 'answer', answer: await policiesNow(ports) };
};

async function policiesNow(ports: ApiPorts): Promise<PoliciesAnswer> {
  const activation = await ports.registry.activation();
  const deployed = deployedPolicies(ports);
  const active = activation && { policies: activation.active, since: isoUtc(activation.at) };
  const { waiting } = activation ?? {};
  if (activation === undefined || waiting?.policies !== deployed) return { deployed, ...present({ active }) };
  const progress = await planFor(ports, activation);
  const person = await waitingForPerson(ports);
  const datasets = person?.datasets ?? [];
  const most = mostNewlyDue(ports.configuration);
  return {
    deployed,
    ...present({ active }),
    waiting: {
      policies: deployed,
      since: isoUtc(waiting.since),
      state: person === undefined ? 'counting' : 'person',
      ...present({
        plan: progress && waiting.plan,
        datasets: datasets.length === 0 ? undefined : [...datasets],
        newlyDue: progress && newlyDue(progress.tally),
        maxNewlyDue: most === Infinity ? undefined : most,
      }),
    },
  };
}
