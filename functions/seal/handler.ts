import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  adoptedTable,
  awsDynamo,
  awsKeyRecord,
  awsLaterKeys,
  awsLogBucket,
  awsOldObjects,
  awsRegistry,
  awsSigner,
} from '../../shared/adapters/aws-ports.ts';
import { witnessesIn } from '../../shared/adapters/signing/https-witness.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { parseSealMessage } from '../../shared/contract/messages.ts';
import { recordKey, type RecordKeyCore } from '../../shared/protocol/log/record-key.ts';
import { writeLog, type WriteLogCore } from '../../shared/protocol/log/write-log.ts';
import { eachMessage } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { present } from '../../shared/domain/present.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart, whileTimeIsLeft } from '../../shared/runtime/warm-start.ts';
import { Environment } from './config.ts';

/** The processes' own: once the verifier key is in its place, it stays there. */
const recorded = new WeakSet<object>();

/**
 * Fired for every chunk that is written, and every hour. Several may run at once: the conditional writes of the head and
 * of the checkpoint decide which one succeeds.
 */
export function sealHandler(
  core: WriteLogCore & RecordKeyCore,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachMessage(
      event.Records,
      parseSealMessage,
      async () => {
        await writeLog(core, goOn);
        if (!recorded.has(core) && (await recordKey(core))) recorded.add(core);
        return 'done';
      },
      (error) => core.report('seal.failed', { code: codeOf(error) }),
    );
}

const start = warmStart(async (): Promise<WriteLogCore & RecordKeyCore> => {
  const env = parseEnvironment(Environment, process.env);
  return {
    configuration: await deployedConfiguration(import.meta.url),
    registry: awsRegistry(awsDynamo(), env),
    bucket: awsLogBucket(env),
    ...awsOldObjects(env),
    signer: awsSigner(env),
    ...awsLaterKeys(env),
    keyRecord: awsKeyRecord(env),
    clock: systemClock(),
    report: powertoolsReport('seal'),
    ...present({ witnesses: witnessesIn(env.LOG_WITNESSES) }),
    ...adoptedTable(env),
  };
});

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const core = await start();
  return sealHandler(core, whileTimeIsLeft(context, core.configuration.timing.functionTimeout))(event);
};
