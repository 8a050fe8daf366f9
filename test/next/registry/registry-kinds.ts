import { dynamoRegistry } from '../../../shared/next/dynamodb/dynamo-registry.ts';
import { memoryRegistry } from '../../../shared/next/memory/memory-registry.ts';
import type { Registry } from '../../../shared/next/ports/registry.ts';
import { type DynamoTables, dynamoTables } from './dynamo-tables.ts';

export interface RegistryKind {
  readonly name: string;
  start(): Promise<void>;
  /** Empty. */
  fresh(): Promise<Registry>;
  stop(): Promise<void>;
}

/** Every adapter of `Registry`: one suite of behaviour runs over all of them. */
export const registryKinds: readonly RegistryKind[] = [
  {
    name: 'memory',
    start: async () => {},
    fresh: async () => memoryRegistry(),
    stop: async () => {},
  },
  dynamoKind(),
];

function dynamoKind(): RegistryKind {
  let tables: DynamoTables;
  return {
    name: 'DynamoDB',
    start: async () => {
      tables = await dynamoTables();
    },
    fresh: async () => dynamoRegistry(tables.call, await tables.create()),
    stop: () => tables.stop(),
  };
}
