import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { SweepMessage } from '../../shared/ports/queues.ts';
import { excuseWildcard } from './excuse.ts';
import type { QueuePair } from './queue-pair.ts';
import type { TenureKey } from './tenure-key.ts';
import { grantSend } from './queue-pair.ts';

export interface WakeUpsProps {
  readonly key: TenureKey;
  readonly sweep: QueuePair;
}

/** The environment variables of a function that creates wake-ups. */
export interface WakeUpVariables {
  readonly SCHEDULE_GROUP: string;
  readonly SCHEDULER_ROLE_ARN: string;
  readonly SCHEDULE_DEAD_LETTER_ARN: string;
  readonly SWEEP_QUEUE_ARN: string;
}

/**
 * Schedules that send to the sweep's queue: one every hour, one every week, and those that functions create for the
 * minutes of hints. The latter only make Tenure prompt: the hourly schedule finds what any of them missed.
 */
export class WakeUps extends Construct {
  readonly variables: WakeUpVariables;
  readonly #role: Role;
  readonly #group: CfnScheduleGroup;

  constructor(scope: Construct, id: string, { key, sweep }: WakeUpsProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    this.#group = new CfnScheduleGroup(this, 'Group');
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      description: 'Sends wake-ups to the queue of the sweep',
    });
    sweep.grantSend(this.#role);
    grantSend(sweep.deadLetters, key, this.#role);
    this.variables = {
      SCHEDULE_GROUP: this.#group.ref,
      SCHEDULER_ROLE_ARN: this.#role.roleArn,
      SCHEDULE_DEAD_LETTER_ARN: sweep.deadLetters.queueArn,
      SWEEP_QUEUE_ARN: sweep.queue.queueArn,
    };
    // Five minutes past the hour, so that the previous hour is over on every clock.
    this.#every('Hourly', 'cron(5 * * * ? *)', { kind: 'hourly' });
  }

  #every(id: string, scheduleExpression: string, message: SweepMessage): void {
    const schedule = new CfnSchedule(this, id, {
      groupName: this.#group.ref,
      scheduleExpression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.variables.SWEEP_QUEUE_ARN,
        roleArn: this.#role.roleArn,
        input: JSON.stringify(message),
        deadLetterConfig: { arn: this.variables.SCHEDULE_DEAD_LETTER_ARN },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 185 },
      },
    });
    schedule.node.addDependency(this.#role);
  }

  /** Allows creating wake-ups. All of them use the schedule role, which may send only to the sweep queues. */
  grantMake(grantee: IGrantable): void {
    const policy = grantee.grantPrincipal;
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.#group.ref}/due-*`,
    });
    policy.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['scheduler:CreateSchedule'], resources: [schedules] }),
    );
    excuseWildcard(
      grantee,
      schedules,
      'A schedule is named after its minute, and its group contains only schedules of Tenure.',
    );
    policy.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.#role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
  }
}
