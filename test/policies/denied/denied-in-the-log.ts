import type { Case, Context, Who } from '../cases.ts';
import { type Cast, denied } from '../cast.ts';
import { bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { listsObject } from '../../../shared/protocol/log/page-lists.ts';

/** The deletion log is evidence: it grows, and nothing in it changes. */
export function deniedInTheLog(cast: Cast): readonly Case[] {
  const { roles, bucket } = cast;
  const entry = `${bucket}/${bundleKey(0)}`;
  const list = `${bucket}/${listsObject(0, []).key}`;
  type Asking = readonly [action: string, resource?: string, context?: Context];
  const on = (name: string, who: Who, [action, resource = entry, context = {}]: Asking): Case =>
    denied(name, who, { action, resource, context });
  const mighty: readonly (readonly [string, Who])[] = [
    ['an administrator', cast.administrator],
    ['the root user', cast.root],
    ['a stranger', cast.stranger],
    ['seal', roles.seal],
    ['someone without credentials', cast.anonymous],
  ];
  const create: Context = { 's3:if-none-match': '*' };
  return [
    ...mighty.flatMap(([name, who]) => [
      on(`${name} deletes no list of records`, who, ['s3:DeleteObject', list]),
      on(`${name} deletes no object of the log`, who, ['s3:DeleteObject']),
      on(`${name} deletes no version of an object of the log`, who, ['s3:DeleteObjectVersion']),
      on(`${name} does not bypass the retention of the log`, who, ['s3:BypassGovernanceRetention']),
      on(`${name} does not delete outside of the entries either`, who, [
        's3:DeleteObject',
        `${bucket}/other`,
      ]),
    ]),
    ...[...mighty.slice(0, 2), mighty[3] as readonly [string, Who]].flatMap(([name, who]) => [
      on(`${name} writes no entry without TLS`, who, [
        's3:PutObject',
        entry,
        {
          ...create,
          'aws:SecureTransport': 'false',
        },
      ]),
      on(`${name} writes no entry over TLS 1.1`, who, [
        's3:PutObject',
        entry,
        {
          ...create,
          's3:TlsVersion': '1.1',
        },
      ]),
      on(`${name} reads no entry without TLS`, who, [
        's3:GetObject',
        entry,
        {
          'aws:SecureTransport': 'false',
        },
      ]),
    ]),
    on('an administrator does not list the log without TLS', cast.administrator, [
      's3:ListBucket',
      bucket,
      {
        'aws:SecureTransport': 'false',
      },
    ]),
    ...mighty
      .slice(0, 2)
      .flatMap(([name, who]) => [
        on(`${name} writes no entry without saying that it is new`, who, ['s3:PutObject']),
        on(`${name} writes no list of records without saying that it is new`, who, ['s3:PutObject', list]),
        on(`${name} replaces no list of records`, who, ['s3:PutObject', list, { 's3:if-match': 'etag' }]),
        on(`${name} replaces no entry`, who, ['s3:PutObject', entry, { 's3:if-match': 'etag' }]),
        on(`${name} replaces no checkpoint without naming the one before`, who, [
          's3:PutObject',
          `${bucket}/checkpoint`,
        ]),
        on(`${name} writes nothing else unconditionally`, who, ['s3:PutObject', `${bucket}/other`]),
        on(`${name} replicates nothing into the log`, who, ['s3:ReplicateObject']),
        on(`${name} replicates no deletion into the log`, who, ['s3:ReplicateDelete']),
        on(`${name} gives the log no lifecycle`, who, ['s3:PutLifecycleConfiguration', bucket]),
      ]),
    on('seal writes no entry without saying that it is new', roles.seal, ['s3:PutObject']),
    on('seal lists nothing but entries and their lists', roles.seal, [
      's3:ListBucketVersions',
      bucket,
      { 's3:prefix': 'other' },
    ]),
    on('seal replaces no entry', roles.seal, ['s3:PutObject', entry, { 's3:if-match': 'etag' }]),
    on('an administrator does not list the log over TLS 1.1', cast.administrator, [
      's3:ListBucket',
      bucket,
      {
        's3:TlsVersion': '1.1',
      },
    ]),
    ...['s3:PutObjectRetention', 's3:PutObjectLegalHold', 's3:PutObjectTagging', 's3:PutObjectAcl'].map(
      (action) => on(`seal does not use ${action}`, roles.seal, [action]),
    ),
    ...[
      's3:PutBucketPolicy',
      's3:DeleteBucketPolicy',
      's3:PutBucketObjectLockConfiguration',
      's3:PutBucketVersioning',
      's3:PutLifecycleConfiguration',
      's3:DeleteBucket',
    ].map((action) => on(`seal does not use ${action}`, roles.seal, [action, bucket])),
    on('seal writes nothing but entries and their lists', roles.seal, [
      's3:PutObject',
      `${bucket}/other`,
      create,
    ]),
    ...Object.entries({ ...roles, ...Object.fromEntries(cast.lanes.map(({ store, who }) => [store, who])) })
      .filter(([name]) => name !== 'seal')
      .flatMap(([name, who]) => [
        on(`${name} writes no list of the log`, who, ['s3:PutObject', list, create]),
        on(`${name} writes no entry of the log`, who, ['s3:PutObject', entry, create]),
        on(`${name} reads no entry of the log from the bucket`, who, ['s3:GetObject']),
      ]),
    on('a stranger writes no entry', cast.stranger, ['s3:PutObject', entry, create]),
    on('a stranger reads no entry', cast.stranger, ['s3:GetObject']),
    on('someone without credentials reads no entry', cast.anonymous, ['s3:GetObject']),
    on('someone without credentials writes no entry', cast.anonymous, ['s3:PutObject', entry, create]),
    on('an auditor reads the log through the api, not from the bucket', cast.auditor, ['s3:GetObject']),
    on('an operator reads the log through the api, not from the bucket', cast.operator, ['s3:GetObject']),
  ];
}
