import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateArchiveCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalPostgres, startPostgres } from '../../local/engines/postgres.ts';
import { appSettings, DEPLOYMENT, type Places } from './app-settings.ts';
import { createCompanyStores } from './collections/company-records.ts';
import { COMPANY_POLICY, withCompanies } from './collections/company-settings.ts';
import { createCustomers } from './columns/customer-records.ts';
import { CUSTOMER_POLICY, withCustomers } from './columns/customer-settings.ts';
import { ROW_POLICY, withRows } from './datasets/row-settings.ts';
import { writeRows } from './datasets/row-records.ts';
import { type LateVendor, lateVendor } from './vendors/vendor-place.ts';
import { withVendor } from './vendors/vendor-settings.ts';
import type { TenureConfig } from '../../infra/load-deployment.ts';
import { type Owner, ownerOf } from './aws-calls.ts';
import { ROOT } from './command.ts';
import { checkTypes, type Deployment, deploymentOf, type Outputs } from './deployment.ts';
import { ACCOUNT, type Emulator, REGION, ROOT_KEY, startEmulator } from './emulator.ts';
import { type Guide, readGuide } from './guide.ts';
import { invitePeople, outputOf, type People } from './people.ts';
import { openRecords, type Records } from './records.ts';
import type { Scoreboard } from './scoreboard.ts';

/** Everything that a scenario may use, all of it from outside. */
export interface World {
  readonly emulator: Emulator;
  readonly postgres: LocalPostgres;
  readonly owner: Owner;
  readonly people: People;
  readonly records: Records;
  readonly deployment: Deployment;
  /** The steps of the README to a deployment. */
  readonly guide: Guide;
  /** The consumer's folder. */
  readonly app: string;
  readonly outputs: Outputs;
  readonly registryTable: string;
  readonly logBucket: string;
  readonly ordersLogin: string;
  /** If the release has stores beside those of its settings. */
  readonly vendor: LateVendor | undefined;
}

export const MEMBERS_TABLE = 'members';
export const PICTURES_BUCKET = 'pictures-of-members';
export const SERVICE = 'Records/Service';

/** An account with stores in it, and an app that is synthesized but not deployed yet. */
export type PreparedWorld = Omit<World, 'people' | 'outputs' | 'registryTable' | 'logBucket'>;

/** From an empty account to a running deployment. What is started here is ended by the stack, in reverse order. */
export async function makeWorld(board: Scoreboard, cleanup: AsyncDisposableStack): Promise<World> {
  // Else what is gone within an hour is looked at again, and a request for erasure stays open until then.
  const release: Release = { ...THIS_RELEASE, writeLag: '1 minute', hasCompanies: true };
  const prepared = await prepareWorld(board, cleanup, release);
  return openWorld(prepared, board, await prepared.deployment.deploy());
}

interface Release {
  readonly checkout: string;
  /** What its `retention.config.ts` has. */
  readonly settings: (places: Places) => TenureConfig;
  /** How long after its registration a record may be written, if not an hour. */
  readonly writeLag?: string;
  /** Stores with collections beside those of its settings. */
  readonly hasCompanies?: boolean;
}

const THIS_RELEASE: Release = { checkout: ROOT, settings: appSettings };

/** As far as the README goes before it deploys. The release is this one unless another is given. */
export async function prepareWorld(
  board: Scoreboard,
  cleanup: AsyncDisposableStack,
  { checkout, settings, writeLag, hasCompanies }: Release = THIS_RELEASE,
): Promise<PreparedWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-e2e-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const app = join(folder, 'retention');
  const guide = await readGuide(board, checkout);
  // Tests exactly what is shipped.
  const pack = { npm_config_pack_destination: folder };
  await guide.run(1, { cwd: checkout, env: pack, own: { 'npm ci && ': '' } });
  const [emulator, postgres] = await Promise.all([startEmulator(folder), startPostgres()]);
  cleanup.defer(() => emulator.stop());
  cleanup.defer(() => postgres.stop());
  board.step(`an emulator with IAM on port ${emulator.port}, PostgreSQL on port ${postgres.port}`);

  const records = await openRecords(emulator, postgres, { table: MEMBERS_TABLE, bucket: PICTURES_BUCKET });
  cleanup.defer(() => records.close());
  const ordersLogin = await storeLogin(emulator, postgres.password);
  const names = { membersTable: MEMBERS_TABLE, picturesBucket: PICTURES_BUCKET, ordersLogin };
  const places = { ...names, orders: postgres };
  const written = settings(places);
  if (hasCompanies === true) {
    await createCompanyStores({ emulator, postgres });
    await writeRows({ emulator, postgres });
    await createCustomers({ emulator, postgres });
  }
  const vendor = hasCompanies === true ? await lateVendor(emulator) : undefined;
  cleanup.defer(async () => vendor?.server.stop());
  const config =
    vendor === undefined
      ? written
      : withVendor(withCustomers(withRows(withCompanies(written, places)), places), vendor);
  await makeApp({ guide, checkout, app }, config, writeLag);
  if (hasCompanies === true) {
    await writeFile(join(app, 'policies/companies.yaml'), COMPANY_POLICY);
    await writeFile(join(app, 'policies/rows.yaml'), ROW_POLICY);
    await writeFile(join(app, 'policies/customers.yaml'), CUSTOMER_POLICY);
  }
  await preflight(board, { guide, checkout, app }, emulator);
  const env = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  await guide.run(5, { cwd: checkout, env, own: { '../retention': app, '../tenure': folder } });
  await checkTypes(app);

  const deployment = deploymentOf(app, emulator, guide);
  board.step('synthesised; for the emulator the templates were changed:');
  for (const change of await deployment.synth()) board.step(`  ${change}`);
  await deployment.bootstrap();
  const owner = ownerOf(emulator);
  return { emulator, postgres, owner, records, deployment, guide, app, ordersLogin, vendor };
}

