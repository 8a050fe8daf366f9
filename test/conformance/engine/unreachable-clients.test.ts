import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { databasePassword } from '../../../shared/adapters/secrets/database-login.ts';
import { signedDynamo } from '../../../shared/adapters/dynamodb/signed-dynamo.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import { schedulerTimers } from '../../../shared/adapters/scheduler-timers.ts';
import { isNetworkError, tellingUnreachable } from '../../../shared/adapters/unreachable.ts';
import { codeOf } from '../../../shared/domain/error-code.ts';
import { OWN_LIMITS, PASSWORD_LIMITS, requestLimits } from '../../../shared/domain/request-limits.ts';
import { metricOf } from '../../../shared/runtime/report.ts';
import { type BlackHole, fullBacklog, muteServer } from '../../support/black-hole.ts';
import { at } from '../../support/samples.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function opened(open: () => Promise<BlackHole>): Promise<{ hole: BlackHole; endpoint: string }> {
  const hole = await open();
  cleanUps.push(() => hole.stop());
  return { hole, endpoint: `http://127.0.0.1:${hole.port}` };
}

/** As in the functions, only shorter. */
const limits = requestLimits(0.6);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const MARKER = 'zoe.marker@example.org';

/** Every client of the SDK that a function has, with a request that carries what must not be told. */
const CLIENTS = {
  EVENTBRIDGE: (at: object) => {
    const client = tellingUnreachable('EVENTBRIDGE', new EventBridgeClient(at));
    return client.send(new PutEventsCommand({ Entries: [{ Detail: MARKER }] }));
  },
  KMS: (at: object) => {
    const client = tellingUnreachable('KMS', new KMSClient(at));
    return client.send(
      new DecryptCommand({ CiphertextBlob: Buffer.from(MARKER), EncryptionContext: { scope: MARKER } }),
    );
  },
  S3: (at: object) => {
    const client = tellingUnreachable('S3', new S3Client({ forcePathStyle: true, ...at }));
    return client.send(new GetObjectCommand({ Bucket: 'log', Key: MARKER }));
  },
  SCHEDULER: (at: object) => {
    const client = tellingUnreachable('SCHEDULER', new SchedulerClient(at));
    return client.send(
      new CreateScheduleCommand({
        Name: 'due',
        ScheduleExpression: 'at(2026-03-01T10:05:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: 'arn', RoleArn: 'arn', Input: MARKER },
      }),
    );
  },
  SECRETS_MANAGER: (at: object) => {
    const client = tellingUnreachable('SECRETS_MANAGER', new SecretsManagerClient(at));
    return client.send(new GetSecretValueCommand({ SecretId: 'secret' }));
  },
  SQS: (at: object) => {
    const client = tellingUnreachable('SQS', new SQSClient(at));
    return client.send(new SendMessageCommand({ QueueUrl: 'http://q/1', MessageBody: MARKER }));
  },
};

describe.each(Object.entries(CLIENTS))('the client of %s', (service, ask) => {
  test.each([
    ['accepts and never answers', muteServer, 3],
    ['has a full backlog', fullBacklog, 0],
  ])('gives up on a port that %s after three attempts, and says what to do', async (_, open, accepted) => {
    const { hole, endpoint } = await opened(open);
    const client = { endpoint, region: 'eu-central-1', credentials, ...limits };
    const error = await ask(client).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe(`${service}_UNREACHABLE`);
    expect(error).toMatchObject({ cause: { name: 'TimeoutError', $metadata: { attempts: 3 } } });
    expect(hole.accepted()).toBe(accepted);
    expect(String(error)).toMatch(
      /No answer from 127\.0\.0\.1:\d+, .* com\.amazonaws\.<region>\.[a-z0-9]+ .*docs\/vpc\.md/,
    );
    expect(String(error)).not.toContain(MARKER);
  });
});

