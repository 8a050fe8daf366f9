import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { MOST_STORES } from '../../infra/check-deployment.ts';
import { loadDeployment, RetentionConfigError, type TenureConfig } from '../../infra/load-deployment.ts';
import { Tenure } from '../../infra/tenure.ts';
import { configurationOf, laneConfiguration } from '../../shared/domain/configuration/configuration-part.ts';
import retention from '../../retention.config.ts';
import { inApp, ROOT } from '../support/house/synthesized.ts';

/** The message of synth for the example with one change. */
function said(change: (config: Editable) => void): string {
  const config = structuredClone(retention) as Editable;
  change(config);
  try {
    loadDeployment(config as TenureConfig, ROOT);
    return 'nothing';
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).join('\n');
  }
}

/** Mistakes can have any shape. */
interface Editable {
  deployment: Record<string, unknown>;
  policies: string[];
  stores: Record<string, Record<string, unknown>>;
  producers: Record<string, Record<string, unknown>>;
  operators: unknown;
  entityTypes: Record<string, unknown>;
  acknowledgedRegions?: unknown;
}
const SUBNET = 'subnet-0123456789abcdef0';
const NETWORK = { subnets: [SUBNET], securityGroups: ['sg-0123456789abcdef0'] };
const crm = { host: 'crm', database: 'crm', user: 'tenure', table: 'contacts' };

const REASON = 'AWS has no region in Kazakhstan or Russia; only keyed references and sealed locators leave';

function acknowledged(policies: readonly string[]) {
  return { 'eu-central-1': { policies, reason: REASON } };
}

/** Its data may be in Kazakhstan and Russia only, where AWS has no region. */
function besidePaloma365(config: Editable): void {
  config.policies.push('examples/policies/paloma365.yaml');
  Object.assign(config.entityTypes, { contract: { ids: 'owned' }, payment: { ids: 'owned' } });
}

