import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Queues, Sending } from '../ports/queues.ts';
import { present } from '../domain/present.ts';
import { AdapterError } from './adapter-error.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MESSAGES_PER_BATCH = 10;
const ATTEMPTS = 4;
const FIRST_WAIT_MILLISECONDS = 50;

interface Outgoing {
  readonly body: string;
  /** At most 900. */
  readonly delaySeconds?: number;
}

/** The queues that a function may send to; sending to another queue throws `QUEUE_UNKNOWN`. */
export interface QueueUrls {
  /** By store. */
  readonly lanes?: Readonly<Record<string, string>>;
  readonly sweep?: string;
  readonly ingest?: string;
  readonly seal?: string;
}

/** What goes the way that events go, over the bus. Only the sweep may send it. */
export type OwnEvents = Pick<
  Queues,
  'sendHeartbeat' | 'retry' | 'retryRefused' | 'sendFacts' | 'tellIngest' | 'notify'
>;

export function sqsQueues(client: SQSClient, urls: QueueUrls, own?: OwnEvents): Queues {
  async function send(url: string | undefined, queue: string, body: string): Promise<void> {
    await client.send(new SendMessageCommand({ QueueUrl: known(url, queue), MessageBody: body }));
  }

  async function sendToIngest(body: string, { group, delaySeconds }: Sending = {}): Promise<void> {
    await client.send(
      new SendMessageCommand({
        QueueUrl: known(urls.ingest, 'ingest'),
        MessageBody: body,
        ...present({ MessageGroupId: group, DelaySeconds: delaySeconds }),
      }),
    );
  }

  /** Messages that SQS refuses because of its own faults are sent again; throws if some are still refused then. */
  async function sendBatch(url: string, messages: readonly Outgoing[]): Promise<void> {
    let open: SendMessageBatchRequestEntry[] = messages.map(({ body, delaySeconds }, n) => ({
      Id: String(n),
      MessageBody: body,
      ...present({ DelaySeconds: delaySeconds }),
    }));
    for (let attempt = 1; ; attempt += 1) {
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: open }));
      const failed = answer.Failed ?? [];
      if (failed.length === 0) return;
      const code = failed[0]?.Code ?? 'unknown';
      if (attempt === ATTEMPTS || failed.some(({ SenderFault }) => SenderFault === true))
        throw refused(failed.length, code);
      const ids = new Set(failed.map(({ Id }) => Id));
      open = open.filter(({ Id }) => ids.has(Id));
      await wait(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1));
    }
  }

  async function sendAll(url: string, messages: readonly Outgoing[]): Promise<void> {
    for (let from = 0; from < messages.length; from += MESSAGES_PER_BATCH)
      await sendBatch(url, messages.slice(from, from + MESSAGES_PER_BATCH));
  }

  return {
    async ring(bells) {
      for (const [lane, own] of Map.groupBy(bells, ({ bell }) => bell.lane)) {
        const url = known(urls.lanes?.[lane], `lane ${lane}`);
        await sendAll(
          url,
          own.map(({ bell, delaySeconds }) => ({ body: JSON.stringify(bell), delaySeconds })),
        );
      }
    },
    async toSweep(messages, delaySeconds) {
      if (messages.length === 0) return;
      await sendAll(
        known(urls.sweep, 'sweep'),
        messages.map((message) => ({ body: JSON.stringify(message), ...present({ delaySeconds }) })),
      );
    },
    async sendHeartbeat() {
      if (own === undefined) known(undefined, 'heartbeats');
      else await own.sendHeartbeat();
    },
    async retry(ids) {
      if (own === undefined) known(undefined, 'retries');
      else await own.retry(ids);
    },
    async retryRefused(ids, policies) {
      if (own === undefined) known(undefined, 'retries');
      else await own.retryRefused(ids, policies);
    },
    async sendFacts(facts) {
      if (own === undefined) known(undefined, 'facts');
      else await own.sendFacts(facts);
    },
    async tellIngest(messages) {
      if (own === undefined) known(undefined, 'columns');
      else await own.tellIngest(messages);
    },
    notify: async (notices) => (own === undefined ? known(undefined, 'notices') : own.notify(notices)),
    async hide(receipt, seconds) {
      const message = { QueueUrl: known(urls.ingest, 'ingest'), ReceiptHandle: receipt };
      await client.send(new ChangeMessageVisibilityCommand({ ...message, VisibilityTimeout: seconds }));
    },
    toIngest: (message, sending) => sendToIngest(JSON.stringify(message), sending),
    toSeal: (message) => send(urls.seal, 'seal', JSON.stringify(message)),
    replay: (body, sending) => sendToIngest(body, sending),
  };
}

function known(url: undefined, queue: string): never;
function known(url: string | undefined, queue: string): string;
function known(url: string | undefined, queue: string): string {
  if (url !== undefined) return url;
  throw new AdapterError(
    'QUEUE_UNKNOWN',
    `This function has no queue for ${queue}. Every store of the configuration gets its lane's queue when it is deployed: deploy the configuration again.`,
  );
}

function refused(count: number, code: string): AdapterError {
  return new AdapterError(
    'QUEUE_REFUSED',
    `The queue refused ${count} messages of a batch (${code}). The current message is delivered again and sends them again; if this error persists, check the queue's policy, key and quotas.`,
  );
}
