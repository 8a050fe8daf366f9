import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  RestoreTableToPointInTimeCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListRuleNamesByTargetCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DEPLOYMENT } from '../app-settings.ts';
import { ACCOUNT, REGION, ROOT_KEY } from '../emulator.ts';
import type { World } from '../world.ts';

const MINUTE = 60_000;
const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${DEPLOYMENT}`;

/** The steps of docs/runbooks/restore.md that the AWS command does, by API: the command is not here. */
export interface RestoreSteps {
  /** As the table is now: the emulator restores the present. */
  restore(from: string, to: string): Promise<void>;
  /** What adoption sets. */
  protection(table: string): Promise<Readonly<Record<string, unknown>>>;
  /** `seal` and the sweep at once, instead of in the next hour. */
  wake(queue: 'SealQueue' | 'SweepQueue'): Promise<void>;
  /** Everything from `since` on to the rules that send to the ingest queue. Ends when the queue is empty. */
  replay(name: string, since: number): Promise<{ readonly rules: number }>;
}

export function restoreSteps({ emulator }: Pick<World, 'emulator'>, cleanup: AsyncDisposableStack) {
  const settings = { endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY };
  const [dynamo, events] = [new DynamoDBClient(settings), new EventBridgeClient(settings)];
  const sqs = new SQSClient(settings);
  for (const client of [dynamo, events, sqs]) cleanup.defer(() => client.destroy());

  async function queueOf(part: string): Promise<string> {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ MaxResults: 1000 }));
    const found = QueueUrls.filter((url) => url.includes(part));
    if (found.length !== 1) throw new Error(`${found.length} queues are called ${part}`);
    return found[0] ?? '';
  }

  async function attributesOf(QueueUrl: string): Promise<Readonly<Record<string, string>>> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Attributes ?? {};
  }

  async function emptied(QueueUrl: string): Promise<void> {
    const counts = ['', 'NotVisible', 'Delayed'].map((kind) => `ApproximateNumberOfMessages${kind}`);
    for (const until = Date.now() + 4 * MINUTE; ; await sleep(2000)) {
      const found = await attributesOf(QueueUrl);
      const left = counts.map((count) => Number(found[count] ?? 0));
      if (left.every((count) => count === 0)) return;
      if (Date.now() > until) throw new Error(`the ingest queue still has ${left.join(' + ')} messages`);
    }
  }

  const steps: RestoreSteps = {
    async restore(SourceTableName, TargetTableName) {
      // The emulator has no earlier point in time.
      await dynamo.send(
        new RestoreTableToPointInTimeCommand({
          SourceTableName,
          TargetTableName,
          UseLatestRestorableTime: true,
        }),
      );
      await waitUntilTableExists({ client: dynamo, maxWaitTime: 60 }, { TableName: TargetTableName });
    },
    async protection(TableName) {
      const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
      const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }));
      const { ContinuousBackupsDescription } = await dynamo.send(
        new DescribeContinuousBackupsCommand({ TableName }),
      );
      return {
        deletionProtection: Table?.DeletionProtectionEnabled,
        timeToLive: TimeToLiveDescription?.TimeToLiveStatus,
        ttlAttribute: TimeToLiveDescription?.AttributeName,
        recovery: ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      };
    },
    async wake(queue) {
      const MessageBody = JSON.stringify({ kind: queue === 'SealQueue' ? 'seal' : 'hourly' });
      await sqs.send(new SendMessageCommand({ QueueUrl: await queueOf(queue), MessageBody }));
    },
    async replay(ReplayName, since) {
      const ingest = await queueOf('-IngestQueue');
      const { QueueArn: TargetArn = '' } = await attributesOf(ingest);
      const { RuleNames = [] } = await events.send(
        new ListRuleNamesByTargetCommand({ EventBusName: DEPLOYMENT, TargetArn }),
      );
      const { Archives = [] } = await events.send(new ListArchivesCommand({ EventSourceArn: BUS }));
      const { ArchiveArn } = await events.send(
        new DescribeArchiveCommand({ ArchiveName: Archives[0]?.ArchiveName }),
      );
      const FilterArns = RuleNames.map(
        (name) => `arn:aws:events:${REGION}:${ACCOUNT}:rule/${DEPLOYMENT}/${name}`,
      );
      await events.send(
        new StartReplayCommand({
          ReplayName,
          EventSourceArn: ArchiveArn,
          EventStartTime: new Date(since - 10 * MINUTE),
          EventEndTime: new Date(),
          Destination: { Arn: BUS, FilterArns },
        }),
      );
      for (const until = Date.now() + 4 * MINUTE; ; await sleep(1000)) {
        const { State } = await events.send(new DescribeReplayCommand({ ReplayName }));
        if (State === 'COMPLETED') break;
        if (State === 'FAILED' || Date.now() > until) throw new Error(`the replay is ${State}`);
      }
      await emptied(ingest);
      return { rules: RuleNames.length };
    },
  };
  return steps;
}
