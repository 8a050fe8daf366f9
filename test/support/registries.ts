import { dynamoLogIndex } from '../../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../../shared/adapters/dynamodb/dynamo-registry.ts';
import { memoryLogIndex } from '../../shared/adapters/memory/memory-log.ts';
import { memoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';
import type { LogIndex } from '../../shared/ports/log.ts';
import type { Registry } from '../../shared/ports/registry.ts';
import type { TestTables } from './registry-table.ts';
import { startTables } from './registry-table.ts';

export interface RegistryKind {
  readonly name: string;
  start(): Promise<void>;
  /** Both empty. */
  fresh(): Promise<{ readonly registry: Registry; readonly index: LogIndex }>;
  stop(): Promise<void>;
}

/** Every adapter of `Registry` and `LogIndex`: one suite of behaviour runs over all of them. */
export const registryKinds: readonly RegistryKind[] = [
  {
    name: 'memory',
    start: async () => {},
    fresh: async () => ({ registry: memoryRegistry(), index: memoryLogIndex() }),
    stop: async () => {},
  },
  dynamoKind(),
];

function dynamoKind(): RegistryKind {
  let tables: TestTables;
  return {
    name: 'DynamoDB',
    start: async () => {
      tables = await startTables();
    },
    fresh: async () => {
      const table = await tables.create();
      return {
        registry: dynamoRegistry(tables.documents, table),
        index: dynamoLogIndex(tables.documents, table),
      };
    },
    stop: async () => {
      await tables.stop();
    },
  };
}
