import type { SentHoldScope } from '../../../shared/contract/people/legal-holds.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { own } from '../../../shared/domain/own.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import type { HoldScope } from '../../../shared/domain/record/hold.ts';
import { unique } from '../../../shared/protocol/plan-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { entityOf, ownedBy } from '../query-subject.ts';

export interface ScopeOfHold {
  /** In the registry's terms. */
  readonly scope: HoldScope;
  /** As it was asked for, with the producer of an owned entity. */
  readonly named: SentHoldScope;
  /** Of a policy, in whatever version of it the configuration has. */
  readonly categories?: readonly string[];
}

/**
 * The scope in the registry's terms. A name that the configuration does not know is refused: such a hold would keep
 * nothing, and look as if it did.
 */
export async function holdScope(
  ports: ApiPorts,
  caller: Caller,
  scope: SentHoldScope,
): Promise<ScopeOfHold | { readonly problem: Problem }> {
  if ('entity' in scope) {
    const found = await entityOf(ports, caller, scope.entity);
    if ('entity' in found)
      return { scope: { entity: found.entity }, named: { entity: ownedBy(ports, caller, scope.entity) } };
    const { path } = found.problem;
    return { problem: { ...found.problem, ...(path !== undefined && { path: `scope.${path}` }) } };
  }
  const { stores, policies } = ports.configuration;
  const known = { scope, named: scope };
  if ('store' in scope) return own(stores, scope.store) === undefined ? unknown('scope.store') : known;
  if ('policy' in scope) {
    const versions = policies.policies.filter(({ name }) => name === scope.policy);
    if (versions.length === 0) return unknown('scope.policy');
    const categories = unique(versions.flatMap((version) => Object.keys(version.categories)));
    return { ...known, categories: categories.toSorted() };
  }
  if ('category' in scope)
    return policies.policies.some(({ categories }) => own(categories, scope.category) !== undefined)
      ? known
      : unknown('scope.category');
  return known;
}

function unknown(path: string): { readonly problem: Problem } {
  return { problem: problem('HOLD_SCOPE_UNKNOWN', path) };
}
