import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { AlarmName } from '../../infra/constructs/alarm-list.ts';
import { ASSUMED } from '../../infra/cost/cost-model.ts';
import { REPORT_CODES } from '../../shared/ports/report.ts';
import retention from '../../retention.config.ts';
import {
  ofType,
  ownFunctions,
  type Resource,
  synthesized,
  type Synthesized,
} from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** The alarms that a person must be notified of: a new alarm does not compile until it is added here. */
const EVERY_ALARM: Readonly<Record<AlarmName, true>> = {
  'access-denied': true,
  'api-failing': true,
  'dead-letters': true,
  'deadline-at-risk': true,
  'functions-failing': true,
  'functions-throttled': true,
  'hint-lost': true,
  'ingest-stalled': true,
  'lane-capped': true,
  'lane-stalled': true,
  overdue: true,
  'quarantine-waiting': true,
  'seal-lag': true,
  'sweep-missing': true,
  'table-throttled': true,
};

const EXAMPLE = synthesizedOnce();

function synthesizedOnce(): () => Synthesized {
  let made: Synthesized | undefined;
  return () => (made ??= synthesized());
}

interface MetricStat {
  readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions: unknown };
}

/** Every single metric that an alarm looks at, of whatever service. */
function metricsOf({ Properties }: Resource): MetricStat['Metric'][] {
  const parts = Properties['Metrics'] as { readonly MetricStat?: MetricStat }[] | undefined;
  if (parts === undefined) return [Properties as unknown as MetricStat['Metric']];
  return parts.flatMap(({ MetricStat: stat }) => (stat === undefined ? [] : [stat.Metric]));
}

describe('alarms', () => {
  let alarms: Map<string, Resource>;
  beforeAll(() => {
    const found = ofType(EXAMPLE().service, 'AWS::CloudWatch::Alarm');
    alarms = new Map(found.map((alarm) => [String(alarm.Properties['AlarmName']), alarm]));
  });
  const alarm = (name: string): Resource => {
    const found = alarms.get(`tenure-${name}`);
    if (found === undefined) throw new Error(`there is no alarm ${name}`);
    return found;
  };

  test('cover everything that a person has to be notified of', () => {
    expect([...alarms.keys()].toSorted()).toEqual(
      Object.keys(EVERY_ALARM)
        .map((name) => `tenure-${name}`)
        .toSorted(),
    );
  });

  test('notify the configured address when they go off and when they are over', () => {
    const [topic] = ofType(EXAMPLE().service, 'AWS::SNS::Topic');
    const [subscription] = ofType(EXAMPLE().service, 'AWS::SNS::Subscription');
    expect(subscription?.Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'data-protection@example.com',
      TopicArn: { Ref: topic?.id },
    });
    for (const { Properties } of alarms.values()) {
      expect(Properties).toMatchObject({
        AlarmActions: [{ Ref: topic?.id }],
        OKActions: [{ Ref: topic?.id }],
      });
    }
  });

  test('notify an existing topic instead, if one is configured, and create none', () => {
    const topic = 'arn:aws:sns:eu-central-1:111122223333:on-call';
    const { service } = synthesized({
      ...retention,
      deployment: { ...retention.deployment, alarms: { topic } },
    });
    expect(ofType(service, 'AWS::SNS::Topic')).toEqual([]);
    for (const { Properties } of ofType(service, 'AWS::CloudWatch::Alarm')) {
      expect(Properties['AlarmActions']).toEqual([topic]);
    }
  });

  test('watch metrics that functions write, in the same namespace and dimension', () => {
    const known = new Set<string>([
      ...REPORT_CODES.flatMap((code) => [code, `${code}.seconds`]),
      'access.denied',
    ]);
    const own = [...alarms.values()]
      .flatMap(metricsOf)
      .filter(({ Namespace }) => !Namespace.startsWith('AWS/'));
    expect(own.length).toBeGreaterThan(5);
    for (const metric of own) {
      expect(metric.Namespace).toBe('Tenure/tenure');
      expect([...known]).toContain(metric.MetricName);
      expect(metric.Dimensions).toEqual([{ Name: 'service', Value: expect.any(String) }]);
    }
    const functions = ownFunctions(EXAMPLE().service);
    expect(functions.length).toBeGreaterThan(5);
    for (const { Properties } of functions) {
      expect(Properties['Environment']).toMatchObject({
        Variables: { POWERTOOLS_METRICS_NAMESPACE: 'Tenure/tenure' },
      });
    }
  });

  test('watch every dead-letter queue', () => {
    const { state, service } = EXAMPLE();
    const queues = [state, service].flatMap((template) => ofType(template, 'AWS::SQS::Queue'));
    const ends = queues.filter(({ Properties }) => Properties['RedrivePolicy'] === undefined);
    expect(ends.length).toBe(queues.length / 2 + 0.5);
    expect(metricsOf(alarm('dead-letters'))).toHaveLength(ends.length);
  });

  test('watch every lane, and every function for errors', () => {
    const lanes = Object.keys(retention.stores).length;
    expect(metricsOf(alarm('lane-stalled'))).toHaveLength(lanes);
    expect(metricsOf(alarm('functions-failing'))).toHaveLength(lanes + 4);
  });

  test('watch the number of metrics that docs/cost.md assumes: of a lane, its function’s errors and throttles, its oldest chunk and its dead letters', () => {
    const lanes = Object.keys(retention.stores).length;
    const metrics = [...alarms.values()].flatMap(metricsOf).length;
    expect(metrics).toBe(lanes * ASSUMED.alarmMetricsOfALane + ASSUMED.otherAlarmMetrics);
  });

  test('go off on missing data only where missing data is the fault', () => {
    const silent = [...alarms]
      .filter(([, { Properties }]) => Properties['TreatMissingData'] === 'breaching')
      .map(([name]) => name);
    expect(silent.toSorted()).toEqual(['tenure-seal-lag', 'tenure-sweep-missing']);
  });

  test('on hourly metrics keep their state until the next hour', () => {
    for (const name of ['overdue', 'deadline-at-risk', 'quarantine-waiting']) {
      expect(alarm(name).Properties).toMatchObject({ TreatMissingData: 'ignore', Period: 3600 });
    }
  });
});

