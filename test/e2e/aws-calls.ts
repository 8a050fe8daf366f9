import { AwsClient } from 'aws4fetch';
import { type Emulator, REGION, ROOT_KEY } from './emulator.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A key of a user, or of a session of a role. */
export interface Credentials extends AccessKey {
  readonly sessionToken?: string;
}

interface LambdaFunction {
  readonly FunctionName: string;
  readonly Role: string;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

/** What the run does as the account's owner: the few calls to services for which the product has no client. */
export interface Owner {
  createUser(name: string): Promise<AccessKey>;
  /** Attached policies say what a user may do. */
  attach(user: string, policyArn: string): Promise<void>;
  functions(): Promise<readonly LambdaFunction[]>;
  createFunction(name: string, role: string, zip: Uint8Array): Promise<void>;
  deleteFunction(name: string): Promise<void>;
  invoke(name: string, event: unknown): Promise<unknown>;
}

const IAM_VERSION = '2010-05-08';
const STS_VERSION = '2011-06-15';
const LAMBDA = '/2015-03-31/functions/';

export function ownerOf({ endpoint }: Emulator): Owner {
  const clientOf = (service: string) => new AwsClient({ ...ROOT_KEY, service, region: REGION, retries: 0 });
  const iam = clientOf('iam');
  const lambda = clientOf('lambda');

  async function iamCall(Action: string, input: Readonly<Record<string, string>>): Promise<string> {
    const body = new URLSearchParams({ ...input, Action, Version: IAM_VERSION }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return succeeded(Action, await iam.fetch(`${endpoint}/`, { method: 'POST', headers, body }));
  }

  async function lambdaCall(method: string, path: string, input?: unknown): Promise<string> {
    const body = input === undefined ? {} : { body: JSON.stringify(input) };
    const headers = { 'content-type': 'application/json' };
    const answer = await lambda.fetch(`${endpoint}${LAMBDA}${path}`, { method, headers, ...body });
    return succeeded(`${method} ${path}`, answer);
  }

  return {
    async createUser(UserName) {
      await iamCall('CreateUser', { UserName });
      const key = await iamCall('CreateAccessKey', { UserName });
      return {
        accessKeyId: elementOf(key, 'AccessKeyId'),
        secretAccessKey: elementOf(key, 'SecretAccessKey'),
      };
    },
    async attach(UserName, PolicyArn) {
      await iamCall('AttachUserPolicy', { UserName, PolicyArn });
    },
    async functions() {
      return (JSON.parse(await lambdaCall('GET', '?MaxItems=1000')) as { Functions: LambdaFunction[] })
        .Functions;
    },
    async createFunction(FunctionName, Role, zip) {
      const Code = { ZipFile: Buffer.from(zip).toString('base64') };
      const settings = { Runtime: 'nodejs24.x', Handler: 'index.handler', Timeout: 30, MemorySize: 512 };
      await lambdaCall('POST', '', { FunctionName, Role, Code, ...settings });
    },
    async deleteFunction(name) {
      await lambdaCall('DELETE', name);
    },
    async invoke(name, event) {
      return JSON.parse(await lambdaCall('POST', `${name}/invocations`, event)) as unknown;
    },
  };
}

async function succeeded(call: string, answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${call} was answered with ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}

function elementOf(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (found === undefined) throw new Error(`the answer has no ${name}`);
  return found;
}

export interface AppRole {
  readonly account: string;
  readonly name: string;
  /** Statements of its own policy, without their effect. */
  readonly allows: readonly object[];
}

/** Makes an application's role, unless it is there, and opens a session of it. */
export async function sessionOf(
  emulator: Emulator,
  owner: Credentials,
  { account, name, allows }: AppRole,
): Promise<Credentials> {
  const trust = { Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = allowing([trust]);
  await query(emulator, owner, 'iam', {
    Action: 'CreateRole',
    RoleName: name,
    AssumeRolePolicyDocument,
  }).catch((error: unknown) => {
    if ((error as Error).message !== 'EntityAlreadyExists') throw error;
  });
  await query(emulator, owner, 'iam', {
    Action: 'PutRolePolicy',
    RoleName: name,
    PolicyName: 'calls',
    PolicyDocument: allowing(allows),
  });
  return assume(emulator, owner, `arn:aws:iam::${account}:role/${name}`);
}

export async function assume(emulator: Emulator, as: Credentials, role: string): Promise<Credentials> {
  const input = { Action: 'AssumeRole', RoleArn: role, RoleSessionName: 'e2e' };
  const xml = await query(emulator, as, 'sts', input);
  const element = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? '';
  return {
    accessKeyId: element('AccessKeyId'),
    secretAccessKey: element('SecretAccessKey'),
    sessionToken: element('SessionToken'),
  };
}

function allowing(statements: readonly object[]): string {
  const Statement = statements.map((rest) => ({ Effect: 'Allow', ...rest }));
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** As anybody. Throws the code of an error. */
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
