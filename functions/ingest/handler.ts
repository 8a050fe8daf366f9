import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import {
  adoptedTable,
  awsDynamo,
  awsKeys,
  awsQueues,
  awsRegistry,
  awsTimers,
} from '../../shared/adapters/aws-ports.ts';
import { randomTokens } from '../../shared/adapters/random-tokens.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { eachRecord } from '../../shared/runtime/batch-failures.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { deployedConfiguration } from '../../shared/runtime/deployed-configuration.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { warmStart } from '../../shared/runtime/warm-start.ts';
import { Environment } from './config.ts';
import type { Delivery } from './delivery.ts';
import { takeDelivery } from './own-faults.ts';
import { producerGate } from './producer-gate.ts';
import { type IngestCore, quarantineUnread, reportFailure } from './quarantine.ts';

/**
 * Fired by the ingest queue. Messages may arrive more than once, late and in any order. A message that fails is
 * delivered again without the others, after growing delays, and is quarantined before the queue would lose it. What
 * never reached the queue, or what no run could begin with, comes from a dead-letter queue and is quarantined unread.
 */
export function ingestHandler(
  core: IngestCore,
  isDeadLetter: (record: SQSRecord) => boolean = () => false,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const gate = producerGate(core);
  return (event) =>
    eachRecord(
      event.Records,
      (record) =>
        isDeadLetter(record)
          ? quarantineUnread(core, record.body)
          : takeDelivery(inGroup(core, record.attributes.MessageGroupId), deliveryOf(record), gate),
      (error, { attributes }) => reportFailure(core, error, Number(attributes.SentTimestamp)),
    );
}

function deliveryOf({ body, attributes, receiptHandle }: SQSRecord): Delivery {
  return {
    body,
    deliveries: Number(attributes.ApproximateReceiveCount),
    sentAt: Number(attributes.SentTimestamp),
    receipt: receiptHandle,
  };
}

/** What follows from a message, or is sent again, stays in the group of its producer. */
function inGroup(core: IngestCore, group: string | undefined): IngestCore {
  if (group === undefined) return core;
  const { queues } = core;
  return {
    ...core,
    queues: {
      ...queues,
      toIngest: (message) => queues.toIngest(message, { group }),
      replay: (body, sending) => queues.replay(body, { group, ...sending }),
    },
  };
}

/**
 * Every source queue of this function other than its own is a dead-letter queue. URLs and ARNs end with the queue's
 * name.
 */
export function fromElsewhere(ingestQueueUrl: string): (record: SQSRecord) => boolean {
  const own = ingestQueueUrl.split('/').at(-1);
  return ({ eventSourceARN }) => eventSourceARN.split(':').at(-1) !== own;
}

const start = warmStart(async () => {
  const env = parseEnvironment(Environment, process.env);
  const dynamo = awsDynamo();
  const configuration = await deployedConfiguration(import.meta.url);
  const report = powertoolsReport('ingest');
  const core: IngestCore = {
    configuration,
    registry: awsRegistry(dynamo, env),
    keys: awsKeys(dynamo, env, configuration.timing),
    queues: awsQueues({ ingest: env.INGEST_QUEUE_URL }),
    timers: awsTimers(env, report),
    clock: systemClock(),
    tokens: randomTokens(),
    report,
    ...adoptedTable(env),
  };
  return ingestHandler(core, fromElsewhere(env.INGEST_QUEUE_URL));
});

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => (await start())(event);
