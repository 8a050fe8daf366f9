import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { parts } from '../../shared/domain/each.ts';
import type { ReportCode } from '../../shared/ports/report.ts';
import { oldest, own, waiting, type Watched } from './watched.ts';

export interface TenureDashboardProps {
  readonly name: string;
  readonly watched: Watched;
  readonly alarms: readonly Alarm[];
}

const HOUR = Duration.hours(1);
const MINUTES = Duration.minutes(5);
const WIDTH = 24;
const HEIGHT = 6;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LOGS_OF_A_QUERY = 50;

/**
 * One page that shows what is wrong, what is disposed of, how late it is, and where it waits. Most of it is read from the
 * logs when somebody opens it: metrics for each store would be paid for all the time.
 */
export class TenureDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, watched, alarms }: TenureDashboardProps) {
    super(scope, id);
    const { lanes, ingest, deadLetters, functions } = watched;
    const disposing = lanes.map(({ worker }) => worker.log);
    const [sweeping, sealing] = [[functions.sweep.log], [functions.seal.log]];
    const others = [functions.ingest.log, functions.api.log, ...sweeping, ...sealing];
    const all = [...others, ...disposing];
    new Dashboard(this, 'Dashboard', {
      // Dashboards are global: two deployments of one name in two regions would share one.
      dashboardName: `${name}-${Stack.of(this).region}`,
      defaultInterval: Duration.days(7),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH, height: 3 })],
        [
          table('What waits too long', sweeping, [
            'fields @timestamp, code, store, count, seconds',
            said('sweep.waiting-too-long'),
            'sort @timestamp desc',
            'limit 50',
          ]),
          ...tables('Incidents', all, [
            'fields @timestamp, service, message, store, code, count',
            `filter ${is('dispose.capped')} or ${is('dispose.stopped')} or ${is('dispose.came-back')} or ${is('census.re-hinted')} or ${is('survey.appeared')} or ${is('survey.never-present')} or (${is('ingest.failed')} and seconds > 900) or ${is('bus.refused')} or ${is('ingest.behind')} or code like /${DENIED}/ or code like /${UNREACHABLE}/`,
            'sort @timestamp desc',
            'limit 50',
          ]),
          ...tables('Failures on our side', all, [
            'filter message like /failed$/',
            'stats sum(count) as times by service, code',
          ]),
        ],
        [
          ...tables('Disposed of, and the seconds since it was due', disposing, [
            said('dispose.settled'),
            'stats sum(count) as holdings, pct(seconds, 50) as half, max(seconds) as longest by store, outcome',
          ]),
          ...tables('Held, and left for later', disposing, [
            `filter ${is('dispose.parked')} or ${is('dispose.left')}`,
            'stats sum(count) as holdings by store, message, outcome, code',
          ]),
          table('Past the deadline, in the last hour', sweeping, [
            said('sweep.overdue'),
            'stats latest(count) as holdings, latest(seconds) as seconds by store',
          ]),
        ],
        [
          table('Close to the deadline, in the last hour', sweeping, [
            said('sweep.at-risk'),
            'stats latest(count) as holdings by store',
          ]),
          line('Due, sent to lanes', sweeping, [said('sweep.swept'), 'stats sum(count) as hints by bin(1h)']),
          line('Results without a place in the log', sealing, [
            said('seal.waiting'),
            'stats max(count) as results, max(seconds) as seconds by bin(1h)',
          ]),
        ],
        [
          line('Quarantine', sweeping, [
            said('sweep.quarantine'),
            'stats max(count) as messages, max(seconds) as seconds by bin(1h)',
          ]),
          graph('What the sweep found, and incidents', [
            own(watched, 'waiting-too-long', { statistic: Stats.MAXIMUM, period: HOUR }),
            own(watched, 'incident', { statistic: Stats.SUM, period: HOUR }),
          ]),
          graph(
            'Lanes: age of the oldest bell (s)',
            lanes.map(({ queue, store }) => oldest(queue.queue, MINUTES).with({ label: store })),
          ),
          graph('Waiting to be ingested (s), and dead letters', [
            oldest(ingest.queue, MINUTES),
            ...waiting(deadLetters, MINUTES),
          ]),
        ],
      ],
    });
  }
}

/** As `shared/runtime/report.ts` counts them. `STORE_UNREACHABLE` is not among them: that is a store that is down. */
const UNREACHABLE = '(DYNAMODB|EVENTBRIDGE|KMS|S3|SCHEDULER|SECRETS_MANAGER|SQS)_UNREACHABLE';
const DENIED =
  'AccessDenied|NotAuthorized|UnauthorizedOperation|STORE_DENIED|42501|LOG_FORKED|LOG_DAMAGED|NOT_DURABLE|DEAD_LETTER';

function is(code: ReportCode): string {
  return `message = "${code}"`;
}

function said(code: ReportCode): string {
  return `filter ${is(code)}`;
}

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: WIDTH / 3, height: HEIGHT, leftYAxis: { min: 0 } });
}

/** A query reads a limited number of logs, so many lanes have several tables. */
function tables(title: string, logs: readonly LogGroup[], queryLines: readonly string[]): IWidget[] {
  const all = parts(logs, LOGS_OF_A_QUERY);
  return all.map((part, index) =>
    table(all.length === 1 ? title : `${title} (${index + 1} of ${all.length})`, part, queryLines),
  );
}

function table(title: string, logs: readonly LogGroup[], queryLines: readonly string[]): IWidget {
  return query(title, logs, { queryLines, view: LogQueryVisualizationType.TABLE });
}

function line(title: string, logs: readonly LogGroup[], queryLines: readonly string[]): IWidget {
  return query(title, logs, { queryLines, view: LogQueryVisualizationType.LINE });
}

function query(
  title: string,
  logs: readonly LogGroup[],
  { queryLines, view }: { readonly queryLines: readonly string[]; readonly view: LogQueryVisualizationType },
): IWidget {
  return new LogQueryWidget({
    title,
    logGroupNames: logs.map(({ logGroupName }) => logGroupName),
    queryLines: [...queryLines],
    view,
    width: WIDTH / 3,
    height: HEIGHT,
  });
}
