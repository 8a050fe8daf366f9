import {
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  type StackResource,
  UpdateTerminationProtectionCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { DeleteTableCommand, UpdateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import {
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { DeletePolicyCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import { ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { AwsV4Signer } from 'aws4fetch';
import { bucketOf, FIRST, SECOND, tableOf } from './consumer.ts';
import type { Clients, Place } from './place.ts';
import { deleteRoles, unless } from './players.ts';

/** Later rows need what earlier rows use: a bus is deleted after its rules and archives, a key last. */
const ORDER = [
  'AWS::Events::Archive',
  'AWS::Events::Rule',
  'AWS::Events::EventBus',
  'AWS::SQS::Queue',
  'AWS::ApiGatewayV2::Api',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
] as const;
type Retained = (typeof ORDER)[number];

/** docs/runbooks/failed-first-deployment.md, and the first step of docs/runbooks/teardown.md. */
export async function liftProtection({ cloudFormation }: Clients, StackName: string): Promise<void> {
  await cloudFormation.send(
    new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
  );
}

/** Deletes a state stack and everything that it retains. Returns the names of what was removed. */
export async function removeState(
  place: Place,
  clients: Clients,
  StackName: string,
): Promise<readonly string[]> {
  const { cloudFormation } = clients;
  const described = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
  const resources = described.StackResources ?? [];
  await deleteRoles(clients);
  await liftProtection(clients, StackName);
  await cloudFormation.send(new DeleteStackCommand({ StackName }));
  await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: 1800 }, { StackName });
  const removed: string[] = [];
  for (const type of ORDER) {
    for (const { PhysicalResourceId } of resources.filter(({ ResourceType }) => ResourceType === type)) {
      await remove(place, clients, type, required(PhysicalResourceId));
      removed.push(`${type} ${PhysicalResourceId}`);
    }
  }
  return removed;
}

async function remove(place: Place, clients: Clients, type: Retained, id: string): Promise<void> {
  const { dynamo, events, iam, kms, sqs, s3 } = clients;
  switch (type) {
    case 'AWS::Events::Archive':
      await events.send(new DeleteArchiveCommand({ ArchiveName: id })).catch(unless('ResourceNotFound'));
      return;
    case 'AWS::Events::Rule': {
      // CloudFormation names a rule of another bus `<bus>|<rule>`.
      const [EventBusName, Rule = ''] = id.includes('|') ? id.split('|') : [undefined, id];
      const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ EventBusName, Rule }));
      const Ids = Targets.flatMap(({ Id }) => Id ?? []);
      if (Ids.length > 0) await events.send(new RemoveTargetsCommand({ EventBusName, Rule, Ids }));
      await events.send(new DeleteRuleCommand({ EventBusName, Name: Rule }));
      return;
    }
    case 'AWS::Events::EventBus':
      await events.send(new DeleteEventBusCommand({ Name: id }));
      return;
    case 'AWS::SQS::Queue':
      await sqs.send(new DeleteQueueCommand({ QueueUrl: id })).catch(unless('QueueDoesNotExist'));
      return;
    case 'AWS::ApiGatewayV2::Api':
      await deleteApi(place, id);
      return;
    case 'AWS::IAM::ManagedPolicy':
      await iam.send(new DeletePolicyCommand({ PolicyArn: id })).catch(unless('NoSuchEntity'));
      return;
    case 'AWS::IAM::Role':
      await iam.send(new DeleteRoleCommand({ RoleName: id })).catch(unless('NoSuchEntity'));
      return;
    case 'AWS::DynamoDB::GlobalTable':
      await dynamo.send(new UpdateTableCommand({ TableName: id, DeletionProtectionEnabled: false }));
      await waitUntilTableExists({ client: dynamo, maxWaitTime: 300 }, { TableName: id });
      await dynamo.send(new DeleteTableCommand({ TableName: id }));
      return;
    case 'AWS::S3::Bucket':
      // The policy denies every deletion, so it goes first; the locks are of the governance mode.
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: id }));
      await emptyBucket(s3, id);
      return;
    case 'AWS::KMS::Key':
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
  }
}

/** The stores of the run, its roles are gone already. */
export async function removeStores(place: Place, { dynamo, s3 }: Clients): Promise<void> {
  for (const name of [FIRST, SECOND]) {
    await dynamo.send(new DeleteTableCommand({ TableName: tableOf(name) }));
    await emptyBucket(s3, bucketOf(place, name));
  }
}

async function emptyBucket(s3: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const left = [...Versions, ...DeleteMarkers];
    if (left.length === 0) break;
    for (const { Key, VersionId } of left)
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}

/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html */
async function deleteApi({ region, partition, settings }: Place, id: string): Promise<void> {
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const { method, url, headers } = await new AwsV4Signer({
    ...(settings.credentials ?? (await defaultProvider()())),
    url: `${settings.endpoint ?? `https://apigateway.${region}.${suffix}`}/v2/apis/${id}`,
    method: 'DELETE',
    service: 'apigateway',
    region,
  }).sign();
  const answer = await fetch(url, { method, headers });
  if (!answer.ok && answer.status !== 404) throw new Error(`API Gateway answered ${answer.status} for ${id}`);
}

function required(id: StackResource['PhysicalResourceId']): string {
  if (id === undefined) throw new Error('a resource of the stack has no name');
  return id;
}
