import type { Notice } from '../../domain/record/notice.ts';
import type {
  FanOutMessage,
  LaneMessage,
  Queues,
  SealMessage,
  Sending,
  SpokenFact,
  SweepMessage,
} from '../../ports/queues.ts';
import type { ColumnMessage } from '../../domain/columns/column-entry.ts';
import { deepFreeze } from '../deep-freeze.ts';

export interface Rung {
  readonly bell: LaneMessage;
  readonly delaySeconds: number;
}

export interface MemoryQueues extends Queues {
  /** Messages that were sent and not yet drained, oldest first. */
  readonly bells: Rung[];
  readonly sweep: SweepMessage[];
  readonly ingest: FanOutMessage[];
  /** What lanes have found in columns. */
  readonly columns: ColumnMessage[];
  readonly seal: SealMessage[];
  /** Heartbeats that were sent and not yet drained. */
  readonly heartbeats: { count: number };
  /** Bodies on their way back to ingest. */
  readonly replayed: string[];
  /** How each message to ingest was sent, the bodies and the fan-outs. */
  readonly sendings: Sending[];
  /** Ids of quarantined messages that are to be tried again. */
  readonly retried: string[];
  /** Facts of requests that were sent again. */
  readonly sentFacts: SpokenFact[];
  /** What applications were told. */
  readonly notified: Notice[];
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
  const columns: ColumnMessage[] = [];
  const seal: SealMessage[] = [];
  const replayed: string[] = [];
  const sendings: Sending[] = [];
  const retried: string[] = [];
  const sentFacts: SpokenFact[] = [];
  const notified: Notice[] = [];
  const hidden = new Map<string, number>();
  const heartbeats = { count: 0 };
  return {
    bells,
    sweep,
    ingest,
    columns,
    seal,
    heartbeats,
    replayed,
    sendings,
    retried,
    sentFacts,
    notified,
    hidden,
    ring: async (all) => void bells.push(...all.map(deepFreeze)),
    toSweep: async (messages) => void sweep.push(...messages.map(deepFreeze)),
    async toIngest(message, sending = {}) {
      ingest.push(deepFreeze(message));
      sendings.push(sending);
    },
    toSeal: async (message) => void seal.push(deepFreeze(message)),
    async sendHeartbeat() {
      heartbeats.count += 1;
    },
    retry: async (ids) => void retried.push(...ids),
    retryRefused: async (ids) => void retried.push(...ids),
    sendFacts: async (facts) => void sentFacts.push(...facts.map(deepFreeze)),
    tellIngest: async (messages) => void columns.push(...messages.map(deepFreeze)),
    async notify(all) {
      notified.push(...all.map(deepFreeze));
      return all.map(() => 'durable');
    },
    async hide(receipt, seconds) {
      hidden.set(receipt, seconds);
    },
    async replay(body, sending = {}) {
      replayed.push(body);
      sendings.push(sending);
    },
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
