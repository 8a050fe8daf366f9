import type { Configuration } from '../../domain/configuration/configuration.ts';
import { digestOf } from '../../domain/configuration/effective-policies.ts';
import type { RefusalCode } from '../../domain/configuration/permission.ts';

/**
 * Why a message is refused that other policies, or another list of entity types, might take: they do not know a name in
 * it, or do not expect what it says. Such messages are tried again when either changes. What a producer is not granted
 * is not among them: whether it is processed after all is decided by an operator.
 */
const BY_POLICIES: ReadonlySet<string> = new Set<RefusalCode>([
  'EVENT_UNDECLARED',
  'EVENT_ENTITY_TYPE',
  'EVENT_DATE_IMPLAUSIBLE',
  'ENTITY_TYPE_UNKNOWN',
  'ENTITIES_WITHOUT_RULE',
  'CATEGORY_UNKNOWN',
  'REGION_NOT_ALLOWED',
  'PURPOSE_UNDECLARED',
  'ROLE_UNDECLARED',
  'EVENT_PURPOSE_UNKNOWN',
  'ATTRIBUTE_UNDECLARED',
  'ATTRIBUTE_TYPE',
]);

export function isRefusedByPolicies(code: string): boolean {
  return BY_POLICIES.has(code);
}

const digests = new WeakMap<Configuration['policies'], WeakMap<Configuration['entityTypes'], string>>();

/** Digest of all that decides on these refusals, but for the time: every version of every policy, and the entity types. */
export function namesDigest({
  policies,
  entityTypes,
}: Pick<Configuration, 'policies' | 'entityTypes'>): string {
  const known = digests.get(policies) ?? new WeakMap<Configuration['entityTypes'], string>();
  digests.set(policies, known);
  const digest = known.get(entityTypes) ?? digestOf({ policies: policies.policies, entityTypes });
  known.set(entityTypes, digest);
  return digest;
}
