import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { TenureConfig } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { isAllowed } from '../support/house/policy.ts';
import {
  ofType,
  resourcesOf,
  statementsOf,
  statementsOfRole,
  type Synthesized,
  synthesized,
} from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000 });

const TABLE = 'registry-restored-1';
const adopting: TenureConfig = {
  ...retention,
  deployment: { ...retention.deployment, registry: { adopt: TABLE } },
};

const text = (value: unknown): string => JSON.stringify(value);

describe('a deployment that adopts a restored table', () => {
  let before: Synthesized;
  let after: Synthesized;
  beforeAll(() => {
    before = synthesized();
    after = synthesized(adopting);
  });

  test('keeps its own table as it is', () => {
    const tableOf = ({ state }: Synthesized) =>
      ofType(state, 'AWS::DynamoDB::GlobalTable').map((table) => ({ ...table, DependsOn: [] }));
    expect(tableOf(before)).toHaveLength(1);
    expect(tableOf(after)).toEqual(tableOf(before));
    expect(ofType(before.state, 'Custom::TenureAdoption')).toEqual([]);
  });

  test('sets what a restore leaves out, one after the other, and no call can do more', () => {
    const set = ofType(after.state, 'Custom::TenureAdoption');
    const calls = set.map(({ Properties }) => text(Properties['Update'] ?? Properties['Create']));
    expect(calls).toHaveLength(3);
    for (const each of calls) expect(each).toContain(TABLE);
    expect(calls.join()).toContain('DeletionProtectionEnabled');
    expect(calls.join()).toContain('RecoveryPeriodInDays');
    expect(calls.join()).toContain('UpdateTimeToLiveCommand');
    const refusable = calls.filter((each) => each.includes('ignoreErrorCodesMatching'));
    expect(refusable).toHaveLength(1);
    expect(refusable[0]).toContain('UpdateTimeToLive');
    const names = set.map(({ id }) => id);
    expect(
      set.filter(({ id, DependsOn = [] }) => DependsOn.some((one) => one !== id && names.includes(one))),
    ).toHaveLength(2);

    const granted = statementsOf(after.state).filter(({ where }) => where.startsWith('AdoptedRole'));
    const arn = granted.find(({ Action }) => Action.includes('dynamodb:UpdateTable'))?.Resource;
    expect(text(arn)).toContain(`:table/${TABLE}`);
    expect(text(arn)).not.toContain('*');
    expect(
      granted
        .flatMap(({ Action }) => Action)
        .filter((action) => action !== 'sts:AssumeRole')
        .toSorted(),
    ).toEqual([
      'dynamodb:UpdateContinuousBackups',
      'dynamodb:UpdateTable',
      'dynamodb:UpdateTimeToLive',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });

  test('has all its functions work on that table, and on no other', () => {
    const functions = ofType(after.service, 'AWS::Lambda::Function').flatMap(({ Properties }) => {
      const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
      return 'TABLE_NAME' in Variables ? [Variables] : [];
    });
    expect(functions.length).toBeGreaterThan(5);
    for (const variables of functions)
      expect(variables).toMatchObject({ TABLE_NAME: TABLE, TABLE_ADOPTED: 'yes' });
    const reaching = resourcesOf(after.service)
      .filter(({ Type }) => Type === 'AWS::IAM::Policy')
      .map(text);
    expect(reaching.filter((policy) => policy.includes(`:table/${TABLE}`)).length).toBeGreaterThan(5);
    for (const policy of reaching) expect(policy).not.toMatch(/RefRegistry|"Registry"/);
    expect(text(after.state.toJSON()['Outputs'])).toContain(`"Value":"${TABLE}"`);
    for (const alarm of ofType(after.service, 'AWS::CloudWatch::Alarm').map(text))
      if (alarm.includes('TableName')) expect(alarm).toContain(TABLE);
  });

  test('needs no more rights than one that adopts none', () => {
    const may = ({ service }: Synthesized, role: RegExp, action: string): boolean =>
      statementsOfRole(service, role).some(({ Action }) => Action.includes(action));
    const seal = /RefSealRole/;
    // It finds the end of the log in the list of versions, which it may read anyway.
    expect([may(before, seal, 's3:ListBucket'), may(after, seal, 's3:ListBucket')]).toEqual([false, false]);
    const sweep = /RefSweepRole/;
    const readsKeys = ({ service }: Synthesized): boolean =>
      isAllowed(
        statementsOfRole(service, sweep).filter(({ Action }) =>
          Action.some((action) => action.startsWith('dynamodb:')),
        ),
        {
          action: 'dynamodb:GetItem',
          resource: statementsOfRole(service, sweep).find(({ Action }) => Action.includes('dynamodb:Scan'))
            ?.Resource[0],
          context: { 'dynamodb:LeadingKeys': ['D#log/2026'] },
        },
      );
    // It states what was due each day, with the references of the log.
    expect([readsKeys(before), readsKeys(after)]).toEqual([true, true]);
  });

  test.each(['arn:aws:dynamodb:eu-central-1:111122223333:table/x', 'a', 'with space'])(
    'refuses %s as the name of a table',
    (adopt) => {
      expect(() =>
        synthesized({ ...retention, deployment: { ...retention.deployment, registry: { adopt } } }),
      ).toThrow(/name the table that the registry was restored into/);
    },
  );
});
