import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import { ingest, type IngestCore } from './ingest.ts';

/**
 * Fired by the ingest queue. Messages may come twice, late and in any order; one that fails comes again alone, and is
 * quarantined before its deliveries are used up. What kills the function itself ends in the dead-letter queue.
 */
export function ingestHandler(core: IngestCore): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return (event) =>
    eachRecord(
      event.Records,
      (record) => ingest(core, record.body, Number(record.attributes.ApproximateReceiveCount)),
      (error) => core.report('ingest.failed', { code: codeOf(error) }),
    );
}
