import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { StoreFailure } from '../../ports/store.ts';
import { describeTable, dynamoFailure, type DynamoTable } from './dynamodb-calls.ts';

/** Whether the table is a global table, and the regions of its other replicas. */
export function replicasOf({ Replicas = [], GlobalTableVersion }: TableDescription): {
  readonly isGlobal: boolean;
  readonly regions: readonly string[];
} {
  const regions = Replicas.map(({ RegionName = '?' }) => RegionName);
  return { isGlobal: regions.length > 0 || GlobalTableVersion !== undefined, regions };
}

/** `undefined`: it may act. */
type ReplicaCheck = (signal: AbortSignal) => Promise<StoreFailure | undefined>;

/**
 * A global table is refused unless the configuration says why it is acceptable: the last writer wins, so a write in
 * another region can bring back what was deleted here, after the read-back. The table is described once for each start
 * of the lane's function; a failure is not remembered.
 */
export function replicaCheck(at: DynamoTable, isAccepted: boolean): ReplicaCheck {
  let isSingle = isAccepted;
  return async (abortSignal) => {
    if (isSingle) return undefined;
    try {
      const table = await describeTable(at, abortSignal);
      isSingle = table !== undefined && !replicasOf(table).isGlobal;
      return isSingle ? undefined : 'STORE_CONSTRAINT';
    } catch (error) {
      return dynamoFailure(error);
    }
  };
}
