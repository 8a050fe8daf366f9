import { describe, expect, test, vi } from 'vitest';
import {
  type BusPolicy,
  busPolicy,
  busPolicyLength,
  LONGEST_BUS_POLICY,
} from '../../infra/constructs/bus-policy.ts';
import { loadDeployment } from '../../infra/load-deployment.ts';
import type { TenureConfig } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { NOTICE_SOURCE } from '../../shared/contract/notice.ts';
import { SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { NOTICES } from '../../shared/domain/record/notice.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { isAllowed } from '../support/house/policy.ts';
import { ofType, ROOT, type Statement, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

const ACCOUNT = '111122223333';
const BUS = `arn:aws:events:eu-central-1:${ACCOUNT}:event-bus/tenure`;
const API = `arn:aws:iam::${ACCOUNT}:role/api`;
const SWEEP = `arn:aws:iam::${ACCOUNT}:role/sweep`;
const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;

type Producer = Configuration['producers'][string];
const producer = (source: string, principals: readonly string[], bus = true): Producer => ({
  source,
  principals,
  bus,
  stores: {},
  categories: [],
  events: [],
});

function policyOf(producers: Readonly<Record<string, Producer>>): BusPolicy {
  const roles = { apiRoleArn: API, sweepRoleArn: SWEEP };
  return busPolicy({ producers, busArn: BUS, account: ACCOUNT, partition: 'aws', ...roles });
}

/** What the bus says to a principal that its own identity policy lets send to every bus. */
function takes(policy: BusPolicy, principal: string, ...sources: string[]): boolean {
  return takesType(policy, principal, 'contract.ended', sources);
}

function takesType(
  { Statement: statements }: BusPolicy,
  principal: string,
  type: string,
  sources: readonly string[],
): boolean {
  const account = principal.split(':')[4] ?? '';
  const ofPrincipal = statements.filter(
    ({ Principal }) => Principal === '*' || Principal.AWS.includes(`:${account}:`),
  );
  const identity = { Effect: 'Allow', Action: ['events:PutEvents'], Resource: ['*'], where: 'identity' };
  const all = [
    ...(account === ACCOUNT ? [identity as Statement] : []),
    ...ofPrincipal.map((one): Statement => ({
      ...one,
      Action: [one.Action],
      Resource: [one.Resource],
      where: one.Sid,
    })),
  ];
  return isAllowed(all, {
    action: 'events:PutEvents',
    resource: BUS,
    context: { 'events:source': sources, 'events:detail-type': [type], 'aws:PrincipalArn': [principal] },
  });
}

const A = {
  crm: producer('com.crm', [role('crm')]),
  shop: producer('com.shop', [role('shop'), role('shop', '444455556666')]),
  pay: producer('com.pay', [role('pay')], false),
  silent: producer('com.silent', []),
};
/** A removed producer, a new one, a renamed one, one with another source, one with another principal. */
const B = {
  crm: producer('com.crm.v2', [role('crm')]),
  store: producer('com.shop', [role('shop')]),
  pay: producer('com.pay', [role('pay-2')]),
  desk: producer('com.crm', [role('desk')]),
};
const PRINCIPALS = [
  ...['crm', 'shop', 'pay', 'pay-2', 'desk', 'anyone'].map((name) => role(name)),
  ...['shop', 'crm', 'anyone'].map((name) => role(name, '444455556666')),
  API,
  SWEEP,
];
const SOURCES = [
  'com.crm',
  'com.crm.v2',
  'com.shop',
  'com.pay',
  'com.silent',
  'tenure.api',
  SWEEP_SOURCE,
  NOTICE_SOURCE,
  'aws.x',
];

const own = { 'tenure.api': [API], [SWEEP_SOURCE]: [SWEEP], [NOTICE_SOURCE]: [SWEEP] };
function pairsOf(producers: Readonly<Record<string, Producer>>): Readonly<Record<string, readonly string[]>> {
  const onBus = Object.values(producers).filter(({ bus }) => bus);
  return { ...own, ...Object.fromEntries(onBus.map(({ source, principals }) => [source, principals])) };
}

describe('the policy of the bus', () => {
  test.each([
    ['the first list', A],
    ['the second list', B],
    ['no producer', {}],
  ])('takes exactly the configured pairs of principal and source: %s', (_, producers) => {
    const policy = policyOf(producers);
    const pairs = pairsOf(producers);
    for (const principal of PRINCIPALS)
      for (const source of SOURCES)
        expect([principal, source, takes(policy, principal, source)]).toEqual([
          principal,
          source,
          (pairs[source] ?? []).includes(principal),
        ]);
  });

  test('takes no request in which one of several entries has a source of somebody else', () => {
    const policy = policyOf(A);
    expect(takes(policy, role('crm'), 'com.crm', 'com.crm')).toBe(true);
    expect(takes(policy, role('crm'), 'com.crm', 'com.shop')).toBe(false);
    expect(takes(policy, role('crm'), 'com.crm', 'com.unknown')).toBe(false);
  });

  test('refuses on the bus a producer that uses only the API', () => {
    expect(takes(policyOf(A), role('pay'), 'com.pay')).toBe(false);
    expect(takes(policyOf({ pay: { ...A.pay, bus: true } }), role('pay'), 'com.pay')).toBe(true);
    const { bus: _, ...silent } = A.pay;
    expect(policyOf({ pay: silent })).toEqual(policyOf({ pay: A.pay }));
  });

  test('takes what applications are told only from the sweep, whatever its source says', () => {
    const policy = policyOf(A);
    for (const type of Object.values(NOTICES)) {
      expect(takesType(policy, SWEEP, type, [NOTICE_SOURCE])).toBe(true);
      expect(takesType(policy, role('crm'), type, ['com.crm'])).toBe(false);
      expect(takesType(policy, API, type, ['tenure.api'])).toBe(false);
      expect(takesType(policy, role('crm'), type, [NOTICE_SOURCE])).toBe(false);
    }
    expect(takesType(policy, role('crm'), 'retention.reviewed', ['com.crm'])).toBe(true);
  });

  test('names a statement after its producer, so that a changed list changes no other statement', () => {
    const byId = ({ Statement: statements }: BusPolicy) =>
      new Map(statements.map((each) => [each.Sid, each]));
    const [before, after] = [byId(policyOf(A)), byId(policyOf({ first: producer('com.first', []), ...A }))];
    for (const [id, statement] of before)
      if (id !== 'UnknownSource') expect(after.get(id)).toEqual(statement);
    expect([...before.keys()]).toEqual([
      'Source_crm',
      'Source_shop',
      'Source_silent',
      'Source_TenureApi',
      'Source_TenureSweep',
      'Source_TenureNotices',
      'NoticeTypes',
      'UnknownSource',
      'Account_444455556666',
    ]);
  });

  test('has ids that EventBridge takes, each once, however long and alike the names are', () => {
    const long = `a${'-b'.repeat(19)}`;
    const names = [long, `${long.slice(0, -1)}c`, 'a-b', 'x'];
    const policy = policyOf(Object.fromEntries(names.map((name) => [name, producer(`com.${name}`, [])])));
    const ids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  // Its statements were resources. CloudFormation deletes them by their ids after it has set this policy.
  test('has no id of the release 0.1.0, which the update deletes', () => {
    const names = ['0', '1', 'source0', 'a', 'no-other-source', 'account444455556666', 'x'.repeat(40)];
    const list = names.map((name) => [name, producer(`com.${name}`, ['arn:aws:iam::444455556666:role/x'])]);
    const ids = policyOf(Object.fromEntries(list)).Statement.map(({ Sid }) => Sid);
    expect(ids.length).toBeGreaterThan(names.length);
    expect(ids.filter((id) => /^(Source\d+|NoOtherSource|Account\d+)$/.test(id))).toEqual([]);
  });
});

describe('the bus of a deployment', () => {
  const { state } = synthesized();
  const [bus] = ofType(state, 'AWS::Events::EventBus');

  /**
   * With one property CloudFormation has no states in between: the bus has the one policy or the other. With statements
   * as resources of their own a source would be known before its Deny is there.
   */
  test('has its policy as one property, so that an update has no state in between', () => {
    expect(ofType(state, 'AWS::Events::EventBusPolicy')).toEqual([]);
    const statements = (bus?.Properties['Policy'] as BusPolicy | undefined)?.Statement ?? [];
    expect(statements.map(({ Sid, Effect }) => `${Effect} ${Sid}`)).toEqual([
      'Deny Source_odoo_events',
      'Deny Source_TenureApi',
      'Deny Source_TenureSweep',
      'Deny Source_TenureNotices',
      'Deny NoticeTypes',
      'Deny UnknownSource',
    ]);
    expect(statements.map(({ Condition }) => Condition['ArnNotEquals']?.['aws:PrincipalArn'])).toEqual([
      [role('odoo-events')],
      [{ 'Fn::GetAtt': ['ApiRole', 'Arn'] }],
      [{ 'Fn::GetAtt': ['SweepRole', 'Arn'] }],
      [{ 'Fn::GetAtt': ['SweepRole', 'Arn'] }],
      [{ 'Fn::GetAtt': ['SweepRole', 'Arn'] }],
      undefined,
    ]);
  });

  test('has it before anything is connected: rule and archive refer to the bus', () => {
    for (const [type, property] of [
      ['AWS::Events::Rule', 'EventBusName'],
      ['AWS::Events::Archive', 'SourceArn'],
    ] as const) {
      const found = ofType(state, type).map(({ Properties }) => JSON.stringify(Properties[property]));
      expect(found.length).toBeGreaterThan(0);
      for (const bus of found) expect(bus).toContain('"EventBus"');
    }
  });

  test('is refused at synth when more producers use it than its policy holds, with both numbers', () => {
    const [example] = Object.values(retention.producers);
    if (example === undefined) throw new Error('the example names a producer');
    const many = (count: number, bus: boolean): TenureConfig => ({
      ...retention,
      producers: {
        ...retention.producers,
        ...Object.fromEntries(
          Array.from({ length: count }, (_unused, index) => [
            `app-${index}`,
            { ...example, bus, source: `com.app-${index}`, principals: [role(`app-${index}`)], stores: {} },
          ]),
        ),
      },
    });
    expect(() => loadDeployment(many(40, true), ROOT)).toThrow(
      /producers: 41 producers use the bus, and its policy would have 1\d{4} characters; EventBridge takes 10240; remove `bus: true`/,
    );
    expect(Object.keys(loadDeployment(many(40, false), ROOT).configuration.producers)).toHaveLength(42);
    expect(LONGEST_BUS_POLICY).toBe(10_240);
  });

  test('is measured as it is deployed, with the longest names that its roles can get', () => {
    const { configuration, settings } = loadDeployment(retention, ROOT);
    const longest = JSON.stringify(role('x'.repeat(64)));
    const deployed = JSON.stringify(bus?.Properties['Policy']).replaceAll(
      /{"Fn::GetAtt":\["\w+Role","Arn"\]}/g,
      longest,
    );
    expect(deployed).toContain(longest);
    expect(busPolicyLength(configuration, settings)).toBe(deployed.length);
  });
});
