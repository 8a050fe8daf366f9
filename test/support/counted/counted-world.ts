import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import { dynamoBatches } from '../../../shared/adapters/dynamodb/dynamo-batches.ts';
import { toStateItem } from '../../../shared/adapters/dynamodb/dynamo-entity-item.ts';
import { holdingKey, toHoldingItem } from '../../../shared/adapters/dynamodb/dynamo-holding-item.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { seal } from '../../../shared/protocol/seal.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import type { TestTables } from '../registry-table.ts';
import { world, type WorldOptions } from '../driver/world.ts';
import { countingCall } from './counting-call.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MESSAGES_PER_BATCH = 10;

/** Requests by service: the registry’s, the log bucket’s, and messages with wake-ups. */
export interface Requests {
  readonly registry: number;
  readonly log: number;
  readonly messages: number;
  readonly all: number;
}

/** The world of the protocols over a real table: every request of registry, log and queues is counted. */
export async function countedWorld(tables: TestTables, options: WorldOptions = {}) {
  const w = world(options);
  const table = await tables.create();
  const counter = countingCall(tables.call);
  const registry = dynamoRegistry(counter.call, table);
  let messages = 0;
  let log = 0;
  const queues: Queues = {
    async ring(bells) {
      messages += Math.ceil(bells.length / MESSAGES_PER_BATCH);
      await w.core.queues.ring(bells);
    },
    async toSweep(all) {
      messages += Math.ceil(all.length / MESSAGES_PER_BATCH);
      await w.core.queues.toSweep(all);
    },
    async toIngest(message) {
      messages += 1;
      await w.core.queues.toIngest(message);
    },
    async toSeal(message) {
      messages += 1;
      await w.core.queues.toSeal(message);
    },
    async sendHeartbeat() {
      messages += 1;
      await w.core.queues.sendHeartbeat();
    },
    replay: (body) => w.core.queues.replay(body),
  };
  const core: LaneCore = { ...w.core, registry, queues };
  const bucket = {
    ...w.bucket,
    putIfAbsent(...put: Parameters<typeof w.bucket.putIfAbsent>) {
      log += 1;
      return w.bucket.putIfAbsent(...put);
    },
  };

  return {
    ...w,
    core,
    registry,
    counter,
    requests(): Requests {
      const all = counter.totalRequests() + log + messages;
      return { registry: counter.totalRequests(), log, messages, all };
    },
    reset(): void {
      counter.reset();
      messages = 0;
      log = 0;
    },
    seal: () => seal({ ...core, bucket }),

    /** `count` records, each about one contract that has ended: dated, hinted, and in the store. */
    async prepare(count: number, ended: string): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const contract: AboutEntity = w.entity('contract', `c-${n}`);
        w.store.put([`n-${n}`]);
        await w.happened(contract, w.fact('contract.ended', ended));
        await w.register(await w.registration(`n-${n}`, [contract]));
      }
      const batches = dynamoBatches(counter.call, table);
      await batches.putAll([
        ...w.registry.allHoldings().map((holding) => toHoldingItem(holdingKey(holding.ref), holding)),
        ...[...w.registry.allStates()].map(([entity, state]) => toStateItem(entity, state)),
      ]);
      await registry.putHints(w.registry.allHints());
    },
    /** A wake-up, and the heartbeat that it sends. Answers the bells that it rings. */
    async wake(now: Instant) {
      w.clock.set(now);
      await sweepWake(core);
      for (const sent of w.heartbeats.splice(0)) await registry.putHeartbeat(sent);
      return w.bells.splice(0).map(({ message }) => message);
    },
    work: (bell: Parameters<typeof workOnChunk>[1]) => workOnChunk(core, bell),
  };
}
