import { NOTICE_SOURCE } from '../../shared/contract/notice.ts';
import { NOTICES } from '../../shared/domain/record/notice.ts';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { type KeyFamily, keyContext, keyPath } from '../../shared/domain/record/key-name.ts';
import { PROPOSALS } from '../../shared/domain/record/proposal.ts';
import { MINIMUM_INDEX } from '../../shared/domain/log/minimum-index.ts';
import { bundlePath, tilePath } from '../../shared/domain/log/tiles.ts';
import { bundleKey } from '../../shared/protocol/log/bundle.ts';
import { listsObject } from '../../shared/protocol/log/page-lists.ts';
import type { PortMethod } from './called-methods.ts';
import type { Asked, Context } from './cases.ts';
import type { Deployed, DeployedFunction, FunctionName } from './deployed.ts';
import { PARTITION, queueArnOf, URL_SUFFIX } from './identities.ts';

export const REF = 'AAAAAAAAAAAAAAAAAAAAAA';
export const DAY = '2026-03-01';

const CHECKPOINT = 'checkpoint';
const UNWITNESSED = 'unwitnessed';
const EXPORT_ID = 'BBBBBBBBBBBBBBBBBBBBBB';
const TREE_KEYS = [tilePath({ level: 0, index: 0, width: 1 }), bundlePath({ index: 0, width: 1 })];
/** Entries of the log, the lists of their records, and the tree. */
const LOG_KEYS = [bundleKey(0), listsObject(0, []).key, ...TREE_KEYS];
/** The archive of one export, and one of its pieces, in the bucket of exports. */
export const ARCHIVE_KEY = `archives/${EXPORT_ID}.tar`;
export function pieceKey(store: string): string {
  return `pieces/${store}/${EXPORT_ID}/0001`;
}

interface At {
  readonly fn: DeployedFunction;
  readonly deployed: Deployed;
}

