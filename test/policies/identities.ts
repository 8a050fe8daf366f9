import { createHash } from 'node:crypto';
import type { Stack } from './assembly.ts';

/** What `Ref` and `Fn::GetAtt` answer for a resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Named {
  readonly stack: Stack;
  readonly id: string;
  readonly type: string;
  /** The name in the template, or one that CloudFormation could give. */
  readonly name: string;
}

export const PARTITION = 'aws';
export const URL_SUFFIX = 'amazonaws.com';

/** The property that gives a resource its name, for the types that can have one here. */
export const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::Events::Archive': 'ArchiveName',
  'AWS::Events::EventBus': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
};

/** Concrete names and ARNs in place of those that exist only after a deployment. */
export function identityOf({ stack, id, type, name }: Named): Identity {
  const { account, region } = stack;
  const arn = (service: string, resource: string): string =>
    `arn:${PARTITION}:${service}:${region}:${account}:${resource}`;
  const global = (service: string, resource: string): string =>
    `arn:${PARTITION}:${service}::${account}:${resource}`;
  const named = (Arn: string, more: Readonly<Record<string, string>> = {}): Identity => ({
    ref: name,
    attributes: { Arn, ...more },
  });
  switch (type) {
    case 'AWS::S3::Bucket': {
      const bucket = name.toLowerCase();
      return { ref: bucket, attributes: { Arn: `arn:${PARTITION}:s3:::${bucket}` } };
    }
    case 'AWS::SQS::Queue': {
      const Arn = arn('sqs', name);
      return { ref: urlOf(Arn), attributes: { Arn, QueueName: name, QueueUrl: urlOf(Arn) } };
    }
    case 'AWS::KMS::Key': {
      const key = uuidOf(`${stack.name}/${id}`);
      return { ref: key, attributes: { Arn: arn('kms', `key/${key}`), KeyId: key } };
    }
    case 'AWS::IAM::Role':
      return named(global('iam', `role/${name}`), { RoleId: `AROA${id}` });
    case 'AWS::IAM::ManagedPolicy':
      return { ref: global('iam', `policy/${name}`), attributes: {} };
    case 'AWS::DynamoDB::GlobalTable':
    case 'AWS::DynamoDB::Table':
      return named(arn('dynamodb', `table/${name}`));
    case 'AWS::Events::EventBus':
      return named(arn('events', `event-bus/${name}`), { Name: name });
    case 'AWS::Events::Archive':
      return named(arn('events', `archive/${name}`));
    case 'AWS::Events::Rule':
      return named(arn('events', `rule/${name}`));
    case 'AWS::Lambda::Function':
      return named(arn('lambda', `function:${name}`));
    case 'AWS::Logs::LogGroup':
      return named(arn('logs', `log-group:${name}:*`));
    case 'AWS::Scheduler::ScheduleGroup':
      return named(arn('scheduler', `schedule-group/${name}`));
    // Its name begins with a slash.
    case 'AWS::SSM::Parameter':
      return named(arn('ssm', `parameter${name}`));
    case 'AWS::ApiGatewayV2::Api':
      return { ref: idOf(`${stack.name}/${id}`), attributes: {} };
    case 'AWS::SNS::Topic':
      return { ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } };
    // Nothing in a policy names these by what they answer.
    default:
      return { ref: name, attributes: {} };
  }
}

/** `https://sqs.eu-central-1.amazonaws.com/111122223333/name` */
function urlOf(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(':');
  return `https://sqs.${region}.${URL_SUFFIX}/${account}/${name}`;
}

/** The other way round. */
export function queueArnOf(url: string): string {
  const [, region, account, name] = /^https:\/\/sqs\.([^.]+)\.[^/]+\/(\d+)\/(.+)$/.exec(url) ?? [];
  if (name === undefined) throw new Error(`${url} is not the URL of a queue.`);
  return `arn:${PARTITION}:sqs:${region}:${account}:${name}`;
}

export function stackIdOf({ name, account, region }: Stack): string {
  return `arn:${PARTITION}:cloudformation:${region}:${account}:stack/${name}/${uuidOf(name)}`;
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
