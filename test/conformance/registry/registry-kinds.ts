import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';

export interface RegistryKind {
  readonly name: string;
  start(): Promise<void>;
  /** Empty. */
  fresh(): Promise<Registry>;
  /** Empty, and adopted after a restore. */
  adopted(): Promise<Registry>;
  stop(): Promise<void>;
}

/** Every adapter of `Registry`: one suite of behaviour runs over all of them. */
export const registryKinds: readonly RegistryKind[] = [
  {
    name: 'memory',
    start: async () => {},
    fresh: async () => memoryRegistry(),
    async adopted() {
      const registry = memoryRegistry();
      registry.adopt();
      return registry;
    },
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
    fresh: async () => dynamoRegistry(tables.call, await tables.create()),
    adopted: async () => dynamoRegistry(tables.call, await tables.create(), { isAdopted: true }),
    stop: () => tables.stop(),
  };
}
