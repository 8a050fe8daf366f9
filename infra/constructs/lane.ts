import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../../functions/dispose/config.ts';
import { laneConfiguration } from '../../shared/domain/configuration/configuration-part.ts';
import type { Configuration, StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { present } from '../../shared/domain/present.ts';
import { queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import { storeKind } from '../../shared/stores/kinds.ts';
import type { LaneSettings } from '../deployment-schema.ts';
import { registryAccess } from '../registry-access.ts';
import { storeAccess } from '../store-access.ts';
import type { Exports } from './buckets/exports.ts';
import type { LaneNames } from './lane-names.ts';
import { QueuePair } from './queue-pair.ts';
import { excuseWildcard } from './excuse.ts';
import type { RegistryTable } from './registry-table.ts';
import { type FunctionSettings, TenureFunction } from './tenure-function.ts';
import type { WakeUps } from './wake-ups.ts';

export interface LaneProps {
  readonly store: string;
  readonly names: LaneNames;
  readonly storeSettings: StoreConfiguration;
  readonly settings: LaneSettings;
  readonly configuration: Configuration;
  readonly functions: FunctionSettings;
  readonly registry: RegistryTable;
  readonly wakeUps: WakeUps;
  readonly exports: Exports;
  readonly seal: QueuePair;
  readonly deadLetters: Queue;
}

/** How many chunks a lane works on at the same time, by default. */
const CONCURRENCY = 5;
/** Certificates of RDS, which Node does not include. */
const LAMBDA_CERTIFICATES = '/var/runtime/ca-cert.pem';

/** One store's queue and worker, with this store's driver, permissions and network only. */
export class Lane extends Construct {
  readonly store: string;
  readonly queue: QueuePair;
  readonly worker: TenureFunction<typeof Environment>;

  constructor(scope: Construct, id: string, props: LaneProps) {
    super(scope, id);
    const { store, storeSettings, settings, configuration, functions } = props;
    const { timing } = configuration;
    this.store = store;
    this.queue = new QueuePair(this, 'Chunks', {
      key: functions.key,
      settings: queueSettings(timing).lane,
      deadLetters: props.deadLetters,
      name: props.names.of(store),
    });
    this.worker = new TenureFunction<typeof Environment>(this, 'Dispose', {
      settings: functions,
      bundle: `dispose-${storeSettings.kind}`,
      description: `Disposes of due records in the store ${store}`,
      configuration: laneConfiguration(store, configuration),
      environment: {
        ...props.registry.variables,
        KEY_ARN: functions.key.key.keyArn,
        LANE_QUEUE_URL: this.queue.queue.queueUrl,
        SEAL_QUEUE_URL: props.seal.queue.queueUrl,
        ...props.wakeUps.variables,
        ...props.exports.variables,
        LANE: store,
        DATABASE_LOGIN: loginVariable(settings),
      },
      timeoutSeconds: timing.functionTimeout,
      memoryMegabytes: 512,
      feedsItself: true,
      ...present({ network: settings.network, reservedConcurrency: settings.concurrency }),
    });
    const worker = this.worker.function;
    if (settings.login !== undefined) worker.addEnvironment('NODE_EXTRA_CA_CERTS', LAMBDA_CERTIFICATES);
    this.queue.feed(worker, { maxConcurrency: Math.max(2, settings.concurrency ?? CONCURRENCY) });

    const { collections = [], datasets = [], facts = [] } = storeSettings;
    // For what a column says it needs the same keys.
    const findsRecords = collections.length + datasets.length + facts.length > 0;
    props.registry.grant(worker, registryAccess({ verb: 'dispose', lane: store, findsRecords }));
    this.queue.grantSend(worker);
    props.wakeUps.grantMake(worker);
    props.seal.grantSend(worker);
    props.exports.grantPieces(worker, store);
    this.#grantStore(props);
  }

  #grantStore(props: LaneProps): void {
    const { store, settings, configuration } = props;
    const { account, partition } = Stack.of(this);
    const { login } = settings;
    const role = this.worker.function.grantPrincipal;
    const access = storeAccess(configuration, store, {
      account,
      partition,
      ...(login !== undefined && 'databaseId' in login ? { databaseId: login.databaseId } : {}),
    });
    for (const [index, { actions, resources }] of access.entries()) {
      const sid = index === 0 ? 'Store' : `Store${index}`;
      role.addToPrincipalPolicy(
        new PolicyStatement({ sid, actions: [...actions], resources: [...resources] }),
      );
      for (const resource of resources.filter((arn) => arn.includes('*'))) {
        excuseWildcard(
          role,
          resource,
          index === 0
            ? `The keys of records in the store ${store} are known only when they are registered.`
            : `The configuration of the store ${store} asks for a survey of all tables or buckets of the account.`,
        );
      }
    }
    if (login !== undefined && 'secret' in login) {
      role.addToPrincipalPolicy(
        new PolicyStatement({
          sid: 'Login',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [login.secret],
        }),
      );
    }
    const keys = [settings.key, login !== undefined && 'secret' in login ? login.key : undefined];
    for (const key of keys.filter((each) => each !== undefined)) {
      role.addToPrincipalPolicy(
        new PolicyStatement({ actions: keyActions(props.storeSettings), resources: [key] }),
      );
    }
  }
}

/** Of a vendor, only its secret is encrypted with the key, and it is only read. */
function keyActions({ kind, options }: StoreConfiguration): string[] {
  const known = storeKind(kind);
  const isVendor = known.vendor(known.options.parse(options)) !== undefined;
  return isVendor ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
}

function loginVariable({ login }: LaneSettings): string {
  if (login === undefined) return 'none';
  return 'secret' in login ? login.secret : 'iam';
}
