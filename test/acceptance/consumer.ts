import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TenureConfig } from '../../infra/load-deployment.ts';
import { TIMING } from '../e2e/app-settings.ts';
import { finish, type Finished, ROOT, run } from '../e2e/command.ts';
import { adaptTemplates } from '../e2e/templates.ts';
import type { Place } from './place.ts';
import { roleArn, SOURCES } from './players.ts';

export const FIRST = 'acceptance';
export const SECOND = 'acceptance-two';

/** Outputs by stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The folder of a user's own CDK app with the packed package. It can deploy two deployments, and a broken one. */
export interface Consumer {
  readonly folder: string;
  preflight(): Promise<Finished>;
  bootstrap(): Promise<void>;
  deploy(name: string): Promise<Outputs>;
  /** A first deployment in which one resource cannot be created. */
  deployBroken(name: string): Promise<Finished>;
  /** What CDK says when there is nothing to change. */
  redeploy(name: string, stack: 'State' | 'Service'): Promise<Finished>;
  destroyService(name: string): Promise<void>;
}

/** Which deployment, and whether it is broken, comes from the environment. */
const APP = `import { App, CfnResource } from 'aws-cdk-lib';
import { Tenure } from 'tenure';
import { retentionOf } from './retention.ts';

const name = process.env['ACCEPTANCE_NAME'] ?? '${FIRST}';
const tenure = new Tenure(new App(), 'Records', { config: retentionOf(name), folder: import.meta.dirname });
if (process.env['ACCEPTANCE_BROKEN'] === 'yes') {
  // IAM looks for the user only when the policy is made.
  const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
  const properties = { PolicyName: 'broken', PolicyDocument, Users: ['a-user-who-does-not-exist'] };
  const broken = new CfnResource(tenure.state, 'Broken', { type: 'AWS::IAM::Policy', properties });
  broken.node.addDependency(tenure.state.deletionLog, tenure.state.intake);
  // The table is made last: it cannot be deleted by a rollback.
  tenure.state.registry.node.addDependency(broken);
}
`;

const QUIET = {
  CI: 'true',
  CDK_REQUIRE_APPROVAL: 'never',
  CDK_NOTICES: 'false',
  CDK_COLOR: 'false',
  CDK_PROGRESS: 'events',
};

