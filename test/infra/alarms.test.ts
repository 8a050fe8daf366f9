import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { AlarmName } from '../../infra/constructs/alarm-list.ts';
import { ASSUMED, QUEUES_BESIDE_LANES } from '../../infra/cost/cost-model.ts';
import { type ReportCode, TOO_LONG } from '../../shared/ports/report.ts';
import { metricOf } from '../../shared/runtime/report.ts';
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
  'api-failing': true,
  'dead-letters': true,
  'functions-failing': true,
  incident: true,
  'ingest-stalled': true,
  overdue: true,
  undelivered: true,
  'sweep-missing': true,
  'table-throttled': true,
  'waiting-too-long': true,
};

/** What a person has to be notified of, and the alarms that it sets off. The second column says how it gets there. */
const CONDITIONS: readonly (readonly [string, string, ...AlarmName[]])[] = [
  ['a holding is past its deadline', 'sweep: overdue', 'overdue', 'waiting-too-long'],
  ['a holding is close to its deadline', 'sweep: deadline-at-risk', 'waiting-too-long'],
  ['a message waits in quarantine for a day', 'sweep: quarantine-waiting', 'waiting-too-long'],
  ['a chunk waits for a worker for an hour', 'sweep: lane-stalled', 'waiting-too-long'],
  ['rows of a dataset wait for a day', 'sweep: dataset-late', 'waiting-too-long'],
  ['a vendor has not confirmed a request in time', 'sweep: vendor-overdue', 'waiting-too-long'],
  ['results wait three hours for the log', 'sweep: seal-lag', 'waiting-too-long'],
  ['too few witnesses have cosigned the log for three hours', 'sweep: witness-lag', 'waiting-too-long'],
  ['a heartbeat does not come through', 'sweep: ingest-stalled', 'waiting-too-long'],
  ['the archive of the bus takes no events', 'sweep: archive-stopped', 'waiting-too-long'],
  ['messages of a producer wait', 'sweep: producer-behind', 'waiting-too-long'],
  ['a column of facts is not read', 'sweep: column-unread', 'waiting-too-long'],
  ['policies wait to be active', 'sweep: policies-waiting', 'waiting-too-long'],
  ['a legal hold is past its review date', 'sweep: hold-review', 'waiting-too-long'],
  ['the deadline of a request comes near', 'sweep: request-due', 'waiting-too-long'],
  ['the deadline of a request has passed', 'sweep: request-late', 'waiting-too-long'],
  ['messages of a producer begin to wait', 'line: ingest.behind', 'incident'],
  ['an event waits 15 minutes to be ingested', 'age of the ingest queue', 'ingest-stalled'],
  ['a message fails in ingest for 15 minutes', 'line of an old message: ingest.failed', 'incident'],
  ['no hourly sweep has completed', 'no 0 in two hours', 'sweep-missing'],
  ['the census found holdings without a hint', 'line: census.re-hinted', 'incident'],
  ['a survey found what no store covers', 'line: survey.appeared', 'incident'],
  ['a survey found values where none may be', 'line: survey.never-present', 'incident'],
  ['a lane used up its hourly cap', 'line: dispose.capped', 'incident'],
  ['a rule disposes of more than it may', 'line: dispose.stopped', 'incident'],
  ['a stopped rule waits for a person', 'sweep: rule-stopped', 'waiting-too-long'],
  ['the log and the registry do not agree', 'line with code: LOG_FORKED', 'incident'],
  ['a role was denied a permission', 'line with code: AccessDenied', 'incident'],
  ['a function cannot reach a service', 'line with code: KMS_UNREACHABLE', 'incident'],
  ['a store denied access', 'line with code: STORE_DENIED', 'incident'],
  ['the bus could not deliver an event', 'dead letters of ingest', 'dead-letters'],
  ['the bus could not deliver an event, nor put it aside', 'failed deliveries', 'undelivered'],
  ['an event was found in the dead letters of ingest', 'line with code: DEAD_LETTER', 'incident'],
  ['the bus did not take an event', 'line: bus.refused', 'incident'],
  ['the API could not make an item durable', 'line with code: NOT_DURABLE', 'incident'],
  ['a message of ingest failed too often', 'dead letters of ingest', 'dead-letters'],
  ['a message of sweep, seal or a lane failed too often', 'dead letters', 'dead-letters'],
  ['a wake-up could not be delivered', 'dead letters', 'dead-letters'],
  ['the table is throttled', 'throttle events', 'table-throttled'],
  ['the API answers with an internal error', '5xx of the address', 'api-failing'],
  ['the API cannot start, or runs out of time', '5xx of the address', 'api-failing'],
  ['the API has no concurrency left', '5xx of the address', 'api-failing'],
  ['ingest, sweep or seal cannot start, or runs out of time', 'errors', 'functions-failing'],
  ['ingest has no concurrency left', 'age of the ingest queue', 'ingest-stalled'],
  ['the sweep has no concurrency left', 'no 0 in two hours', 'sweep-missing'],
  ['seal has no concurrency left', 'sweep: seal-lag', 'waiting-too-long'],
  ['a lane cannot start, or runs out of time', 'sweep: lane-stalled', 'waiting-too-long'],
  ['a lane has no concurrency left', 'sweep: lane-stalled', 'waiting-too-long'],
];

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

  test('watch the two metrics that functions write, in the same namespace and dimension', () => {
    const own = [...alarms.values()]
      .flatMap(metricsOf)
      .filter(({ Namespace }) => !Namespace.startsWith('AWS/'));
    expect(new Set(own.map(({ MetricName }) => MetricName)).size).toBe(ASSUMED.customMetrics);
    expect([...new Set(own.map(({ MetricName }) => MetricName))].toSorted()).toEqual([
      'incident',
      'waiting-too-long',
    ]);
    for (const metric of own) {
      expect(metric.Namespace).toBe('Tenure/tenure');
      expect(metric.Dimensions).toEqual([{ Name: 'service', Value: 'tenure' }]);
    }
    const functions = ownFunctions(EXAMPLE().service);
    expect(functions.length).toBeGreaterThan(5);
    for (const { Properties } of functions) {
      expect(Properties['Environment']).toMatchObject({
        Variables: { POWERTOOLS_METRICS_NAMESPACE: 'Tenure/tenure' },
      });
    }
  });

  test('on what the sweep found tell a missed deadline from the rest, and go off without a sweep that ended', () => {
    const value = (code: ReportCode, why?: string): number | undefined =>
      metricOf(code, why === undefined ? {} : { code: why })?.value;
    const isAbove = (name: string, measured: number | undefined): boolean =>
      Number(measured) > Number(alarm(name).Properties['Threshold']);
    for (const name of ['overdue', 'waiting-too-long', 'sweep-missing'])
      expect(alarm(name).Properties).toMatchObject({
        MetricName: 'waiting-too-long',
        ComparisonOperator: 'GreaterThanThreshold',
        Period: 3600,
      });
    expect(alarm('sweep-missing').Properties).toMatchObject({ Statistic: 'Minimum', EvaluationPeriods: 2 });
    for (const name of ['overdue', 'waiting-too-long'])
      expect(alarm(name).Properties).toMatchObject({ Statistic: 'Maximum', EvaluationPeriods: 1 });
    const ended = value('sweep.caught-up');
    for (const code of TOO_LONG) {
      const found = value('sweep.waiting-too-long', code);
      expect([code, isAbove('waiting-too-long', found)]).toEqual([code, true]);
      expect([code, isAbove('overdue', found)]).toEqual([code, code === 'overdue']);
      // An hour in which something was found and no sweep came to its end.
      expect([code, isAbove('sweep-missing', found)]).toEqual([code, true]);
      expect([code, isAbove('sweep-missing', Math.min(Number(found), Number(ended)))]).toEqual([code, false]);
    }
    for (const name of ['overdue', 'waiting-too-long']) expect(isAbove(name, ended)).toBe(false);
  });

  test('cover every condition, each by an alarm that is there and gets to know of it', () => {
    const watched = new Map(
      [...alarms].map(([name, resource]) => [
        name.replace('tenure-', ''),
        metricsOf(resource).map(({ MetricName }) => MetricName),
      ]),
    );
    const ways: Readonly<Record<string, (name: AlarmName, detail: string) => boolean>> = {
      sweep: (name, code) =>
        (TOO_LONG as readonly string[]).includes(code) &&
        metricOf('sweep.waiting-too-long', { code })?.name === watched.get(name)?.[0],
      line: (name, code) => metricOf(code as ReportCode, {})?.name === watched.get(name)?.[0],
      'line of an old message': (name, code) =>
        metricOf(code as ReportCode, { seconds: 901 })?.name === watched.get(name)?.[0] &&
        metricOf(code as ReportCode, { seconds: 900 }) === undefined,
      'line with code': (name, code) => metricOf('dispose.left', { code })?.name === watched.get(name)?.[0],
      'no 0 in two hours': (name) => watched.get(name)?.[0] === metricOf('sweep.caught-up', {})?.name,
      'age of the ingest queue': (name) => watched.get(name)?.[0] === 'ApproximateAgeOfOldestMessage',
      'dead letters': (name) => watched.get(name)?.[1] === 'ApproximateNumberOfMessagesVisible',
      'dead letters of ingest': (name) => watched.get(name)?.[0] === 'ApproximateNumberOfMessagesVisible',
      'failed deliveries': (name) =>
        JSON.stringify(alarm(name).Properties['Metrics']).includes('FailedInvocations'),
      'throttle events': (name) =>
        ['ReadThrottleEvents', 'WriteThrottleEvents'].every((each) => watched.get(name)?.includes(each)),
      '5xx of the address': (name) => watched.get(name)?.[0] === '5xx',
      errors: (name) => watched.get(name)?.[0] === 'Errors',
    };
    for (const [condition, how, ...names] of CONDITIONS) {
      const [way = '', detail = ''] = how.split(': ');
      expect(names.length).toBeGreaterThan(0);
      for (const name of names)
        expect([condition, name, ways[way]?.(name, detail)]).toEqual([condition, name, true]);
    }
    const used = new Set(CONDITIONS.flatMap(([, , ...names]) => names));
    expect([...used].toSorted()).toEqual(Object.keys(EVERY_ALARM).toSorted());
    const found = CONDITIONS.flatMap(([, how]) => (how.startsWith('sweep: ') ? [how.slice(7)] : []));
    expect([...new Set(found)].toSorted()).toEqual([...TOO_LONG].toSorted());
  });

  test('watch every dead-letter queue', () => {
    const { state, service } = EXAMPLE();
    const ends = [state, service]
      .flatMap((template) => ofType(template, 'AWS::SQS::Queue'))
      .filter(({ Properties }) => Properties['RedrivePolicy'] === undefined);
    expect(ends.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual([
      'DeadLetters',
      'IngestDeadLetters',
    ]);
    expect(metricsOf(alarm('dead-letters'))).toHaveLength(ends.length);
  });

  test('on failed deliveries counts those of all rules of the bus, and of no other', () => {
    expect(alarm('undelivered').Properties['Metrics']).toEqual([
      {
        Expression:
          'SELECT SUM(FailedInvocations) FROM SCHEMA("AWS/Events", EventBusName, RuleName) WHERE EventBusName = \'tenure\'',
        Id: 'expr_1',
        Label: 'events not delivered',
        Period: 300,
        ReturnData: true,
      },
    ]);
    const [bus] = ofType(EXAMPLE().state, 'AWS::Events::EventBus');
    expect(bus?.Properties['Name']).toBe('tenure');
  });

  test('have the number that docs/cost.md gives, and so have their metrics and the queues that feed functions', () => {
    const { service } = EXAMPLE();
    expect(alarms.size).toBe(ASSUMED.alarms);
    expect([...alarms.values()].flatMap(metricsOf)).toHaveLength(ASSUMED.alarmMetrics);
    const lanes = Object.keys(retention.stores).length;
    expect(ofType(service, 'AWS::Lambda::EventSourceMapping')).toHaveLength(QUEUES_BESIDE_LANES + lanes);
    // Logs are written anyway; no filter makes a metric of them.
    for (const type of ['AWS::Logs::MetricFilter', 'AWS::CloudWatch::CompositeAlarm'])
      expect(ofType(service, type)).toEqual([]);
  });

  test('goes off when an event has waited for 15 minutes to be ingested, whatever the reason', () => {
    expect(alarm('ingest-stalled').Properties).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 900,
      EvaluationPeriods: 1,
    });
  });

  test('go off on missing data only where missing data is the fault', () => {
    const silent = [...alarms]
      .filter(([, { Properties }]) => Properties['TreatMissingData'] === 'breaching')
      .map(([name]) => name);
    expect(silent).toEqual(['tenure-sweep-missing']);
  });

  test('on hourly metrics keep their state until the next hour', () => {
    for (const name of ['overdue', 'waiting-too-long']) {
      expect(alarm(name).Properties).toMatchObject({ TreatMissingData: 'ignore', Period: 3600 });
    }
  });
});