/** What each method of a port sends to AWS. Names come from the function's environment, as at run time. */
export const CALLS: Readonly<Record<PortMethod, (at: At) => readonly Asked[]>> = {
  'archive.state': ({ fn, deployed: { account, region } }) => [
    {
      action: 'events:DescribeArchive',
      resource: `arn:${PARTITION}:events:${region}:${account}:archive/${variable(fn, 'ARCHIVE_NAME')}`,
    },
  ],
  'queues.ring': (at) =>
    lanesRungBy(at).flatMap((lane) => sending(queueArnOf(variable(lane, 'LANE_QUEUE_URL')), at.deployed)),
  'queues.toSweep': (at) => sendingTo('SWEEP_QUEUE_URL', at),
  'queues.toIngest': (at) => sendingTo('INGEST_QUEUE_URL', at),
  'queues.toSeal': (at) => sendingTo('SEAL_QUEUE_URL', at),
  'queues.replay': (at) => sendingTo('INGEST_QUEUE_URL', at),
  'queues.hide': ({ fn }) => [
    { action: 'sqs:ChangeMessageVisibility', resource: queueArnOf(variable(fn, 'INGEST_QUEUE_URL')) },
  ],
  // These publish on the bus: see there.
  'queues.sendHeartbeat': () => [],
  'queues.retry': () => [],
  'queues.retryRefused': () => [],
  'queues.sendFacts': () => [],
  'queues.tellIngest': () => [],
  'queues.notify': ({ deployed }) => [putEvents(deployed, [NOTICE_SOURCE], Object.values(NOTICES))],
  'bus.publish': ({ fn, deployed }) => [putEvents(deployed, [sourceOf(fn.name)])],
  'timers.wake': ({ fn, deployed: { account, region } }) => [
    {
      action: 'scheduler:CreateSchedule',
      resource: `arn:${PARTITION}:scheduler:${region}:${account}:schedule/${variable(fn, 'SCHEDULE_GROUP')}/due-20260301T1005`,
    },
    {
      action: 'iam:PassRole',
      resource: variable(fn, 'SCHEDULER_ROLE_ARN'),
      context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    },
  ],
  // A lane has collections only after ingest has made the key.
  'keys.registryKey': (at) =>
    dataKey(at, 'registry', 'registry', at.fn.name === 'dispose' ? ['use'] : ['make', 'use']),
  'keys.logKey': (at) => dataKey(at, 'log', '2026', ['make', 'use']),
  'keys.ensureLogKey': (at) => dataKey(at, 'log', '2026', ['make']),
  'keys.encryptForLog': (at) => dataKey(at, 'log', '2026', ['make', 'use']),
  'keys.decryptFromLog': (at) => dataKey(at, 'log', '2026', ['use']),
  'keys.pseudonymKey': (at) => dataKey(at, 'pseudonym', laneOf(at.fn), ['make', 'use']),
  'keys.encrypt': (at) =>
    scopesOf(at.fn).encrypt.flatMap((scope) => dataKey(at, 'seal', scope, ['make', 'use'])),
  'keys.decrypt': (at) => scopesOf(at.fn).decrypt.flatMap((scope) => dataKey(at, 'seal', scope, ['use'])),
  'bucket.putIfAbsent': ({ fn, deployed }) => [
    ...LOG_KEYS.map((key) => ({
      action: 's3:PutObject',
      resource: `${bucketNamed(variable(fn, 'LOG_BUCKET'))}/${key}`,
      context: { 's3:if-none-match': '*' },
    })),
    ...through('s3', deployed, ['kms:GenerateDataKey']),
  ],
  'bucket.get': ({ fn, deployed }) => {
    const bucket = bucketNamed(variable(fn, 'LOG_BUCKET'));
    return [
      ...LOG_KEYS.flatMap((key) => [
        { action: 's3:ListBucketVersions', resource: bucket, context: { 's3:prefix': key } },
        { action: 's3:GetObjectVersion', resource: `${bucket}/${key}`, context: { 's3:VersionId': 'v-1' } },
      ]),
      ...through('s3', deployed, ['kms:Decrypt']),
    ];
  },
  'bucket.checkpoint': ({ fn, deployed }) => {
    const bucket = bucketNamed(variable(fn, 'LOG_BUCKET'));
    return [
      ...[CHECKPOINT, UNWITNESSED].flatMap((key) => [
        { action: 's3:ListBucketVersions', resource: bucket, context: { 's3:prefix': key } },
        { action: 's3:GetObjectVersion', resource: `${bucket}/${key}`, context: { 's3:VersionId': 'v-1' } },
      ]),
      ...through('s3', deployed, ['kms:Decrypt']),
    ];
  },
  'bucket.putCheckpoint': ({ fn, deployed }) => [
    ...[CHECKPOINT, UNWITNESSED].flatMap((key) =>
      [{ 's3:if-none-match': '*' }, { 's3:if-match': 'etag' }].map((context) => ({
        action: 's3:PutObject',
        resource: `${bucketNamed(variable(fn, 'LOG_BUCKET'))}/${key}`,
        context,
      })),
    ),
    ...through('s3', deployed, ['kms:GenerateDataKey']),
  ],
  'old.writtenAt': (at) => onlyWhereDropped(at, listingOld(at)),
  'old.firstKeys': (at) => onlyWhereDropped(at, listingOld(at)),
  'old.drop': (at) =>
    onlyWhereDropped(at, [
      ...listingOld(at),
      ...LOG_KEYS.map((key) => ({
        action: 's3:DeleteObjectVersion',
        resource: `${bucketNamed(variable(at.fn, 'LOG_BUCKET'))}/${key}`,
        context: { 's3:VersionId': 'v-1' },
      })),
    ]),
  'old.minimumIndex': (at) => {
    const bucket = bucketNamed(variable(at.fn, 'LOG_BUCKET'));
    return onlyWhereDropped(at, [
      { action: 's3:ListBucketVersions', resource: bucket, context: { 's3:prefix': MINIMUM_INDEX } },
      {
        action: 's3:GetObjectVersion',
        resource: `${bucket}/${MINIMUM_INDEX}`,
        context: { 's3:VersionId': 'v-1' },
      },
      ...through('s3', at.deployed, ['kms:Decrypt']),
    ]);
  },
  'old.putMinimumIndex': (at) =>
    onlyWhereDropped(at, [
      ...[{ 's3:if-none-match': '*' }, { 's3:if-match': 'etag' }].map((context) => ({
        action: 's3:PutObject',
        resource: `${bucketNamed(variable(at.fn, 'LOG_BUCKET'))}/${MINIMUM_INDEX}`,
        context,
      })),
      ...through('s3', at.deployed, ['kms:GenerateDataKey']),
    ]),
  'log.read': ({ fn, deployed }) => {
    const bucket = bucketNamed(variable(fn, 'LOG_BUCKET'));
    return [
      ...[CHECKPOINT, MINIMUM_INDEX, ...TREE_KEYS].map((key) => ({
        action: 's3:GetObject',
        resource: `${bucket}/${key}`,
      })),
      { action: 's3:ListBucket', resource: bucket },
      ...through('s3', deployed, ['kms:Decrypt']),
    ];
  },
  'signer.publicKey': ({ fn }) =>
    signingKeysOf(fn).map((resource) => ({ action: 'kms:GetPublicKey', resource })),
  'signer.sign': ({ fn }) =>
    signingKeysOf(fn).map((resource) => ({
      action: 'kms:Sign',
      resource,
      context: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
    })),
  'keyRecord.read': (at) => [{ action: 'ssm:GetParameters', resource: keyParameter(at) }],
  'keyRecord.write': (at) => [{ action: 'ssm:PutParameter', resource: keyParameter(at) }],
  'exports.putPiece': (at) => [
    { action: 's3:PutObject', resource: exportObject(at, pieceKey(laneOf(at.fn))) },
    ...through('s3', at.deployed, ['kms:GenerateDataKey']),
  ],
  'exports.readPiece': readingPieces,
  'exports.begin': writingArchive,
  'exports.uploaded': (at) => [
    { action: 's3:ListMultipartUploadParts', resource: exportObject(at, ARCHIVE_KEY) },
  ],
  'exports.putPart': writingArchive,
  'exports.copyPart': (at) => [...readingPieces(at), ...writingArchive(at)],
  'exports.complete': writingArchive,
  // What is not there is told apart from what may not be read only by a role that may list.
  'exports.archive': (at) => [
    { action: 's3:GetObject', resource: exportObject(at, ARCHIVE_KEY) },
    { action: 's3:ListBucket', resource: bucketNamed(variable(at.fn, 'EXPORTS_BUCKET')) },
    ...through('s3', at.deployed, ['kms:Decrypt']),
  ],
  // It signs only. Who fetches with the link is, for S3, the role that signed it.
  'exports.link': (at) => [
    { action: 's3:GetObject', resource: exportObject(at, ARCHIVE_KEY) },
    ...through('s3', at.deployed, ['kms:Decrypt']),
  ],
};

