import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { DynamoCall } from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { LogBucket, Signer } from '../../../shared/ports/log.ts';
import type { Queues } from '../../../shared/ports/queues.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import { seedTable } from '../seed-table.ts';
import { type Registering, world, type WorldCore, type WorldOptions } from './world.ts';

/** Where the table is, and what stands between the protocols and their ports. */
export interface TablePlace {
  readonly call: DynamoCall;
  readonly table: string;
  readonly queues?: (inner: Queues) => Queues;
  readonly bucket?: (inner: LogBucket) => LogBucket;
  readonly signer?: (inner: Signer) => Signer;
  readonly store?: Store;
}

/** The world of the protocols over a real table. */
export function tableWorld(place: TablePlace, options: WorldOptions = {}) {
  const w = world(options);
  const registry = dynamoRegistry(place.call, place.table);
  const queues = place.queues?.(w.core.queues) ?? w.core.queues;
  const core: WorldCore = { ...w.core, registry, queues, store: place.store ?? w.core.store };
  const bucket = place.bucket?.(w.bucket) ?? w.bucket;
  const signer = place.signer?.(w.signer) ?? w.signer;

  return {
    ...w,
    core,
    registry,
    /** Where the world's own verbs write. */
    memory: w.registry,

    /** `count` records, each about one contract that has ended: dated, hinted, and in the store. */
    async prepare(
      count: number,
      ended: string,
      more: (n: number) => Registering = () => ({}),
    ): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const contract: AboutEntity = w.entity('contract', `c-${n}`);
        w.store.put([`n-${n}`]);
        await w.happened(contract, w.fact('contract.ended', ended));
        await w.register(await w.registration(`n-${n}`, [contract], more(n)));
      }
      await seedTable(w.registry, place.call, place.table);
    },
    /** A wake-up, and the heartbeat that it sends. Answers the bells that it rings. */
    async wake(now: Instant) {
      w.clock.set(now);
      await sweepWake(core);
      for (const sent of w.heartbeats.splice(0)) await registry.putHeartbeat(sent);
      return w.bells.splice(0).map(({ message }) => message);
    },
    work: (bell: Parameters<typeof workOnChunk>[1]) => workOnChunk(core, bell),
    seal: () => writeLog({ ...core, bucket, signer }),
  };
}
