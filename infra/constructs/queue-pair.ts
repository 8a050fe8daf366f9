import { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { present } from '../../shared/domain/present.ts';
import type { QueueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import type { TenureKey } from './tenure-key.ts';

export interface QueuePairProps {
  readonly key: TenureKey;
  readonly settings: QueueSettings;
  /** Where a message goes that failed too often. Several queues may have the same one. */
  readonly deadLetters: Queue;
  readonly retentionDays?: number;
  /** By default, CloudFormation makes one up. */
  readonly name?: string;
}

export interface FeedProps {
  readonly batchSize: number;
  /** The most concurrent invocations; 2 or more. */
  readonly maxConcurrency?: number;
}

/** A queue for messages that failed too often, or could not be delivered; encrypted, and accessible over TLS only. */
export function deadLetterQueue(
  scope: Construct,
  id: string,
  { key, visibilitySeconds }: { readonly key: TenureKey; readonly visibilitySeconds: number },
): Queue {
  return new Queue(scope, id, {
    ...encrypted(key),
    retentionPeriod: Duration.days(14),
    visibilityTimeout: Duration.seconds(visibilitySeconds),
  });
}

function encrypted(key: TenureKey) {
  return {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key.key,
    dataKeyReuse: Duration.hours(1),
    enforceSSL: true,
  };
}

/** A queue and where its messages go that failed too often; encrypted, and accessible over TLS only. */
export class QueuePair extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #key: TenureKey;
  readonly #batchSize: number;

  constructor(
    scope: Construct,
    id: string,
    { key, settings, deadLetters, retentionDays = 4, name }: QueuePairProps,
  ) {
    super(scope, id);
    this.#key = key;
    this.#batchSize = settings.batchSize;
    this.deadLetters = deadLetters;
    this.queue = new Queue(this, 'Queue', {
      ...encrypted(key),
      ...present({ queueName: name }),
      retentionPeriod: Duration.days(retentionDays),
      visibilityTimeout: Duration.seconds(settings.visibilitySeconds),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: settings.deliveries },
    });
  }

  feed(target: IFunction, props: Omit<FeedProps, 'batchSize'> = {}): void {
    feed(target, 'Feed', { ...props, queue: this.queue, key: this.#key, batchSize: this.#batchSize });
  }

  grantSend(grantee: iam.IGrantable): void {
    grantSend(this.queue, this.#key, grantee);
  }
}

/** Feeds the function from the queue. Only the messages that it reports as failed are delivered again. */
export function feed(
  target: IFunction,
  id: string,
  { queue, key, batchSize, maxConcurrency }: FeedProps & { readonly queue: Queue; readonly key: TenureKey },
): void {
  target.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resources: [queue.queueArn],
    }),
  );
  key.grantThrough(target, 'sqs');
  // Created in the function's stack, which can differ from the queue's.
  new EventSourceMapping(target, id, {
    target,
    eventSourceArn: queue.queueArn,
    batchSize,
    reportBatchItemFailures: true,
    ...present({ maxConcurrency }),
  });
}

/** Includes use of the key, because messages are encrypted before they are stored. */
export function grantSend(queue: Queue, key: TenureKey, grantee: iam.IGrantable): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
  );
  key.grantThrough(grantee, 'sqs');
}
