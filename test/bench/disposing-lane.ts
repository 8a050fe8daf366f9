import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dispose } from '../../functions/dispose/dispose.ts';
import { sweep } from '../../functions/sweep/sweep.ts';
import { dynamoLogIndex } from '../../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../../shared/adapters/dynamodb/dynamo-registry.ts';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import { memoryKeys } from '../../shared/adapters/memory/memory-keys.ts';
import { memoryLogBucket } from '../../shared/adapters/memory/memory-log.ts';
import { memoryQueues } from '../../shared/adapters/memory/memory-queues.ts';
import { memoryReport } from '../../shared/adapters/memory/memory-report.ts';
import { memoryTimers } from '../../shared/adapters/memory/memory-timers.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { LaneMessage } from '../../shared/ports/queues.ts';
import type { Store } from '../../shared/ports/store.ts';
import { seal } from '../../shared/protocol/seal.ts';
import { CUSTOMERS } from '../support/driver/contract-messages.ts';
import { CUSTOMERS_DUE, CUSTOMERS_REGISTERED, endedContracts } from '../support/counted/counted-wake-up.ts';
import { prepareTable } from '../support/prepared-table.ts';
import type { TestTables } from '../support/registry-table.ts';
import { at } from '../support/samples.ts';

export interface DisposingLane {
  /** What the sweep sent to the lane: full chunks. */
  readonly chunks: readonly LaneMessage[];
  /** The whole protocol for one chunk, and the sealing of its entries. */
  dispose(chunk: LaneMessage): Promise<void>;
  /** Entries in the log so far. */
  sealed(): Promise<number>;
}

/** `count` customers that are due in one minute: registry and log index in a real table, the records in `store`. */
export async function disposingLane(
  tables: TestTables,
  configuration: Configuration,
  store: Store,
  count: number,
): Promise<DisposingLane> {
  const table = await tables.create();
  const keys = memoryKeys(new Uint8Array(32).fill(7));
  await prepareTable({ tables, table }, { configuration, keys }, at(CUSTOMERS_REGISTERED), (world) =>
    endedContracts(world, count),
  );
  const documents = DynamoDBDocumentClient.from(tables.connect());
  const queues = memoryQueues();
  const core = {
    configuration,
    registry: dynamoRegistry(documents, table),
    index: dynamoLogIndex(documents, table),
    bucket: memoryLogBucket(),
    clock: memoryClock(at(CUSTOMERS_DUE)),
    timers: memoryTimers(),
    queues,
    tokens: randomTokens(),
    report: memoryReport().report,
  };
  await sweep(core, { kind: 'minute', minute: at(CUSTOMERS_DUE) }, () => true);
  return {
    chunks: queues.drainLane(CUSTOMERS),
    async dispose(chunk) {
      await dispose({ ...core, keys, lane: CUSTOMERS, store }, chunk);
      for (const ring of queues.drainSeal()) await seal(core, ring);
    },
    sealed: async () => (await core.index.head()).size,
  };
}
