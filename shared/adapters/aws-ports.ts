import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Timing } from '../domain/configuration/configuration.ts';
import { present } from '../domain/present.ts';
import { COPY_LIMITS, OWN_LIMITS } from '../domain/request-limits.ts';
import type { Archive } from '../ports/archive.ts';
import type { Bus } from '../ports/bus.ts';
import type { ArchiveLinks, Exports } from '../ports/exports.ts';
import type { Keys } from '../ports/keys.ts';
import type { KeyRecord, LogBucket, LogFiles, OldObjects, Signer } from '../ports/log.ts';
import type { Queues } from '../ports/queues.ts';
import type { Registry } from '../ports/registry.ts';
import type { Report } from '../ports/report.ts';
import type { Timers } from '../ports/timers.ts';
import type { AwsPlace } from './call-aws.ts';
import type { DynamoCall } from './dynamodb/dynamo-call.ts';
import { dynamoRegistry } from './dynamodb/dynamo-registry.ts';
import { signedDynamo } from './dynamodb/signed-dynamo.ts';
import { eventBridgeArchive } from './eventbridge-archive.ts';
import { eventBridgeBus } from './eventbridge-bus.ts';
import { kmsKeys } from './kms-keys.ts';
import { kmsSigner } from './signing/kms-signer.ts';
import { s3ArchiveLinks } from './s3-archive-links.ts';
import { s3Exports } from './s3-exports.ts';
import { s3LogBucket, s3OldObjects } from './s3-log-bucket.ts';
import { s3LogFiles } from './s3-log-files.ts';
import { s3Pieces } from './s3-pieces.ts';
import type { S3Place } from './s3-place.ts';
import { schedulerTimers } from './scheduler-timers.ts';
import { type OwnEvents, type QueueUrls, sqsQueues } from './sqs-queues.ts';
import { ssmKeyRecord } from './signing/ssm-key-record.ts';
import { systemClock } from './system-clock.ts';
import { tellingUnreachable } from './unreachable.ts';

/**
 * Ports over AWS, from a function's environment. Region and credentials are the function's own. Each builder creates
 * its own client, so that a bundle contains only what its function uses. All have the same limits of time and attempts.
 */

/** One client per process: registry and keys share its connections. */
export function awsDynamo(env: NodeJS.ProcessEnv = process.env): DynamoCall {
  return signedDynamo({
    region: env['AWS_REGION'] ?? '',
    endpoint: env['AWS_ENDPOINT_URL_DYNAMODB'] ?? env['AWS_ENDPOINT_URL'],
    credentials: credentialsIn(env),
  });
}

/** Lambda puts the role's credentials into the environment. */
function credentialsIn(env: NodeJS.ProcessEnv): AwsPlace['credentials'] {
  return async () => ({
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...present({ sessionToken: env['AWS_SESSION_TOKEN'] }),
  });
}

export interface TableEnvironment {
  readonly TABLE_NAME: string;
  readonly TABLE_ADOPTED: 'yes' | 'no';
}

export function awsRegistry(dynamo: DynamoCall, env: TableEnvironment): Registry {
  return dynamoRegistry(dynamo, env.TABLE_NAME, { isAdopted: env.TABLE_ADOPTED === 'yes' });
}

/** What the protocols have to know of a table that was restored and adopted. */
export function adoptedTable(env: TableEnvironment): { readonly adopted?: string } {
  return env.TABLE_ADOPTED === 'yes' ? { adopted: env.TABLE_NAME } : {};
}

export function awsKeys(
  dynamo: DynamoCall,
  env: { readonly TABLE_NAME: string; readonly KEY_ARN: string },
  { clockTolerance }: Timing,
): Keys {
  return kmsKeys(tellingUnreachable('KMS', new KMSClient(OWN_LIMITS)), dynamo, {
    tableName: env.TABLE_NAME,
    keyArn: env.KEY_ARN,
    clock: systemClock(),
    clockToleranceSeconds: clockTolerance,
  });
}

export function awsLogBucket(env: { readonly LOG_BUCKET: string }): LogBucket {
  return s3LogBucket(tellingUnreachable('S3', new S3Client(OWN_LIMITS)), env.LOG_BUCKET);
}

/** Nothing where all entries are kept. */
export function awsOldObjects(env: { readonly LOG_BUCKET: string; readonly LOG_KEEP_DAYS: string }): {
  readonly keep?: { readonly days: number; readonly old: OldObjects };
} {
  if (env.LOG_KEEP_DAYS === 'none') return {};
  const old = s3OldObjects(tellingUnreachable('S3', new S3Client(OWN_LIMITS)), env.LOG_BUCKET);
  return { keep: { days: Number(env.LOG_KEEP_DAYS), old } };
}

