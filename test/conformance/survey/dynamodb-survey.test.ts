import { type AttributeValue, CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import type { SurveyQuestion } from '../../../shared/domain/coverage/survey.ts';
import { dynamoError } from '../engine/dynamodb-front.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';
import { TEXT } from '../store/store-rig.ts';
import { EVERYTHING, PLAIN } from './survey-suite.ts';

const { bench, front, seen } = await frontedDynamo();

const put = (TableName: string, Item: Record<string, AttributeValue>) =>
  bench.client.send(new PutItemCommand({ TableName, Item: { id: { S: crypto.randomUUID() }, ...Item } }));

async function surveyed(table: string, question: Partial<SurveyQuestion> = {}, timeoutSeconds = 10) {
  const store = await bench.open(table, TEXT, timeoutSeconds, front.endpoint);
  try {
    return await store.survey({ ...PLAIN, ...question });
  } finally {
    await store.close();
  }
}

const operations = () => seen.map(({ operation }) => operation);

test('with nothing asked for, one description is all that it needs, and it says what was not asked for', async () => {
  const table = await bench.table(TEXT);
  await put(table, { email: { S: 'a' } });
  expect(await surveyed(table)).toEqual({
    records: { count: expect.any(Number), counted: 'estimate' },
    personal: [],
    uncovered: [],
    neverPresent: [],
    datasets: [],
    notSeen: [
      { part: 'attributes', code: 'NOT_ASKED' },
      { part: 'tables', code: 'NOT_ASKED' },
    ],
  });
  expect(operations()).toEqual(['DescribeTable']);
});

test('tables of the account that no store covers are described, and named without ids', async () => {
  const own = await bench.table(TEXT);
  for (const [TableName, key] of [
    ['orders-48151623', 'customerEmail'],
    ['orders-99999999', 'id'],
    ['sessions', 'ada@example.org email'],
    ['covered', 'id'],
  ] as const)
    await bench.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      }),
    );
  const others = Array.from({ length: 20 }, (_, n) => `people-${n + 1}`);
  const covered = { ...PLAIN.covered, tables: [own, 'covered', ...others] };
  const found = await surveyed(own, { covered, account: true });
  expect(found.uncovered).toEqual([
    {
      kind: 'table',
      name: 'orders-*',
      places: 2,
      records: { count: 0, counted: 'estimate' },
      personal: [{ looksLike: 'e-mail address', name: 'customerEmail' }],
    },
    {
      kind: 'table',
      name: 'sessions',
      places: 1,
      records: { count: 0, counted: 'estimate' },
      personal: [{ looksLike: 'e-mail address' }],
    },
  ]);
  expect(JSON.stringify(found)).not.toMatch(/4815|ada/);
  expect(operations().toSorted()).toEqual([
    'DescribeTable',
    'DescribeTable',
    'DescribeTable',
    'DescribeTable',
    'ListTables',
  ]);
});

