import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { REGION } from './engines/queue-engine.ts';
import type { Message } from './virtual/virtual-queue.ts';

export type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/**
 * What Lambda does with a batch: hands it to the function, and is done with all that the function does not name as
 * failed. What the function throws is thrown.
 */
export async function runHandler(
  handler: Handler,
  queue: string,
  messages: readonly Message[],
): Promise<readonly Message[]> {
  const answer = await handler({ Records: messages.map((message) => recordOf(queue, message)) });
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return messages.filter(({ id }) => !failed.has(id));
}

function recordOf(queue: string, { id, body, sentAt, deliveries }: Message): SQSRecord {
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(deliveries),
      SentTimestamp: String(sentAt),
      SenderId: '',
      ApproximateFirstReceiveTimestamp: String(sentAt),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:${queue}`,
    awsRegion: REGION,
  };
}
