import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  adoptedTable,
  awsDynamo,
  awsKeys,
  awsPieces,
  awsQueues,
  awsRegistry,
  awsTimers,
} from '../../shared/adapters/aws-ports.ts';
import { databasePassword } from '../../shared/adapters/secrets/database-login.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { vendorSecrets } from '../../shared/adapters/secrets/vendor-secrets.ts';
import { parseLaneMessage } from '../../shared/contract/messages.ts';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { eachMessage } from '../../shared/runtime/batch-failures.ts';
import { EnvironmentError, parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart, whileTimeIsLeft } from '../../shared/runtime/warm-start.ts';
import { answering } from '../../shared/stores/answering.ts';
import { openStore } from '../../shared/stores/kinds.ts';
import { rememberedRecovery } from '../../shared/stores/remembered-recovery.ts';
import { Environment } from './config.ts';
import { dispose } from './dispose.ts';

/** Fired by the lane's queue; deployed once per lane, with that store's driver and permissions only. */
export function disposeHandler(
  core: LaneCore,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachMessage(
      event.Records,
      parseLaneMessage,
      (message) => dispose(core, message, goOn),
      (error) => core.report('dispose.failed', { code: codeOf(error) }),
    );
}

const start = warmStart(async (): Promise<LaneCore> => {
  const env = parseEnvironment(Environment, process.env);
  const configuration = await deployedConfiguration(import.meta.url);
  const settings = configuration.stores[env.LANE];
  if (settings === undefined) throw new EnvironmentError([], ['LANE']);
  const dynamo = awsDynamo();
  const clock = systemClock();
  const keys = awsKeys(dynamo, env, configuration.timing);
  const report = powertoolsReport('dispose');
  const failed = (error: unknown): void => report('dispose.failed', { store: env.LANE, code: codeOf(error) });
  const password = databasePassword(env.DATABASE_LOGIN, settings.region, failed);
  const store = await openStore(settings, {
    timeoutSeconds: configuration.timing.storeTimeout,
    pseudonymKey: () => keys.pseudonymKey(env.LANE),
    exports: { bucket: env.EXPORTS_BUCKET, region: process.env['AWS_REGION'] ?? settings.region },
    connection: {
      vendor: { secret: vendorSecrets(clock, failed), now: () => clock.now() },
      ...(password === undefined
        ? {}
        : { password, login: env.DATABASE_LOGIN === 'iam' ? 'token' : 'password' }),
    },
  });
  return {
    lane: env.LANE,
    store: rememberedRecovery(answering(store, failed), clock),
    configuration,
    registry: awsRegistry(dynamo, env),
    keys,
    queues: awsQueues({ seal: env.SEAL_QUEUE_URL, lanes: { [env.LANE]: env.LANE_QUEUE_URL } }),
    timers: awsTimers(env, report),
    exports: awsPieces(env),
    clock,
    tokens: randomTokens(),
    report,
    ...adoptedTable(env),
  };
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const core = await start();
  const goOn = whileTimeIsLeft(context, core.configuration.timing.functionTimeout);
  return disposeHandler(core, goOn)(event);
};
