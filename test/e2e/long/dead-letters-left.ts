import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Emulator, REGION, ROOT_KEY } from '../emulator.ts';

/** Dead-letter queues that are not empty, with the number of their messages. */
export async function deadLetters({ endpoint }: Emulator): Promise<readonly string[]> {
  const client = new SQSClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ MaxResults: 1000 }));
  const found: string[] = [];
  for (const QueueUrl of QueueUrls.filter((url) => url.includes('DeadLetters'))) {
    const AttributeNames = ['ApproximateNumberOfMessages'] as const;
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    const count = Number(Attributes?.ApproximateNumberOfMessages);
    if (count > 0) found.push(`${QueueUrl.split('/').at(-1)}: ${count}`);
  }
  client.destroy();
  return found;
}
