import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { counted, joined, oldest, own, SERVICES, waiting, type Watched } from './watched.ts';

const HOUR = Duration.hours(1);
const MINUTES = Duration.minutes(5);
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/** `docs/runbooks/<name>.md` says what the alarm means and what to do. */
export type AlarmName =
  | 'overdue'
  | 'deadline-at-risk'
  | 'sweep-missing'
  | 'dead-letters'
  | 'ingest-stalled'
  | 'lane-stalled'
  | 'lane-capped'
  | 'seal-lag'
  | 'table-throttled'
  | 'functions-throttled'
  | 'functions-failing'
  | 'api-failing'
  | 'access-denied'
  | 'quarantine-waiting'
  | 'hint-lost';

export interface AlarmDeclaration {
  readonly name: AlarmName;
  /** One sentence for the person who is called. */
  readonly says: string;
  /** One alarm for each series. */
  readonly series: readonly IMetric[];
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** Number of consecutive periods. */
  readonly periods: number;
  /** With `ignore`, the alarm keeps its state until the next measurement. */
  readonly missing: TreatMissingData;
}

const { GREATER_THAN_THRESHOLD: above, LESS_THAN_THRESHOLD: below } = ComparisonOperator;
const { BREACHING, IGNORE, NOT_BREACHING } = TreatMissingData;

/** Every alarm of a deployment. */
export function alarmList(watched: Watched): readonly AlarmDeclaration[] {
  return [...alarmsOfTime(watched), ...alarmsOfFlow(watched), ...alarmsOfService(watched)];
}

/** Deadlines that are missed or at risk, and jobs that should report them but do not run. */
function alarmsOfTime(watched: Watched): readonly AlarmDeclaration[] {
  return [
    {
      name: 'overdue',
      says: 'Holdings are past their deadline.',
      series: [own(watched, 'sweep', 'sweep.overdue', { statistic: Stats.MAXIMUM, period: HOUR })],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'deadline-at-risk',
      says: 'Holdings are due, not done, and close to their deadline.',
      series: [own(watched, 'sweep', 'sweep.at-risk', { statistic: Stats.MAXIMUM, period: HOUR })],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'sweep-missing',
      says: 'No hourly sweep has completed for two hours.',
      series: [own(watched, 'sweep', 'sweep.caught-up', { statistic: Stats.SAMPLE_COUNT, period: HOUR })],
      comparison: below,
      threshold: 1,
      periods: 2,
      missing: BREACHING,
    },
    {
      name: 'seal-lag',
      says: 'No sealing run has completed for three hours: entries are waiting to be added to the deletion log.',
      series: [own(watched, 'seal', 'seal.waiting', { statistic: Stats.SAMPLE_COUNT, period: HOUR })],
      comparison: below,
      threshold: 1,
      periods: 3,
      missing: BREACHING,
    },
    {
      name: 'quarantine-waiting',
      says: 'A quarantined message has been waiting for more than a day.',
      series: [own(watched, 'sweep', 'sweep.quarantine.seconds', { statistic: Stats.MAXIMUM, period: HOUR })],
      comparison: above,
      threshold: DAY_SECONDS,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'hint-lost',
      says: 'The daily census found holdings without a valid hint, which would have been missed; it has written new hints.',
      series: [own(watched, 'sweep', 'census.re-hinted', { statistic: Stats.SUM, period: HOUR })],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
  ];
}

/** Queues with messages that wait too long. */
function alarmsOfFlow(watched: Watched): readonly AlarmDeclaration[] {
  const { lanes, ingest, deadLetters, configuration } = watched;
  return [
    {
      name: 'dead-letters',
      says: 'A message could not be delivered, or failed too often.',
      series: joined('SUM', 'dead letters', waiting(deadLetters, MINUTES)),
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
    {
      name: 'ingest-stalled',
      says: 'An event has been waiting for more than a day to be ingested; after 14 days it would be lost.',
      series: [oldest(ingest.queue, MINUTES)],
      comparison: above,
      threshold: DAY_SECONDS,
      periods: 1,
      missing: NOT_BREACHING,
    },
    {
      name: 'lane-stalled',
      says: 'Chunks have been waiting too long in a lane: its store is slow or unavailable, or its worker does not run.',
      series: joined(
        'MAX',
        'oldest chunk',
        lanes.map(({ queue }) => oldest(queue.queue, MINUTES)),
      ),
      // A chunk of claimed holdings is delivered again after a lease. That is not a stall.
      threshold: Math.max(HOUR_SECONDS, 3 * configuration.timing.lease),
      comparison: above,
      periods: 3,
      missing: NOT_BREACHING,
    },
    {
      name: 'lane-capped',
      says: 'A lane has reached its hourly cap; the remaining holdings wait for the next hour.',
      series: [own(watched, 'dispose', 'dispose.capped', { statistic: Stats.SUM, period: HOUR })],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
  ];
}

/** Functions and services that throttle or fail. */
function alarmsOfService(watched: Watched): readonly AlarmDeclaration[] {
  const { lanes, laneSettings } = watched;
  const functions = [...watched.functions, ...lanes.map(({ worker }) => worker.function)];
  // A queue invokes at least two functions at once, so a lane with a concurrency of 1 is throttled by design.
  const alone = lanes.filter(({ store }) => laneSettings[store]?.concurrency === 1);
  const free = functions.filter((each) => !alone.some(({ worker }) => worker.function === each));
  const lasting = { comparison: above, threshold: 0, periods: 3, missing: NOT_BREACHING };
  return [
    {
      name: 'table-throttled',
      says: 'DynamoDB is throttling requests to the registry table.',
      series: joined('SUM', 'throttled', throttledTable(watched)),
      ...lasting,
    },
    {
      name: 'functions-throttled',
      says: 'Lambda is throttling a function: no concurrency is left.',
      series: joined('SUM', 'throttled', counted(free, 'Throttles', MINUTES)),
      ...lasting,
    },
    {
      name: 'functions-failing',
      says: 'A function cannot start, runs out of time or memory, or throws an error.',
      series: joined('SUM', 'errors', counted(functions, 'Errors', MINUTES)),
      ...lasting,
    },
    {
      name: 'api-failing',
      says: 'The API is failing with internal errors; requests are not accepted, and callers have to send them again.',
      series: [own(watched, 'api', 'api.failed', { statistic: Stats.SUM, period: MINUTES })],
      ...lasting,
    },
    {
      name: 'access-denied',
      says: 'A role of Tenure was denied a permission that it needs.',
      series: joined(
        'SUM',
        'denied',
        SERVICES.map((service) =>
          own(watched, service, 'access.denied', { statistic: Stats.SUM, period: MINUTES }),
        ),
      ),
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
  ];
}

function throttledTable({ tableName }: Watched): Metric[] {
  return ['ReadThrottleEvents', 'WriteThrottleEvents'].map(
    (metricName) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: tableName },
        statistic: Stats.SUM,
        period: MINUTES,
      }),
  );
}
