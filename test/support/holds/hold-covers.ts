import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { LegalHold } from '../../../shared/domain/record/hold.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { categoriesOf, entitiesOf } from '../../../shared/protocol/plan-of.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';

const RULES = {
  notes: [aRule('3 days after contract.ended')],
  letters: [aRule('1 day after contract.ended')],
  files: [aRule('restrict 1 day after contract.ended'), aRule('2 days after contract.ended')],
};
/** Each is what the configuration may become: a category moves, and a policy has another name. */
export const POLICIES = [
  [
    aPolicy({ notes: RULES.notes, files: RULES.files }, { name: 'first' }),
    aPolicy({ letters: RULES.letters }, { name: 'second' }),
  ],
  [
    aPolicy({ notes: RULES.notes }, { name: 'first' }),
    aPolicy({ letters: RULES.letters, files: RULES.files }, { name: 'second' }),
  ],
  [
    aPolicy({ notes: RULES.notes, files: RULES.files }, { name: 'renamed' }),
    aPolicy({ letters: RULES.letters }, { name: 'second' }),
  ],
];

/** What the documentation says of each scope. All records are in one store. */
export function isCovered(
  { scope, categories = [] }: LegalHold,
  holding: Holding,
  effective: readonly Policy[],
): boolean {
  const own = categoriesOf(holding);
  if ('everything' in scope || 'store' in scope) return true;
  if ('category' in scope) return own.includes(scope.category);
  if ('entity' in scope) return entitiesOf(holding).some(({ ref }) => ref === scope.entity);
  const policy = effective.find(({ name }) => name === scope.policy);
  const now = Object.keys(policy?.categories ?? {});
  return own.some((category) => now.includes(category) || categories.includes(category));
}
