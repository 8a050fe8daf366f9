import { AwsClient } from 'aws4fetch';
import { type Emulator, REGION, ROOT_KEY } from './emulator.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
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
