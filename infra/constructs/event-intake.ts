import { Duration, Stack } from 'aws-cdk-lib';
import { Archive, CfnEventBus, CfnRule, EventBus, Match } from 'aws-cdk-lib/aws-events';
import { type IGrantable, PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { NOTICE_SOURCE } from '../../shared/contract/notice.ts';
import { queueSettings } from '../../shared/domain/configuration/queue-settings.ts';
import { busPolicy } from './bus-policy.ts';
import { ingestRules } from './ingest-rules.ts';
import { pinned, retained } from './pinned.ts';
import { deadLetterQueue, feed, QueuePair } from './queue-pair.ts';
import type { TenureKey } from './tenure-key.ts';

export interface EventIntakeProps {
  readonly name: string;
  readonly key: TenureKey;
  readonly configuration: Configuration;
  /** The role with which the api publishes what it has accepted. */
  readonly apiRole: Role;
  /** The role that sends heartbeats. */
  readonly sweepRole: Role;
}

const DAYS = 14;
/** The same as the recovery period of the table. */
const ARCHIVE_DAYS = 35;

/** The intake: the bus, its archive, and everything that carries an accepted event to the ingest queue. */
export class EventIntake extends Construct {
  readonly bus: EventBus;
  /** Its dead-letter queue also has the events that the bus could not decrypt or deliver. */
  readonly ingest: QueuePair;
  readonly #key: TenureKey;
  readonly #archive: Archive;
  readonly #batchSize: number;

  constructor(
    scope: Construct,
    id: string,
    { name, key, configuration, apiRole, sweepRole }: EventIntakeProps,
  ) {
    super(scope, id);
    this.#key = key;
    const settings = queueSettings(configuration.timing).ingest;
    this.#batchSize = settings.batchSize;
    const deadLetters = pinned(
      deadLetterQueue(this, 'DeadLetters', { key, ...settings }),
      'IngestDeadLetters',
    );
    this.ingest = new QueuePair(this, 'Ingest', { key, settings, deadLetters, retentionDays: DAYS });
    pinned(this.ingest.queue, 'IngestQueue');

    this.bus = pinned(
      new EventBus(this, 'Bus', {
        eventBusName: name,
        description: 'Lifecycle events, registrations and withdrawals for Tenure',
        kmsKey: key.key,
        deadLetterQueue: deadLetters,
      }),
      'EventBus',
    );
    const stack = Stack.of(this);
    // The name of the bus is known: its own policy need not refer to it.
    const busArn = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: name });
    const { account, partition } = stack;
    cfnBus(this.bus).policy = busPolicy({
      producers: configuration.producers,
      busArn,
      account,
      partition,
      apiRoleArn: apiRole.roleArn,
      sweepRoleArn: sweepRole.roleArn,
    });
    // Without a name: a name that changes makes another archive, and one that stayed under a fixed name stops the next.
    this.#archive = pinned(
      new Archive(this, 'Archive', {
        sourceEventBus: this.bus,
        description: 'Every event, for replay after a restore of the registry',
        // What applications were told is not told again.
        eventPattern: { version: ['0'], source: Match.anythingBut(NOTICE_SOURCE) },
        retention: Duration.days(ARCHIVE_DAYS),
        kmsKey: key.key,
      }),
      'EventArchive',
    );
    this.#deliver(configuration.producers);
  }

  /**
   * Every event on the bus goes to the ingest queue: `ingest` decides whether to accept it. Each rule changes after
   * those before it in the list, and a rule that is no longer needed is deleted after all of them: for a moment an event
   * may arrive twice, but always at least once. No rule is there before the queues accept what it sends.
   */
  #deliver(producers: Configuration['producers']): void {
    const { queue, deadLetters } = this.ingest;
    const rules = ingestRules(producers).map(({ id, description, pattern, group }) => {
      const rule = new CfnRule(this, id, {
        eventBusName: this.bus.eventBusName,
        description,
        eventPattern: pattern,
        state: 'ENABLED',
        targets: [
          {
            id: 'Ingest',
            arn: queue.queueArn,
            deadLetterConfig: { arn: deadLetters.queueArn },
            retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
            ...(group === undefined ? {} : { sqsParameters: { messageGroupId: group } }),
          },
        ],
      });
      const isOfProducer = Object.hasOwn(producers, group ?? '');
      if (!isOfProducer) {
        rule.overrideLogicalId(id);
        retained(rule);
      }
      // With their policies.
      rule.node.addDependency(queue, deadLetters);
      return { rule, isOfProducer };
    });
    for (const [index, { rule, isOfProducer }] of rules.entries())
      for (const before of rules.slice(0, index)) if (!isOfProducer) rule.addResourceDependency(before.rule);
    // Every rule of the bus: with one ARN for each, the queue's policy would be too long for 80 producers.
    const rulesOfBus = Stack.of(this).formatArn({
      service: 'events',
      resource: 'rule',
      resourceName: `${this.bus.eventBusName}/*`,
    });
    for (const [target, sources] of [
      [queue, [rulesOfBus]],
      [deadLetters, [rulesOfBus, this.bus.eventBusArn]],
    ] as const) {
      target.addToResourcePolicy(
        new PolicyStatement({
          sid: 'EventBridge',
          principals: [new ServicePrincipal('events.amazonaws.com')],
          actions: ['sqs:SendMessage'],
          resources: [target.queueArn],
          conditions: { ArnLike: { 'aws:SourceArn': sources } },
        }),
      );
    }
  }

  /** Connects the function that processes what arrives, and quarantines what could not be delivered or processed. */
  feed(worker: IFunction, maxConcurrency: number): void {
    const props = { key: this.#key, batchSize: this.#batchSize };
    this.ingest.feed(worker, { maxConcurrency });
    // What fails for our own reasons comes again after growing delays.
    worker.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:ChangeMessageVisibility'],
        resources: [this.ingest.queue.queueArn],
      }),
    );
    feed(worker, 'DeadLetters', { ...props, queue: this.ingest.deadLetters });
  }

  get archiveName(): string {
    return this.#archive.archiveName;
  }

  grantLookAtArchive(grantee: IGrantable): void {
    const archive = { service: 'events', resource: 'archive', resourceName: this.archiveName };
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['events:DescribeArchive'],
        resources: [Stack.of(this).formatArn(archive)],
      }),
    );
  }

  grantPublish(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [this.bus.eventBusArn] }),
    );
  }
}

/** CDK's construct has no property for the policy. */
function cfnBus({ node }: EventBus): CfnEventBus {
  if (!(node.defaultChild instanceof CfnEventBus))
    throw new TypeError('the bus is not a CloudFormation resource');
  return node.defaultChild;
}
