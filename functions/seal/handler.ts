import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseSealMessage } from '../../shared/contract/messages.ts';
import { seal, type SealCore } from '../../shared/protocol/seal.ts';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';

/** Rung by every chunk that is written, and every hour. Any number may run at once: the head decides. */
export function sealHandler(
  core: SealCore,
  goOn: () => boolean = () => true,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachRecord(
      event.Records,
      async (record) => {
        const message = parseSealMessage(record.body);
        if (!message.ok)
          throw new Error(`seal message: ${message.failure.message} at ${message.failure.path}`);
        await seal(core, message.value, goOn);
        return 'done';
      },
      (error) => core.report('seal.failed', { code: codeOf(error) }),
    );
}
