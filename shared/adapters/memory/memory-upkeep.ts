import type { Coverage } from '../../domain/coverage/coverage-report.ts';
import type { MemoryColumns } from '../columns/memory-columns.ts';
import { memoryReplays } from '../replay/memory-replays.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions, memoryRows } from './memory-rows.ts';
import { present } from '../../domain/present.ts';
import type { Notice } from '../../domain/record/notice.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type {
  CensusPart,
  DueHolding,
  PolicyRun,
  Quarantined,
  SetAside,
  Upkeep,
  Walk,
} from '../../ports/upkeep.ts';

export interface MemoryUpkeep extends Upkeep {
  allWalks(): Walk[];
  allSetAside(): SetAside[];
  allQuarantined(): Quarantined[];
  allNotices(): Notice[];
}

export function memoryUpkeep(
  pageSize: number,
  { columnMarks }: Pick<MemoryColumns, 'columnMarks'>,
): MemoryUpkeep {
  const walks = new Map<string, Walk>();
  const asides = memoryPartitions<SetAside>();
  const censuses = memoryPartitions<CensusPart>();
  const lists = memoryPartitions<readonly HoldingRef[]>();
  const dues = memoryPartitions<readonly DueHolding[]>();
  let newest: string | undefined;
  const coverages = new Map<string, Coverage>();
  const quarantine = memoryRows<Quarantined>();
  const notices = memoryRows<Notice>();
  let heartbeat: Instant | undefined;
  const behind = new Map<string, Instant>();
  const quotas = new Map<string, number>();
  let run: PolicyRun | undefined;
  return {
    ...memoryReplays(),
    async putHeartbeat(sent) {
      heartbeat = Math.max(heartbeat ?? sent, sent);
    },
    heartbeat: async () => heartbeat,
    async noteBehind(producer, { now, until }) {
      const former = behind.get(producer) ?? -Infinity;
      behind.set(producer, Math.max(former, until));
      return former < now ? 'new' : 'known';
    },
    async intake() {
      const marks = columnMarks();
      const columns = marks.size > 0 ? marks : undefined;
      return { behind: new Map(behind), ...present({ heartbeat, columns }) };
    },
    async takeQuota(producer, items, { hour, most }) {
      const name = `${producer} ${hour}`;
      const taken = (quotas.get(name) ?? 0) + items;
      if (taken > most) return 'over';
      quotas.set(name, taken);
      return 'taken';
    },
    allWalks: () => [...walks.values()],
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
    async putCensus({ run: name, page, at, counts, listed, forecast = [], more }) {
      censuses.of(name).put(page, deepFreeze({ page, at, counts, forecast, ...present({ more }) }));
      for (const [reason, refs] of listed) lists.of(`${name} ${reason}`).put(page, deepFreeze(refs));
    },
    census: async (name, after) => censuses.at(name).page(pageSize, after),
    async censusList(name, reason, after) {
      const page = lists.at(`${name} ${reason}`).page(1, after);
      return { ...page, items: page.items.flat() };
    },
    async putDue({ run: name, page, due }) {
      dues.of(name).put(page, deepFreeze(due));
    },
    async due(name, after) {
      const page = dues.at(name).page(1, after);
      return { ...page, items: page.items.flat() };
    },
    async putNewestCensus(id) {
      newest = newest === undefined || newest < id ? id : newest;
    },
    newestCensus: async () => newest,
    coverage: async (store) => coverages.get(store),
    async putCoverage(store, coverage) {
      coverages.set(store, deepFreeze(coverage));
    },
    async putNotices(all) {
      for (const notice of all) notices.put(notice.id, deepFreeze(notice));
    },
    notices: async (after) => ({ ...notices.page(pageSize, after), damaged: 0 }),
    async deleteNotices(ids) {
      for (const id of ids) notices.delete(id);
    },
    allNotices: () => notices.all(),
    putQuarantined: async (item) => quarantine.put(item.id, deepFreeze(item)),
    quarantined: async (after) => quarantine.page(pageSize, after),
    quarantinedItem: async (id) => quarantine.get(id),
    async replaceQuarantined(item) {
      if (quarantine.get(item.id) === undefined) return 'unknown';
      quarantine.put(item.id, deepFreeze(item));
      return 'replaced';
    },
    async noteTry(id, triedAt) {
      const item = quarantine.get(id);
      if (item === undefined) return 'unknown';
      quarantine.put(id, deepFreeze({ ...item, triedAt }));
      return 'noted';
    },
    removeQuarantined: async (id) => (quarantine.delete(id) ? 'removed' : 'unknown'),
    allSetAside: () => asides.all(),
    allQuarantined: () => quarantine.all(),
  };
}