/** What receipts are made from. */
export function awsLogFiles(
  { LOG_BUCKET }: { readonly LOG_BUCKET: string },
  env: NodeJS.ProcessEnv = process.env,
): LogFiles {
  return s3LogFiles(placeOf(LOG_BUCKET, env));
}

export function awsSigner(env: { readonly SIGNING_KEY_ARN: string; readonly LOG_ORIGIN: string }): Signer {
  const client = tellingUnreachable('KMS', new KMSClient(OWN_LIMITS));
  return kmsSigner(client, { name: env.LOG_ORIGIN, keyArn: env.SIGNING_KEY_ARN });
}

/** Nothing without later keys. */
export function awsLaterKeys(env: { readonly LATER_SIGNING_KEYS: string; readonly LOG_ORIGIN: string }): {
  readonly laterKeys?: readonly { readonly signer: Signer; readonly from: number }[];
} {
  if (env.LATER_SIGNING_KEYS === 'none') return {};
  const laterKeys = env.LATER_SIGNING_KEYS.split(' ').map((one) => {
    const [day = '', SIGNING_KEY_ARN = ''] = one.split('=');
    const signer = awsSigner({ SIGNING_KEY_ARN, LOG_ORIGIN: env.LOG_ORIGIN });
    return { signer, from: Date.parse(`${day}T00:00:00Z`) };
  });
  return { laterKeys };
}

export function awsKeyRecord(
  { LOG_KEY_PARAMETER }: { readonly LOG_KEY_PARAMETER: string },
  env: NodeJS.ProcessEnv = process.env,
): KeyRecord {
  const place = {
    region: env['AWS_REGION'] ?? '',
    credentials: credentialsIn(env),
    ...present({ endpoint: env['AWS_ENDPOINT_URL_SSM'] ?? env['AWS_ENDPOINT_URL'] }),
  };
  return ssmKeyRecord(place, LOG_KEY_PARAMETER);
}

export interface ExportsEnvironment {
  readonly EXPORTS_BUCKET: string;
}

/** What builds archives. */
export function awsExports({ EXPORTS_BUCKET }: ExportsEnvironment): Exports {
  return s3Exports(tellingUnreachable('S3', new S3Client(COPY_LIMITS)), EXPORTS_BUCKET);
}

/** What lanes write. */
export function awsPieces(
  exports: ExportsEnvironment,
  env: NodeJS.ProcessEnv = process.env,
): Pick<Exports, 'putPiece'> {
  return s3Pieces(placeOf(exports.EXPORTS_BUCKET, env));
}

/** What the API gives out. */
export function awsArchiveLinks(
  exports: ExportsEnvironment,
  env: NodeJS.ProcessEnv = process.env,
): ArchiveLinks {
  return s3ArchiveLinks(placeOf(exports.EXPORTS_BUCKET, env));
}

function placeOf(bucket: string, env: NodeJS.ProcessEnv): S3Place {
  return {
    bucket,
    region: env['AWS_REGION'] ?? '',
    endpoint: env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'],
    credentials: credentialsIn(env),
  };
}

export function awsQueues(urls: QueueUrls, own?: OwnEvents): Queues {
  return sqsQueues(tellingUnreachable('SQS', new SQSClient(OWN_LIMITS)), urls, own);
}

export function awsBus(env: { readonly BUS_NAME: string }, source: string, report: Report): Bus {
  return eventBridgeBus(tellingUnreachable('EVENTBRIDGE', new EventBridgeClient(OWN_LIMITS)), {
    busName: env.BUS_NAME,
    source,
    report,
  });
}

export function awsArchive(env: { readonly ARCHIVE_NAME: string }): Archive {
  return eventBridgeArchive(
    tellingUnreachable('EVENTBRIDGE', new EventBridgeClient(OWN_LIMITS)),
    env.ARCHIVE_NAME,
  );
}

export interface TimerEnvironment {
  readonly SCHEDULE_GROUP: string;
  readonly SCHEDULER_ROLE_ARN: string;
  readonly SCHEDULE_DEAD_LETTER_ARN: string;
  readonly SWEEP_QUEUE_ARN: string;
}

export function awsTimers(env: TimerEnvironment, report: Report): Timers {
  return schedulerTimers(tellingUnreachable('SCHEDULER', new SchedulerClient(OWN_LIMITS)), {
    group: env.SCHEDULE_GROUP,
    targetArn: env.SWEEP_QUEUE_ARN,
    roleArn: env.SCHEDULER_ROLE_ARN,
    deadLetterArn: env.SCHEDULE_DEAD_LETTER_ARN,
    report,
  });
}
