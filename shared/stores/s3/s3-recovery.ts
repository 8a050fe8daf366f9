import type { LifecycleRule, ReplicationRule } from '@aws-sdk/client-s3';
import type { Recovery } from '../../ports/store.ts';
import { textOf } from '../store-failure.ts';
import type { S3Bucket } from './s3-answers.ts';
import { s3Failure } from './s3-failure.ts';

/**
 * A deletion takes every version, and what is locked is refused: versioning, lifecycle rules and Object Lock keep no
 * copy of what was deleted. Replication does, for as long as the other bucket likes, and also what it copied before its
 * rule was disabled.
 */
export async function recoveryOf(
  { sdk, client, place }: S3Bucket,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<Recovery> {
  try {
    const { ReplicationConfiguration: found } = await client.send(
      new sdk.GetBucketReplicationCommand(place),
      { abortSignal },
    );
    if (found?.Rules === undefined) return { days: 0, isWhole: false, code: 'STORE_ERROR' };
    return { days: 0, isWhole: found.Rules.every((rule) => !isAbout(rule, prefix)) };
  } catch (error) {
    if (textOf(error, 'name') === 'ReplicationConfigurationNotFoundError') return { days: 0, isWhole: true };
    return { days: 0, isWhole: false, code: s3Failure(error) };
  }
}

/** Whether a rule may apply to objects with this prefix. */
export function isAbout({ Prefix, Filter }: LifecycleRule | ReplicationRule, prefix: string): boolean {
  const scope = Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
  return scope.startsWith(prefix) || prefix.startsWith(scope);
}
