import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { checkDynamoTable } from '../../../cli/preflight/preflight-dynamodb.ts';
import { STORE_PREFLIGHTS } from '../../../cli/preflight/preflight-stores.ts';
import { createTable } from '../../../local/engines/create-table.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../../local/engines/dynamodb.ts';
import type { KeyColumn, StoreConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { type DynamoFront, dynamoError, dynamoFront } from '../../conformance/engine/dynamodb-front.ts';

const region = 'eu-central-1';
const keys: readonly KeyColumn[] = [
  { name: 'device', type: 'text' },
  { name: 'at', type: 'decimal' },
];
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

let engine: LocalDynamoDB;
let front: DynamoFront;
beforeAll(async () => {
  engine = await startDynamoDB();
  front = await dynamoFront(engine.endpoint);
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region, credentials });
  await createTable(client, 'readings', keys);
  client.destroy();
});
afterAll(async () => {
  front.stop();
  await engine.stop();
});
beforeEach(() => {
  front.intercept = () => undefined;
});

async function said(options: object = {}): Promise<string[]> {
  const store: StoreConfiguration = {
    kind: 'dynamodb',
    region,
    keys,
    options: { table: 'readings', ...options },
    restricts: false,
    hourlyCap: 100,
  };
  const connection = { endpoint: front.endpoint, credentials: async () => credentials };
  const found = await checkDynamoTable('readings', store, { deletes: true, masked: [], connection });
  return found.map(({ severity, message }) => `${severity}: ${message}`);
}

/** The table as the engine describes it, and more. */
function describedWith(more: object): void {
  front.intercept = async (operation) => {
    if (operation !== 'DescribeTable') return undefined;
    const Table = {
      TableStatus: 'ACTIVE',
      KeySchema: keys.map(({ name }, index) => ({
        AttributeName: name,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
      AttributeDefinitions: [
        { AttributeName: 'device', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
      ],
      ...more,
    };
    return { status: 200, body: { Table } };
  };
}

function answering(name: string, body: object): void {
  front.intercept = (operation) => (operation === name ? { status: 200, body } : undefined);
}

test('a table in one region, without a stream and a time to live, has nothing of it to say', async () => {
  expect(await said()).toEqual([
    expect.stringMatching(/^note: the point-in-time recovery settings could not be read/),
  ]);
  describedWith({});
  expect(await said()).toHaveLength(1);
});

test.each([
  [
    'lists replicas',
    { Replicas: [{ RegionName: 'us-east-1' }, { RegionName: 'eu-west-1' }] },
    'us-east-1, eu-west-1',
  ],
  ['has the older version', { GlobalTableVersion: '2017.11.29' }, undefined],
])(
  'a global table that %s fails, unless the configuration says why it is acceptable',
  async (_, more, regions) => {
    describedWith(more);
    const where = regions === undefined ? '' : ` with replicas in ${regions}`;
    expect(await said()).toContainEqual(
      expect.stringContaining(
        `fails: the table is a global table${where}: a write in another region can bring back`,
      ),
    );
    const accepted = await said({ replicas: { accepted: 'Only eu-central-1 is written to.' } });
    expect(accepted.filter((text) => text.startsWith('fails'))).toEqual([]);
    expect(accepted).toContainEqual(
      expect.stringContaining(`${where}, which is accepted (Only eu-central-1 is written to.)`),
    );
  },
);

test.each([
  ['NEW_AND_OLD_IMAGES', true],
  ['OLD_IMAGE', true],
  ['KEYS_ONLY', false],
])('a stream with %s is said: %s', async (StreamViewType, expected) => {
  describedWith({ StreamSpecification: { StreamEnabled: true, StreamViewType } });
  expect((await said()).some((text) => text.startsWith('note: the stream of the table'))).toBe(expected);
});

test.each([
  ['ENABLED', true],
  ['ENABLING', true],
  ['DISABLED', false],
  ['DISABLING', false],
])('a time to live that is %s is said: %s', async (TimeToLiveStatus, expected) => {
  answering('DescribeTimeToLive', {
    TimeToLiveDescription: { TimeToLiveStatus, AttributeName: 'expires' },
  });
  const text = 'note: the table has a time to live: DynamoDB deletes items by their attribute "expires"';
  expect((await said()).some((each) => each.startsWith(text))).toBe(expected);
});

test('a time to live that cannot be read is said with the action to allow, which is among those of preflight', async () => {
  front.intercept = (operation) =>
    operation === 'DescribeTimeToLive' ? dynamoError('AccessDeniedException', 'no') : undefined;
  expect(await said()).toContainEqual(expect.stringContaining('allow dynamodb:DescribeTimeToLive'));
  expect(STORE_PREFLIGHTS.dynamodb.actions).toContain('dynamodb:DescribeTimeToLive');
});

test('the attribute of `restrict` is no key, and applications have to look at it', async () => {
  expect((await said({ restrict: { attribute: 'blocked' } }))[0]).toBe(
    'note: IAM cannot deny single items, so what reads the table has to leave out those with the attribute blocked; see docs/stores/dynamodb.md',
  );
  expect((await said({ restrict: { attribute: 'at' } }))[0]).toBe(
    'fails: the attribute at, which `restrict` names, is a key of the table or of an index, so it cannot be `true`; use another attribute',
  );
});
