import { Match, Annotations as Said } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { OTHER_OUTPUTS, OTHER_RESOURCES } from '../../infra/check-deployment.ts';
import { foreignRoles, trustOf, withForeignRoles } from '../../infra/foreign-roles.ts';
import { loadDeployment, type TenureConfig } from '../../infra/load-deployment.ts';
import { Tenure } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { callerOf } from '../../shared/domain/configuration/principal.ts';
import { inApp, ofType, ROOT, synthesized } from '../support/house/synthesized.ts';

const HOME = retention.deployment.account;
const [producer, settings] = first(Object.entries(retention.producers));
const app = 'arn:aws:iam::444455556666:role/apps/odoo';
const second = 'arn:aws:iam::444455556666:user/odoo-batch';
const third = 'arn:aws:iam::777788889999:role/odoo';
const officer = 'arn:aws:iam::777788889999:role/officer';

const abroad: TenureConfig = {
  ...retention,
  producers: {
    [producer]: { ...settings, principals: [...(settings.principals ?? []), app, second, third] },
    'mail-2': { ...settings, source: 'com.mail', stores: {}, principals: [app.replace('odoo', 'mail')] },
  },
  auditors: [...(retention.auditors ?? []), officer],
};

describe('principals of other accounts', () => {
  const { state, service } = synthesized(abroad);
  const roles = ofType(state, 'AWS::IAM::Role').filter(({ Properties }) => 'RoleName' in Properties);
  const named = (name: string) => roles.find(({ Properties }) => Properties['RoleName'] === name);

  test('have one role for each producer and one for auditors, and none for operators, who are all of this account', () => {
    expect(roles.map(({ Properties }) => Properties['RoleName'])).toEqual([
      `tenure-eu-central-1-producer-${producer}`,
      'tenure-eu-central-1-producer-mail-2',
      'tenure-eu-central-1-auditor',
    ]);
  });

  test('are the only ones that may assume it, whether they exist yet or not', () => {
    const trust = named(`tenure-eu-central-1-producer-${producer}`)?.Properties['AssumeRolePolicyDocument'];
    const statement = (account: string, principals: readonly string[]) => ({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Condition: { ArnEquals: { 'aws:PrincipalArn': principals } },
    });
    expect(trust).toEqual({
      Version: '2012-10-17',
      Statement: [statement('444455556666', [app, second]), statement('777788889999', [third])],
    });
  });

  test('may call the routes of their kind with it, and nothing else', () => {
    expect(roles.map(({ Properties }) => Properties['ManagedPolicyArns'])).toEqual([
      [{ Ref: 'ProducerPolicy' }],
      [{ Ref: 'ProducerPolicy' }],
      [{ Ref: 'AuditorPolicy' }],
    ]);
    const attached = ofType(state, 'AWS::IAM::Policy').concat(ofType(service, 'AWS::IAM::Policy'));
    for (const { id } of roles) expect(JSON.stringify(attached)).not.toContain(id);
  });

  test('find it in the outputs', () => {
    const arn = (name: string) => `arn:aws:iam::${HOME}:role/tenure-eu-central-1-${name}`;
    state.hasOutput('ProducerRoleArnOdooEvents', { Value: arn(`producer-${producer}`) });
    // `mail2` would be the same without a digest.
    const [name = ''] = Object.keys(state.findOutputs('*')).filter((each) => each.includes('RoleArnMail'));
    expect(name).toMatch(/^ProducerRoleArnMail2[0-9a-f]{6}$/);
    state.hasOutput(name, { Value: arn('producer-mail-2') });
    state.hasOutput('AuditorRoleArn', { Value: arn('auditor') });
  });

  test('are named at synth, with the role that each has to assume', () => {
    const said = inApp((scope, bundles) =>
      Said.fromStack(new Tenure(scope, 'Tenure', { config: abroad, folder: ROOT, bundles }).state),
    ).findInfo('*', Match.anyValue());
    expect(said.map(({ entry }) => entry.data)).toEqual([
      expect.stringContaining(
        `${app}, ${second}, ${third}: not in the account of the API, which refuses them with 403. For HTTP requests they have to assume arn:aws:iam::${HOME}:role/tenure-eu-central-1-producer-${producer}, as the producer ${producer}.`,
      ),
      expect.stringContaining('as the producer mail-2.'),
      expect.stringContaining(`${officer}: not in the account`),
    ]);
  });

  test('are with it what they are in the configuration, in every session', () => {
    const { configuration, foreignRoles: all } = loadDeployment(abroad, ROOT);
    const api = withForeignRoles(configuration, all);
    const session = (name: string) => `arn:aws:sts::${HOME}:assumed-role/tenure-eu-central-1-${name}/anyone`;
    expect(callerOf(api, session(`producer-${producer}`))).toEqual({
      producer,
      operator: false,
      auditor: false,
    });
    expect(callerOf(api, session('auditor'))).toEqual({ operator: false, auditor: true });
    expect(callerOf(api, session('operator'))).toEqual({ operator: false, auditor: false });
    expect(callerOf(api, session('auditor').replace(HOME, '444455556666'))).toEqual({
      operator: false,
      auditor: false,
    });
    // On the bus they are what they were.
    expect(configuration.producers[producer]?.principals).toEqual([
      ...(settings.principals ?? []),
      app,
      second,
      third,
    ]);
  });
});

