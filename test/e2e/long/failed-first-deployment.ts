import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DEPLOYMENT } from '../app-settings.ts';
import { ACCOUNT, type Emulator, REGION, ROOT_KEY } from '../emulator.ts';
import { MEMBERS_TABLE, openWorld, PICTURES_BUCKET, prepareWorld } from '../world.ts';
import type { Chapter } from './chapter.ts';

const StackName = `${DEPLOYMENT}-state`;

interface Template {
  readonly Resources: Record<string, { readonly Type: string; DependsOn?: string | readonly string[] }>;
}

/** One resource of the state stack cannot be made: everything is taken back, and the runbook makes it repeatable. */
export const playFailedFirstDeployment: Chapter = async (board, cleanup) => {
  const prepared = await prepareWorld(board, cleanup);
  const { emulator, deployment, app } = prepared;
  const settings = { endpoint: emulator.endpoint, region: REGION, credentials: ROOT_KEY };
  const cloudFormation = new CloudFormationClient(settings);
  cleanup.defer(() => cloudFormation.destroy());
  const repair = await breakState(join(app, 'cdk.out'));
  const before = await namesIn(emulator);

  await board.scenario('a first deployment with a resource that cannot be made fails', async () => {
    const said = await deployment.deploy().then(
      () => 'it succeeded',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks[0]?.StackStatus;
    if (status !== 'ROLLBACK_COMPLETE') throw new Error(`the stack is ${status}: ${said.slice(-500)}`);
    return status;
  });
  await board.scenario('its rollback leaves no bus, rule, queue, table or bucket', async () => {
    const after = await namesIn(emulator);
    const left = [...after].filter((name) => !before.has(name));
    if (left.length > 0) throw new Error(left.join(', '));
    return `${after.size} as before`;
  });
  await board.scenario('after the command of the runbook the same deployment succeeds', async () => {
    await repair();
    await forgetTemplates(emulator);
    await cloudFormation.send(
      new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
    );
    const outputs = await deployment.deploy();
    const world = await openWorld(prepared, board, outputs);
    const { lanes } = await world.people.client('auditor').listLanes();
    return `${lanes.length} lanes answer`;
  });
};

/**
 * A policy for a user who does not exist, made after everything but the table, which is made last. Returns how to take
 * it back.
 */
async function breakState(assembly: string): Promise<() => Promise<void>> {
  for (const file of (await readdir(assembly)).filter((name) => name.endsWith('.template.json'))) {
    const path = join(assembly, file);
    const text = await readFile(path, 'utf8');
    const template = JSON.parse(text) as Template;
    const resources = Object.entries(template.Resources);
    if (!resources.some(([, { Type }]) => Type === 'AWS::Events::EventBus')) continue;
    const [tableId = '', table] =
      resources.find(([, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable') ?? [];
    if (table === undefined) throw new Error('the state stack has no table');
    const usingTable = resources.filter(([, resource]) => JSON.stringify(resource).includes(`"${tableId}"`));
    const after = new Set([tableId, ...usingTable.map(([id]) => id)]);
    const DependsOn = resources.map(([id]) => id).filter((id) => !after.has(id));
    table.DependsOn = [...[table.DependsOn ?? []].flat(), 'Broken'];
    const PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
    };
    const Broken = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'broken', PolicyDocument, Users: ['a-user-who-does-not-exist'] },
      DependsOn,
    };
    await writeFile(path, JSON.stringify({ ...template, Resources: { ...template.Resources, Broken } }));
    return () => writeFile(path, text);
  }
  throw new Error('no template has a bus');
}

/** The command uploads a template once, under a digest that it computed before the template was changed here. */
async function forgetTemplates({ endpoint }: Emulator): Promise<void> {
  const s3 = new S3Client({ endpoint, region: REGION, credentials: ROOT_KEY });
  const Bucket = `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key = '' } of Contents)
    if (Key.endsWith('.json')) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  s3.destroy();
}

/** What a failed deployment might leave. */
async function namesIn({ endpoint }: Emulator): Promise<ReadonlySet<string>> {
  const settings = { endpoint, region: REGION, credentials: ROOT_KEY };
  const [dynamo, events] = [new DynamoDBClient(settings), new EventBridgeClient(settings)];
  const [s3, sqs] = [new S3Client(settings), new SQSClient(settings)];
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const { EventBuses = [] } = await events.send(new ListEventBusesCommand({}));
  const rules = await Promise.all(
    EventBuses.map(({ Name }) => events.send(new ListRulesCommand({ EventBusName: Name }))),
  );
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  for (const client of [dynamo, events, s3, sqs]) client.destroy();
  const names = [
    ...TableNames.map((name) => `table ${name}`),
    ...EventBuses.map(({ Name }) => `bus ${Name}`),
    ...rules.flatMap(({ Rules = [] }) => Rules.map(({ Name }) => `rule ${Name}`)),
    ...Buckets.map(({ Name }) => `bucket ${Name}`),
    ...QueueUrls.map((url) => `queue ${url}`),
  ];
  for (const store of [`table ${MEMBERS_TABLE}`, `bucket ${PICTURES_BUCKET}`])
    if (!names.includes(store)) throw new Error(`the ${store} of an application is gone`);
  return new Set(names);
}
