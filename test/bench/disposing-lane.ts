import type { Store } from '../../shared/ports/store.ts';
import type { Bell } from '../../shared/ports/queues.ts';
import { DUE, ENDED, START } from '../support/counted/counted-disposal.ts';
import { tableWorld } from '../support/driver/table-world.ts';
import type { TestTables } from '../support/registry-table.ts';

export interface DisposingLane {
  /** What the sweep rang for: full chunks. */
  readonly chunks: readonly Bell[];
  /** The whole protocol for one chunk, and the sealing of its entries. */
  dispose(chunk: Bell): Promise<void>;
  /** Entries in the log so far. */
  sealed(): Promise<number>;
}

/** `count` records that are due in one minute: the registry in a real table, the records in `store`. */
export async function disposingLane(tables: TestTables, store: Store, count: number): Promise<DisposingLane> {
  const w = tableWorld({ call: tables.call, table: await tables.create(), store }, START);
  await w.prepare(count, ENDED);
  return {
    chunks: await w.wake(DUE),
    async dispose(chunk) {
      const ended = await w.work(chunk);
      if (ended !== 'done') throw new Error(`a chunk ended as ${ended}`);
      await w.seal();
    },
    sealed: async () => (await w.registry.head()).size,
  };
}
