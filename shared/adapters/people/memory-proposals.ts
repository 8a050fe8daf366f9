import type { Proposal } from '../../domain/record/proposal.ts';
import type { Proposals } from '../../ports/proposals.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryRows } from '../memory/memory-rows.ts';

export interface MemoryProposals extends Proposals {
  allProposals(): Proposal[];
}

export function memoryProposals(pageSize: number): MemoryProposals {
  const rows = memoryRows<Proposal>();
  return {
    proposal: async (id) => rows.get(id),
    async putProposal(next) {
      if ((rows.get(next.id)?.version ?? 0) !== next.version - 1) return 'moved';
      rows.put(next.id, deepFreeze(structuredClone(next)));
      return 'written';
    },
    proposals: async (after) => rows.page(pageSize, after),
    allProposals: () => rows.all(),
  };
}
