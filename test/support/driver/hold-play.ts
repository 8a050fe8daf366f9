import type { EntityScope, LegalHold } from '../../../shared/domain/record/hold.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';

/** A legal hold on one entity, as the API places it. */
export function aHoldOn(
  entity: EntityRef,
  changes: Partial<LegalHold> = {},
): LegalHold & { readonly scope: EntityScope } {
  return { id: 'h-1', kind: 'hold', state: 'placed', at: 0, ...changes, scope: { entity } };
}
