import { describe, expect, test } from 'vitest';
import retention from '../../../retention.config.ts';
import { isAllowed } from '../../support/house/policy.ts';
import { type Statement, statementsOf, synthesized } from '../../support/house/synthesized.ts';

const LOG = 'arn:aws:s3:::log';
const SEAL = 'arn:aws:iam::111122223333:role/seal';
const policy = policyOf(synthesized().state);

/** The ARNs of the bucket and of the role are known after its deployment. */
function policyOf(state: Parameters<typeof statementsOf>[0]): readonly Statement[] {
  const own = statementsOf(state).filter(({ where }) => where.startsWith('DeletionLogBucketPolicy'));
  const known = JSON.stringify(own)
    .replaceAll(/{"Fn::Join":\["",\[{"Fn::GetAtt":\["DeletionLog","Arn"\]},"([^"]*)"\]\]}/g, `"${LOG}$1"`)
    .replaceAll('{"Fn::GetAtt":["DeletionLog","Arn"]}', `"${LOG}"`)
    .replaceAll('{"Fn::GetAtt":["SealRole","Arn"]}', `"${SEAL}"`);
  return (JSON.parse(known) as Statement[]).filter(
    ({ Effect, Condition }) => Effect === 'Deny' && Condition?.['Bool'] === undefined && !isTls(Condition),
  );
}

/** TLS is CDK's own part of the policy. */
function isTls(condition: Statement['Condition'] = {}): boolean {
  return condition['NumericLessThan'] !== undefined;
}

interface Headers {
  readonly ifNoneMatch?: string;
  readonly ifMatch?: string;
  readonly who?: string;
  readonly by?: readonly Statement[];
}

/** What the bucket answers to somebody whose own policies allow everything in S3. */
function takes(
  action: string,
  key: string,
  { ifNoneMatch, ifMatch, who = 'arn:aws:iam::111122223333:role/administrator', by = policy }: Headers = {},
): boolean {
  const mighty: Statement = { Effect: 'Allow', Action: ['s3:*'], Resource: ['*'], where: 'identity' };
  return isAllowed([mighty, ...by], {
    action: `s3:${action}`,
    resource: key === '' ? LOG : `${LOG}/${key}`,
    context: {
      'aws:PrincipalArn': [who],
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

  test.each(['checkpoint', 'unwitnessed'])(
    'lets %s be made, and be replaced by who names the one that it replaces',
    (key) => {
      expect(takes('PutObject', key, { ifNoneMatch: '*' })).toBe(true);
      expect(takes('PutObject', key, { ifMatch: 'etag' })).toBe(true);
      expect(takes('PutObject', key)).toBe(false);
    },
  );

  test.each(['checkpoint', 'unwitnessed', ...KEYS])(
    'lets nothing be deleted, and no marker hide it: %s',
    (key) => {
      for (const action of [
        'DeleteObject',
        'DeleteObjectVersion',
        'BypassGovernanceRetention',
        'ReplicateDelete',
        'ReplicateObject',
      ])
        expect([action, takes(action, key)]).toEqual([action, false]);
      expect(takes('GetObjectVersion', key)).toBe(true);
    },
  );

  test('lets no lifecycle rule be set, and its policy be changed by an administrator', () => {
    expect(takes('PutLifecycleConfiguration', '')).toBe(false);
    for (const action of ['PutBucketPolicy', 'PutBucketObjectLockConfiguration', 'DeleteBucket'])
      expect([action, takes(action, '')]).toEqual([action, true]);
  });
});

describe('the policy of a deletion log that drops old entries', () => {
  const deletionLog = { ...retention.deployment.deletionLog, keepDays: 7300 };
  const by = policyOf(
    synthesized({ ...retention, deployment: { ...retention.deployment, deletionLog } }).state,
  );
  const OLD = ['entries/0', 'lists/0-ab', 'tile/entries/000', 'tile/0/000'];
  const KEPT = ['checkpoint', 'minimum-index', 'tile/1/000', 'tile/2/000', 'anything'];

  test.each(OLD)('lets seal alone delete a version of %s', (key) => {
    expect(takes('DeleteObjectVersion', key, { by, who: SEAL })).toBe(true);
    for (const who of [undefined, `${SEAL}-other`, 'arn:aws:iam::111122223333:root'])
      expect(takes('DeleteObjectVersion', key, { by, ...(who !== undefined && { who }) })).toBe(false);
  });

  test.each(KEPT)('lets no one delete a version of %s', (key) => {
    for (const who of [SEAL, 'arn:aws:iam::111122223333:root'])
      expect(takes('DeleteObjectVersion', key, { by, who })).toBe(false);
  });

  test.each([...OLD, ...KEPT])('lets not even seal bypass a lock or hide an object: %s', (key) => {
    for (const action of ['DeleteObject', 'BypassGovernanceRetention', 'ReplicateDelete'])
      expect([action, takes(action, key, { by, who: SEAL })]).toEqual([action, false]);
    expect(takes('PutLifecycleConfiguration', '', { by, who: SEAL })).toBe(false);
  });

  test('lets what says which were dropped be replaced by who names the one before, and nothing else', () => {
    expect(takes('PutObject', 'minimum-index', { by, ifMatch: 'etag' })).toBe(true);
    expect(takes('PutObject', 'minimum-index', { by, ifNoneMatch: '*' })).toBe(true);
    expect(takes('PutObject', 'minimum-index', { by })).toBe(false);
    expect(takes('PutObject', 'minimum-index', { ifMatch: 'etag' })).toBe(false);
    for (const key of OLD) expect(takes('PutObject', key, { by, ifMatch: 'etag' })).toBe(false);
  });
});
