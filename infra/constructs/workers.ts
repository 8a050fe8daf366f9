import { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Environment as IngestEnvironment } from '../../functions/ingest/config.ts';
import type { Environment as SealEnvironment } from '../../functions/seal/config.ts';
import type { Environment as SweepEnvironment } from '../../functions/sweep/config.ts';
import { configurationOf } from '../../shared/domain/configuration/configuration-part.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import { registryAccess } from '../registry-access.ts';
import { type WitnessSettings, witnessVariable } from '../witness-schema.ts';
import type { DeletionLog } from './buckets/deletion-log.ts';
import type { Exports } from './buckets/exports.ts';
import type { EventIntake } from './event-intake.ts';
import type { LaneNames } from './lane-names.ts';
import type { QueuePair } from './queue-pair.ts';
import type { RegistryTable } from './registry-table.ts';
import type { KeyRecord } from './signing/key-record.ts';
import type { SigningKey } from './signing/signing-key.ts';
import { type FunctionSettings, TenureFunction } from './tenure-function.ts';
import type { WakeUps } from './wake-ups.ts';

interface WorkerProps {
  readonly configuration: Configuration;
  readonly functions: FunctionSettings;
  readonly registry: RegistryTable;
  /** Reserved for the function. */
  readonly concurrency: number | undefined;
}

/** Invocations of `ingest` at the same time, by default: a flood of events must not take all that the account has. */
const INGEST_CONCURRENCY = 20;

/** Processes what the bus delivers: facts, registrations, withdrawals. */
export class Ingest extends Construct {
  readonly worker: TenureFunction<typeof IngestEnvironment>;

  constructor(
    scope: Construct,
    id: string,
    props: WorkerProps & { readonly intake: EventIntake; readonly wakeUps: WakeUps },
  ) {
    super(scope, id);
    const { configuration, functions, registry, intake, wakeUps, concurrency } = props;
    const { key } = functions;
    this.worker = new TenureFunction<typeof IngestEnvironment>(this, 'Ingest', {
      settings: functions,
      bundle: 'ingest',
      description: 'Stores events, registers holdings, writes plans and hints',
      configuration: configurationOf('ingest', configuration),
      environment: {
        ...registry.variables,
        KEY_ARN: key.key.keyArn,
        INGEST_QUEUE_URL: intake.ingest.queue.queueUrl,
        ...wakeUps.variables,
      },
      timeoutSeconds: configuration.timing.functionTimeout,
      memoryMegabytes: 512,
      feedsItself: true,
      ...present({ reservedConcurrency: concurrency }),
    });
    const worker = this.worker.function;
    registry.grant(worker, registryAccess({ verb: 'ingest', stores: Object.keys(configuration.stores) }));
    intake.ingest.grantSend(worker);
    intake.feed(worker, concurrency ?? INGEST_CONCURRENCY);
    wakeUps.grantMake(worker);
  }
}

/** Reads hints, puts what is due into chunks, and rings the lanes. */
export class Sweep extends Construct {
  readonly worker: TenureFunction<typeof SweepEnvironment>;

  constructor(
    scope: Construct,
    id: string,
    props: WorkerProps & {
      readonly queue: QueuePair;
      readonly seal: QueuePair;
      readonly wakeUps: WakeUps;
      readonly laneNames: LaneNames;
      readonly exports: Exports;
      readonly intake: EventIntake;
      /** The bus takes heartbeats only from this role. */
      readonly roleName: string;
    },
  ) {
    super(scope, id);
    const {
      configuration,
      functions,
      registry,
      queue,
      seal,
      wakeUps,
      laneNames,
      exports,
      intake,
      roleName,
      concurrency,
    } = props;
    this.worker = new TenureFunction<typeof SweepEnvironment>(this, 'Sweep', {
      settings: functions,
      bundle: 'sweep',
      description: 'Reads hints, puts due holdings into chunks and rings their lanes',
      role: Role.fromRoleName(this, 'Role', roleName),
      configuration: configurationOf('sweep', configuration),
      environment: {
        ...registry.variables,
        KEY_ARN: functions.key.key.keyArn,
        SWEEP_QUEUE_URL: queue.queue.queueUrl,
        SEAL_QUEUE_URL: seal.queue.queueUrl,
        LANE_QUEUE_PREFIX: laneNames.prefix,
        BUS_NAME: intake.bus.eventBusName,
        ARCHIVE_NAME: intake.archiveName,
        ...wakeUps.variables,
        ...exports.variables,
      },
      timeoutSeconds: configuration.timing.functionTimeout,
      memoryMegabytes: 512,
      feedsItself: true,
      ...present({ reservedConcurrency: concurrency }),
    });
    const worker = this.worker.function;
    registry.grant(worker, registryAccess({ verb: 'sweep' }));
    intake.grantPublish(worker);
    intake.grantLookAtArchive(worker);
    queue.feed(worker, present({ maxConcurrency: concurrency }));
    for (const target of [queue, seal]) target.grantSend(worker);
    laneNames.grantRing(worker);
    exports.grantBuild(worker);
    wakeUps.grantMake(worker);
  }
}

/** Puts the results of attempts into the deletion log, and signs it. */
export class Seal extends Construct {
  readonly worker: TenureFunction<typeof SealEnvironment>;

  constructor(
    scope: Construct,
    id: string,
    props: WorkerProps & {
      readonly queue: QueuePair;
      readonly deletionLog: DeletionLog;
      readonly signingKey: SigningKey;
      readonly laterKeys: readonly { readonly key: SigningKey; readonly from: string }[];
      readonly keyRecord: KeyRecord;
      /** After how many days entries of the log are dropped. */
      readonly keepDays: number | undefined;
      /** The name of the log in its checkpoints. */
      readonly origin: string;
      readonly witnesses: WitnessSettings | undefined;
      /** The key signs only for this role. */
      readonly roleName: string;
    },
  ) {
    super(scope, id);
    const { configuration, functions, registry, queue, deletionLog, signingKey, laterKeys, concurrency } =
      props;
    this.worker = new TenureFunction<typeof SealEnvironment>(this, 'Seal', {
      settings: functions,
      bundle: 'seal',
      description: 'Puts results into the deletion log, and signs it',
      role: Role.fromRoleName(this, 'Role', props.roleName),
      configuration: configurationOf('seal', configuration),
      environment: {
        ...registry.variables,
        LOG_BUCKET: deletionLog.bucket.bucketName,
        LOG_ORIGIN: props.origin,
        SIGNING_KEY_ARN: signingKey.keyArn,
        LATER_SIGNING_KEYS: laterKeys.map(({ key, from }) => `${from}=${key.keyArn}`).join(' ') || 'none',
        LOG_KEY_PARAMETER: props.keyRecord.parameterName,
        LOG_KEEP_DAYS: props.keepDays === undefined ? 'none' : String(props.keepDays),
        LOG_WITNESSES: witnessVariable(props.witnesses),
      },
      timeoutSeconds: configuration.timing.functionTimeout,
      memoryMegabytes: 512,
      ...present({ reservedConcurrency: concurrency }),
    });
    const worker = this.worker.function;
    registry.grant(worker, registryAccess({ verb: 'seal' }));
    deletionLog.grantWrite(worker);
    if (props.keepDays !== undefined) deletionLog.grantDrop(worker);
    for (const each of [signingKey, ...laterKeys.map(({ key }) => key)]) each.grantReadPublicKey(worker);
    props.keyRecord.grantWrite(worker);
    queue.feed(worker, present({ maxConcurrency: concurrency }));
  }
}
