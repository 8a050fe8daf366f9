import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { awsDocuments, awsKeys, awsQueues, awsRegistry, awsTimers } from '../../shared/adapters/aws-ports.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart } from '../../shared/runtime/warm-start.ts';
import { Environment } from './config.ts';
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

const start = warmStart(async () => {
  const env = parseEnvironment(Environment, process.env);
  const documents = awsDocuments();
  const report = powertoolsReport('ingest');
  return ingestHandler({
    configuration: await deployedConfiguration(import.meta.url),
    registry: awsRegistry(documents, env),
    keys: awsKeys(documents, env),
    queues: awsQueues({ ingest: env.INGEST_QUEUE_URL }),
    timers: awsTimers(env, report),
    clock: systemClock(),
    tokens: randomTokens(),
    report,
  });
});

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => (await start())(event);
