import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type CannedAnswer, dynamoError, dynamoFront } from './dynamodb-front.ts';
import { frontedS3 } from './fronted-s3.ts';
import { openStore } from '../../../shared/stores/kinds.ts';
import { memoryStore } from '../../../shared/stores/memory-store.ts';
import { answering } from '../../../shared/stores/answering.ts';

const tools = {
  timeoutSeconds: 5,
  pseudonymKey: async () => new Uint8Array(32),
};
const credentials = async () => ({ accessKeyId: 'any', secretAccessKey: 'any' });

describe('DynamoDB', async () => {
  const front = await dynamoFront('http://127.0.0.1:9');
  afterAll(() => front.stop());

  async function said(answer: CannedAnswer, options: object = {}) {
    front.intercept = (operation) =>
      operation === 'DescribeContinuousBackups'
        ? answer
        : dynamoError('ResourceNotFoundException', 'no table');
    const store = await openStore(
      {
        kind: 'dynamodb',
        region: 'eu-central-1',
        keys: [{ name: 'id', type: 'text' }],
        options: { table: 'orders', ...options },
      },
      { ...tools, connection: { endpoint: front.endpoint, credentials } },
    );
    try {
      return await store.recovery();
    } finally {
      await store.close();
    }
  }

  const described = (PointInTimeRecoveryDescription?: object): CannedAnswer => ({
    status: 200,
    body: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        ...(PointInTimeRecoveryDescription !== undefined && { PointInTimeRecoveryDescription }),
      },
    },
  });
  const on = { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 12 };

  test('says the recovery period of the table, or 35 days where AWS says none', async () => {
    expect(await said(described(on))).toEqual({ days: 12, isWhole: true });
    expect(await said(described({ PointInTimeRecoveryStatus: 'ENABLED' }))).toEqual({
      days: 35,
      isWhole: true,
    });
  });

  test('says no days without point-in-time recovery', async () => {
    expect(await said(described({ ...on, PointInTimeRecoveryStatus: 'DISABLED' }))).toEqual({
      days: 0,
      isWhole: true,
    });
    expect(await said(described())).toEqual({ days: 0, isWhole: true });
  });

  test('says that it does not see what the replicas of a global table keep', async () => {
    const replicas = { accepted: 'both regions are ours' };
    expect(await said(described(on), { replicas })).toEqual({ days: 12, isWhole: false });
  });

  test('says why it could not read them', async () => {
    expect(await said(dynamoError('AccessDeniedException', 'no'))).toEqual({
      days: 0,
      isWhole: false,
      code: 'STORE_DENIED',
    });
    expect(await said({ status: 200, body: {} })).toEqual({ days: 0, isWhole: false, code: 'STORE_ERROR' });
  });
});

describe('S3', async () => {
  const { bench, front } = await frontedS3();
  beforeEach(() => {
    front.intercept = () => undefined;
  });

  async function said(answer: { readonly status: number; readonly body: string }, prefix = 'k/') {
    const Bucket = await bench.bucket('Enabled');
    front.intercept = ({ method, url }) =>
      method === 'GET' && new URL(url, 'http://x').searchParams.has('replication') ? answer : undefined;
    const store = await bench.open(Bucket, { endpoint: front.endpoint, timeoutSeconds: 5, prefix });
    try {
      return await store.recovery();
    } finally {
      await store.close();
    }
  }
  const rule = (inside: string) => ({
    status: 200,
    body: `<ReplicationConfiguration><Role>r</Role><Rule>${inside}<Destination><Bucket>arn:aws:s3:::b</Bucket></Destination></Rule></ReplicationConfiguration>`,
  });

  test('keeps nothing of what it deleted, without replication: every version is deleted', async () => {
    const unset = {
      status: 404,
      body: '<Error><Code>ReplicationConfigurationNotFoundError</Code></Error>',
    };
    expect(await said(unset)).toEqual({ days: 0, isWhole: true });
  });

  test.each([
    ['all objects', '<Status>Enabled</Status><Filter></Filter>', false],
    ['its objects', '<Status>Enabled</Status><Filter><Prefix>k/</Prefix></Filter>', false],
    ['some of its objects', '<Status>Enabled</Status><Filter><Prefix>k/2026/</Prefix></Filter>', false],
    [
      'objects with a tag',
      '<Status>Enabled</Status><Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>',
      false,
    ],
    ['all objects until it was disabled', '<Status>Disabled</Status><Filter></Filter>', false],
    ['other objects', '<Status>Enabled</Status><Filter><Prefix>other/</Prefix></Filter>', true],
  ])('with a replication of %s', async (_, inside, isWhole) => {
    expect(await said(rule(inside))).toEqual({ days: 0, isWhole });
  });

  test('says why it could not read them', async () => {
    const denied = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
    expect(await said(denied)).toEqual({ days: 0, isWhole: false, code: 'STORE_DENIED' });
    const odd = { status: 200, body: '<html><body>Please log in</body></html>' };
    expect(await said(odd)).toEqual({ days: 0, isWhole: false, code: 'STORE_ERROR' });
  });
});

test('no query of a database shows its backups', async () => {
  const options = { host: '127.0.0.1', database: 'd', user: 'u', table: 't' };
  const keys = [{ name: 'id', type: 'text' }] as const;
  const store = await openStore({ kind: 'postgresql', region: 'eu-central-1', keys, options }, tools);
  expect(await store.recovery()).toEqual({ days: 0, isWhole: false });
  await store.close();
});

test('a call that throws is answered, and told', async () => {
  const store = memoryStore({ now: () => 0 });
  store.recovery = async () => {
    throw new Error('no key');
  };
  const told: unknown[] = [];
  expect(await answering(store, (error) => told.push(error)).recovery()).toEqual({
    days: 0,
    isWhole: false,
    code: 'STORE_ERROR',
  });
  expect(told).toHaveLength(1);
});
