import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCOUNT, REGION, ROOT_KEY, startEmulator } from '../e2e/emulator.ts';

/** The account in which everything happens: a real one, or an emulator's. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly emulated: boolean;
  /** For commands that act as the owner. */
  readonly env: Readonly<Record<string, string>>;
  readonly settings: ClientSettings;
  /** The API's URL, as this machine reaches it. */
  reachable(apiUrl: string): string;
}

export interface ClientSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export type Clients = ReturnType<typeof clientsOf>;

/** Clients of the account's owner. */
export function clientsOf({ settings }: Place) {
  return {
    cloudFormation: new CloudFormationClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    dynamo: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
    iam: new IAMClient(settings),
    kms: new KMSClient(settings),
    s3: new S3Client(settings),
    sqs: new SQSClient(settings),
    sts: new STSClient(settings),
  };
}

/** Throws unless the credentials in the environment belong to the named account: nothing happens in another one. */
export async function realPlace(account: string, region: string): Promise<Place> {
  const sts = new STSClient({ region });
  const { Account, Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account !== account)
    throw new Error(
      `the credentials in the environment belong to the account ${Account}, not to ${account}; nothing was done`,
    );
  const [, partition = 'aws'] = Arn.split(':');
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(AWS_|HOME$|NODE_EXTRA_CA_CERTS$)/.test(name),
  );
  const env = { ...(Object.fromEntries(passed) as Record<string, string>), AWS_REGION: region };
  return { account, region, partition, emulated: false, env, settings: { region }, reachable: withoutSlash };
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

/** An emulator on this machine, which ends with the run. */
export async function emulatedPlace(folder: string, cleanup: AsyncDisposableStack): Promise<Place> {
  const emulator = await startEmulator(folder);
  cleanup.defer(() => emulator.stop());
  return {
    account: ACCOUNT,
    region: REGION,
    partition: 'aws',
    emulated: true,
    env: emulator.env,
    settings: { region: REGION, endpoint: emulator.endpoint, credentials: ROOT_KEY },
    reachable(url) {
      const [id] = new URL(url).hostname.split('.');
      return `https://${id}.execute-api.localhost:${emulator.port}`;
    },
  };
}
