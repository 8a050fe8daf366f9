import type { Policy, PurposePolicy } from '../../../shared/domain/configuration/policy.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';
import { aPolicy, anEvent, aRule, type Dated } from './rule-world.ts';

const byPurpose = { entity: 'person', byPurpose: true, attributes: { purpose: 'text' } } as const;

/** Consents are given and withdrawn by purpose. */
export const CONSENTS = {
  'consent.withdrawn': anEvent({ ...byPurpose, undoneBy: ['consent.given'] }),
  'consent.given': anEvent(byPurpose),
};

export const cleared = (...fields: string[]): Masks =>
  Object.fromEntries(fields.map((field) => [field, { kind: 'null' as const }]));

/** Ends a day after the withdrawal of its consent. */
export const consented = (...fields: string[]): PurposePolicy => ({
  rule: aRule('1 day after consent.withdrawn'),
  ...(fields.length > 0 && { fields: cleared(...fields) }),
});

/** A policy with such purposes; its categories wait for a contract's end. */
export function purposePolicy(
  purposePolicies: Readonly<Record<string, PurposePolicy>>,
  changes: Partial<Policy> = {},
): Policy {
  const policy = aPolicy({ contact: [aRule('3 years after contract.ended')] }, changes);
  return {
    ...policy,
    purposes: Object.keys(purposePolicies),
    purposePolicies,
    events: { ...policy.events, ...CONSENTS },
  };
}

export const consent = (purpose: string, occurred: string, sent = occurred): Exclude<Dated, string> => ({
  occurred,
  sent: sent.length === 10 ? `${sent}T12:00:00Z` : sent,
  attributes: { purpose },
});
