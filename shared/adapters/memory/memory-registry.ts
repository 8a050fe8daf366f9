import type { Registry } from '../../ports/registry.ts';
import { type MemoryColumns, memoryColumns } from '../columns/memory-columns.ts';
import { type MemoryBacklog, memoryBacklog } from './memory-backlog.ts';
import { type MemoryLogIndex, memoryLogIndex } from '../log-index/memory-log-index.ts';
import { memoryMarks } from '../marks/memory-marks.ts';
import { type MemoryProposals, memoryProposals } from '../people/memory-proposals.ts';
import { type MemoryRequests, memoryRequests } from '../people/memory-requests.ts';
import { type MemoryPolicyPlans, memoryPolicyPlans } from '../policy-plan/memory-policy-plans.ts';
import { type MemoryEntities, memoryEntities } from './memory-entities.ts';
import { type MemoryHints, memoryHints } from './memory-hints.ts';
import { type MemoryHoldings, memoryHoldings } from './memory-holdings.ts';
import { type MemoryHolds, memoryHolds } from './memory-holds.ts';
import { type MemoryResults, memoryResults } from './memory-results.ts';
import { memoryScan } from './memory-scan.ts';
import { type MemoryUpkeep, memoryUpkeep } from './memory-upkeep.ts';

/** What a test may look at. Reading changes nothing; everything handed out is frozen. */
export type MemoryRegistry = Registry &
  MemoryEntities &
  MemoryColumns &
  MemoryHoldings &
  MemoryHints &
  MemoryBacklog &
  MemoryResults &
  MemoryLogIndex &
  MemoryHolds &
  MemoryRequests &
  MemoryProposals &
  MemoryPolicyPlans &
  MemoryUpkeep;

export interface MemoryRegistryOptions {
  /** Items on a page (default 100). */
  readonly pageSize?: number;
}

/** Keeps every promise of the port in this process, for tests and simulations. Stores frozen objects. */
export function memoryRegistry({ pageSize = 100 }: MemoryRegistryOptions = {}): MemoryRegistry {
  const columns = memoryColumns(pageSize);
  const upkeep = memoryUpkeep(pageSize, columns);
  const plans = memoryPolicyPlans();
  const entities = memoryEntities();
  const holdings = memoryHoldings(pageSize);
  return {
    ...entities,
    ...columns,
    ...holdings,
    ...memoryScan(entities, holdings),
    ...memoryHints(pageSize),
    ...memoryBacklog({ ...upkeep, ...plans }, pageSize),
    ...memoryResults(pageSize),
    ...memoryLogIndex(pageSize),
    ...memoryHolds(pageSize),
    ...memoryRequests(pageSize),
    ...memoryProposals(pageSize),
    ...plans,
    ...memoryMarks(),
    ...upkeep,
  };
}