describe('a sample of the items', () => {
  test('names attributes only if no one can be known by the name', async () => {
    const table = await bench.table(TEXT);
    await put(table, { email: { S: 'marker-value' }, firstName: { S: 'marker-value' }, colour: { S: 'x' } });
    await put(table, {
      'ada@example.org email': { S: 'x' },
      'phone of marker': { BOOL: true },
      phone_ada: { S: 'x' },
    });
    const found = await surveyed(table, { sample: true });
    expect(found.personal).toEqual(
      expect.arrayContaining([
        { looksLike: 'e-mail address', name: 'email' },
        { looksLike: 'name of a person', name: 'firstName' },
        { looksLike: 'e-mail address' },
        { looksLike: 'phone number' },
      ]),
    );
    expect(found.personal).toHaveLength(4);
    expect(JSON.stringify(found)).not.toMatch(/ada|marker/);
  });

  test('has a bounded size, and another part of a large table each day', async () => {
    const table = await bench.table(TEXT);
    for (let n = 0; n < 1500; n += 1) await put(table, { n: { N: String(n) } });
    const canned = { Table: { ItemCount: 1_000_000, AttributeDefinitions: [] } };
    front.intercept = (operation, body) => {
      seen.push({ operation, body });
      return operation === 'DescribeTable' ? { status: 200, body: canned } : undefined;
    };
    await surveyed(table, { sample: true, turn: 20_001 });
    const scans = seen.filter(({ operation }) => operation === 'Scan');
    expect(scans[0]?.body).toMatchObject({ Segment: 1, TotalSegments: 2000, Limit: 250 });
    expect(scans.length).toBeLessThanOrEqual(5);
    expect(scans.every(({ body }) => body['ConsistentRead'] === undefined)).toBe(true);
  });

  test('finds fields that must never have values, and asks for these only if nothing else is asked', async () => {
    const table = await bench.table(TEXT);
    await put(table, { card_number: { NULL: true } });
    const neverPresent = ['card_number', '__proto__', 'a.b'];
    const states = async () =>
      (await surveyed(table, { neverPresent })).neverPresent.map(({ state, looked }) => `${state} ${looked}`);
    expect(await states()).toEqual(['none all', 'none all', 'none all']);
    expect(seen.find(({ operation }) => operation === 'Scan')?.body).toMatchObject({
      ProjectionExpression: '#n0, #n1, #n2',
    });
    await put(table, { card_number: { S: '4111' }, 'a.b': { L: [] } });
    expect(await states()).toEqual(['found all', 'none all', 'found all']);
  });
});

describe('trouble', () => {
  test.each([
    ['AccessDeniedException', 'STORE_DENIED'],
    ['ThrottlingException', 'STORE_THROTTLED'],
  ])('%s of one request hides no other part', async (name, code) => {
    const table = await bench.table(TEXT);
    await put(table, { email: { S: 'a' } });
    const covered = { ...PLAIN.covered, tables: [table] };
    for (const [failing, parts] of [
      ['Scan', ['attributes', 'never-present']],
      ['ListTables', ['tables']],
    ] as const) {
      front.intercept = (operation) => (operation === failing ? dynamoError(name, 'secret', 400) : undefined);
      const found = await surveyed(table, { ...EVERYTHING, covered, neverPresent: ['card'] });
      expect(found.notSeen).toEqual(parts.map((part) => ({ part, code })));
      expect(found.records).toBeDefined();
      expect(found.neverPresent[0]?.state).toBe(failing === 'Scan' ? 'unknown' : 'none');
      expect(JSON.stringify(found)).not.toContain('secret');
    }
  });

  test('a table that cannot be described is named all the same', async () => {
    const [table, other] = [await bench.table(TEXT), await bench.table(TEXT)];
    front.intercept = (operation, { TableName }) =>
      operation === 'DescribeTable' && TableName !== table
        ? dynamoError('AccessDeniedException', 'secret', 400)
        : undefined;
    // Tables of earlier tests are covered here, because alike names of several tables are shown as one.
    const before = Array.from({ length: 50 }, (_, n) => `people-${n + 1}`).filter((name) => name !== other);
    const found = await surveyed(table, { account: true, covered: { ...PLAIN.covered, tables: before } });
    expect(found.uncovered).toContainEqual({ kind: 'table', name: other, places: 1, personal: [] });
    expect(found.notSeen).toContainEqual({ part: 'columns', code: 'STORE_DENIED' });
  });

  test('more tables than are listed and described are cut, and that is said', async () => {
    const table = await bench.table(TEXT);
    front.intercept = (operation, body) => {
      seen.push({ operation, body });
      const from = Number(
        (body as { ExclusiveStartTableName?: string }).ExclusiveStartTableName?.slice(1) ?? 0,
      );
      const TableNames = Array.from({ length: 100 }, (_, n) => `t${from + n + 1}`);
      if (operation === 'ListTables')
        return { status: 200, body: { TableNames, LastEvaluatedTableName: `t${from + 100}` } };
      return { status: 200, body: { Table: { ItemCount: 1, AttributeDefinitions: [] } } };
    };
    const { notSeen, uncovered } = await surveyed(table, { account: true });
    expect(notSeen).toContainEqual({ part: 'tables', code: 'TOO_MANY' });
    expect(seen.length).toBeLessThanOrEqual(521);
    expect(uncovered.length).toBeLessThan(200);
  });

  test('a table that never answers is a timeout', async () => {
    const table = await bench.table(TEXT);
    front.intercept = () => new Promise(() => {});
    const { notSeen } = await surveyed(table, { ...EVERYTHING, neverPresent: ['card'] }, 1);
    expect(notSeen.map(({ part, code }) => `${part} ${code}`)).toEqual([
      'records STORE_TIMEOUT',
      'attributes STORE_TIMEOUT',
      'never-present STORE_TIMEOUT',
      'tables STORE_TIMEOUT',
    ]);
  });
});

