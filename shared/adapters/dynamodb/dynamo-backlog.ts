import * as z from 'zod';
import {
  type CanaryState,
  type DryRun,
  type LaneGuard,
  type RuleGuard,
  type RuleStop,
  STOP_REASONS,
  type Taken,
} from '../../domain/guard/lane-guard.ts';
import type { Pace } from '../../domain/guard/pace.ts';
import { present } from '../../domain/present.ts';
import type { Backlog } from '../../ports/backlog.ts';
import { ACTIVATION, fromActivationItem } from '../policy-plan/dynamo-policy-plans.ts';
import { behindOf, columnsOf, fromHeartbeatItem, HEARTBEAT } from './dynamo-heartbeat.ts';
import type { ItemKey, StoredItem } from './dynamo-item.ts';
import { part, stored, trusted, whole } from './dynamo-item.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { ABSENT, PAGE_ITEMS, versionIs } from './dynamo-table.ts';
import {
  chunkKey,
  chunkPartition,
  fromChunkItem,
  fromWorkItem,
  toChunkItem,
  toWorkItem,
  workKey,
  workPartition,
} from './dynamo-work-item.ts';

/** A lane's chunks lie in one partition, in order of time for each producer; its work records in another. */
export function dynamoBacklog(table: DynamoTable): Backlog {
  return {
    async putChunks(chunks) {
      // A chunk that is there already stays as it is.
      await table.writeEach(chunks.map((chunk) => ({ kind: 'insert', item: toChunkItem(chunk) })));
    },

    async begin(key) {
      const items = await table.batchGet([chunkKey(key), workKey(key), HEARTBEAT, ACTIVATION]);
      const at = (PK: string) => items.find((item) => item['PK'] === PK);
      const [chunk, work] = [at(chunkPartition(key.lane)), at(workPartition(key.lane))];
      const heartbeat = at(HEARTBEAT.PK);
      const behind = heartbeat && behindOf(heartbeat);
      const columns = heartbeat && columnsOf(heartbeat);
      const activation = at(ACTIVATION.PK);
      return present({
        chunk: chunk && fromChunkItem(chunk),
        work: work && fromWorkItem(work),
        heartbeat: heartbeat && fromHeartbeatItem(heartbeat),
        behind: behind !== undefined && behind.size > 0 ? behind : undefined,
        columns: columns !== undefined && columns.size > 0 ? columns : undefined,
        activePolicies: activation && fromActivationItem(activation).active,
      });
    },

    async chunk(key) {
      const item = await table.get(chunkKey(key));
      return item && fromChunkItem(item);
    },

    async writeChunk(next) {
      return (await table.put(toChunkItem(next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },

    async deleteChunk(chunk) {
      return (await table.delete(chunkKey(chunk), versionIs(chunk.version))) ? 'deleted' : 'moved';
    },

    async chunks(lane, after) {
      const page = await table.page({ partition: chunkPartition(lane), after, limit: PAGE_ITEMS });
      return { ...page, items: page.items.map(fromChunkItem) };
    },

    async putWork(next, former) {
      const condition = former === undefined ? ABSENT : tokenIs(former);
      return (await table.put(toWorkItem(next), condition)) ? 'written' : 'taken';
    },

    async actOn(work, actedOn) {
      const item = toWorkItem({ ...work, actedOn });
      return (await table.put(item, tokenIs(work.token))) ? 'written' : 'lost';
    },

    async deleteWork({ chunk, token }) {
      return (await table.delete(workKey(chunk), tokenIs(token))) ? 'deleted' : 'lost';
    },

    async workRecords(lane) {
      const items = await table.all({ partition: workPartition(lane) });
      return items.map(fromWorkItem);
    },

    async laneGuard(lane) {
      const item = await table.get(guardKey(lane));
      return item && fromGuardItem(item);
    },

    async writeLaneGuard(lane, next) {
      return (await table.put(toGuardItem(lane, next), versionIs(next.version - 1))) ? 'written' : 'moved';
    },
  };
}

function tokenIs(token: string) {
  return { expression: 't = :token', values: { ':token': token } };
}

const takenItem = z.tuple([part.instant, part.count]);

const ruleItem = z.object({
  d: takenItem,
  a: takenItem.optional(),
  /** Policy, rule, since when, why, how many were let through, and how many may be. */
  s: z.tuple([part.text, part.text, part.instant, z.enum(STOP_REASONS), part.count, part.count]).optional(),
  /** Records that were read back, trials without an answer, and the one that goes on. */
  k: z
    .object({ v: part.count, n: part.count, t: z.tuple([part.text, part.instant, part.count]).optional() })
    .optional(),
});
type RuleItem = z.infer<typeof ruleItem>;

const guardItem = z.object({
  r: part.count,
  b: part.text,
  h: takenItem.optional(),
  m: takenItem.optional(),
  u: z.record(part.text, ruleItem).optional(),
  c: z.tuple([part.text, part.count]).optional(),
  n: part.count.optional(),
  /** When the usual times were written, these, and of a slow store: level, since when, until when, whose turn, how many left. */
  p: z
    .object({
      a: part.instant,
      u: z.record(part.text, part.count),
      s: z.tuple([part.count, part.instant, part.instant, part.text, part.count]).optional(),
    })
    .optional(),
  /** A day, and what would have been done on it: policy, rule, action and how many records. */
  y: z.tuple([part.text, z.array(z.tuple([part.text, part.text, part.action, part.count]))]).optional(),
});

/** One item a lane, in a partition of its own: a lane may write no other lane's. */
function guardKey(lane: string): ItemKey {
  return { PK: `U#${lane}`, SK: 'G' };
}

function toGuardItem(lane: string, guard: LaneGuard): StoredItem & ItemKey {
  const body = {
    r: guard.version,
    b: guard.by,
    h: guard.hour && toTaken(guard.hour),
    m: guard.minute && toTaken(guard.minute),
    y: guard.dryRun && dryRunItem(guard.dryRun),
    p: guard.pace && paceItem(guard.pace),
    u: guard.rules && mapValues(guard.rules, toRuleItem),
    c: guard.holdings && ([guard.holdings.census, guard.holdings.count] as [string, number]),
    n: guard.surveyed,
  };
  return stored<typeof body>(guardKey(lane), body);
}

function fromGuardItem(found: StoredItem): LaneGuard {
  const item = trusted('lane guard', guardItem, found);
  return whole<LaneGuard>({
    version: item.r,
    by: item.b,
    hour: item.h && fromTaken(item.h),
    minute: item.m && fromTaken(item.m),
    dryRun: item.y && dryRunFrom(item.y),
    pace: item.p && paceFrom(item.p),
    rules: item.u && mapValues(item.u, fromRuleItem),
    holdings: item.c && { census: item.c[0], count: item.c[1] },
    surveyed: item.n,
  });
}

function toRuleItem({ day, approved, stop, canary }: RuleGuard): RuleItem {
  return {
    d: toTaken(day),
    ...present({
      a: approved && ([approved.until, approved.count] as [number, number]),
      s: stop && stopItem(stop),
      k: canary && canaryItem(canary),
    }),
  };
}

function stopItem({ policy, rule, at, because, taken, most }: RuleStop): NonNullable<RuleItem['s']> {
  return [policy, rule, at, because, taken, most];
}

function fromRuleItem({ d: day, a: approved, s: stop, k: canary }: RuleItem): RuleGuard {
  return {
    day: fromTaken(day),
    ...present({
      approved: approved && { until: approved[0], count: approved[1] },
      stop: stop && stopFrom(stop),
      canary: canary && canaryFrom(canary),
    }),
  };
}

function stopFrom([policy, rule, at, because, taken, most]: NonNullable<RuleItem['s']>): RuleStop {
  return { policy, rule, at, because, taken, most };
}

type PaceItem = NonNullable<z.infer<typeof guardItem>['p']>;

function paceItem({ at: a, usual: u, slow }: Pace): PaceItem {
  const s = slow && ([slow.level, slow.changed, slow.until, slow.by, slow.left] satisfies PaceItem['s']);
  return { a, u: { ...u }, ...present({ s }) };
}

function paceFrom({ a: at, u: usual, s }: PaceItem): Pace {
  const slow = s && { level: s[0], changed: s[1], until: s[2], by: s[3], left: s[4] };
  return { at, usual, ...present({ slow }) };
}

type DryRunItem = NonNullable<z.infer<typeof guardItem>['y']>;

function dryRunItem({ day, counts }: DryRun): DryRunItem {
  return [day, counts.map(({ policy, rule, action, records }) => [policy, rule, action, records])];
}

function dryRunFrom([day, counts]: DryRunItem): DryRun {
  return {
    day,
    counts: counts.map(([policy, rule, action, records]) => ({ policy, rule, action, records })),
  };
}

function canaryItem({ verified, trials, trial }: CanaryState): NonNullable<RuleItem['k']> {
  const t = trial && ([trial.token, trial.until, trial.records] as [string, number, number]);
  return { v: verified, n: trials, ...present({ t }) };
}

function canaryFrom({ v: verified, n: trials, t }: NonNullable<RuleItem['k']>): CanaryState {
  return { verified, trials, ...present({ trial: t && { token: t[0], until: t[1], records: t[2] } }) };
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function toTaken({ at, count }: Taken): z.infer<typeof takenItem> {
  return [at, count];
}

function fromTaken([at, count]: z.infer<typeof takenItem>): Taken {
  return { at, count };
}
