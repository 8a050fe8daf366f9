import type { PoliciesAnswer } from '../../../shared/contract/policy-plans.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { mostNewlyDue } from '../../../shared/domain/policy-plan/activation.ts';
import { newlyDue } from '../../../shared/domain/policy-plan/tally.ts';
import { present } from '../../../shared/domain/present.ts';
import {
  deployedPolicies,
  planFor,
  waitingForPerson,
} from '../../../shared/protocol/policy-plan/activation.ts';
import { ringActivated } from '../../../shared/protocol/policy-plan/begin-plan.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { ACTIVATE_POLICIES, waitingPolicies } from '../four-eyes/activate-policies.ts';
import { doOrPropose } from '../four-eyes/do-or-propose.ts';

/** Which policies are deployed, which are active, and which wait for what. */
export const showPolicies: Operation<'showPolicies'> = async (ports) => ({
  kind: 'answer',
  answer: await policiesNow(ports),
});

/**
 * A person says that lanes may dispose of records by the deployed policies. Only by those that wait, which `policies`
 * names, and only after they were counted: what was counted again in the meantime is not approved. Sent again it changes
 * nothing, and rings the lanes once more.
 */
export const approvePolicies: Operation<'approvePolicies'> = async (ports, { input, principal }) => {
  if ((await ports.registry.activation())?.active === input.policies) {
    await ringActivated(ports);
  } else {
    const asked = await waitingPolicies(ports, input.policies);
    if ('code' in asked) return { kind: 'problem', problem: asked };
    const reply = await doOrPropose(ports, principal, ACTIVATE_POLICIES, asked);
    if (typeof reply !== 'string') return reply;
  }
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
