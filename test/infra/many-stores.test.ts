import { beforeAll, describe, expect, test, vi } from 'vitest';
import { MOST_STORES } from '../../infra/check-deployment.ts';
import type { TenureConfig } from '../../infra/tenure.ts';
import { HOLD_TEXTS } from '../../shared/domain/record/hold.ts';
import retention from '../../retention.config.ts';
import {
  listed,
  type Resource,
  resourcesOf,
  type Synthesized,
  synthesized,
} from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const CLOUDFORMATION = { resources: 500, parameters: 200, outputs: 200, bytes: 1_000_000, operation: 2500 };
/** In characters that are no white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const IAM = { inline: 10_240, managed: 6144, attached: 10 };
/** In bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const ENVIRONMENT = 4096;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const DASHBOARD = { metricsOfAWidget: 500, metrics: 2500, widgets: 500, logsOfAQuery: 50 };
const METRICS_OF_AN_ALARM = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const QUEUE_NAME = 80;

/** As many stores of each kind as fit, with the longest names and everything that a lane can have. */
function longest(): TenureConfig {
  const kinds = Object.values(retention.stores);
  const stores = Array.from({ length: MOST_STORES }, (_, index) => {
    const kind = kinds[index % kinds.length];
    const name = `${String(index).padStart(3, '0')}-store`.padStart(40, 'x');
    return [name, { ...kind, options: { ...kind?.options, ...place(kind?.kind, name) } }] as const;
  });
  const producer = Object.values(retention.producers)[0];
  return {
    ...retention,
    deployment: { ...retention.deployment, name: 'x'.repeat(30) },
    stores: Object.fromEntries(stores),
    producers: {
      'odoo-events': { ...producer, stores: Object.fromEntries(stores.map(([name]) => [name, {}])) },
    },
  } as TenureConfig;
}

function place(kind: string | undefined, name: string): Readonly<Record<string, string>> {
  if (kind === 'dynamodb') return { table: name };
  if (kind === 'http') return {};
  return kind === 's3' ? { bucket: name } : { table: name.replaceAll('-', '_') };
}

/** The text of a property once it is deployed. References are as long as the longest ARN of a role or queue. */
function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const [[kind, of] = ['', undefined]] = Object.entries(value);
  if (kind === 'Fn::Join') {
    const [delimiter, parts] = of as [string, unknown[]];
    return parts.map(deployed).join(delimiter);
  }
  // A part of the id of a stack.
  if (kind === 'Fn::Select') return 'x'.repeat(8);
  if (kind === 'Ref' && String(of).startsWith('AWS::')) return 'amazonaws.com.cn';
  if (kind === 'Ref' || kind.startsWith('Fn::')) return 'x'.repeat(150);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, deployed(each)]));
}

const lengthOf = (value: unknown): number => JSON.stringify(deployed(value)).replaceAll(/\s/g, '').length;