export async function makeConsumer(
  place: Place,
  folder: string,
  email: string | undefined,
): Promise<Consumer> {
  const app = join(folder, 'retention');
  await run('npm', ['run', 'build'], { cwd: ROOT });
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  const packed = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (packed === undefined) throw new Error('npm pack wrote no package');
  await cp(join(ROOT, 'examples/deployment'), app, { recursive: true });
  await writeFile(join(app, 'app.ts'), APP);
  await writeFile(join(app, 'retention.ts'), retentionFile(place, email));
  await writeFile(
    join(app, 'retention.config.ts'),
    `import { retentionOf } from './retention.ts';\n\nexport default retentionOf('${FIRST}');\n`,
  );
  const policy = join(app, 'policies/contracts.yaml');
  await writeFile(policy, (await readFile(policy, 'utf8')).replace('[eu-central-1]', `[${place.region}]`));
  const install = [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--fetch-timeout=60000',
    '--fetch-retries=5',
  ];
  await run('npm', [...install, join(folder, packed)], { cwd: app });

  const cdk = join(app, 'node_modules/.bin/cdk');
  const assembly = join(app, 'cdk.out');
  const outputsFile = join(app, 'outputs.json');
  const base = {
    ...place.env,
    ...QUIET,
    CDK_DEFAULT_ACCOUNT: place.account,
    CDK_DEFAULT_REGION: place.region,
  };

  /** For the emulator, what was synthesised is adapted first. */
  async function command(args: readonly string[], own: Readonly<Record<string, string>>): Promise<Finished> {
    const env = { ...base, ...own };
    if (!place.emulated) return finish(cdk, args, { cwd: app, env, seconds: 3600 });
    await rm(assembly, { recursive: true, force: true });
    await run(cdk, ['synth', '--quiet'], { cwd: app, env });
    await adaptTemplates(assembly);
    return finish(cdk, args, { cwd: app, env: { ...env, CDK_APP: assembly }, seconds: 900 });
  }
  async function succeed(args: readonly string[], own: Readonly<Record<string, string>>): Promise<void> {
    const { code, out, err } = await command(args, own);
    if (code === 0) return;
    throw new Error(`cdk ${args.join(' ')} ended with ${code}:\n${lastLines(`${out}\n${err}`)}`);
  }
  const named = (name: string) => ({ ACCEPTANCE_NAME: name });

  return {
    folder: app,
    // In the checkout, as README.md says: the package has no drivers beside its bundles.
    preflight: () =>
      finish('npx', ['tenure', 'preflight', join(app, 'retention.config.ts')], { cwd: ROOT, env: base }),
    bootstrap: () => succeed(['bootstrap'], {}),
    async deploy(name) {
      await succeed(['deploy', '--all', '--outputs-file', outputsFile], named(name));
      return JSON.parse(await readFile(outputsFile, 'utf8')) as Outputs;
    },
    deployBroken: (name) =>
      command(['deploy', 'Records/State', '--exclusively'], { ...named(name), ACCEPTANCE_BROKEN: 'yes' }),
    redeploy: (name, stack) => command(['deploy', `Records/${stack}`, '--exclusively'], named(name)),
    destroyService: (name) =>
      succeed(['destroy', 'Records/Service', '--exclusively', '--force'], named(name)),
  };
}

export function lastLines(text: string, count = 30): string {
  return text.trim().split('\n').slice(-count).join('\n');
}

export function tableOf(name: string): string {
  return `${name}-members`;
}

export function bucketOf({ account, region }: Place, name: string): string {
  return `${name}-pictures-${account}-${region}`;
}

function retentionFile(place: Place, email: string | undefined): string {
  const config = configOf(place, email);
  return `import type { TenureConfig } from 'tenure';

const config = ${JSON.stringify(config, null, 2)} as const satisfies TenureConfig;

/** Each deployment has stores of its own. */
export function retentionOf(name: string): TenureConfig {
  return JSON.parse(JSON.stringify(config).replaceAll('<name>', name)) as TenureConfig;
}
`;
}

/** `<name>` stands for the name of the deployment. */
function configOf(place: Place, email: string | undefined): TenureConfig {
  const { region, account } = place;
  const producer = (app: 'crm' | 'shop'): TenureConfig['producers'][string] => ({
    source: SOURCES[app],
    bus: true,
    principals: [roleArn(place, app)],

    stores: { members: { prefixes: [`${app}/`] }, pictures: { prefixes: [`${app}/`] } },
    categories: ['contract-data'],
    events: ['contract.ended', 'contract.renewed'],
  });
  return {
    deployment: {
      name: '<name>',
      account,
      region,
      deletionLog: { lock: 'governance', days: 1 },
      ...(email === undefined ? {} : { alarms: { email } }),
    },
    policies: ['policies/contracts.yaml'],
    entityTypes: { contract: { ids: 'owned' } },
    stores: {
      members: {
        kind: 'dynamodb',
        region,
        keys: [{ name: 'member', type: 'text' }],
        options: { table: tableOf('<name>') },
      },
      pictures: {
        kind: 's3',
        region,
        keys: [{ name: 'key', type: 'text' }],
        options: { bucket: bucketOf(place, '<name>'), owner: account },
      },
    },
    producers: { crm: producer('crm'), shop: producer('shop') },
    operators: [roleArn(place, 'operator')],
    auditors: [roleArn(place, 'auditor')],
    ...(place.emulated ? { timing: TIMING } : {}),
  };
}
