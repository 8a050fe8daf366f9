import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SendMessageBatchCommandInput,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

export interface LocalQueueEngine {
  /** For senders of messages. */
  readonly client: SQSClient;
  /** Makes a queue; answers its URL. */
  create(name: string): Promise<string>;
  /** Takes everything that was sent since the last time, each queue's messages oldest first. */
  take(): Promise<readonly TakenMessage[]>;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

export interface TakenMessage {
  readonly queue: string;
  readonly body: string;
  readonly delaySeconds: number;
}

export const REGION = 'local-1';

/** The most messages that SQS returns at a time. */
const BATCH_SIZE = 10;
/** The attribute in which a message's delay travels. */
const DELAY = 'VirtualDelaySeconds';

/**
 * Starts an SQS look-alike in this process, in memory, on a free loopback port. Any credentials will do. It carries
 * messages from who sends them to `take`. Delays, visibility and dead letters are kept on the virtual clock, which the
 * engine does not know.
 */
export async function startQueueEngine(): Promise<LocalQueueEngine> {
  const server = buildApp({ logger: false });
  const endpoint = await server.listen({ port: 0, host: '127.0.0.1' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint, region: REGION, credentials });
  /** By URL, with the number of messages that were sent and not yet taken. */
  const queues = new Map<string, { readonly name: string; waiting: number }>();

  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== 'SendMessageCommand' && commandName !== 'SendMessageBatchCommand')
          return next(args);
        const input = args.input as SendMessageCommandInput | SendMessageBatchCommandInput;
        const entries =
          'Entries' in input ? { Entries: input.Entries?.map(delayAsAttribute) } : delayAsAttribute(input);
        const answer = await next({ ...args, input: { ...entries, QueueUrl: input.QueueUrl } });
        const queue = queues.get(input.QueueUrl ?? '');
        if (queue !== undefined) queue.waiting += 'Entries' in input ? (input.Entries?.length ?? 0) : 1;
        return answer;
      },
    { step: 'initialize', name: 'virtualDelays' },
  );

  async function receive(QueueUrl: string): Promise<readonly Omit<TakenMessage, 'queue'>[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: BATCH_SIZE,
        MessageAttributeNames: [DELAY],
      }),
    );
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages.map(({ Body = '', MessageAttributes }) => ({
      body: Body,
      delaySeconds: Number(MessageAttributes?.[DELAY]?.StringValue ?? 0),
    }));
  }

  let stopped: Promise<void> | undefined;
  return {
    client,
    async create(name) {
      const { QueueUrl: url } = await client.send(new CreateQueueCommand({ QueueName: name }));
      if (url === undefined) throw new TypeError(`the local queue ${name} was created without a URL`);
      queues.set(url, { name, waiting: 0 });
      return url;
    },
    async take() {
      const taken = [...queues].map(async ([url, queue]) => {
        const messages: TakenMessage[] = [];
        while (queue.waiting > 0) {
          const batch = await receive(url);
          // What the engine refused was counted too.
          queue.waiting = batch.length === 0 ? 0 : queue.waiting - batch.length;
          messages.push(...batch.map((message) => ({ queue: queue.name, ...message })));
        }
        return messages;
      });
      return (await Promise.all(taken)).flat();
    },
    stop: () => {
      client.destroy();
      return (stopped ??= server.close().then(() => undefined));
    },
  };
}

interface Sending {
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
}

/** The engine would count a delay in real seconds. */
function delayAsAttribute<Sent extends Sending>({ DelaySeconds, ...rest }: Sent): Omit<Sent, 'DelaySeconds'> {
  if (DelaySeconds === undefined) return rest;
  const delay = { DataType: 'Number', StringValue: String(DelaySeconds) };
  return { ...rest, MessageAttributes: { ...rest.MessageAttributes, [DELAY]: delay } };
}
