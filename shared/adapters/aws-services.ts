/**
 * The AWS services that functions call, with the name of each one's VPC endpoint after `com.amazonaws.<region>.`.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 */
export const AWS_SERVICES = {
  DYNAMODB: 'dynamodb',
  EVENTBRIDGE: 'events',
  KMS: 'kms',
  S3: 's3',
  SCHEDULER: 'scheduler',
  SECRETS_MANAGER: 'secretsmanager',
  SQS: 'sqs',
} as const;
export type AwsService = keyof typeof AWS_SERVICES;

/**
 * What a lane calls, whatever its store: registry, keys, the bucket of people's copies, bells and wake-ups. `docs/vpc.md`
 * says it for people. The token of a database login is made without a call.
 */
const OF_EVERY_LANE: readonly AwsService[] = ['DYNAMODB', 'KMS', 'S3', 'SQS', 'SCHEDULER'];

/** What a lane calls whose store has this driver, in the order of `docs/vpc.md`. */
export function servicesOfLane(packages: readonly string[], login: 'secret' | 'none'): readonly AwsService[] {
  const clients = new Set<string>(packages);
  const all = Object.keys(AWS_SERVICES) as AwsService[];
  return all.filter(
    (service) =>
      OF_EVERY_LANE.includes(service) ||
      (service === 'SECRETS_MANAGER' && login === 'secret') ||
      clients.has(`@aws-sdk/client-${AWS_SERVICES[service]}`),
  );
}
