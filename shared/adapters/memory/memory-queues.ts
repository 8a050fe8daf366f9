import type { FanOutMessage, LaneMessage, Queues, SealMessage, SweepMessage } from '../../ports/queues.ts';
import { deepFreeze } from '../deep-freeze.ts';

export interface MemoryQueues extends Queues {
  /** Messages that were sent and not yet drained, oldest first. */
  readonly lane: LaneMessage[];
  readonly sweep: SweepMessage[];
  readonly ingest: FanOutMessage[];
  readonly seal: SealMessage[];
  /** Quarantined bodies on their way back to ingest. */
  readonly replayed: string[];
  /** Takes all messages of a queue; of the lanes, those of one store when it is named. */
  drainLane(store?: string): LaneMessage[];
  drainSweep(): SweepMessage[];
  drainIngest(): FanOutMessage[];
  drainSeal(): SealMessage[];
  drainReplayed(): string[];
  isEmpty(): boolean;
}

export function memoryQueues(): MemoryQueues {
  const lane: LaneMessage[] = [];
  const sweep: SweepMessage[] = [];
  const ingest: FanOutMessage[] = [];
  const seal: SealMessage[] = [];
  const replayed: string[] = [];
  return {
    lane,
    sweep,
    ingest,
    seal,
    replayed,
    toLane: async (message) => void lane.push(deepFreeze(message)),
    toSweep: async (messages) => void sweep.push(...messages.map(deepFreeze)),
    toIngest: async (message) => void ingest.push(deepFreeze(message)),
    toSeal: async (message) => void seal.push(deepFreeze(message)),
    replay: async (body) => void replayed.push(body),
    drainLane(store) {
      const all = lane.splice(0);
      if (store === undefined) return all;
      lane.push(...all.filter((message) => message.store !== store));
      return all.filter((message) => message.store === store);
    },
    drainSweep: () => sweep.splice(0),
    drainIngest: () => ingest.splice(0),
    drainSeal: () => seal.splice(0),
    drainReplayed: () => replayed.splice(0),
    isEmpty: () => lane.length + sweep.length + ingest.length + seal.length + replayed.length === 0,
  };
}
