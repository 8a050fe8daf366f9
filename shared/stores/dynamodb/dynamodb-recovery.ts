import type { ContinuousBackupsDescription } from '@aws-sdk/client-dynamodb';
import type { Recovery } from '../../ports/store.ts';
import { dynamoFailure, type DynamoTable } from './dynamodb-calls.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html */
const DEFAULT_DAYS = 35;

/** For how many days a table can be restored as it was; 0 without point-in-time recovery. */
export function recoveryDays(description: ContinuousBackupsDescription): number {
  const recovery = description.PointInTimeRecoveryDescription;
  if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED') return 0;
  return recovery.RecoveryPeriodInDays ?? DEFAULT_DAYS;
}

/** Each replica of a global table has a recovery period of its own, which cannot be seen from here. */
export async function recoveryOf(
  { sdk, client, table: TableName }: DynamoTable,
  hasReplicas: boolean,
  abortSignal: AbortSignal,
): Promise<Recovery> {
  try {
    const command = new sdk.DescribeContinuousBackupsCommand({ TableName });
    const { ContinuousBackupsDescription: found } = await client.send(command, { abortSignal });
    if (found === undefined) return { days: 0, isWhole: false, code: 'STORE_ERROR' };
    return { days: recoveryDays(found), isWhole: !hasReplicas };
  } catch (error) {
    return { days: 0, isWhole: false, code: dynamoFailure(error) };
  }
}
