import type { Asked, Case, Context, Who } from '../cases.ts';
import { type Cast, denied } from '../cast.ts';
import { bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { tilePath } from '../../../shared/domain/log/tiles.ts';
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
  const tile = `${bucket}/${tilePath({ level: 0, index: 0, width: 256 })}`;
  const checkpoint = `${bucket}/checkpoint`;
  const minimum = `${bucket}/minimum-index`;
  const above = `${bucket}/${tilePath({ level: 1, index: 0, width: 256 })}`;
  const signed: Context = { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' };
  return [
    ...mighty.flatMap(([name, who]) => [
      on(`${name} deletes no list of records`, who, ['s3:DeleteObject', list]),
      on(`${name} deletes no object of the log`, who, ['s3:DeleteObject']),
      ...(who === roles.seal && cast.drops
        ? []
        : [on(`${name} deletes no version of an object of the log`, who, ['s3:DeleteObjectVersion'])]),
      ...[checkpoint, minimum, above].map((resource) =>
        on(`${name} deletes no version of ${resource.slice(bucket.length + 1)}`, who, [
          's3:DeleteObjectVersion',
          resource,
        ]),
      ),
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
        on(`${name} replaces no signed root that waits for witnesses without naming the one before`, who, [
          's3:PutObject',
          `${bucket}/unwitnessed`,
        ]),
        on(`${name} writes nothing else unconditionally`, who, ['s3:PutObject', `${bucket}/other`]),
        on(`${name} replicates nothing into the log`, who, ['s3:ReplicateObject']),
        on(`${name} replicates no deletion into the log`, who, ['s3:ReplicateDelete']),
        on(`${name} gives the log no lifecycle`, who, ['s3:PutLifecycleConfiguration', bucket]),
      ]),
    ...cast.signingKeys.flatMap((key, at) => signing(cast, signed, { key, at })),
    ...recordingTheKey(cast),
    on('seal says of no entry that it was dropped without naming what it replaces', roles.seal, [
      's3:PutObject',
      minimum,
    ]),
    on('seal replaces no tile', roles.seal, ['s3:PutObject', tile, { 's3:if-match': 'etag' }]),
    on('seal replaces no checkpoint without naming the one before', roles.seal, ['s3:PutObject', checkpoint]),
    on('seal writes no entry without saying that it is new', roles.seal, ['s3:PutObject']),
    on('seal lists nothing but the log', roles.seal, [
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
    on('seal writes nothing but the log', roles.seal, ['s3:PutObject', `${bucket}/other`, create]),
    ...Object.entries({ ...roles, ...Object.fromEntries(cast.lanes.map(({ store, who }) => [store, who])) })
      .filter(([name]) => name !== 'seal')
      .flatMap(([name, who]) => [
        on(`${name} writes no tile of the log`, who, ['s3:PutObject', tile, create]),
        on(`${name} writes no checkpoint of the log`, who, ['s3:PutObject', checkpoint, create]),
        on(`${name} writes no signed root that waits for witnesses`, who, [
          's3:PutObject',
          `${bucket}/unwitnessed`,
          create,
        ]),
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

/** A signature says that `seal` has seen the log so: no one else makes one, whatever their own policies allow. */
function signing(
  cast: Cast,
  signed: Context,
  { key: resource, at }: { readonly key: string; readonly at: number },
): readonly Case[] {
  const { roles } = cast;
  const which = at === 0 ? '' : `, by key ${at + 1}`;
  const others: readonly (readonly [string, Who])[] = [
    ['an administrator', cast.administrator],
    ['the root user', cast.root],
    ['a stranger', cast.stranger],
    ['an auditor', cast.auditor],
    ['an operator', cast.operator],
    ...Object.entries(roles).filter(([name]) => name !== 'seal'),
    ...cast.lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const refused = others.flatMap(([name, who]) => [
    denied(`${name} signs no checkpoint${which}`, who, { action: 'kms:Sign', resource, context: signed }),
    denied(`${name} lets no one else sign${which}`, who, { action: 'kms:CreateGrant', resource }),
  ]);
  const auditor = (name: string, asked: Asked): Case =>
    denied(`an auditor ${name}${which}`, cast.auditor, asked);
  const seal = (name: string, action: string, context: Context): Case =>
    denied(`seal ${name}${which}`, roles.seal, { action, resource, context });
  return [
    ...refused,
    auditor('deletes no signing key', { action: 'kms:ScheduleKeyDeletion', resource }),
    auditor('reads the public key of no other key', {
      action: 'kms:GetPublicKey',
      resource: resource.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000'),
    }),
    seal('signs nothing by its digest', 'kms:Sign', { ...signed, 'kms:MessageType': 'DIGEST' }),
    seal('signs with no other algorithm', 'kms:Sign', {
      ...signed,
      'kms:SigningAlgorithm': 'ED25519_PH_SHA_512',
    }),
    ...['kms:ScheduleKeyDeletion', 'kms:DisableKey', 'kms:PutKeyPolicy', 'kms:CreateGrant'].map((action) =>
      seal(`does not use ${action} of the signing key`, action, {}),
    ),
  ];
}

/** A change of the parameter could have auditors trust another key: only `seal` writes it, and nothing else there. */
function recordingTheKey(cast: Cast): readonly Case[] {
  const { roles, lanes, keyParameter: resource } = cast;
  const others: readonly (readonly [string, Who])[] = [
    ['a stranger', cast.stranger],
    ['an auditor', cast.auditor],
    ['an operator', cast.operator],
    ...Object.entries(roles).filter(([name]) => name !== 'seal'),
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const readers: readonly (readonly [string, Who])[] = [
    ['an auditor', cast.auditor],
    ['seal', roles.seal],
  ];
  return [
    ...others.map(([name, who]) =>
      denied(`${name} writes no key of the log`, who, { action: 'ssm:PutParameter', resource }),
    ),
    ...readers.flatMap(([name, who]) => [
      denied(`${name} deletes no key of the log`, who, { action: 'ssm:DeleteParameter', resource }),
      denied(`${name} reads no other parameter`, who, {
        action: 'ssm:GetParameters',
        resource: `${resource}-other`,
      }),
    ]),
  ];
}