describe(`${MOST_STORES} stores with the longest names`, () => {
  let made: Synthesized;
  let all: readonly Resource[];
  beforeAll(() => {
    made = synthesized(longest());
    all = [made.state, made.service].flatMap(resourcesOf);
  });
  const of = (type: string): readonly Resource[] => all.filter(({ Type }) => Type === type);

  test('are a nested stack each, and every stack is within the limits of CloudFormation', () => {
    expect(made.stacks.size).toBe(MOST_STORES + 2);
    let total = 0;
    for (const [path, template] of made.stacks) {
      const json = template.toJSON() as Readonly<Record<string, object | undefined>>;
      const count = (part: string): number => Object.keys(json[part] ?? {}).length;
      const bytes = made.bytes.get(path) ?? Infinity;
      const within =
        count('Resources') <= CLOUDFORMATION.resources &&
        count('Parameters') <= CLOUDFORMATION.parameters &&
        count('Outputs') <= CLOUDFORMATION.outputs &&
        bytes <= CLOUDFORMATION.bytes;
      expect({ path, within }).toEqual({ path, within: true });
      if (path !== made.tenure.state.node.path) total += count('Resources');
    }
    expect(total).toBeGreaterThan(MOST_STORES * 8);
    expect(total).toBeLessThanOrEqual(CLOUDFORMATION.operation);
  });

  test('have environments that fit', () => {
    const functions = of('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(MOST_STORES);
    for (const { id, Properties } of functions) {
      const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: object };
      expect({ id, fits: lengthOf(Variables) <= ENVIRONMENT }).toEqual({ id, fits: true });
    }
  });

  test('have policies that fit, each role’s own in sum, and managed ones one by one', () => {
    const inline = new Map<string, number>();
    const attached = new Map<string, number>();
    const add = (to: Map<string, number>, role: unknown, size: number): void => {
      const key = JSON.stringify(role);
      to.set(key, (to.get(key) ?? 0) + size);
    };
    for (const { Properties } of of('AWS::IAM::Policy'))
      for (const role of listed(Properties['Roles']))
        add(inline, role, lengthOf(Properties['PolicyDocument']));
    for (const { id, Properties } of of('AWS::IAM::ManagedPolicy')) {
      expect({ id, fits: lengthOf(Properties['PolicyDocument']) <= IAM.managed }).toEqual({ id, fits: true });
      for (const role of listed(Properties['Roles'])) add(attached, role, 1);
    }
    expect(inline.size).toBeGreaterThan(MOST_STORES);
    for (const [role, size] of inline)
      expect({ role, size: Math.max(size, IAM.inline) }).toEqual({ role, size: IAM.inline });
    for (const [role, count] of attached)
      expect({ role, count: Math.max(count, IAM.attached) }).toEqual({ role, count: IAM.attached });
  });

  test('are named in the permissions of ingest one by one, and no others are', () => {
    const policies = [...of('AWS::IAM::Policy'), ...of('AWS::IAM::ManagedPolicy')]
      .filter(({ Properties }) => /IngestRole/.test(JSON.stringify(Properties['Roles'] ?? '')))
      .map(({ Properties }) => JSON.stringify(Properties['PolicyDocument']));
    const stores = Object.keys(longest().stores);
    const named = (pattern: RegExp): string[] =>
      policies.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)).toSorted();
    const all = ['quarantine', HOLD_TEXTS, ...stores].toSorted();
    expect(named(/"D#seal\/([^"/]+)\/\*"/g)).toEqual(all);
    const scopes = policies.flatMap((text) =>
      [...text.matchAll(/"seal","kms:EncryptionContext:scope":\[([^\]]*)\]/g)].flatMap(
        ([, list = '']) => JSON.parse(`[${list}]`) as string[],
      ),
    );
    expect(scopes.toSorted()).toEqual(all);
  });

  test('have queues with names that SQS takes', () => {
    const names = of('AWS::SQS::Queue').flatMap(({ Properties }) => Properties['QueueName'] ?? []);
    expect(names).toHaveLength(MOST_STORES);
    for (const name of names) expect(deployed(name)).toMatch(new RegExp(`^[\\w-]{1,${QUEUE_NAME}}$`));
  });

  test('are all on the dashboard, which is within the limits of CloudWatch', () => {
    const [dashboard] = of('AWS::CloudWatch::Dashboard');
    const body = deployed(dashboard?.Properties['DashboardBody']);
    const { widgets } = JSON.parse(String(body)) as {
      widgets: { type: string; properties: { title?: string; query?: string; metrics?: unknown[] } }[];
    };
    const metrics = widgets.map(({ properties }) => properties.metrics?.length ?? 0);
    expect(Math.max(...metrics)).toBe(MOST_STORES);
    expect(Math.max(...metrics)).toBeLessThanOrEqual(DASHBOARD.metricsOfAWidget);
    expect(metrics.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(DASHBOARD.metrics);
    expect(widgets.length).toBeLessThanOrEqual(DASHBOARD.widgets);
    const logs = widgets.map(({ properties }) => properties.query?.match(/SOURCE '/g)?.length ?? 0);
    expect(Math.max(...logs)).toBeLessThanOrEqual(DASHBOARD.logsOfAQuery);
    const disposed = widgets.flatMap(({ properties: { title = '' } }, index) =>
      title.startsWith('Disposed of') ? [logs[index] ?? 0] : [],
    );
    expect(disposed.reduce((sum, each) => sum + each)).toBe(MOST_STORES);
  });

  test('have the alarms that one store has', () => {
    for (const { id, Properties } of of('AWS::CloudWatch::Alarm')) {
      const parts = listed(Properties['Metrics']).length;
      expect({ id, fits: parts <= METRICS_OF_AN_ALARM + 1 }).toEqual({ id, fits: true });
    }
  });
});
