import { AwsClient } from 'aws4fetch';
import { type Client, tenureClient } from '../../shared/client/client.ts';
import { DEPLOYMENT, FOREIGN_APP, OTHER_ACCOUNT } from './app-settings.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import { contract, registrations } from './happenings.ts';
import { asResults, codeOf, statusOf } from './refusals.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const DAY = 86_400_000;
const IAM_VERSION = '2010-05-08';
const STS_VERSION = '2011-06-15';

/**
 * An application of another account: API Gateway refuses it, and the API takes it for `crm` once it has assumed the role
 * that the deployment made for it.
 */
export async function comeFromAnotherAccount(world: World, board: Scoreboard): Promise<void> {
  const { emulator, people, outputs } = world;
  const ours = contract('abroad', 8, 1);
  const role = outputs[`${DEPLOYMENT}-state`]?.['ProducerRoleArnCrm'] ?? '';
  // The emulator takes an account's id for the key of its owner.
  const owner = { accessKeyId: OTHER_ACCOUNT, secretAccessKey: 'test' };
  const clientWith = (credentials: Credentials): Client =>
    tenureClient({ url: people.url, region: REGION, credentials: () => credentials });

  await board.scenario(
    'an application of another account is refused, although its own account allows the call',
    async () => {
      const app = await appOf(emulator, owner, FOREIGN_APP);
      const answer = await statusOf(clientWith(app).registerHoldings(registrations(ours)));
      board.refused('an application of another account registers with its own credentials', answer, ['403']);
      return undefined;
    },
  );

  await board.scenario('it registers as the producer with the role that it may assume', async () => {
    const app = await appOf(emulator, owner, FOREIGN_APP);
    const assumed = clientWith(await assume(emulator, app, role));
    const { results } = await assumed.registerHoldings(registrations(ours));
    const rejected = results.find(({ status }) => status !== 'accepted');
    if (rejected !== undefined) throw new Error(`answered ${rejected.code}`);
    const foreign = registrations(ours).map((item) => ({ ...item, locator: ['shop/1'] }));
    const inMembers = foreign.filter(({ store }) => store === 'members');
    const refused = await assumed.registerHoldings(inMembers).catch(asResults);
    board.refused('it registers a row of shop', codeOf(refused.results, 0), ['LOCATOR_NOT_GRANTED']);
    const period = { from: new Date(0).toISOString(), to: new Date(Date.now() + DAY).toISOString() };
    board.refused('it reads the log', await statusOf(assumed.queryLog(period)), ['403']);
    board.refused('it pauses a lane', await statusOf(assumed.pause('members')), ['403']);
    return `${results.length} rows, as ${role.split('/')[1]}`;
  });

  await board.scenario('an application of that account that is not listed cannot assume it', async () => {
    const stranger = await appOf(emulator, owner, 'stranger');
    const answer = await assume(emulator, stranger, role).then(
      () => 'assumed',
      (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
    );
    board.refused('an application that is not listed assumes the role', answer, ['AccessDenied']);
    return undefined;
  });
}

/**
 * A role of the other account that may call our API and assume our roles, as far as its own account decides, and a
 * session of it. (With `*` as the resource the emulator would let it through: it looks for the API in the caller's
 * account.)
 */
async function appOf(emulator: Emulator, owner: Credentials, name: string): Promise<Credentials> {
  const document = (...statements: readonly object[]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map((rest) => ({ Effect: 'Allow', ...rest })),
    });
  const trust = document({
    Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
    Action: 'sts:AssumeRole',
  });
  const calls = document(
    { Action: 'execute-api:Invoke', Resource: `arn:aws:execute-api:${REGION}:${ACCOUNT}:*` },
    { Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${ACCOUNT}:role/*` },
  );
  await query(emulator, owner, 'iam', {
    Action: 'CreateRole',
    RoleName: name,
    AssumeRolePolicyDocument: trust,
  }).catch((error: unknown) => {
    if ((error as Error).message !== 'EntityAlreadyExists') throw error;
  });
  await query(emulator, owner, 'iam', {
    Action: 'PutRolePolicy',
    RoleName: name,
    PolicyName: 'calls',
    PolicyDocument: calls,
  });
  return assume(emulator, owner, `arn:aws:iam::${OTHER_ACCOUNT}:role/${name}`);
}

async function assume(emulator: Emulator, as: Credentials, role: string): Promise<Credentials> {
  const input = { Action: 'AssumeRole', RoleArn: role, RoleSessionName: 'e2e' };
  const xml = await query(emulator, as, 'sts', input);
  const element = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
  return {
    accessKeyId: element('AccessKeyId'),
    secretAccessKey: element('SecretAccessKey'),
    sessionToken: element('SessionToken'),
  };
}

/** Throws the code of an error. */
async function query(
  { endpoint }: Emulator,
  credentials: Credentials,
  service: 'iam' | 'sts',
  input: Readonly<Record<string, string>>,
): Promise<string> {
  const client = new AwsClient({ ...credentials, service, region: REGION, retries: 0 });
  const Version = service === 'iam' ? IAM_VERSION : STS_VERSION;
  const answer = await client.fetch(`${endpoint}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...input, Version }).toString(),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(/<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? String(answer.status));
  return text;
}
