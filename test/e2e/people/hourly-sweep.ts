import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SweepMessage } from '../../../shared/ports/queues.ts';
import { REGION, ROOT_KEY } from '../emulator.ts';
import type { World } from '../world.ts';

const HOURLY: SweepMessage = { kind: 'hourly' };

/** As the schedule of every hour does. */
export async function hourlySweep({ emulator }: World): Promise<void> {
  const client = new SQSClient({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
  const [QueueUrl] = QueueUrls.filter((url) => /SweepQueue/.test(url) && !url.includes('DeadLetter'));
  if (QueueUrl === undefined) throw new Error(`no queue of the sweep among ${QueueUrls.join(', ')}`);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(HOURLY) }));
  client.destroy();
}
