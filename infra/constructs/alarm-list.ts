import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Timing } from '../../shared/domain/configuration/configuration.ts';
import { behindSeconds } from '../../shared/domain/configuration/queue-settings.ts';
import { failedDeliveries, oldest, own, sum, waiting, type Watched } from './watched.ts';

const HOUR = Duration.hours(1);
const MINUTES = Duration.minutes(5);

/** `docs/runbooks/<name>.md` says what the alarm means and what to do. */
export type AlarmName =
  | 'overdue'
  | 'waiting-too-long'
  | 'sweep-missing'
  | 'incident'
  | 'dead-letters'
  | 'undelivered'
  | 'ingest-stalled'
  | 'api-failing'
  | 'functions-failing'
  | 'table-throttled';

export interface AlarmDeclaration {
  readonly name: AlarmName;
  /** One sentence for the person who is called. */
  readonly says: string;
  readonly metric: IMetric;
  readonly comparison: ComparisonOperator;
  readonly threshold: number;
  /** Number of consecutive periods. */
  readonly periods: number;
  /** With `ignore`, the alarm keeps its state until the next measurement. */
  readonly missing: TreatMissingData;
}

const { GREATER_THAN_THRESHOLD: above } = ComparisonOperator;
const { BREACHING, IGNORE, NOT_BREACHING } = TreatMissingData;

/** At least one is above the threshold. Without a measurement nothing is wrong. */
const once = { comparison: above, periods: 1, missing: NOT_BREACHING } as const;
const lasting = { ...once, threshold: 0, periods: 3 } as const;

/**
 * Every alarm of a deployment; none of them has a part for each lane. What a function does wrong shows in what it leaves
 * undone: the hourly sweep reads that from the registry, and the log says where.
 */
export function alarmList(watched: Watched, timing: Timing): readonly AlarmDeclaration[] {
  return [...alarmsOfSweep(watched), ...alarmsOfFlow(watched, timing), ...alarmsOfService(watched)];
}

/**
 * What the hourly sweep found: 2 for a missed deadline, 1 for anything else that waits too long, and 0 from a sweep that
 * came to its end (`shared/runtime/report.ts`).
 */
function alarmsOfSweep(watched: Watched): readonly AlarmDeclaration[] {
  const found = own(watched, 'waiting-too-long', { statistic: Stats.MAXIMUM, period: HOUR });
  const ended = own(watched, 'waiting-too-long', { statistic: Stats.MINIMUM, period: HOUR });
  return [
    {
      name: 'overdue',
      says: 'Holdings are past their deadline.',
      metric: found,
      comparison: above,
      threshold: 1,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'waiting-too-long',
      says: 'Something waits too long: the line sweep.waiting-too-long in the log of the sweep says what, and in which store.',
      metric: found,
      comparison: above,
      threshold: 0,
      periods: 1,
      missing: IGNORE,
    },
    {
      name: 'sweep-missing',
      says: 'No hourly sweep has completed for two hours.',
      metric: ended,
      comparison: above,
      threshold: 0,
      periods: 2,
      missing: BREACHING,
    },
  ];
}

/** Messages that wait too long, and what should not have happened. */
function alarmsOfFlow(watched: Watched, timing: Timing): readonly AlarmDeclaration[] {
  return [
    {
      name: 'dead-letters',
      says: 'A message could not be delivered, or failed too often.',
      metric: sum('dead letters', waiting(watched.deadLetters, MINUTES)),
      threshold: 0,
      ...once,
    },
    {
      name: 'undelivered',
      says: 'The bus gave up delivering an event to the ingest queue: it is in quarantine, or only in the archive.',
      metric: failedDeliveries(watched, MINUTES),
      threshold: 0,
      ...once,
    },
    {
      name: 'ingest-stalled',
      says: 'An event has been waiting for more than 15 minutes to be ingested; after 14 days it would be lost.',
      metric: oldest(watched.ingest.queue, MINUTES),
      threshold: behindSeconds(timing),
      ...once,
    },
    {
      name: 'incident',
      says: 'Access was denied, a service could not be reached, an event was not taken or not delivered, a message fails in ingest, messages of a producer wait, a lane reached its hourly cap, a rule was stopped, the census found lost hints, or a survey found data that no store covers or a field that must be empty: the log says which.',
      metric: own(watched, 'incident', { statistic: Stats.SUM, period: HOUR }),
      threshold: 0,
      ...once,
    },
  ];
}

/** Services that fail or throttle. */
function alarmsOfService(watched: Watched): readonly AlarmDeclaration[] {
  const { addresses, functions } = watched;
  return [
    {
      name: 'api-failing',
      says: 'The API is failing with internal errors; requests are not accepted, and callers have to send them again.',
      metric: sum(
        'failed requests',
        addresses.map((api) => api.metricServerError({ statistic: Stats.SUM, period: MINUTES })),
      ),
      ...lasting,
    },
    {
      name: 'functions-failing',
      says: 'The function ingest, sweep or seal cannot start, runs out of time or memory, or throws an error.',
      metric: sum(
        'errors',
        [functions.ingest, functions.sweep, functions.seal].map((each) =>
          each.function.metricErrors({ statistic: Stats.SUM, period: MINUTES }),
        ),
      ),
      ...lasting,
    },
    {
      name: 'table-throttled',
      says: 'DynamoDB is throttling requests to the registry table.',
      metric: sum('throttled', throttledTable(watched)),
      ...lasting,
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
