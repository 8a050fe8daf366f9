import { NestedStack, Stack, type StackProps } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type Construct } from 'constructs';
import { queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import { Alarms } from '../constructs/alarms.ts';
import { TenureDashboard } from '../constructs/dashboard.ts';
import { metricNamespace, type Watched } from '../constructs/watched.ts';
import { Api } from '../constructs/api.ts';
import { FirstSweep } from '../constructs/first-sweep.ts';
import { Lane } from '../constructs/lane.ts';
import { LaneNames } from '../constructs/lane-names.ts';
import { deadLetterQueue, QueuePair } from '../constructs/queue-pair.ts';
import type { FunctionSettings } from '../constructs/tenure-function.ts';
import { WakeUps } from '../constructs/wake-ups.ts';
import { Ingest, Seal, Sweep } from '../constructs/workers.ts';
import { deploymentDigest } from '../deployment-digest.ts';
import { withForeignRoles } from '../foreign-roles.ts';
import { originOf } from '../deployment-schema.ts';
import type { Deployment } from '../load-deployment.ts';
import type { StateStack } from './state-stack.ts';

export interface ServiceStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly state: StateStack;
  /** Folder of the function bundles. */
  readonly bundles: string;
}

/**
 * Everything that works on the state. It may be destroyed and deployed again, because it stores nothing that was
 * acknowledged.
 */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, state, bundles, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { settings, lanes: laneSettings, configuration } = deployment;
    const { key, registry, deletionLog, signingKey, laterKeys, keyRecord, exports, intake } = state;
    const functions: FunctionSettings = {
      bundles,
      key,
      logRetention: settings.logRetentionDays ?? RetentionDays.SIX_MONTHS,
      metricNamespace: metricNamespace(settings.name),
    };
    const common = { configuration, functions, registry };
    const concurrency = settings.concurrency ?? {};

    const queues = queueSettings(configuration.timing);
    // One for all of them: a message says what it was for, and the alarm has one queue to look at, however many lanes.
    const deadLetters = deadLetterQueue(this, 'DeadLetters', { key, ...queues.lane });
    const sweepQueue = new QueuePair(this, 'SweepQueue', { key, settings: queues.sweep, deadLetters });
    const sealQueue = new QueuePair(this, 'SealQueue', { key, settings: queues.seal, deadLetters });
    const wakeUps = new WakeUps(this, 'WakeUps', { key, sweep: sweepQueue });

    const ingest = new Ingest(this, 'Ingest', {
      ...common,
      intake,
      wakeUps,
      concurrency: concurrency.ingest,
    });
    const laneNames = new LaneNames(this, settings.name, key);
    const lanes = Object.entries(configuration.stores).map(([store, storeSettings]) => {
      // A stack of its own: a stack has at most 500 resources, and a new store changes no other lane.
      const stack = new NestedStack(this, `LaneStack-${store}`, {
        description: `Tenure: the lane of the store ${store}`,
      });
      return new Lane(stack, `Lane-${store}`, {
        ...common,
        store,
        names: laneNames,
        storeSettings,
        settings: laneSettings[store] ?? {},
        wakeUps,
        exports,
        seal: sealQueue,
        deadLetters,
      });
    });
    const sweep = new Sweep(this, 'Sweep', {
      ...common,
      queue: sweepQueue,
      seal: sealQueue,
      wakeUps,
      laneNames,
      exports,
      intake,
      roleName: state.sweepRole.roleName,
      concurrency: concurrency.sweep,
    });
    const seal = new Seal(this, 'Seal', {
      ...common,
      queue: sealQueue,
      deletionLog,
      signingKey,
      laterKeys,
      keyRecord,
      keepDays: settings.deletionLog.keepDays,
      origin: originOf(settings),
      witnesses: settings.deletionLog.witnesses,
      roleName: state.sealRole.roleName,
      concurrency: concurrency.seal,
    });
    // It has only the names of the queues. Without this, it could ring a new lane before its queue is there.
    sweep.worker.function.node.addDependency(...lanes.map((lane) => Stack.of(lane)));
    const api = new Api(this, 'Api', {
      deployment: settings,
      configuration: withForeignRoles(configuration, deployment.foreignRoles),
      functions,
      state,
      sweep: sweepQueue,
    });
    const watched: Watched = {
      namespace: functions.metricNamespace,
      tableName: registry.tableName,
      busName: settings.name,
      addresses: [state.http, state.auditorHttp].flatMap((each) => each?.api ?? []),
      functions: { ingest: ingest.worker, api: api.worker, sweep: sweep.worker, seal: seal.worker },
      lanes,
      ingest: intake.ingest,
      deadLetters: [intake.ingest.deadLetters, deadLetters],
    };
    const { alarms } = new Alarms(this, 'Alarms', {
      deployment: settings,
      timing: configuration.timing,
      key,
      watched,
    });
    new TenureDashboard(this, 'Dashboard', { name: settings.name, watched, alarms });
    new FirstSweep(this, 'FirstSweep', {
      settings: functions,
      sweep: sweepQueue,
      digest: deploymentDigest(configuration, bundles),
      after: [ingest, sweep, seal, api, ...lanes.map((lane) => Stack.of(lane))],
    });
  }
}
