import type { MemoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';

/** All that a registry in memory has stored, part by part. */
export async function everythingIn(registry: MemoryRegistry) {
  return {
    facts: registry.allFacts(),
    states: [...registry.allStates()],
    pointers: registry.allPointers(),
    holdings: registry.allHoldings(),
    tombstones: registry.allTombstones(),
    hints: registry.allHints(),
    cursors: registry.allCursors().filter(({ version }) => version > 0),
    parked: registry.allParked(),
    chunks: registry.allChunks(),
    work: registry.allWorkRecords(),
    results: registry.allResults(),
    sealed: registry.allSealed(),
    toBeSealed: registry.allToBeSealed(),
    setAside: registry.allSetAside(),
    quarantined: registry.allQuarantined(),
    requests: registry.allRequests(),
    listedRequests: registry.allListedRequests(),
    holdRecords: registry.allHoldRecords(),
    wideHolds: await registry.wideHolds(),
  };
}