/** Without `keepDays`, the code is there and is never called. */
function onlyWhereDropped({ fn }: At, asked: readonly Asked[]): readonly Asked[] {
  return variable(fn, 'LOG_KEEP_DAYS') === 'none' ? [] : asked;
}

function listingOld({ fn }: At): readonly Asked[] {
  const bucket = bucketNamed(variable(fn, 'LOG_BUCKET'));
  return ['entries/', 'lists/', ...TREE_KEYS].map((prefix) => ({
    action: 's3:ListBucketVersions',
    resource: bucket,
    context: { 's3:prefix': prefix },
  }));
}

function exportObject({ fn }: At, key: string): string {
  return `${bucketNamed(variable(fn, 'EXPORTS_BUCKET'))}/${key}`;
}

function readingPieces(at: At): readonly Asked[] {
  const stores = Object.keys(at.fn.configuration.stores);
  return [
    ...stores.map((store) => ({ action: 's3:GetObject', resource: exportObject(at, pieceKey(store)) })),
    ...through('s3', at.deployed, ['kms:Decrypt']),
  ];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions */
function writingArchive(at: At): readonly Asked[] {
  return [
    { action: 's3:PutObject', resource: exportObject(at, ARCHIVE_KEY) },
    ...through('s3', at.deployed, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}

export function laneOf(fn: DeployedFunction): string {
  return variable(fn, 'LANE');
}

export function variable({ arn, env }: DeployedFunction, name: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`${arn} calls something that needs ${name}, and has none.`);
  return value;
}

/** The log's first key, and those that sign from a later day on. */
export function signingKeysOf(fn: DeployedFunction): readonly string[] {
  const later = variable(fn, 'LATER_SIGNING_KEYS');
  const arns = later === 'none' ? [] : later.split(' ').map((day) => day.slice(day.indexOf('=') + 1));
  return [variable(fn, 'SIGNING_KEY_ARN'), ...arns];
}

/** The sweep rings every lane, a lane only itself. */
function lanesRungBy({ fn, deployed }: At): readonly DeployedFunction[] {
  return fn.name === 'dispose' ? [fn] : deployed.functions.filter(({ name }) => name === 'dispose');
}

function sendingTo(name: string, { fn, deployed }: At): readonly Asked[] {
  return sending(queueArnOf(variable(fn, name)), deployed);
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
export function sending(queueArn: string, deployed: Deployed): readonly Asked[] {
  return [
    { action: 'sqs:SendMessage', resource: queueArn },
    ...through('sqs', deployed, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}

export function putEvents(
  deployed: Deployed,
  sources: readonly string[],
  types: readonly string[] = ['example.happened'],
): Asked {
  return {
    action: 'events:PutEvents',
    resource: deployed.the('AWS::Events::EventBus').arn,
    context: { 'events:source': sources, 'events:detail-type': types },
  };
}

function sourceOf(name: FunctionName): string {
  switch (name) {
    case 'api':
      return API_SOURCE;
    case 'sweep':
      return SWEEP_SOURCE;
    case 'dispose':
    case 'ingest':
    case 'seal':
      throw new Error(`${name} publishes on the bus: say under which source.`);
  }
}

/** A lane seals which records of its collections and datasets it acts on. */
export function findsRecords(fn: DeployedFunction): boolean {
  const { collections = [], datasets = [], facts = [] } = fn.configuration.stores[laneOf(fn)] ?? {};
  return collections.length + datasets.length + facts.length > 0;
}

/** What the code encrypts and decrypts: a scope is the name of a store, `quarantine` or `cursor`. */
function scopesOf(fn: DeployedFunction): {
  readonly encrypt: readonly string[];
  readonly decrypt: readonly string[];
} {
  switch (fn.name) {
    case 'ingest':
      return {
        encrypt: ['quarantine', ...Object.keys(fn.configuration.stores)],
        decrypt: ['quarantine', ...Object.keys(fn.configuration.stores)],
      };
    case 'api':
      return {
        encrypt: ['cursor', PROPOSALS, 'request'],
        decrypt: ['cursor', PROPOSALS, 'quarantine', 'request'],
      };
    case 'dispose':
      return { encrypt: findsRecords(fn) ? [laneOf(fn)] : [], decrypt: [laneOf(fn)] };
    case 'sweep':
      return { encrypt: ['request'], decrypt: ['request'] };
    case 'seal':
      throw new Error(`${fn.name} uses data keys: say of which scopes.`);
  }
}

/** A data key lies wrapped in an item of the registry; KMS unwraps it. */
function dataKey(
  { fn, deployed }: At,
  family: KeyFamily,
  scope: string,
  uses: readonly ('make' | 'use')[],
): readonly Asked[] {
  const table = tableOf(fn, deployed);
  const items = [`D#${keyPath({ family, scope, ...(family === 'seal' ? { day: DAY } : {}) })}`];
  const context = encryptionContext(keyContext({ family, scope }));
  const resource = variable(fn, 'KEY_ARN');
  return [
    itemCall(table, 'GetItem', items),
    ...(uses.includes('make')
      ? [itemCall(table, 'PutItem', items), { action: 'kms:GenerateDataKey', resource, context }]
      : []),
    ...(uses.includes('use') ? [{ action: 'kms:Decrypt', resource, context }] : []),
  ];
}

export function encryptionContext(pairs: Readonly<Record<string, string>>): Context {
  return {
    ...Object.fromEntries(
      Object.entries(pairs).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
    ),
    'kms:EncryptionContextKeys': Object.keys(pairs),
  };
}

export function itemCall(resource: string, action: string, keys: readonly string[]): Asked {
  return { action: `dynamodb:${action}`, resource, context: { 'dynamodb:LeadingKeys': keys } };
}

export function tableOf(fn: DeployedFunction, deployed: Deployed): string {
  return tableNamed(variable(fn, 'TABLE_NAME'), deployed);
}

/** A table that was restored is in no template. */
export function tableNamed(name: string, { region, account }: Deployed): string {
  return `arn:${PARTITION}:dynamodb:${region}:${account}:table/${name}`;
}

export function bucketNamed(name: string): string {
  return `arn:${PARTITION}:s3:::${name}`;
}

type Service = 'dynamodb' | 's3' | 'sqs';

/** The encryption context with which each service calls KMS. */
const SERVICE_CONTEXTS: Readonly<Record<Service, readonly string[]>> = {
  // https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
  dynamodb: ['aws:dynamodb:tableName', 'aws:dynamodb:subscriberId'],
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
  s3: ['aws:s3:arn'],
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  sqs: ['aws:sqs:arn'],
};

/** What a service asks KMS for in the name of a role that uses the service. */
export function through(service: Service, deployed: Deployed, actions: readonly string[]): readonly Asked[] {
  const context: Context = {
    'kms:ViaService': `${service}.${deployed.region}.${URL_SUFFIX}`,
    'kms:EncryptionContextKeys': SERVICE_CONTEXTS[service],
  };
  return actions.map((action) => ({
    action,
    resource: deployed.the('AWS::KMS::Key', 'TenureKey').arn,
    context,
  }));
}

/** The parameter that the verifier key of the log is written into. */
export function keyParameter({ fn, deployed: { account, region } }: At): string {
  return `arn:${PARTITION}:ssm:${region}:${account}:parameter${variable(fn, 'LOG_KEY_PARAMETER')}`;
}
