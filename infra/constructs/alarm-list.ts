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

/** `docs/runbooks/<name>.md` says what each means and what to do. */
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
  /** In one sentence, for whoever is woken by it. */
  readonly says: string;
  /** One alarm for each. */
  readonly series: readonly IMetric[];
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** Periods in a row. */
  readonly periods: number;
  /** `ignore`: the alarm stays as it is until the next measurement. */
  readonly missing: TreatMissingData;
}

const { GREATER_THAN_THRESHOLD: above, LESS_THAN_THRESHOLD: below } = ComparisonOperator;
const { BREACHING, IGNORE, NOT_BREACHING } = TreatMissingData;

/** Every alarm of a deployment. */
export function alarmList(watched: Watched): readonly AlarmDeclaration[] {
  return [...alarmsOfTime(watched), ...alarmsOfFlow(watched), ...alarmsOfService(watched)];
}

/** What is, or will be, too late; and whoever should say so and is silent. */
function alarmsOfTime(watched: Watched): readonly AlarmDeclaration[] {
  return [
    {
      name: 'overdue',
      says: 'Holdings are past their deadline.',
      series: [own(watched, 'sweep', 'sweep.overdue', Stats.MAXIMUM, HOUR)],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'deadline-at-risk',
      says: 'Holdings are due, not done, and close to their deadline.',
      series: [own(watched, 'sweep', 'sweep.at-risk', Stats.MAXIMUM, HOUR)],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'sweep-missing',
      says: 'For two hours no hourly sweep came to its end.',
      series: [own(watched, 'sweep', 'sweep.caught-up', Stats.SAMPLE_COUNT, HOUR)],
      comparison: below,
      threshold: 1,
      periods: 2,
      missing: BREACHING,
    },
    {
      name: 'seal-lag',
      says: 'For three hours sealing did not come to its end: entries wait for their place in the deletion log.',
      series: [own(watched, 'seal', 'seal.waiting', Stats.SAMPLE_COUNT, HOUR)],
      comparison: below,
      threshold: 1,
      periods: 3,
      missing: BREACHING,
    },
    {
      name: 'quarantine-waiting',
      says: 'Something has waited in quarantine for more than a day.',
      series: [own(watched, 'sweep', 'sweep.quarantine.seconds', Stats.MAXIMUM, HOUR)],
      comparison: above,
      threshold: DAY_SECONDS,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'hint-lost',
      says: 'The weekly proof found holdings that nothing would have looked at; they are hinted again.',
      series: [own(watched, 'sweep', 'proof.re-hinted', Stats.SUM, HOUR)],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
  ];
}

/** Queues in which something lies too long. */
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
      says: 'An event has waited for more than a day to be taken in; after 14 days it would be lost.',
      series: [oldest(ingest.queue, MINUTES)],
      comparison: above,
      threshold: DAY_SECONDS,
      periods: 1,
      missing: NOT_BREACHING,
    },
    {
      name: 'lane-stalled',
      says: 'Chunks wait for long in a lane: its store is slow, down, or its worker does not run.',
      series: joined(
        'MAX',
        'oldest chunk',
        lanes.map(({ queue }) => oldest(queue.queue, MINUTES)),
      ),
      // A chunk that meets a claim comes again after a lease: that is no stall.
      threshold: Math.max(HOUR_SECONDS, 3 * configuration.timing.lease),
      comparison: above,
      periods: 3,
      missing: NOT_BREACHING,
    },
    {
      name: 'lane-capped',
      says: 'A lane used up its hourly cap; what is left waits for the next hour.',
      series: [own(watched, 'dispose', 'dispose.capped', Stats.SUM, HOUR)],
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: NOT_BREACHING,
    },
  ];
}

/** Functions and services that refuse or fail. */
function alarmsOfService(watched: Watched): readonly AlarmDeclaration[] {
  const { lanes, laneSettings } = watched;
  const functions = [...watched.functions, ...lanes.map(({ worker }) => worker.function)];
  // A queue invokes at least two at once: a lane that is to run alone is throttled, and that is right.
  const alone = lanes.filter(({ store }) => laneSettings[store]?.concurrency === 1);
  const free = functions.filter((each) => !alone.some(({ worker }) => worker.function === each));
  const lasting = { comparison: above, threshold: 0, periods: 3, missing: NOT_BREACHING };
  return [
    {
      name: 'table-throttled',
      says: 'DynamoDB throttles the registry.',
      series: joined('SUM', 'throttled', throttledTable(watched)),
      ...lasting,
    },
    {
      name: 'functions-throttled',
      says: 'Lambda has no concurrency left for a function.',
      series: joined('SUM', 'throttled', counted(free, 'Throttles', MINUTES)),
      ...lasting,
    },
    {
      name: 'functions-failing',
      says: 'A function cannot start, runs out of time or memory, or throws.',
      series: joined('SUM', 'errors', counted(functions, 'Errors', MINUTES)),
      ...lasting,
    },
    {
      name: 'api-failing',
      says: 'The API fails on our side; callers have nothing acknowledged and come again.',
      series: [own(watched, 'api', 'api.failed', Stats.SUM, MINUTES)],
      ...lasting,
    },
    {
      name: 'access-denied',
      says: 'A role of Tenure was refused what it needs.',
      series: joined(
        'SUM',
        'denied',
        SERVICES.map((service) => own(watched, service, 'access.denied', Stats.SUM, MINUTES)),
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
