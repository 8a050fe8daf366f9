import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Instant } from '../shared/domain/record/ids.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { type QueuePair, REGION } from './engines/queue-engine.ts';

export type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;

export interface QueueWorker {
  /** Something was sent to the queue. */
  ring(): void;
  /** Runs the function until nothing in the queue is visible. Answers whether it ran at all. */
  drain(): Promise<boolean>;
  /** When the next message that came back becomes visible again. */
  nextVisible(): Instant | undefined;
  /** Makes visible what is due again on the virtual clock. */
  reveal(): Promise<void>;
}

interface WorkerOptions {
  readonly client: SQSClient;
  readonly queue: QueuePair;
  readonly clock: Clock;
  readonly handler: Handler;
  readonly batchSize: number;
  readonly visibilitySeconds: number;
  readonly seen: (queue: string, body: string) => void;
}

/**
 * What Lambda does with a queue: receives a batch, runs the function, deletes what succeeded. What the function names
 * as failed, or all of it when the function throws, stays hidden for the visibility timeout, on the virtual clock.
 */
export function queueWorker(options: WorkerOptions): QueueWorker {
  const { client, queue, clock } = options;
  const hidden: { readonly receiptHandle: string; readonly visibleAt: Instant }[] = [];
  let rung = false;

  async function runBatch(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => recordOf(queue.name, message));
    for (const { body } of records) options.seen(queue.name, body);
    const visibleAt = clock.now() + options.visibilitySeconds * 1000;
    const failed = await failuresOf(options.handler, records);
    const done: SQSRecord[] = [];
    for (const record of records) {
      if (failed.has(record.messageId)) hidden.push({ receiptHandle: record.receiptHandle, visibleAt });
      else done.push(record);
    }
    if (done.length === 0) return;
    const Entries = done.map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
    }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  }

  return {
    ring: () => {
      rung = true;
    },
    async drain() {
      let ran = false;
      while (rung) {
        // Cleared before looking: a message that comes meanwhile rings again.
        rung = false;
        const answer = await client.send(
          new ReceiveMessageCommand({
            QueueUrl: queue.url,
            MaxNumberOfMessages: options.batchSize,
            MessageSystemAttributeNames: ['All'],
          }),
        );
        const messages = answer.Messages ?? [];
        if (messages.length === 0) continue;
        rung = true;
        ran = true;
        await runBatch(messages);
      }
      return ran;
    },
    nextVisible: () =>
      hidden.length === 0 ? undefined : Math.min(...hidden.map(({ visibleAt }) => visibleAt)),
    async reveal() {
      const due = hidden.filter(({ visibleAt }) => visibleAt <= clock.now());
      for (const message of due) {
        hidden.splice(hidden.indexOf(message), 1);
        const { receiptHandle: ReceiptHandle } = message;
        await client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout: 0 }),
        );
        rung = true;
      }
    },
  };
}

/** A function that throws, or dies, has done nothing that SQS knows of. */
async function failuresOf(handler: Handler, records: SQSRecord[]): Promise<ReadonlySet<string>> {
  try {
    const answer = await handler({ Records: records });
    return new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  } catch {
    return new Set(records.map(({ messageId }) => messageId));
  }
}

function recordOf(queue: string, message: Message): SQSRecord {
  const attributes = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: attributes['ApproximateReceiveCount'] ?? '1',
      SentTimestamp: attributes['SentTimestamp'] ?? '0',
      SenderId: attributes['SenderId'] ?? '',
      ApproximateFirstReceiveTimestamp: attributes['ApproximateFirstReceiveTimestamp'] ?? '0',
    },
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:${queue}`,
    awsRegion: REGION,
  };
}
