import type { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { metricOf } from '../../shared/runtime/report.ts';
import type { Lane } from './lane.ts';
import type { QueuePair } from './queue-pair.ts';

/** A function and its log. */
interface WatchedFunction {
  readonly function: IFunction;
  readonly log: LogGroup;
}

/** What alarms and dashboard watch. */
export interface Watched {
  /** The namespace of the deployment's own metrics. */
  readonly namespace: string;
  readonly tableName: string;
  readonly busName: string;
  readonly addresses: readonly HttpApi[];
  readonly functions: Readonly<Record<'ingest' | 'api' | 'sweep' | 'seal', WatchedFunction>>;
  readonly lanes: readonly Lane[];
  readonly ingest: QueuePair;
  /** Queues of messages that could not be delivered. They should be empty. */
  readonly deadLetters: readonly Queue[];
}

/** The metrics that functions write themselves. */
type OwnMetric = NonNullable<ReturnType<typeof metricOf>>['name'];

/** One of Tenure's own metrics. It has one dimension, which is the same for all functions. */
export function own(
  { namespace }: Watched,
  metricName: OwnMetric,
  over: { readonly statistic: string; readonly period: Duration },
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { service: 'tenure' }, ...over });
}

/** The namespace of a deployment's metrics: two deployments in one account stay separate. */
export function metricNamespace(deployment: string): string {
  return `Tenure/${deployment}`;
}

/** The sum of metrics, of which at most ten fit into one alarm. Missing measurements count as 0. */
export function sum(label: string, metrics: readonly IMetric[]): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const filled = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
  return new MathExpression({ expression: `SUM([${filled.join(', ')}])`, usingMetrics, label });
}

/** For every queue, the highest number of waiting messages in the period. */
export function waiting(queues: readonly Queue[], period: Duration): Metric[] {
  return queues.map((queue) =>
    queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
  );
}

/**
 * Events that EventBridge failed to deliver for good, over all rules of the bus. A query and no sum, because an alarm
 * takes ten metrics at most, and each producer has a rule.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
export function failedDeliveries({ busName }: Watched, period: Duration): MathExpression {
  return new MathExpression({
    expression: `SELECT SUM(FailedInvocations) FROM SCHEMA("AWS/Events", EventBusName, RuleName) WHERE EventBusName = '${busName}'`,
    period,
    label: 'events not delivered',
  });
}

/** How long the oldest message of a queue has been waiting. */
export function oldest(queue: Queue, period: Duration): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM });
}