describe('retention.config.ts', () => {
  test('as it is given compiles, with what each lane needs beside the configuration', () => {
    const { lanes, configuration, settings } = loadDeployment(retention, ROOT);
    expect(settings.name).toBe('tenure');
    expect(Object.keys(configuration.stores)).toEqual([
      'usage',
      'contacts',
      'invoices',
      'invoice-files',
      'mailings',
    ]);
    expect(lanes['usage']).toEqual({});
    expect(lanes['contacts']).toMatchObject({ concurrency: 2 });
  });

  test.for<[string, (config: Editable) => void, string]>([
    [
      'an account that is none',
      ({ deployment }) => (deployment['account'] = '1234'),
      'deployment.account: found "1234"; write the 12-digit AWS account id',
    ],
    [
      'a lock for good that ends at once',
      ({ deployment }) => (deployment['deletionLog'] = { lock: 'compliance', days: 1 }),
      'deployment.deletionLog.days: found the number 1 with the lock `compliance`; write the number of days for which you need evidence, at least 30, because a longer one applies only to entries that come later, and a shorter one to none that is there; to try Tenure out, write `governance`',
    ],
    [
      'a log that drops what is locked',
      ({ deployment }) => (deployment['deletionLog'] = { lock: 'governance', days: 365, keepDays: 364 }),
      'deployment.deletionLog.keepDays: found the number 364, and the lock lasts 365 days: an entry cannot be dropped while it is locked; write at least 365, or omit it to keep all entries',
    ],
    [
      'a log that drops what a restored registry may need',
      ({ deployment }) => (deployment['deletionLog'] = { lock: 'governance', days: 1, keepDays: 59 }),
      'deployment.deletionLog.keepDays: found the number 59; write the number of days after which entries are dropped, from 60 to 36500; a registry that is restored from a backup learns from the log what it has forgotten, and backups reach back 35 days',
    ],
    [
      'later keys that sign before the earlier ones',
      ({ deployment }) =>
        (deployment['deletionLog'] = {
          lock: 'governance',
          days: 1,
          laterKeys: ['2028-01-01', '2027-02-29'],
        }),
      'deployment.deletionLog.laterKeys: write days that exist, the earlier ones first',
    ],
    [
      'its own registry as a store',
      ({ stores }) =>
        (stores['usage'] = { ...stores['usage'], options: { table: 'tenure-state-Registry-1ABCDEF' } }),
      'stores.usage.options.table: "tenure-state-Registry-1ABCDEF" is the registry of this deployment, which must not be a store; name the table where your application keeps its data',
    ],
    [
      'its own deletion log as a store',
      ({ stores }) =>
        (stores['invoice-files'] = {
          ...stores['invoice-files'],
          options: { bucket: 'tenure-state-deletionlog-1abcdef', owner: '111122223333' },
        }),
      'stores.invoice-files.options.bucket: "tenure-state-deletionlog-1abcdef" is the deletion log of this deployment, which must not be a store; name the bucket where your application keeps its data',
    ],
    [
      'its own bucket of exports as a store',
      ({ stores }) =>
        (stores['invoice-files'] = {
          ...stores['invoice-files'],
          options: { bucket: 'tenure-state-exports-1abcdef', owner: '111122223333' },
        }),
      'stores.invoice-files.options.bucket: "tenure-state-exports-1abcdef" is the bucket of exports of this deployment, which must not be a store; name the bucket where your application keeps its data',
    ],
    [
      'a setting that is not there',
      ({ deployment }) => (deployment['regoin'] = 'x'),
      'deployment: the deployment has no key "regoin"; did you mean "region"?',
    ],
    [
      'an unknown store kind',
      ({ stores }) => (stores['usage'] = { ...stores['usage'], kind: 'dynamo' }),
      'stores.usage.kind: "dynamo" is not a kind of store; did you mean "dynamodb"?',
    ],
    [
      'a database without a login',
      ({ stores }) => (stores['contacts'] = { ...stores['contacts'], lane: {}, options: crm }),
      'stores.contacts.lane.login: "login" is missing; a store of kind postgresql needs `{ databaseId: "db-…" }` for RDS tokens, or `{ secret: "arn:…" }`',
    ],
    [
      'a token that would be sent unencrypted',
      ({ stores }) =>
        (stores['contacts'] = {
          ...stores['contacts'],
          lane: { login: { databaseId: 'db-A' } },
          options: { ...crm, tls: 'off' },
        }),
      "stores.contacts.options: `tls: 'off'` would send the token of the login unencrypted, and RDS refuses it; remove `tls`",
    ],
    [
      'a login where there is none',
      ({ stores }) => (stores['usage'] = { ...stores['usage'], lane: { login: { databaseId: 'db-A' } } }),
      'stores.usage.lane.login: a store of kind dynamodb is accessed with IAM only; remove "login"',
    ],
    [
      'a subnet that is none',
      ({ stores }) =>
        (stores['usage'] = {
          ...stores['usage'],
          lane: { network: { subnets: ['private'], securityGroups: ['sg-0123456789abcdef0'] } },
        }),
      'stores.usage.lane.network.subnets.0: found "private"; name a subnet by its id, such as `subnet-0123456789abcdef0`',
    ],
    [
      'more subnets than a function takes',
      ({ stores }) =>
        (stores['usage'] = {
          ...stores['usage'],
          lane: { network: { ...NETWORK, subnets: Array(17).fill(SUBNET) } },
        }),
      'stores.usage.lane.network.subnets: too many; a Lambda function takes at most 16 subnets',
    ],
    [
      'more security groups than a function takes',
      ({ stores }) =>
        (stores['usage'] = {
          ...stores['usage'],
          lane: { network: { ...NETWORK, securityGroups: Array(6).fill('sg-0123456789abcdef0') } },
        }),
      'stores.usage.lane.network.securityGroups: too many; a Lambda function takes at most 5 security groups',
    ],
    [
      'a key by an alias, with which IAM allows nothing',
      ({ stores }) =>
        (stores['usage'] = {
          ...stores['usage'],
          lane: { key: 'arn:aws:kms:eu-central-1:111122223333:alias/crm' },
        }),
      'stores.usage.lane.key: found "arn:aws:kms:eu-central-1:111122223333:alias/crm"; name the key by its ARN',
    ],
    [
      'a secret that is all secrets',
      ({ stores }) =>
        (stores['contacts'] = {
          ...stores['contacts'],
          lane: { login: { secret: 'arn:aws:secretsmanager:*' } },
        }),
      'stores.contacts.lane.login.secret: found "arn:aws:secretsmanager:*"; name the secret by its ARN, without `*`',
    ],
    [
      'one role with two paths: an operator would be a producer, too',
      (config) => {
        config.operators = ['arn:aws:iam::111122223333:role/people/odoo-events'];
      },
      'operators.0: "arn:aws:iam::111122223333:role/people/odoo-events" and "arn:aws:iam::111122223333:role/odoo-events" cannot both exist: an account has only one role of a name',
    ],
    [
      'a name that the bus cannot have',
      ({ deployment }) => (deployment['name'] = 'default'),
      'deployment.name: "default" is the name of the event bus that every account has; choose another name',
    ],
    [
      'a topic of another region',
      ({ deployment }) => (deployment['alarms'] = { topic: 'arn:aws:sns:us-east-1:111122223333:alarms' }),
      'deployment.alarms.topic: the topic is in us-east-1, and alarms notify only topics of their own region; name a topic in eu-central-1',
    ],
    ...['arn:aws:sns:', 'arn:*:sns:eu-central-1:111122223333:x'].map(
      (topic): [string, (config: Editable) => void, string] => [
        `the topic ${topic}`,
        ({ deployment }) => (deployment['alarms'] = { topic }),
        `deployment.alarms.topic: found "${topic}"; name the SNS topic by its ARN`,
      ],
    ),
    [
      'an e-mail address that is none',
      ({ deployment }) => (deployment['alarms'] = { email: 'operations' }),
      'deployment.alarms.email: found "operations"; write an e-mail address',
    ],
    // IAM and CloudFormation would put something else in its place.
    ...['${aws:username}', 'com.${x}', '{{resolve:ssm:/source}}'].map(
      (source): [string, (config: Editable) => void, string] => [
        `the source ${source}`,
        ({ producers }) => (producers['odoo-events'] = { ...producers['odoo-events'], source }),
        `producers.odoo-events.source: found "${source}"; write the \`source\` of its events`,
      ],
    ),
    // A policy would take them for others, or for none.
    ...[
      'arn:*:iam::111122223333:role/x',
      'arn:aws:iam::111122223333:role/*',
      'arn:aws:iam::111122223333:role/x/',
      `arn:aws:iam::111122223333:role/${'x'.repeat(65)}`,
    ].map((principal): [string, (config: Editable) => void, string] => [
      `the principal ${principal}`,
      ({ producers }) =>
        (producers['odoo-events'] = { ...producers['odoo-events'], principals: [principal] }),
      `producers.odoo-events.principals.0: found "${principal.slice(0, 60)}"; write the ARN of a role or user`,
    ]),
    [
      'a store that a policy does not allow in its region',
      ({ stores }) => (stores['usage'] = { ...stores['usage'], region: 'us-east-1' }),
      'the store is in us-east-1, but the policy "odoo-events" keeps',
    ],
    [
      'a region of its own that a policy does not allow',
      besidePaloma365,
      `deployment.region: the bus, its archive, the registry and the quarantine hold ids, and would be in eu-central-1, but the policy "paloma365" allows data in kz-almaty-1, ru-moscow-1 only; deploy there, or remove the policy from this deployment, or write why this region is acceptable: acknowledgedRegions: { 'eu-central-1': { policies: ['paloma365'], reason: '…' } }`,
    ],
    [
      'a region of its own that is acknowledged for another policy only',
      (config) => {
        besidePaloma365(config);
        config.acknowledgedRegions = { 'us-east-1': { policies: ['paloma365'], reason: 'a former plan' } };
      },
      'deployment.region: the bus, its archive, the registry and the quarantine hold ids',
    ],
    [
      'an acknowledged region that needs none',
      (config) => (config.acknowledgedRegions = acknowledged(['odoo-events'])),
      'acknowledgedRegions.eu-central-1.policies.0: the policy "odoo-events" allows eu-central-1; remove it from this list',
    ],
    [
      'an acknowledged region of a policy that is not there',
      (config) => (config.acknowledgedRegions = acknowledged(['odo-events'])),
      'acknowledgedRegions.eu-central-1.policies.0: no policy is named "odo-events"; did you mean "odoo-events"?',
    ],
    [
      'an acknowledged region without a reason',
      (config) => {
        besidePaloma365(config);
        config.acknowledgedRegions = { 'eu-central-1': { policies: ['paloma365'], reason: ' ' } };
      },
      'acknowledgedRegions.eu-central-1.reason: empty; say why the deployment is there although these policies do not allow the region',
    ],
    [
      'an acknowledged region that is only a reason',
      (config) => (config.acknowledgedRegions = { 'eu-central-1': 'it is near' }),
      'acknowledgedRegions.eu-central-1: found "it is near"; an acknowledged region is a mapping with policies, reason, exports',
    ],
    [
      'an acknowledged region whose exports are neither made nor left out',
      (config) => {
        besidePaloma365(config);
        config.acknowledgedRegions = {
          'eu-central-1': { policies: ['paloma365'], reason: REASON, exports: 'some' },
        };
      },
      'acknowledgedRegions.eu-central-1.exports: found "some"; write `true` if copies for people may be made there with the records of these policies, or omit it',
    ],
    [
      'a principal that is a whole account',
      ({ producers }) =>
        (producers['odoo-events'] = {
          ...producers['odoo-events'],
          principals: ['arn:aws:iam::111122223333:root'],
        }),
      'producers.odoo-events.principals.0: found "arn:aws:iam::111122223333:root"; write the ARN of a role or user',
    ],
    [
      'a store with a name of Tenure’s own',
      ({ stores }) => (stores['quarantine'] = { ...stores['usage'], options: { table: 'other' } }),
      'stores.quarantine: "quarantine" is reserved; choose another store name',
    ],
    [
      'more stores than fit into one deployment',
      ({ stores }) => {
        for (let index = 0; index < MOST_STORES; index += 1)
          stores[`usage-${index}`] = { ...stores['usage'], options: { table: `usage-${index}` } };
      },
      'stores: found 205 stores; a deployment has at most 200, so divide them among several deployments',
    ],
    [
      'a retention of logs that CloudWatch does not know',
      ({ deployment }) => (deployment['logRetentionDays'] = 42),
      'deployment.logRetentionDays: found the number 42; CloudWatch supports 1, 3, 5',
    ],
    [
      'a policy file that is not there',
      ({ policies }) => policies.push('policies/none.yaml'),
      'policies: file policies/none.yaml not found; paths are relative to the folder of retention.config.ts',
    ],
  ])('refuses %s, and says where and what would be right', ([, change, sentence]) => {
    expect(said(change)).toContain(sentence);
  });

  test('says at synth which policies do not allow its region, and why it is there', () => {
    const config = JSON.parse(JSON.stringify(retention)) as Editable;
    besidePaloma365(config);
    config.acknowledgedRegions = acknowledged(['paloma365']);
    const { configuration, outsideRegions } = loadDeployment(config as unknown as TenureConfig, ROOT);
    expect(outsideRegions).toEqual([
      { policy: 'paloma365', regions: ['kz-almaty-1', 'ru-moscow-1'], reason: REASON },
    ]);
    // Stores are no exception: what is acknowledged is only where the deployment itself is.
    expect(configuration.policies.policies.find(({ name }) => name === 'paloma365')?.regions).toEqual([
      'kz-almaty-1',
      'ru-moscow-1',
    ]);
    const said = inApp((scope, bundles) =>
      Annotations.fromStack(
        new Tenure(scope, 'Tenure', { config: config as unknown as TenureConfig, folder: ROOT, bundles })
          .state,
      ),
    ).findInfo('*', Match.anyValue());
    expect(said.map(({ entry }) => entry.data)).toEqual([
      expect.stringContaining(
        `eu-central-1 is not one of the regions that the policy "paloma365" allows (kz-almaty-1, ru-moscow-1). The bus, its archive, the registry and the quarantine hold ids there. Its records are left out of copies for people. Acknowledged in retention.config.ts: ${REASON}`,
      ),
    ]);
  });

  test('tells every function whose records are left out of copies, unless copies are acknowledged, too', () => {
    const config = structuredClone(retention) as Editable;
    besidePaloma365(config);
    const load = (exports: object) => {
      const region = { policies: ['paloma365'], reason: REASON, ...exports };
      config.acknowledgedRegions = { 'eu-central-1': region };
      return loadDeployment(config as TenureConfig, ROOT);
    };
    const { configuration } = load({});
    for (const part of [
      configuration,
      configurationOf('sweep', configuration),
      configurationOf('api', configuration),
      laneConfiguration('usage', configuration),
    ])
      expect(part.requests.notExported).toEqual(['paloma365']);
    const acknowledgedToo = load({ exports: true });
    expect(acknowledgedToo.configuration.requests.notExported).toEqual([]);
    expect(acknowledgedToo.outsideRegions).toEqual([
      { policy: 'paloma365', regions: ['kz-almaty-1', 'ru-moscow-1'], reason: REASON, exports: true },
    ]);
    expect(loadDeployment(retention, ROOT).configuration.requests.notExported).toEqual([]);
  });

  test('reports what is wrong in the deployment and in the configuration together', () => {
    const message = said(({ deployment, producers }) => {
      deployment['account'] = '1';
      producers['odoo-events'] = { ...producers['odoo-events'], events: ['account.closd'] };
    });
    expect(message).toContain('deployment.account');
    expect(message).toContain('producers.odoo-events.events.0');
  });

  test('is refused without frames of Tenure’s own code', () => {
    expect(new RetentionConfigError(['x: wrong']).stack).toMatch(/^RetentionConfigError: .*:\nx: wrong$/);
  });

  test('accepts everyone whom the auditors’ provider accepts, as auditors', () => {
    const auditorSignIn = { issuer: 'https://id.example.com', audience: ['console'] };
    const { configuration } = loadDeployment(
      { ...retention, deployment: { ...retention.deployment, auditorSignIn } },
      ROOT,
    );
    expect(configuration.auditors).toContain('issuer:https://id.example.com');
  });
});