test('more lanes have the same alarms, which watch the same number of metrics', () => {
  const { usage } = retention.stores;
  if (usage === undefined) throw new Error('the example has no store usage');
  const names = Array.from({ length: 12 }, (_, index) => `usage-${index}`);
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
  expect(alarms).toHaveLength(ASSUMED.alarms);
  expect(alarms.flatMap(metricsOf)).toHaveLength(ASSUMED.alarmMetrics);
});

test('a second address for auditors is watched for failures, too', () => {
  const auditorSignIn = { issuer: 'https://id.example.com', audience: ['audit-console'] };
  const { service } = synthesized({
    ...retention,
    deployment: { ...retention.deployment, auditorSignIn },
  });
  const failing = ofType(service, 'AWS::CloudWatch::Alarm').find(({ Properties }) =>
    String(Properties['AlarmName']).endsWith('-api-failing'),
  );
  expect(failing && metricsOf(failing).map(({ MetricName }) => MetricName)).toEqual(['5xx', '5xx']);
});

test('the dashboard shows what is due, disposed of, held, refused, failed, late, unsealed and quarantined', () => {
  const [dashboard] = ofType(EXAMPLE().service, 'AWS::CloudWatch::Dashboard');
  // Dashboards of all regions have one list of names.
  expect(dashboard?.Properties['DashboardName']).toBe('tenure-eu-central-1');
  const body = JSON.stringify(dashboard?.Properties['DashboardBody']);
  for (const shown of [
    'sweep.swept',
    'dispose.settled',
    'dispose.parked',
    'dispose.left',
    'sweep.overdue',
    'sweep.at-risk',
    'sweep.waiting-too-long',
    'dispose.capped',
    'dispose.stopped',
    'census.re-hinted',
    'survey.appeared',
    'survey.never-present',
    'ingest.behind',
    'seal.waiting',
    'sweep.quarantine',
    'ApproximateAgeOfOldestMessage',
    'ApproximateNumberOfMessagesVisible',
  ]) {
    expect(body).toContain(shown);
  }
});

test('synth warns of a deployment whose alarms have no target', () => {
  const { alarms: _, ...deployment } = retention.deployment;
  const { service, tenure } = synthesized({ ...retention, deployment });
  expect(ofType(service, 'AWS::CloudWatch::Alarm')).toHaveLength(ASSUMED.alarms);
  const warnings = tenure.service.node
    .findAll()
    .flatMap(({ node }) => node.metadata.map(({ data }) => String(data)));
  expect(warnings.filter((text) => text.includes('no one is notified'))).toHaveLength(1);
});
