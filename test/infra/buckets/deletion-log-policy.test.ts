import { describe, expect, test } from 'vitest';
import { isAllowed } from '../../support/house/policy.ts';
import { type Statement, statementsOf, synthesized } from '../../support/house/synthesized.ts';

const LOG = 'arn:aws:s3:::log';
const { state } = synthesized();

/** The ARN of the bucket is known after its deployment. */
const policy = (
  JSON.parse(
    JSON.stringify(statementsOf(state).filter(({ where }) => where.startsWith('DeletionLogBucketPolicy')))
      .replaceAll(/{"Fn::Join":\["",\[{"Fn::GetAtt":\["DeletionLog","Arn"\]},"([^"]*)"\]\]}/g, `"${LOG}$1"`)
      .replaceAll('{"Fn::GetAtt":["DeletionLog","Arn"]}', `"${LOG}"`),
  ) as Statement[]
).filter(
  ({ Effect, Condition }) => Effect === 'Deny' && Condition?.['Bool'] === undefined && !isTls(Condition),
);

/** TLS is CDK's own part of the policy. */
function isTls(condition: Statement['Condition'] = {}): boolean {
  return condition['NumericLessThan'] !== undefined;
}

interface Headers {
  readonly ifNoneMatch?: string;
  readonly ifMatch?: string;
}

/** What the bucket answers to an administrator who may do everything in S3. */
function takes(action: string, key: string, { ifNoneMatch, ifMatch }: Headers = {}): boolean {
  const administrator: Statement = { Effect: 'Allow', Action: ['s3:*'], Resource: ['*'], where: 'identity' };
  return isAllowed([administrator, ...policy], {
    action: `s3:${action}`,
    resource: key === '' ? LOG : `${LOG}/${key}`,
    context: {
      ...(ifNoneMatch !== undefined && { 's3:if-none-match': [ifNoneMatch] }),
      ...(ifMatch !== undefined && { 's3:if-match': [ifMatch] }),
    },
  });
}

const KEYS = ['entries/0', 'lists/0-ab', 'tile/0/000', 'anything', 'checkpoints', 'x/checkpoint'];

describe('the policy of the deletion log', () => {
  test('has five denials, for every principal, Tenure’s own roles included', () => {
    expect(policy.map(({ Sid }) => Sid)).toEqual([
      'DenyDeletion',
      'DenyUnconditionalWrite',
      'DenyReplacement',
      'DenyReplication',
      'DenyLifecycle',
    ]);
    for (const { Principal } of policy) expect(Principal).toEqual({ AWS: '*' });
  });

  test.each(KEYS)('lets %s be made, and never be replaced', (key) => {
    expect(takes('PutObject', key, { ifNoneMatch: '*' })).toBe(true);
    expect(takes('PutObject', key)).toBe(false);
    expect(takes('PutObject', key, { ifMatch: 'etag' })).toBe(false);
  });

  test('lets the checkpoint be made, and be replaced by who names the one that it replaces', () => {
    expect(takes('PutObject', 'checkpoint', { ifNoneMatch: '*' })).toBe(true);
    expect(takes('PutObject', 'checkpoint', { ifMatch: 'etag' })).toBe(true);
    expect(takes('PutObject', 'checkpoint')).toBe(false);
  });

  test.each(['checkpoint', ...KEYS])('lets nothing be deleted, and no marker hide it: %s', (key) => {
    for (const action of [
      'DeleteObject',
      'DeleteObjectVersion',
      'BypassGovernanceRetention',
      'ReplicateDelete',
      'ReplicateObject',
    ])
      expect([action, takes(action, key)]).toEqual([action, false]);
    expect(takes('GetObjectVersion', key)).toBe(true);
  });

  test('lets no lifecycle rule be set, and its policy be changed by an administrator', () => {
    expect(takes('PutLifecycleConfiguration', '')).toBe(false);
    for (const action of ['PutBucketPolicy', 'PutBucketObjectLockConfiguration', 'DeleteBucket'])
      expect([action, takes(action, '')]).toEqual([action, true]);
  });
});