describe('requests to the registry', () => {
  test.each([
    ['accepts and never answers', muteServer],
    ['has a full backlog', fullBacklog],
  ])('are given up after three attempts at a port that %s', async (_, open) => {
    const { endpoint } = await opened(open);
    let attempts = 0;
    const call = signedDynamo({
      region: 'eu-central-1',
      endpoint,
      credentials: async () => ((attempts += 1), credentials),
      limits,
    });
    const asked = call('GetItem', { TableName: 't', Key: { PK: { S: MARKER } }, ConsistentRead: true });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DYNAMODB_UNREACHABLE', cause: { code: 'ETIMEDOUT' } });
    expect(attempts).toBe(3);
    expect(String(error)).toContain('com.amazonaws.<region>.dynamodb');
    expect(String(error)).not.toContain(MARKER);
  });

  test('to a port at which no one listens fail with the same code', async () => {
    const { hole, endpoint } = await opened(muteServer);
    await hole.stop();
    cleanUps.length = 0;
    const call = signedDynamo({
      region: 'eu-central-1',
      endpoint,
      credentials: async () => credentials,
      limits,
    });
    const asked = call('GetItem', { TableName: 't', Key: {}, ConsistentRead: true });
    await expect(asked).rejects.toMatchObject({
      code: 'DYNAMODB_UNREACHABLE',
      cause: { code: 'ECONNREFUSED' },
    });
  });
});

test('what a service answers is passed on as it is', async () => {
  const client = tellingUnreachable('KMS', new KMSClient({ region: 'eu-central-1', credentials }));
  client.middlewareStack.add(
    () => async () => {
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    },
    { step: 'build' },
  );
  const asked = client.send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') }));
  await expect(asked).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(isNetworkError('text')).toBe(false);
});

test('all attempts fit into the call that they belong to', () => {
  for (const [seconds, given] of [
    [15, OWN_LIMITS],
    [9, PASSWORD_LIMITS],
    [60, requestLimits(60)],
    [1, requestLimits(1)],
  ] as const) {
    const { connectionTimeout, requestTimeout, socketTimeout } = given.requestHandler;
    for (const one of [connectionTimeout, requestTimeout, socketTimeout])
      expect(one * given.maxAttempts).toBeLessThanOrEqual(seconds * 1000);
    expect(connectionTimeout).toBeLessThanOrEqual(3000);
  }
});

test('a scheduler that cannot be reached is not asked for each minute, and is reported', async () => {
  const client = new SchedulerClient();
  const mock = mockClient(client);
  mock.on(CreateScheduleCommand).rejects(Object.assign(new Error(), { code: 'SCHEDULER_UNREACHABLE' }));
  const { report, lines } = memoryReport();
  const arns = { targetArn: 'arn', roleArn: 'arn', deadLetterArn: 'arn' };
  const timers = schedulerTimers(client, { group: 'tenure', ...arns, report });
  for (const minute of ['10:05', '10:06', '10:07']) await timers.wake(at(`2026-03-01T${minute}:00Z`));
  expect(mock.commandCalls(CreateScheduleCommand)).toHaveLength(1);
  expect(lines).toEqual([{ code: 'timers.refused', fields: { code: 'SCHEDULER_UNREACHABLE' } }]);
});

test('why a database has no password is told to the lane, and its driver gets the error, too', async () => {
  const { hole, endpoint } = await opened(muteServer);
  await hole.stop();
  cleanUps.length = 0;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const told: unknown[] = [];
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:crm-AbCdEf';
  const password = databasePassword(arn, 'eu-west-1', (error) => told.push(codeOf(error)));
  const asked = password?.({ host: 'db', port: 5432, user: 'tenure' });
  await expect(asked).rejects.toMatchObject({ code: 'SECRETS_MANAGER_UNREACHABLE' });
  expect(told).toEqual(['SECRETS_MANAGER_UNREACHABLE']);
});

test('a service that cannot be reached is an incident; a store that is down is not', () => {
  for (const code of [...Object.keys(CLIENTS), 'DYNAMODB'].map((service) => `${service}_UNREACHABLE`))
    expect(metricOf('dispose.failed', { code })).toEqual({ name: 'incident', value: 1 });
  expect(metricOf('dispose.left', { code: 'STORE_UNREACHABLE' })).toBeUndefined();
});