describe('rows of a dataset', () => {
  const edges = ['1970-01-02', '2024-01-01', '2026-01-01'].map((date) => ({ at: Date.parse(date), date }));
  const clock = { column: 'at', unit: 'seconds' as const };
  const datasets = [{ category: 'logs', clock, where: { kind: 'a' }, edges }];
  const at = (date: string) => ({ N: String(Date.parse(date) / 1000) });

  test('are estimated from the sample, those without a clock and those that are not times apart', async () => {
    const table = await bench.table(TEXT);
    for (const item of [
      { kind: { S: 'a' }, at: at('2023-05-05') },
      { kind: { S: 'a' }, at: at('2024-05-05') },
      { kind: { S: 'a' }, at: { N: '19845' } },
      { kind: { S: 'a' }, at: { S: '2024-05-05' } },
      { kind: { S: 'a' }, at: { NULL: true } },
      { kind: { S: 'a' } },
      { kind: { S: 'b' }, at: at('2023-05-05') },
      { at: at('2023-05-05') },
    ])
      await put(table, item);
    const found = await surveyed(table, { sample: true, datasets });
    const counts = (...all: number[]) => all.map((count) => ({ count, counted: 'estimate' }));
    expect(found.datasets).toEqual([
      {
        category: 'logs',
        rows: counts(2, 1, 1, 0),
        noClock: { count: 2, counted: 'estimate' },
        oldest: Date.UTC(2023, 4, 5),
      },
    ]);
    expect(found.notSeen.filter(({ part }) => part === 'datasets')).toEqual([]);
  });

  test('are not looked at unless the lane may read the table, and that is said', async () => {
    const table = await bench.table(TEXT);
    await put(table, { kind: { S: 'a' }, at: at('2023-05-05'), email: { S: 'e' }, pin: { S: 'p' } });
    const found = await surveyed(table, { datasets });
    expect([found.datasets, operations()]).toEqual([[], ['DescribeTable']]);
    expect(found.notSeen).toContainEqual({ part: 'datasets', code: 'NOT_ASKED' });
    for (const question of [
      { datasets, neverPresent: ['pin'] },
      { datasets: datasets.map((one) => ({ ...one, scan: true as const })) },
    ]) {
      seen.length = 0;
      const told = await surveyed(table, question);
      expect(told.datasets).toMatchObject([{ rows: [{ count: 0 }, { count: 1 }, {}, {}] }]);
      expect(told.notSeen.map(({ part }) => part)).toEqual(['attributes', 'tables']);
      // No attribute but those that are asked for is read.
      expect(JSON.stringify(seen)).not.toContain('email');
    }
  });

  test('are not known where the table cannot be read', async () => {
    const table = await bench.table(TEXT);
    front.intercept = (operation) =>
      operation === 'Scan' ? dynamoError('AccessDeniedException', 'secret', 400) : undefined;
    const found = await surveyed(table, { sample: true, datasets });
    expect(found.datasets).toEqual([]);
    expect(found.notSeen.map(({ part, code }) => [part, code])).toEqual([
      ['tables', 'NOT_ASKED'],
      ['attributes', 'STORE_DENIED'],
      ['datasets', 'STORE_DENIED'],
    ]);
  });
});
