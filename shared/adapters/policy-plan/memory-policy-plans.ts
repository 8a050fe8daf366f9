import type { PolicySet } from '../../domain/configuration/policy.ts';
import type { Activation } from '../../domain/policy-plan/activation.ts';
import type { PolicyPlan, PolicyPlans } from '../../ports/policy-plans.ts';
import { deepFreeze } from '../deep-freeze.ts';

export interface MemoryPolicyPlans extends PolicyPlans {
  allPolicyPlans(): PolicyPlan[];
}

export function memoryPolicyPlans(): MemoryPolicyPlans {
  const plans = new Map<string, PolicyPlan>();
  const sets = new Map<string, PolicySet>();
  let current: Activation | undefined;
  return {
    async putPolicyPlan(plan) {
      if (plans.has(plan.id)) return 'taken';
      plans.set(plan.id, deepFreeze(structuredClone(plan)));
      return 'written';
    },
    policyPlan: async (id) => plans.get(id),
    activation: async () => current,
    async putActivation(next) {
      if ((current?.version ?? 0) !== next.version - 1) return 'moved';
      current = deepFreeze(next);
      return 'written';
    },
    async putActiveSet(digest, set) {
      sets.set(digest, deepFreeze(structuredClone(set)));
    },
    activeSet: async (digest) => sets.get(digest),
    allPolicyPlans: () => [...plans.values()],
  };
}
