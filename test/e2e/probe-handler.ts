import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sqs from '@aws-sdk/client-sqs';

export interface ProbeCall {
  readonly service: 'dynamodb' | 's3' | 'secrets' | 'sqs';
  /** Such as `DeleteTable`. */
  readonly command: string;
  readonly input: object;
}

const SERVICES = {
  dynamodb: { sdk: dynamodb, client: new dynamodb.DynamoDBClient({}) },
  s3: { sdk: s3, client: new s3.S3Client({}) },
  secrets: { sdk: secrets, client: new secrets.SecretsManagerClient({}) },
  sqs: { sdk: sqs, client: new sqs.SQSClient({}) },
};

/** Runs in a function that has a lane's role: makes each call and returns `done`, or the name of the error. */
export async function handler({
  calls,
}: {
  readonly calls: readonly ProbeCall[];
}): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const { service, command, input } of calls) {
    const { sdk, client } = SERVICES[service];
    const Command = Reflect.get(sdk, `${command}Command`) as new (input: object) => object;
    try {
      await (client.send as (command: object) => Promise<unknown>)(new Command(input));
      answers.push('done');
    } catch (error) {
      answers.push(error instanceof Error ? error.name : 'unknown');
    }
  }
  return answers;
}
