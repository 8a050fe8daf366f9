import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  adoptedTable,
  awsDynamo,
  awsLogBucket,
  awsRegistry,
  awsSigner,
} from '../../shared/adapters/aws-ports.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { parseSealMessage } from '../../shared/contract/messages.ts';
import { writeLog, type WriteLogCore } from '../../shared/protocol/log/write-log.ts';
import { eachMessage } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart, whileTimeIsLeft } from '../../shared/runtime/warm-start.ts';
import { Environment } from './config.ts';

/**
 * Fired for every chunk that is written, and every hour. Several may run at once: the conditional writes of the head and
 * of the checkpoint decide which one succeeds.
 */
export function sealHandler(
  core: WriteLogCore,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachMessage(
      event.Records,
      parseSealMessage,
      async () => {
        await writeLog(core, goOn);
        return 'done';
      },
      (error) => core.report('seal.failed', { code: codeOf(error) }),
    );
}

const start = warmStart(async (): Promise<WriteLogCore> => {
  const env = parseEnvironment(Environment, process.env);
  return {
    configuration: await deployedConfiguration(import.meta.url),
    registry: awsRegistry(awsDynamo(), env),
    bucket: awsLogBucket(env),
    signer: awsSigner(env),
    clock: systemClock(),
    report: powertoolsReport('seal'),
    ...adoptedTable(env),
  };
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const core = await start();
  return sealHandler(core, whileTimeIsLeft(context, core.configuration.timing.functionTimeout))(event);
};
