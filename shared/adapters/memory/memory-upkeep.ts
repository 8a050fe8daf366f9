import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { CensusCount, PolicyRun, Quarantined, SetAside, Upkeep, Walk } from '../../ports/upkeep.ts';

export interface MemoryUpkeep extends Upkeep {
  allSetAside(): SetAside[];
  allQuarantined(): Quarantined[];
}

export function memoryUpkeep(pageSize: number): MemoryUpkeep {
  const walks = new Map<string, Walk>();
  const asides = memoryPartitions<SetAside>();
  const censuses = memoryPartitions<readonly CensusCount[]>();
  const quarantine = memoryRows<Quarantined>();
  let heartbeat: Instant | undefined;
  let run: PolicyRun | undefined;
  return {
    async putHeartbeat(sent) {
      heartbeat = Math.max(heartbeat ?? sent, sent);
    },
    heartbeat: async () => heartbeat,
    walk: async (id) => walks.get(id) ?? { id, version: 0, at: 0 },
    async putWalk(next) {
      if ((walks.get(next.id)?.version ?? 0) !== next.version - 1) return 'moved';
      walks.set(next.id, deepFreeze(next));
      return 'written';
    },
    async deleteWalk(id) {
      walks.delete(id);
    },
    policyRun: async () => run,
    async putPolicyRun(next, former) {
      if (run?.digest !== former) return 'moved';
      run = deepFreeze(next);
      return 'written';
    },
    async setAside(item) {
      const of = asides.of(item.store);
      const stored = of.get(item.holding);
      of.put(item.holding, deepFreeze(stored?.code === item.code ? stored : item));
    },
    setAsides: async (store, after) => asides.at(store).page(pageSize, after),
    async takeBack({ store, holding }) {
      asides.of(store).delete(holding);
    },
    async putCensus(name, segment, counts) {
      censuses.of(name).put(String(segment), deepFreeze(counts));
    },
    census: async (name) => censuses.at(name).all().flat(),
    putQuarantined: async (item) => quarantine.put(item.id, deepFreeze(item)),
    quarantined: async (after) => quarantine.page(pageSize, after),
    quarantinedItem: async (id) => quarantine.get(id),
    removeQuarantined: async (id) => (quarantine.delete(id) ? 'removed' : 'unknown'),
    allSetAside: () => asides.all(),
    allQuarantined: () => quarantine.all(),
  };
}
