import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

export interface LocalQueueEngine {
  readonly client: SQSClient;
  /** A queue with its dead-letter queue. */
  create(name: string): Promise<QueuePair>;
  /** Safe to repeat. */
  stop(): Promise<void>;
}

export interface QueuePair {
  readonly name: string;
  readonly url: string;
  readonly deadLetterUrl: string;
}

export const REGION = 'local-1';

/** Deliveries before a message is taken for undeliverable. */
const MOST_DELIVERIES = 10;
/** The engine's own clock never makes a message visible again: the virtual clock does. As long as SQS allows. */
const TWELVE_HOURS = '43200';

/** Starts an SQS look-alike in this process, in memory, on a free loopback port. Any credentials will do. */
export async function startQueueEngine(): Promise<LocalQueueEngine> {
  const server = buildApp({ logger: false });
  const endpoint = await server.listen({ port: 0, host: '127.0.0.1' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint, region: REGION, credentials });

  async function createOne(name: string, attributes: Record<string, string>): Promise<string> {
    const made = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    if (made.QueueUrl === undefined) throw new TypeError(`the local queue ${name} was created without a URL`);
    return made.QueueUrl;
  }

  let stopped: Promise<void> | undefined;
  return {
    client,
    async create(name) {
      const deadLetterUrl = await createOne(`${name}-dead`, {});
      const answer = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
      );
      const redrive = {
        deadLetterTargetArn: answer.Attributes?.['QueueArn'],
        maxReceiveCount: MOST_DELIVERIES,
      };
      const url = await createOne(name, {
        VisibilityTimeout: TWELVE_HOURS,
        RedrivePolicy: JSON.stringify(redrive),
      });
      return { name, url, deadLetterUrl };
    },
    stop: () => {
      client.destroy();
      return (stopped ??= server.close().then(() => undefined));
    },
  };
}
