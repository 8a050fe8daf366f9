import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { oldest, own, type Service, waiting, type Watched } from './watched.ts';

export interface TenureDashboardProps {
  readonly name: string;
  readonly watched: Watched;
  readonly alarms: readonly Alarm[];
}

const HOUR = Duration.hours(1);
const MINUTES = Duration.minutes(5);
const WIDTH = 24;
const HEIGHT = 6;

/** One page that shows what is wrong, what is disposed of, how late it is, and where it waits. */
export class TenureDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, watched, alarms }: TenureDashboardProps) {
    super(scope, id);
    const { lanes, ingest, deadLetters } = watched;
    new Dashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.days(7),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH, height: 4 })],
        row(
          graph('Due, sent to lanes', [
            own(watched, 'sweep', 'sweep.swept', { statistic: Stats.SUM, period: HOUR }),
          ]),
          graph('Disposed of', [byStoreAndOutcome(watched, 'dispose.settled')]),
          graph('Held', [
            byStore(watched, {
              service: 'dispose',
              metric: 'dispose.parked',
              statistic: Stats.SUM,
              by: ['code', 'outcome'],
            }),
          ]),
        ),
        row(
          graph('Left for later', [byStoreAndOutcome(watched, 'dispose.left', 'code')]),
          graph('Overdue', [
            byStore(watched, { service: 'sweep', metric: 'sweep.overdue', statistic: Stats.MAXIMUM }),
          ]),
          graph('Overdue: age of the oldest (s)', [
            byStore(watched, { service: 'sweep', metric: 'sweep.overdue.seconds', statistic: Stats.MAXIMUM }),
          ]),
        ),
        row(
          graph(
            'Lane lag: age of the oldest chunk (s)',
            lanes.map(({ queue, store }) => labelled(oldest(queue.queue, MINUTES), store)),
          ),
          graph('Close to the deadline', [
            byStore(watched, { service: 'sweep', metric: 'sweep.at-risk', statistic: Stats.MAXIMUM }),
          ]),
          graph('From due to done (s)', [
            own(watched, 'dispose', 'dispose.settled.seconds', { statistic: Stats.p(50), period: HOUR }),
            own(watched, 'dispose', 'dispose.settled.seconds', { statistic: Stats.MAXIMUM, period: HOUR }),
          ]),
        ),
        row(
          graph('Seal lag', [
            own(watched, 'seal', 'seal.waiting', { statistic: Stats.MAXIMUM, period: HOUR }),
            own(watched, 'seal', 'seal.waiting.seconds', { statistic: Stats.MAXIMUM, period: HOUR }),
          ]),
          graph('Quarantine', [
            own(watched, 'sweep', 'sweep.quarantine', { statistic: Stats.MAXIMUM, period: HOUR }),
            own(watched, 'sweep', 'sweep.quarantine.seconds', { statistic: Stats.MAXIMUM, period: HOUR }),
          ]),
          graph('Waiting to be ingested, and dead letters', [
            oldest(ingest.queue, MINUTES),
            ...waiting(deadLetters, MINUTES),
          ]),
        ),
      ],
    });
  }
}

function row(...widgets: readonly IWidget[]): IWidget[] {
  return [...widgets];
}

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: WIDTH / 3, height: HEIGHT, leftYAxis: { min: 0 } });
}

function labelled(metric: ReturnType<typeof oldest>, label: string): IMetric {
  return metric.with({ label });
}

interface StoreMetric {
  readonly service: Service;
  readonly metric: string;
  readonly statistic: string;
  /** Further dimensions: one line for each of their values. */
  readonly by?: readonly string[];
}

/** One line for every store, without listing the stores here. */
function byStore(
  { namespace }: Watched,
  { service, metric, statistic, by = [] }: StoreMetric,
): MathExpression {
  const schema = ['service', 'store', ...by].map((dimension) => `"${dimension}"`).join(',');
  return new MathExpression({
    expression: `SEARCH('{"${namespace}",${schema}} service="${service}" MetricName="${metric}"', '${statistic}', ${HOUR.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: HOUR,
  });
}

function byStoreAndOutcome(watched: Watched, name: string, ...others: readonly string[]): MathExpression {
  return byStore(watched, {
    service: 'dispose',
    metric: name,
    statistic: Stats.SUM,
    by: ['outcome', ...others],
  });
}