describe('the roles', () => {
  const names = (producers: readonly string[], name = 'a'.repeat(30)) =>
    foreignRoles(
      {
        ...loadDeployment(retention, ROOT).configuration,
        producers: Object.fromEntries(
          producers.map((each) => [
            each,
            { source: each, principals: [app], stores: {}, categories: [], events: [] },
          ]),
        ),
      },
      { name, account: HOME, region: 'ap-southeast-1' },
    ).map((role) => role.name);

  test('have names of at most 64 characters that stay apart', () => {
    const [one, other] = [`${'p'.repeat(39)}1`, `${'p'.repeat(39)}2`];
    const found = names([one, other, 'crm']);
    expect(found.every((name) => name.length <= 64)).toBe(true);
    expect(new Set(found).size).toBe(3);
    expect(names([one])).toEqual([found[0]]);
  });

  test('of two deployments in two regions stay apart', () => {
    expect(names(['crm'], 'tenure')).toEqual(['tenure-ap-southeast-1-producer-crm']);
  });

  test('do not exist where all principals are of this account', () => {
    expect(loadDeployment(retention, ROOT).foreignRoles).toEqual([]);
    expect(
      ofType(synthesized().state, 'AWS::IAM::Role').some(({ Properties }) => 'RoleName' in Properties),
    ).toBe(false);
  });

  test('whose trust policy IAM would refuse are refused at synth, with the number and what to do', () => {
    const many = Array.from({ length: 40 }, (_, i) => `arn:aws:iam::444455556666:role/application-${i}`);
    const load = (principals: readonly string[]) => () =>
      loadDeployment({ ...retention, operators: principals as string[] }, ROOT);
    expect(load(many)).toThrow(
      /operators: 40 principals of other accounts need \d+ characters in the trust policy of the role tenure-eu-central-1-operator, and IAM allows 2048; name fewer roles/,
    );
    const fit = load(many.slice(0, 35))();
    expect(fit.foreignRoles.map((role) => JSON.stringify(trustOf(role)).length < 2048)).toEqual([true]);
  });

  test('across partitions cannot be assumed, which is said at synth', () => {
    const there = 'arn:aws-cn:iam::222233334444:role/officer';
    for (const operators of [[officer, there], [there], [there.replace('222233334444', HOME)]])
      expect(() => loadDeployment({ ...retention, operators }, ROOT)).toThrow(
        `operators.${operators.length - 1}: found a principal of the partition aws-cn, but the deployment is in aws, where IAM does not know it; name one of aws, or deploy Tenure in aws-cn, too`,
      );
  });

  test('leave the rest of the state stack as small as the check takes it to be', () => {
    const auditorSignIn = { issuer: 'https://login.example.com', audience: ['tenure'] };
    const laterKeys = ['2027-01-01', '2028-01-01', '2029-01-01', '2030-01-01'];
    const { deletionLog } = retention.deployment;
    const deployment = {
      ...retention.deployment,
      auditorSignIn,
      deletionLog: { ...deletionLog, laterKeys },
    };
    const { state } = synthesized({ ...abroad, deployment });
    const { Resources = {}, Outputs = {} } = state.toJSON() as Record<string, object>;
    const counted = loadDeployment(abroad, ROOT).foreignRoles.length;
    const stores = Object.keys(abroad.stores).length;
    const others = Object.keys(Resources).length - counted - stores - Object.keys(abroad.producers).length;
    expect(others).toBeLessThanOrEqual(OTHER_RESOURCES);
    expect(Object.keys(Outputs).length - counted).toBeLessThanOrEqual(OTHER_OUTPUTS);
  });

  test('that do not fit into the state stack are refused at synth, with the numbers and what to do', () => {
    const bare = { ...settings, stores: {}, bus: false };
    const producers = Object.fromEntries(
      Array.from({ length: 175 }, (_, i) => [
        `p${i}`,
        { ...bare, source: `s${i}`, principals: [`arn:aws:iam::444455556666:role/r${i}`] },
      ]),
    );
    expect(() => loadDeployment({ ...retention, producers }, ROOT)).toThrow(
      `producers: 5 stores, 175 producers and 175 roles for other accounts need about ${5 + 175 + 175 + OTHER_RESOURCES} resources and ${175 + OTHER_OUTPUTS} outputs in one stack, and CloudFormation allows 500 and 200; divide them among several deployments`,
    );
  });
});

function first<Value>([value]: readonly Value[]): Value {
  if (value === undefined) throw new Error('the example names a producer');
  return value;
}
