import type { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { ReportCode } from '../../shared/ports/report.ts';
import type { Deployment } from '../load-deployment.ts';
import type { Lane } from './lane.ts';
import type { QueuePair } from './queue-pair.ts';

/** What alarms and dashboard watch. */
export interface Watched {
  /** The namespace of the deployment's own metrics. */
  readonly namespace: string;
  readonly configuration: Configuration;
  readonly tableName: string;
  /** All functions except the lanes'. */
  readonly functions: readonly IFunction[];
  readonly lanes: readonly Lane[];
  readonly laneSettings: Deployment['lanes'];
  readonly ingest: QueuePair;
  /** Queues of messages that could not be delivered. They should be empty. */
  readonly deadLetters: readonly Queue[];
}

export type Service = 'ingest' | 'api' | 'sweep' | 'dispose' | 'seal';
export const SERVICES: readonly Service[] = ['ingest', 'api', 'sweep', 'dispose', 'seal'];

type OwnMetric = ReportCode | `${ReportCode}.seconds` | 'access.denied';

/** One of Tenure's own metrics, over all stores, outcomes and codes of a service. */
export function own(
  { namespace }: Watched,
  service: Service,
  metricName: OwnMetric,
  over: { readonly statistic: string; readonly period: Duration },
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap: { service }, ...over });
}

/** The namespace of a deployment's metrics: two deployments in one account stay separate. */
export function metricNamespace(deployment: string): string {
  return `Tenure/${deployment}`;
}

/**
 * CloudWatch allows ten metrics in one alarm.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const TEN = 10;

/** One series for every ten metrics: their sum or their maximum. Missing measurements count as 0. */
export function joined(how: 'SUM' | 'MAX', label: string, metrics: readonly IMetric[]): MathExpression[] {
  const tens: IMetric[][] = [];
  for (let start = 0; start < metrics.length; start += TEN) tens.push(metrics.slice(start, start + TEN));
  return tens.map((some) => {
    const usingMetrics = Object.fromEntries(some.map((metric, index) => [`m${index}`, metric]));
    const filled = Object.keys(usingMetrics).map((id) => `FILL(${id}, 0)`);
    return new MathExpression({ expression: `${how}([${filled.join(', ')}])`, usingMetrics, label });
  });
}

/** For every queue, the highest number of waiting messages in the period. */
export function waiting(queues: readonly Queue[], period: Duration): Metric[] {
  return queues.map((queue) =>
    queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
  );
}

/** How long the oldest message of a queue has been waiting. */
export function oldest(queue: Queue, period: Duration): Metric {
  return queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM });
}

/** One of Lambda's own metrics for every function. */
export function counted(
  functions: readonly IFunction[],
  name: 'Errors' | 'Throttles',
  period: Duration,
): Metric[] {
  return functions.map((each) => each.metric(name, { period, statistic: Stats.SUM }));
}
