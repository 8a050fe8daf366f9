import { setTimeout as sleep } from 'node:timers/promises';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SOURCES } from './app-settings.ts';
import { REGION, ROOT_KEY } from './emulator.ts';
import { type Contract, ended } from './happenings.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;

/**
 * An event is in the queue where the bus puts undeliverable ones. It must reach quarantine by itself, and must count
 * once an operator has replayed it.
 */
export async function reviveDeadLetter(
  { emulator, people }: World,
  board: Scoreboard,
  { id }: Contract,
  due: number,
): Promise<void> {
  await board.scenario(
    'an event that could not be delivered is quarantined, and counts once it is replayed',
    async () => {
      const client = new SQSClient({ endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY });
      const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
      const QueueUrl = QueueUrls.find((url) => url.includes('IngestDeadLetters'));
      if (QueueUrl === undefined) throw new Error('there is no queue of undeliverable events');
      const event = ended(id, due);
      const time = new Date().toISOString();
      const envelope = {
        version: '0',
        id: event.id,
        source: SOURCES.crm,
        'detail-type': event.type,
        time,
        detail: event,
      };
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(envelope) }));
      client.destroy();
      const operator = people.client('operator');
      for (const until = Date.now() + MINUTE; ; await sleep(500)) {
        const { items } = await operator.listQuarantine();
        const found = items.find(({ code }) => code === 'DEAD_LETTER');
        if (found !== undefined) {
          await operator.replayQuarantined(found.id);
          return undefined;
        }
        if (Date.now() > until) throw new Error('it is not in quarantine');
      }
    },
  );
}
