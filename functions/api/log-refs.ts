import { logRef } from '../../shared/domain/configuration/references.ts';
import type { HoldingRef, LogRef } from '../../shared/domain/record/ids.ts';
import { logKeyOf } from '../../shared/protocol/facts/refs-of.ts';
import type { ApiPorts } from './api-ports.ts';

/** How the deletion log names these records, where that can still be told. What is disposed of has a name, too. */
export async function logRefs(
  ports: ApiPorts,
  refs: readonly HoldingRef[],
): Promise<ReadonlyMap<HoldingRef, LogRef>> {
  const known = new Map<HoldingRef, LogRef>();
  if (refs.length === 0) return known;
  const { holdings } = await ports.registry.readHoldings(refs);
  for (const holding of holdings.values()) {
    const key = await logKeyOf(ports.keys, holding);
    if (key !== undefined) known.set(holding.ref, logRef(key, holding.ref));
  }
  return known;
}
