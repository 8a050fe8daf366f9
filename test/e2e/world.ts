import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalPostgres, startPostgres } from '../../local/postgres.ts';
import { appSettings, DEPLOYMENT } from './app-settings.ts';
import { type Owner, ownerOf } from './aws-calls.ts';
import { run } from './command.ts';
import { makeConsumerApp } from './consumer-app.ts';
import { type Deployment, deploymentOf } from './deployment.ts';
import { type Emulator, REGION, ROOT_KEY, startEmulator } from './emulator.ts';
import { invitePeople, outputOf, type People } from './people.ts';
import { openRecords, type Records } from './records.ts';
import type { Scoreboard } from './scoreboard.ts';

/** Everything that a scenario may touch, and all of it from outside. */
export interface World {
  readonly emulator: Emulator;
  readonly postgres: LocalPostgres;
  readonly owner: Owner;
  readonly people: People;
  readonly records: Records;
  readonly deployment: Deployment;
  /** The consumer's folder. */
  readonly app: string;
  readonly registryTable: string;
  readonly logBucket: string;
  readonly ordersLogin: string;
}

export const MEMBERS_TABLE = 'members';
export const PICTURES_BUCKET = 'pictures-of-members';
export const SERVICE = 'Records/Service';

/** From an empty account to a running deployment. What is started here is ended by the stack, in reverse order. */
export async function makeWorld(board: Scoreboard, cleanup: AsyncDisposableStack): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-e2e-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // What is tested is what is shipped.
  await run('npm', ['run', '--silent', 'build']);
  board.step('the package is built');
  const [emulator, postgres] = await Promise.all([startEmulator(folder), startPostgres()]);
  cleanup.defer(() => emulator.stop());
  cleanup.defer(() => postgres.stop());
  board.step(`an emulator with IAM on port ${emulator.port}, PostgreSQL on port ${postgres.port}`);

  const records = await openRecords(emulator, postgres, {
    table: MEMBERS_TABLE,
    bucket: PICTURES_BUCKET,
  });
  cleanup.defer(() => records.close());
  const ordersLogin = await storeLogin(emulator, postgres.password);
  const app = await makeConsumerApp(
    folder,
    appSettings({
      membersTable: MEMBERS_TABLE,
      picturesBucket: PICTURES_BUCKET,
      ordersPort: postgres.port,
      ordersDatabase: postgres.database,
      ordersUser: postgres.user,
      ordersLogin,
    }),
  );
  const deployment = deploymentOf(app, emulator);
  const [, changes] = await Promise.all([deployment.bootstrap(), deployment.synth()]);
  board.step('bootstrapped and synthesised; for the emulator the templates were changed:');
  for (const change of changes) board.step(`  ${change}`);
  const outputs = await deployment.deploy();
  board.step('both stacks are deployed');

  const owner = ownerOf(emulator);
  const people = await invitePeople(owner, emulator, outputs);
  const state = outputs[`${DEPLOYMENT}-state`] ?? {};
  const logBucket = outputOf(state, 'DeletionLogBucket');
  await lockLog(emulator, logBucket);
  board.step("Object Lock is switched on by API: the emulator's CloudFormation ignores it");
  const registryTable = outputOf(state, 'RegistryTableName');
  const players = { emulator, postgres, owner, people, records, deployment };
  return { ...players, app, registryTable, logBucket, ordersLogin };
}

async function storeLogin({ endpoint }: Emulator, password: string): Promise<string> {
  const client = new SecretsManagerClient({ endpoint, region: REGION, credentials: ROOT_KEY });
  const { ARN } = await client.send(
    new CreateSecretCommand({ Name: 'orders-login', SecretString: password }),
  );
  client.destroy();
  return ARN ?? '';
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
