import { deepFreeze } from '../deep-freeze.ts';
import { memoryPartitions } from './memory-rows.ts';
import { present } from '../../domain/present.ts';
import { minuteId } from '../../domain/calendar/utc-time.ts';
import type { LaneGuard } from '../../domain/guard/lane-guard.ts';
import type { Backlog } from '../../ports/backlog.ts';
import type { PolicyPlans } from '../../ports/policy-plans.ts';
import type { Upkeep } from '../../ports/upkeep.ts';
import type { Chunk, ChunkKey, WorkRecord } from '../../domain/record/work.ts';

export interface MemoryBacklog extends Backlog {
  allChunks(): Chunk[];
  allWorkRecords(): WorkRecord[];
}

export function memoryBacklog(
  { intake, activation }: Pick<Upkeep & PolicyPlans, 'intake' | 'activation'>,
  pageSize: number,
): MemoryBacklog {
  const chunks = memoryPartitions<Chunk>();
  const records = memoryPartitions<WorkRecord>();
  const guards = new Map<string, LaneGuard>();
  const key = ({ producer, minute, id }: ChunkKey): string => `${producer}#${minuteId(minute)}#${id}`;
  const chunkOf = (at: ChunkKey): Chunk | undefined => chunks.at(at.lane).get(key(at));
  const workOf = (at: ChunkKey): WorkRecord | undefined => records.at(at.lane).get(key(at));
  return {
    async putChunks(all) {
      for (const chunk of all)
        if (chunkOf(chunk) === undefined) chunks.of(chunk.lane).put(key(chunk), deepFreeze(chunk));
    },
    async begin(at) {
      const [chunk, work, { heartbeat, behind, columns }] = [chunkOf(at), workOf(at), await intake()];
      return present({
        chunk,
        work,
        heartbeat,
        behind: behind.size > 0 ? behind : undefined,
        columns,
        activePolicies: (await activation())?.active,
      });
    },
    chunk: async (at) => chunkOf(at),
    async writeChunk(next) {
      if (chunkOf(next)?.version !== next.version - 1) return 'moved';
      chunks.of(next.lane).put(key(next), deepFreeze(next));
      return 'written';
    },
    async deleteChunk(chunk) {
      if (chunkOf(chunk)?.version !== chunk.version) return 'moved';
      chunks.of(chunk.lane).delete(key(chunk));
      return 'deleted';
    },
    chunks: async (lane, after) => chunks.at(lane).page(pageSize, after),
    async putWork(next, former) {
      if (workOf(next.chunk)?.token !== former) return 'taken';
      records.of(next.lane).put(key(next.chunk), deepFreeze(next));
      return 'written';
    },
    async actOn(work, actedOn) {
      if (workOf(work.chunk)?.token !== work.token) return 'lost';
      records.of(work.lane).put(key(work.chunk), deepFreeze({ ...work, actedOn }));
      return 'written';
    },
    async deleteWork({ lane, chunk, token }) {
      if (workOf(chunk)?.token !== token) return 'lost';
      records.of(lane).delete(key(chunk));
      return 'deleted';
    },
    workRecords: async (lane) => records.at(lane).all(),
    laneGuard: async (lane) => guards.get(lane),
    async writeLaneGuard(lane, next) {
      if ((guards.get(lane)?.version ?? 0) !== next.version - 1) return 'moved';
      guards.set(lane, deepFreeze(next));
      return 'written';
    },
    allChunks: () => chunks.all(),
    allWorkRecords: () => records.all(),
  };
}
