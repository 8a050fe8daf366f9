import { Annotations, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Timing } from '../../shared/domain/configuration/configuration.ts';
import type { DeploymentSettings } from '../deployment-schema.ts';
import { type AlarmDeclaration, alarmList } from './alarm-list.ts';
import type { TenureKey } from './tenure-key.ts';
import type { Watched } from './watched.ts';

export interface AlarmsProps {
  readonly deployment: DeploymentSettings;
  readonly timing: Timing;
  readonly key: TenureKey;
  readonly watched: Watched;
}

/** Every alarm notifies the configured target when it goes off, and when it is over. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { deployment, timing, key, watched }: AlarmsProps) {
    super(scope, id);
    const topic = this.#topic(deployment, key);
    const action = topic === undefined ? undefined : new SnsAction(topic);
    this.alarms = alarmList(watched, timing).map((declared) => this.#alarmOf(deployment.name, declared));
    for (const alarm of this.alarms) {
      if (action === undefined) continue;
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  #alarmOf(deployment: string, declared: AlarmDeclaration): Alarm {
    const { name, says, metric, comparison, threshold, periods, missing } = declared;
    return new Alarm(this, name, {
      alarmName: `${deployment}-${name}`,
      alarmDescription: `${says} What to do: docs/runbooks/${name}.md`,
      metric,
      comparisonOperator: comparison,
      threshold,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
  }

  #topic({ alarms }: DeploymentSettings, key: TenureKey): ITopic | undefined {
    if (alarms === undefined) {
      Annotations.of(this).addWarningV2(
        'Tenure:AlarmsWithoutTarget',
        'Alarms have no target, so no one is notified. Write `alarms: { email: "…" }` or `{ topic: "arn:…" }` under `deployment` in retention.config.ts.',
      );
      return undefined;
    }
    if ('topic' in alarms) return Topic.fromTopicArn(this, 'Target', alarms.topic);
    const topic = new Topic(this, 'Topic', { masterKey: key.key, enforceSSL: true });
    topic.addSubscription(new EmailSubscription(alarms.email));
    const { account } = Stack.of(this);
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    return topic;
  }
}
