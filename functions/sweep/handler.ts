import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseSweepMessage } from '../../shared/contract/messages.ts';
import type { Core } from '../../shared/protocol/core.ts';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import { sweep } from './sweep.ts';

/**
 * Fired by wake-ups at the minutes that hints name, and every hour. It may fire late, twice or for nothing: it reads
 * what is due from the registry and sends it to lanes, which claim before they act. Simpler would be to let the wake-up
 * carry the holdings; then a lost wake-up would lose them.
 */
export function sweepHandler(
  core: Core,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachRecord(
      event.Records,
      async (record) => {
        const message = parseSweepMessage(record.body);
        if (!message.ok)
          throw new Error(`sweep message: ${message.failure.message} at ${message.failure.path}`);
        await sweep(core, message.value, goOn);
        return 'done';
      },
      (error) => core.report('sweep.failed', { code: codeOf(error) }),
    );
}