/** What exists once both stacks are deployed: the people with their roles, and the names of what they use. */
export async function openWorld(
  prepared: PreparedWorld,
  board: Scoreboard,
  outputs: Outputs,
): Promise<World> {
  const { emulator, owner, guide } = prepared;
  const people = await invitePeople(owner, emulator, outputs, guide);
  const state = outputs[`${DEPLOYMENT}-state`] ?? {};
  const logBucket = outputOf(state, 'DeletionLogBucket');
  await lockLog(emulator, logBucket);
  board.step("Object Lock is switched on by API: the emulator's CloudFormation ignores it");
  await makeArchive(emulator);
  board.step("the archive of the bus is made by API: the emulator's CloudFormation refuses it");
  const registryTable = outputOf(state, 'RegistryTableName');
  return { ...prepared, people, outputs, registryTable, logBucket };
}

interface App {
  readonly guide: Guide;
  readonly checkout: string;
  /** The consumer's folder. */
  readonly app: string;
}

/** The folder of a user who follows README.md, with the names of their account filled in. */
async function makeApp(
  { guide, checkout, app }: App,
  config: TenureConfig,
  writeLag: string | undefined,
): Promise<void> {
  const own = { '../retention': app };
  await guide.run(2, { cwd: checkout, env: {}, own });
  await writeSettings(app, config);
  const policy = join(app, 'policies/contracts.yaml');
  const written = (await readFile(policy, 'utf8')).replace('[eu-central-1]', `[${REGION}]`);
  const lag = writeLag === undefined ? '' : `\nwriteLag: ${writeLag}`;
  await writeFile(policy, written.replace('\nzone: UTC', `\nzone: UTC${lag}`));
  await guide.run(3, { cwd: checkout, env: {}, own });
}

/** Where copies for people are made. */
export function exportsBucketOf({ outputs }: Pick<World, 'outputs'>): string {
  return outputOf(outputs[`${DEPLOYMENT}-state`] ?? {}, 'ExportsBucket');
}

export async function writeSettings(app: string, config: TenureConfig): Promise<void> {
  const written = `import type { TenureConfig } from 'tenure';

const retention: TenureConfig = ${JSON.stringify(config, null, 2)};

export default retention;
`;
  await writeFile(join(app, 'retention.config.ts'), written);
}

/** Finds no problems, except that the emulator does not have the quotas, which is reported. */
function preflight(board: Scoreboard, { guide, checkout, app }: App, emulator: Emulator): Promise<void> {
  return board.scenario('quotas and stores are looked at before anything is deployed', async () => {
    const own = { '../retention/retention.config.ts': join(app, 'retention.config.ts') };
    const { out, err } = await guide.try(4, { cwd: checkout, env: emulator.env, own });
    const lines = out.split('\n').filter((line) => /^(fails|unknown|note) /.test(line));
    const wrong = lines.filter((line) => !/^(note|unknown +(lambda|scheduler|dynamodb) )/.test(line));
    if (wrong.length > 0 || lines.length === 0) throw new Error([...wrong, err].join('\n'));
    return `${lines.length} findings, none of which stops it`;
  });
}

async function storeLogin({ endpoint }: Emulator, password: string): Promise<string> {
  const client = new SecretsManagerClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const { ARN } = await client.send(
    new CreateSecretCommand({ Name: 'orders-login', SecretString: password }),
  );
  client.destroy();
  return ARN ?? '';
}

async function makeArchive({ endpoint }: Emulator): Promise<void> {
  const client = new EventBridgeClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const EventSourceArn = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${DEPLOYMENT}`;
  await client.send(new CreateArchiveCommand({ ArchiveName: DEPLOYMENT, EventSourceArn }));
  client.destroy();
}

async function lockLog({ endpoint }: Emulator, Bucket: string): Promise<void> {
  const client = new S3Client({ endpoint, region: REGION, credentials: ROOT_KEY });
  await client.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } },
      },
    }),
  );
  client.destroy();
}