describe('more than ten lanes', () => {
  test('have more than one alarm for all of them, because ten metrics fit into one', () => {
    const { usage } = retention.stores;
    if (usage === undefined) throw new Error('the example has no store usage');
    const names = Array.from({ length: 12 }, (_, index) => `usage-${index}`);
    const producer = retention.producers['odoo-events'];
    if (producer === undefined) throw new Error('the example has no producer');
    const { service } = synthesized({
      ...retention,
      stores: {
        ...retention.stores,
        ...Object.fromEntries(
          names.map((name) => [name, { ...usage, options: { table: name }, lane: { concurrency: 1 } }]),
        ),
      },
    });
    const alarms = ofType(service, 'AWS::CloudWatch::Alarm');
    const named = (name: RegExp): Resource[] =>
      alarms.filter(({ Properties }) => name.test(String(Properties['AlarmName'])));
    expect(named(/-lane-stalled/).map((each) => metricsOf(each).length)).toEqual([10, 6]);
    // Lanes that run alone are throttled by their queue: only the other eight functions are watched for it.
    expect(named(/-functions-throttled/).map((each) => metricsOf(each).length)).toEqual([8]);
  });
});

test('the dashboard shows what is due, disposed of, held, refused, failed, late, unsealed and quarantined', () => {
  const [dashboard] = ofType(EXAMPLE().service, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard?.Properties['DashboardBody']);
  for (const metric of [
    'sweep.swept',
    'dispose.settled',
    'dispose.parked',
    'dispose.left',
    'sweep.overdue.seconds',
    'sweep.at-risk',
    'seal.waiting.seconds',
    'sweep.quarantine.seconds',
    'ApproximateAgeOfOldestMessage',
  ]) {
    expect(body).toContain(metric);
  }
});

test('synth warns of a deployment whose alarms have no target', () => {
  const { alarms: _, ...deployment } = retention.deployment;
  const { service, tenure } = synthesized({ ...retention, deployment });
  expect(ofType(service, 'AWS::CloudWatch::Alarm').length).toBeGreaterThan(10);
  const warnings = tenure.service.node
    .findAll()
    .flatMap(({ node }) => node.metadata.map(({ data }) => String(data)));
  expect(warnings.filter((text) => text.includes('no one is notified'))).toHaveLength(1);
});
