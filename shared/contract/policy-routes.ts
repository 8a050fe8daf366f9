import {
  ApprovePolicies,
  PlanPolicies,
  PoliciesAnswer,
  PolicyPlanAnswer,
  PolicyPlanQuery,
} from './policy-plans.ts';
import * as z from 'zod';
import { ProposedAnswer } from './people/proposals.ts';
import { NoBody } from './operations.ts';

/** What the API answers about policies. */
export const POLICY_ROUTES = {
  showPolicies: {
    method: 'GET',
    path: '/v1/policies',
    roles: ['operator', 'auditor'],
    input: NoBody,
    answer: PoliciesAnswer,
  },
  approvePolicies: {
    method: 'POST',
    path: '/v1/policies/approve',
    roles: ['operator'],
    input: ApprovePolicies,
    answer: z.union([PoliciesAnswer, ProposedAnswer]),
  },
  planPolicies: {
    method: 'POST',
    path: '/v1/policies/plans',
    roles: ['operator'],
    input: PlanPolicies,
    answer: PolicyPlanAnswer,
  },
  queryPolicyPlan: {
    method: 'POST',
    path: '/v1/policies/plans/query',
    roles: ['operator', 'auditor'],
    input: PolicyPlanQuery,
    answer: PolicyPlanAnswer,
  },
} as const;
