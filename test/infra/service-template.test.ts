import { describe, expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { parseIngestMessage, parseSweepMessage } from '../../shared/contract/messages.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import {
  ofType,
  ownFunctions,
  type Resource,
  resourcesOf,
  statementsOf,
  statementsOfRole,
  synthesized,
} from '../support/house/synthesized.ts';

const { state, service, stacks } = synthesized();
const inOrder = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));

/** What sends a sweep at the end of a deployment. */
function firstSweep(template: typeof service): Resource {
  const [sent, ...more] = resourcesOf(template).filter(({ Type }) => Type === 'Custom::TenureSweep');
  if (sent === undefined || more.length > 0) throw new Error('there is not exactly one first sweep');
  return sent;
}

function dependenciesOf(resource: Resource | undefined): readonly string[] {
  return (resource as { readonly DependsOn?: readonly string[] } | undefined)?.DependsOn ?? [];
}

function environmentOf(properties: Resource['Properties']): Readonly<Record<string, unknown>> {
  const { Variables } = (properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
  return Variables ?? {};
}

/** As EventBridge wraps what the sweep sends. */
function heartbeatEnvelope(): string {
  const { type, detail } = heartbeatDetail(0);
  return JSON.stringify({
    version: '0',
    id: 'x',
    source: SWEEP_SOURCE,
    'detail-type': type,
    time: '2026-03-01T10:00:00Z',
    detail: JSON.parse(detail) as unknown,
  });
}

interface SdkCall {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly physicalResourceId: unknown;
}

/** A call of the SDK that CDK wrote into a property; references in angle brackets. */
function sdkCall(property: unknown): SdkCall {
  const [, parts] = (property as { 'Fn::Join': [string, (string | { Ref: string })[]] })['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
  return JSON.parse(text) as SdkCall;
}

describe('the service stack', () => {
  test('the sweep is sent every hour, and at the end of a deployment after all else', () => {
    const inputs = ofType(service, 'AWS::Scheduler::Schedule').map(
      ({ Properties }) => (Properties['Target'] as { Input: string }).Input,
    );
    expect(inputs).toEqual(['{"kind":"hourly"}']);
    // As CloudFormation gets it: a lane is in place when its nested stack is.
    const own = stacks.get('Tenure/Service') ?? service;
    const after = dependenciesOf(firstSweep(own));
    const lanes = ofType(own, 'AWS::CloudFormation::Stack');
    expect(lanes).toHaveLength(Object.keys(retention.stores).length);
    for (const { id } of [...ofType(own, 'AWS::Lambda::EventSourceMapping'), ...lanes])
      expect(after).toContain(id);
  });

  test('the sweep changes after the lanes that it rings, whose queues it knows by their names', () => {
    const own = stacks.get('Tenure/Service') ?? service;
    const lanes = ofType(own, 'AWS::CloudFormation::Stack').map(({ id }) => id);
    const [sweep] = ofType(own, 'AWS::Lambda::Function').filter(
      ({ Properties }) => 'LANE_QUEUE_PREFIX' in environmentOf(Properties),
    );
    expect(dependenciesOf(sweep)).toEqual(expect.arrayContaining(lanes));
    const prefix = JSON.stringify(environmentOf(sweep?.Properties ?? {})['LANE_QUEUE_PREFIX']);
    const names = ofType(service, 'AWS::SQS::Queue').flatMap(
      ({ Properties }) => Properties['QueueName'] ?? [],
    );
    const stores = Object.keys(retention.stores);
    expect(names.map((name) => JSON.stringify(name))).toEqual(
      stores.map((store) => prefix.replace(/"_"\]\]\}$/, `"_${store}"]]}`)),
    );
    const rung = statementsOf(service).filter(
      ({ where, Action }) => where.startsWith('Sweep') && Action.includes('sqs:SendMessage'),
    );
    const resources = rung.flatMap(({ Resource }) => Resource).map((each) => JSON.stringify(each));
    expect(resources.filter((each) => each.includes('*'))).toEqual([
      prefix
        .replace('"tenure_"', '"arn:aws:sqs:eu-central-1:111122223333:tenure_"')
        .replace(/"_"\]\]\}$/, '"_*"]]}'),
    ]);
  });

  test('the sweep puts heartbeats on the bus, under the role that the bus policy names, and no lane may', () => {
    const publishing = statementsOf(service).filter(({ Action }) => Action.includes('events:PutEvents'));
    const roles = publishing.map(({ where }) => where.replace(/Policy[0-9A-F]{8}$/, ''));
    expect(roles.filter((role) => role.startsWith('Lane'))).toEqual([]);
    const [sweep, ...others] = ownFunctions(service).filter(
      ({ Properties }) =>
        environmentOf(Properties)['BUS_NAME'] !== undefined &&
        'LANE_QUEUE_PREFIX' in environmentOf(Properties),
    );
    expect(others).toEqual([]);
    expect(sweep?.id).toMatch(/^Sweep/);
    expect(JSON.stringify(sweep?.Properties['Role'])).toContain('SweepRole');
    const granted = publishing.filter(({ where }) => where.startsWith('Sweep'));
    expect(granted.map(({ Action }) => Action)).toEqual([['events:PutEvents']]);
    expect(JSON.stringify(granted[0]?.Resource)).toContain('EventBus');
  });

  test('heartbeats and events take the same way: rules of the bus, to the queue of ingest', () => {
    const targets = ofType(state, 'AWS::Events::Rule').flatMap(
      ({ Properties }) => Properties['Targets'] as { readonly Arn: unknown }[],
    );
    expect(targets.length).toBeGreaterThan(1);
    for (const { Arn } of targets) expect(Arn).toEqual({ 'Fn::GetAtt': ['IngestQueue', 'Arn'] });
    expect(parseIngestMessage(heartbeatEnvelope())).toMatchObject({ ok: true, value: { kind: 'heartbeat' } });
  });

  test('the end of a deployment sends one hourly sweep, or fails; a removal sends nothing', () => {
    const { Create, Update, Delete, InstallLatestAwsSdk } = firstSweep(service).Properties;
    expect(Update).toEqual(Create);
    expect(Delete).toBeUndefined();
    expect(InstallLatestAwsSdk).toBe(false);
    const { parameters, physicalResourceId, ...call } = sdkCall(Create);
    // Nothing is named here that would let an error pass.
    expect(call).toEqual({ service: '@aws-sdk/client-sqs', action: 'SendMessageCommand' });
    const { QueueUrl, MessageBody, ...others } = parameters;
    expect(others).toEqual({});
    expect(QueueUrl).toMatch(/^<SweepQueue[0-9A-F]{8}>$/);
    expect(parseSweepMessage(String(MessageBody))).toEqual({ ok: true, value: { kind: 'hourly' } });
    expect(physicalResourceId).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    // The role that sends it may do that, log, and nothing else.
    expect(statementsOfRole(service, /FirstSweepRole/).map(({ Action }) => Action)).toEqual([
      ['sqs:SendMessage'],
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
    ]);
  });

  test('a deployment that changes the configuration sends a sweep, and one that changes nothing does not', () => {
    const changed = synthesized({ ...retention, operators: ['arn:aws:iam::111122223333:role/another'] });
    const before = sdkCall(firstSweep(service).Properties['Update']).physicalResourceId;
    expect(sdkCall(firstSweep(changed.service).Properties['Update']).physicalResourceId).not.toEqual(before);
    const same = synthesized().service;
    expect(sdkCall(firstSweep(same).Properties['Update']).physicalResourceId).toEqual(before);
  });

  test('the service stack holds no data that was acknowledged', () => {
    const types = new Set(resourcesOf(service).map(({ Type }) => Type));
    for (const type of [
      'AWS::DynamoDB::GlobalTable',
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::Events::EventBus',
    ])
      expect(types).not.toContain(type);
  });

  test('the service stack has no resource that others have attached or call by its address', () => {
    const types = new Set(resourcesOf(service).map(({ Type }) => Type));
    for (const type of ['AWS::IAM::ManagedPolicy', 'AWS::ApiGatewayV2::Api'])
      expect(types).not.toContain(type);
    expect(service.toJSON()['Outputs'] ?? {}).toEqual({});
  });
});

