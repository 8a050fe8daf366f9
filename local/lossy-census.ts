import type { HoldingRef } from '../shared/domain/record/ids.ts';
import type { Registry } from '../shared/ports/registry.ts';

export interface LossyCensus {
  readonly registry: Registry;
  /** From now on, what a census puts down about this holding as due is not kept. */
  readonly lose: (ref: HoldingRef) => void;
}

/** A registry with a defect that a story plants, so that it can be shown that the deletion log tells. */
export function lossyCensus(registry: Registry): LossyCensus {
  const lost = new Set<HoldingRef>();
  return {
    registry: {
      ...registry,
      putDue: (page) => registry.putDue({ ...page, due: page.due.filter(({ ref }) => !lost.has(ref)) }),
    },
    lose: (ref) => void lost.add(ref),
  };
}
