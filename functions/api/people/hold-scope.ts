import type { SentHoldScope } from '../../../shared/contract/people/legal-holds.ts';
import { problem, type Problem } from '../../../shared/contract/problem.ts';
import { own } from '../../../shared/domain/own.ts';
import type { Caller } from '../../../shared/domain/configuration/principal.ts';
import type { HoldScope } from '../../../shared/domain/record/hold.ts';
import type { ApiPorts } from '../api-ports.ts';
import { entityOf } from '../query-subject.ts';

/**
 * The scope in the registry's terms. A name that the configuration does not know is refused: such a hold would keep
 * nothing, and look as if it did.
 */
export async function holdScope(
  ports: ApiPorts,
  caller: Caller,
  scope: SentHoldScope,
): Promise<{ readonly scope: HoldScope } | { readonly problem: Problem }> {
  if ('entity' in scope) {
    const found = await entityOf(ports, caller, scope.entity);
    if ('entity' in found) return { scope: { entity: found.entity } };
    const { path } = found.problem;
    return { problem: { ...found.problem, ...(path !== undefined && { path: `scope.${path}` }) } };
  }
  const { stores, policies } = ports.configuration;
  if ('store' in scope) return own(stores, scope.store) === undefined ? unknown('scope.store') : { scope };
  if ('policy' in scope)
    return policies.policies.some(({ name }) => name === scope.policy) ? { scope } : unknown('scope.policy');
  if ('category' in scope)
    return policies.policies.some(({ categories }) => own(categories, scope.category) !== undefined)
      ? { scope }
      : unknown('scope.category');
  return { scope };
}

function unknown(path: string): { readonly problem: Problem } {
  return { problem: problem('HOLD_SCOPE_UNKNOWN', path) };
}
