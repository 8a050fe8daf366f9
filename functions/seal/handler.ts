import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { adoptedTable, awsDynamo, awsLogBucket, awsRegistry } from '../../shared/adapters/aws-ports.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { parseSealMessage } from '../../shared/contract/messages.ts';
import { seal, type SealCore } from '../../shared/protocol/log/seal.ts';
import { eachMessage } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart, whileTimeIsLeft } from '../../shared/runtime/warm-start.ts';
import { Environment } from './config.ts';

/**
 * Fired for every chunk that is written, and every hour. Several may run at once: the conditional write of the head
 * decides which one succeeds.
 */
export function sealHandler(
  core: SealCore,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachMessage(
      event.Records,
      parseSealMessage,
      async () => {
        await seal(core, goOn);
        return 'done';
      },
      (error) => core.report('seal.failed', { code: codeOf(error) }),
    );
}

const start = warmStart(async (): Promise<SealCore> => {
  const env = parseEnvironment(Environment, process.env);
  return {
    configuration: await deployedConfiguration(import.meta.url),
    registry: awsRegistry(awsDynamo(), env),
    bucket: awsLogBucket(env),
    clock: systemClock(),
    report: powertoolsReport('seal'),
    ...adoptedTable(env),
  };
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const core = await start();
  return sealHandler(core, whileTimeIsLeft(context, core.configuration.timing.functionTimeout))(event);
};
