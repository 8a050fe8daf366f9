import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseLaneMessage } from '../../shared/contract/messages.ts';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import type { LaneCore } from '../../shared/protocol/lane-core.ts';
import { dispose } from './dispose.ts';

/** Fired by the lane's queue; deployed once per lane, with that store's driver and permissions only. */
export function disposeHandler(core: LaneCore): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachRecord(
      event.Records,
      (record) => {
        const message = parseLaneMessage(record.body);
        if (!message.ok)
          throw new Error(`lane message: ${message.failure.message} at ${message.failure.path}`);
        return dispose(core, message.value);
      },
      (error) => core.report('dispose.failed', { code: codeOf(error) }),
    );
}