describe('the HTTP API', () => {
  const gatewayPath = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

  test('has every route of the contract, and refuses unsigned requests', () => {
    const routes = ofType(service, 'AWS::ApiGatewayV2::Route');
    const expected = Object.values(ROUTES).map(({ method, path }) => `${method} ${gatewayPath(path)}`);
    expect(routes.map(({ Properties }) => Properties['RouteKey']).toSorted(inOrder)).toEqual(
      expected.toSorted(inOrder),
    );
    for (const { Properties } of routes) expect(Properties['AuthorizationType']).toBe('AWS_IAM');
  });

  test('logs who called, and the key of a route, never a path', () => {
    const [stage] = ofType(service, 'AWS::ApiGatewayV2::Stage');
    const { Format } = (stage?.Properties['AccessLogSettings'] ?? {}) as { Format?: string };
    expect(Format).toContain('$context.routeKey');
    expect(JSON.parse(Format ?? '{}')).toMatchObject({ principal: '$context.identity.userArn' });
    expect(Format).not.toMatch(/path|query|sourceIp|userAgent/i);
  });

  test('each managed policy opens the routes of its role and nothing else', () => {
    for (const [role, policy] of [
      ['producer', 'ProducerPolicy'],
      ['operator', 'OperatorPolicy'],
      ['auditor', 'AuditorPolicy'],
    ] as const) {
      const statements = statementsOf(state).filter(({ where }) => where === policy);
      const invoked = statements.find(({ Action }) => Action.includes('execute-api:Invoke'))?.Resource ?? [];
      const opened = invoked.map((arn) => /\/\$default\/([^"]*)/.exec(JSON.stringify(arn))?.[1] ?? '');
      const opens = (pattern: string, route: string): boolean =>
        pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route;
      const may = Object.values(ROUTES).map(({ method, path, roles }) => {
        const route = `${method}${path.replaceAll(/:\w+/g, '*')}`;
        const isOpen = opened.some((pattern) => opens(pattern, route));
        return { route, isOpen, isOwn: (roles as readonly string[]).includes(role) };
      });
      expect(may.filter(({ isOpen, isOwn }) => isOpen !== isOwn)).toEqual([]);
      expect(opened.filter((pattern) => !may.some(({ route }) => opens(pattern, route)))).toEqual([]);
      expect(opened.filter((pattern) => /^[^*]*\*./.test(pattern))).toEqual([]);
      // Who verifies the log asks KMS and Systems Manager for its public key, and not the API.
      const others = role === 'auditor' ? ['kms:GetPublicKey', 'ssm:GetParameters'] : [];
      expect(statements.flatMap(({ Action }) => Action)).toEqual(['execute-api:Invoke', ...others]);
    }
  });

  test('gives auditors who sign in a front of their own, with their routes', () => {
    const auditorSignIn = { issuer: 'https://id.example.com', audience: ['audit-console'] };
    const signedIn = synthesized({
      ...retention,
      deployment: { ...retention.deployment, auditorSignIn },
    });
    signedIn.service.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'JWT',
      JwtConfiguration: { Issuer: auditorSignIn.issuer, Audience: auditorSignIn.audience },
    });
    const tokens = ofType(signedIn.service, 'AWS::ApiGatewayV2::Route').filter(
      ({ Properties }) => Properties['AuthorizationType'] === 'JWT',
    );
    expect(tokens.map(({ Properties }) => Properties['RouteKey']).toSorted(inOrder)).toEqual(
      Object.values(ROUTES)
        .filter(({ roles }) => (roles as readonly string[]).includes('auditor'))
        .map(({ method, path }) => `${method} ${gatewayPath(path)}`)
        .toSorted(inOrder),
    );
  });
});
