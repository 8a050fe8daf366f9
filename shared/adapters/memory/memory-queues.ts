import type { Bell, FanOutMessage, Queues, SealMessage, SweepMessage } from '../../ports/queues.ts';
import { deepFreeze } from '../deep-freeze.ts';

export interface Rung {
  readonly bell: Bell;
  readonly delaySeconds: number;
}

export interface MemoryQueues extends Queues {
  /** Messages that were sent and not yet drained, oldest first. */
  readonly bells: Rung[];
  readonly sweep: SweepMessage[];
  readonly ingest: FanOutMessage[];
  readonly seal: SealMessage[];
  /** Heartbeats that were sent and not yet drained. */
  readonly heartbeats: { count: number };
  /** Quarantined bodies on their way back to ingest. */
  readonly replayed: string[];
  /** Ids of quarantined messages that are to be tried again. */
  readonly retried: string[];
  /** Seconds by receipt: the latest of each. */
  readonly hidden: Map<string, number>;
  drainBells(lane?: string): Rung[];
  drainSweep(): SweepMessage[];
  drainIngest(): FanOutMessage[];
  drainSeal(): SealMessage[];
  drainHeartbeats(): number;
  drainReplayed(): string[];
  isEmpty(): boolean;
}

export function memoryQueues(): MemoryQueues {
  const bells: Rung[] = [];
  const sweep: SweepMessage[] = [];
  const ingest: FanOutMessage[] = [];
  const seal: SealMessage[] = [];
  const replayed: string[] = [];
  const retried: string[] = [];
  const hidden = new Map<string, number>();
  const heartbeats = { count: 0 };
  return {
    bells,
    sweep,
    ingest,
    seal,
    heartbeats,
    replayed,
    retried,
    hidden,
    ring: async (all) => void bells.push(...all.map(deepFreeze)),
    toSweep: async (messages) => void sweep.push(...messages.map(deepFreeze)),
    toIngest: async (message) => void ingest.push(deepFreeze(message)),
    toSeal: async (message) => void seal.push(deepFreeze(message)),
    async sendHeartbeat() {
      heartbeats.count += 1;
    },
    retry: async (ids) => void retried.push(...ids),
    async hide(receipt, seconds) {
      hidden.set(receipt, seconds);
    },
    replay: async (body) => void replayed.push(body),
    drainBells(lane) {
      const all = bells.splice(0);
      if (lane === undefined) return all;
      bells.push(...all.filter(({ bell }) => bell.lane !== lane));
      return all.filter(({ bell }) => bell.lane === lane);
    },
    drainSweep: () => sweep.splice(0),
    drainIngest: () => ingest.splice(0),
    drainSeal: () => seal.splice(0),
    drainHeartbeats() {
      const { count } = heartbeats;
      heartbeats.count = 0;
      return count;
    },
    drainReplayed: () => replayed.splice(0),
    isEmpty: () =>
      bells.length + sweep.length + ingest.length + seal.length + replayed.length + heartbeats.count === 0,
  };
}
