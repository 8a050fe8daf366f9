import { ingest } from '../../functions/ingest/ingest.ts';
import type { MemoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import { memoryQueues } from '../../shared/adapters/memory/memory-queues.ts';
import type { MemoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';
import { memoryReport } from '../../shared/adapters/memory/memory-report.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import type { TestTables } from './registry-table.ts';
import { memoryPorts } from './memory-ports.ts';
import { seedTable } from './seed-table.ts';

export interface Preparing {
  readonly clock: MemoryClock;
  readonly registry: MemoryRegistry;
  readonly ingest: (body: string) => Promise<void>;
}

/** Runs `ingest` over memory from `start` on; what it leaves is then put into the table. */
export async function prepareTable(
  { tables, table }: { readonly tables: TestTables; readonly table: string },
  { configuration, keys }: { readonly configuration: Configuration; readonly keys: Keys },
  start: Instant,
  build: (world: Preparing) => Promise<void>,
): Promise<void> {
  const memory = memoryPorts(configuration, start);
  const { clock, registry } = memory;
  const { report } = memoryReport();
  const core = { ...memory, queues: memoryQueues(), tokens: randomTokens(), report, keys };
  await build({
    clock,
    registry,
    ingest: async (body) => {
      if ((await ingest(core, body, 1)) !== 'done') throw new Error('what was prepared has to wait');
    },
  });
  if (registry.allQuarantined().length > 0) throw new Error('what was prepared was refused');
  await seedTable(registry, tables.call, table);
}
