import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SCHEMA } from '../../../shared/adapters/dynamodb/dynamo-item.ts';
import { dynamoLogIndex } from '../../../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { LogIndex } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { TestTables } from '../../support/registry-table.ts';
import { startTables } from '../../support/registry-table.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  at,
  aState,
} from '../../support/samples.ts';

const MARKER = 'zoe.marker@example.org';

let tables: TestTables;
let table: string;
let registry: Registry;
let index: LogIndex;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(async () => {
  table = await tables.create();
  registry = dynamoRegistry(tables.documents, table);
  index = dynamoLogIndex(tables.documents, table);
});

async function rawItems(): Promise<Record<string, unknown>[]> {
  return (await tables.documents.send(new ScanCommand({ TableName: table }))).Items ?? [];
}

async function rewrite(changes: Record<string, unknown>): Promise<void> {
  const [item] = await rawItems();
  await tables.documents.send(new PutCommand({ TableName: table, Item: { ...item, ...changes } }));
}

describe('items of the table', () => {
  test('every kind of item carries the schema version, and lies where the design says', async () => {
    const minute = at('2026-03-01T10:05:00Z');
    await registry.putFact(anEntityRef(1), aFact(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointer(anEntityRef(1), aHoldingRef(1));
    await registry.putHolding(aFullHolding(1));
    await registry.putTombstone(aHolding(1, { generation: 3, state: 'disposed' }));
    await registry.putHint({ minute, holding: 'AAAAAAAAAAAAAAAAAAAAAA' as HoldingRef });
    await registry.moveWatermark(undefined, minute);
    const scope = { everything: true } as const;
    await registry.placeWideHold({ id: 'hold-1', kind: 'hold', scope, state: 'placed', at: minute });
    await registry.park('hold-1', aHoldingRef(1));
    await registry.putInFlight({ lane: 'crm', token: 'token-1', holdings: [aHoldingRef(1)], until: minute });
    await registry.takeAllowance('crm', minute, 1, 10);
    await registry.putCursor({ id: 'cursor-1', at: minute });
    await registry.recordPolicies({ digest: 'digest-1', effectiveFrom: minute, recordedAt: minute });
    await registry.putQuarantined({ id: 'event-1', receivedAt: minute, code: 'C', reason: 'r', sealed: 's' });
    const chunk = { chunk: '2026-03-01T10/token/0', putAt: minute, store: 'crm', rules: [], counts: {} };
    await index.putPending({ ...chunk, state: 'pending' });
    await index.putHead({ version: 1, size: 0, batch: [], published: true });
    const items = await rawItems();
    expect(items.map(({ v }) => v)).toEqual(items.map(() => SCHEMA));
    expect(items.map(({ PK, SK }) => `${String(PK)} ${String(SK)}`).toSorted()).toEqual(
      [
        'B#2026-03-01T10#0 2026-03-01T10:05#AAAAAAAAAAAAAAAAAAAAAA',
        'C#cursor-1 C',
        `E#${anEntityRef(1)} F#${aFact(1).ref}`,
        `E#${anEntityRef(1)} H#${aHoldingRef(1)}`,
        `E#${anEntityRef(1)} S`,
        `H#${aHoldingRef(1)} H`,
        `H#${aHoldingRef(1)} T#3`,
        `K#hold-1 H#${aHoldingRef(1)}`,
        'L#all L#hold-1',
        'M#watermark M',
        'P#digest-1 P',
        'Q#all event-1',
        'U#crm 2026-03-01T10',
        'W#crm token-1',
        'X#2026-03-01 10#token/0',
        'Y#log Y',
      ].toSorted(),
    );
  });

  test('a hint expires 35 days after its minute, an allowance two days after its hour, in seconds', async () => {
    await registry.putHint({ minute: at('2026-03-01T10:05:00Z'), holding: aHoldingRef(1) });
    expect(await rawItems()).toMatchObject([{ ttl: at('2026-04-05T10:05:00Z') / 1000 }]);
    await registry.takeAllowance('crm', at('2026-03-01T10:00:00Z'), 1, 10);
    expect(await rawItems()).toContainEqual(
      expect.objectContaining({ ttl: at('2026-03-03T10:00:00Z') / 1000 }),
    );
  });

  test('the references of a chunk in flight take 16 bytes each', async () => {
    const holdings = Array.from({ length: 100 }, (_, n) => aHoldingRef(n));
    await registry.putInFlight({ lane: 'crm', token: 'a', holdings, until: 0 });
    expect(await rawItems()).toMatchObject([{ b: { length: 1600 } }]);
  });

  test('a chunk with an item that is not a reference is refused before it is written', async () => {
    const chunk = { lane: 'crm', token: 'a', holdings: [MARKER as HoldingRef], until: 0 };
    const error: unknown = await registry.putInFlight(chunk).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ITEM_INVALID' });
    expect(String(error)).not.toContain(MARKER);
    expect(await rawItems()).toEqual([]);
  });
});

describe('what another release or hand wrote', () => {
  test('the schema version before this one is read', async () => {
    await registry.putHolding(aHolding(1));
    await rewrite({ v: SCHEMA - 1 });
    expect(await registry.holding(aHoldingRef(1))).toEqual(aHolding(1));
  });

  test.each([SCHEMA + 1, SCHEMA - 2, 'one', undefined])('schema version %s is refused', async (v) => {
    await registry.putHolding(aHolding(1));
    const [item] = await rawItems();
    const { v: _, ...rest } = item ?? {};
    await tables.documents.send(
      new PutCommand({ TableName: table, Item: v === undefined ? rest : { ...rest, v } }),
    );
    await expect(registry.holding(aHoldingRef(1))).rejects.toMatchObject({ code: 'ITEM_SCHEMA_UNKNOWN' });
  });

  test('an attribute that a later release added is left alone', async () => {
    await registry.putHolding(aHolding(1));
    await rewrite({ future: 'value' });
    expect(await registry.holding(aHoldingRef(1))).toEqual(aHolding(1));
  });

  test.each([
    ['a missing attribute', { r: null }],
    ['an unknown state', { s: MARKER }],
    ['a wrong type below', { e: [{ p: 1, c: [MARKER], u: [], e: [[MARKER]] }] }],
    ['a broken decision', { d: { s: MARKER, p: 7 } }],
  ])('%s is reported by kind and path, never by value', async (_, changes) => {
    await registry.putHolding(aHolding(1));
    await rewrite(changes);
    const error: unknown = await registry.holding(aHoldingRef(1)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ITEM_INVALID' });
    const [path = ''] = Object.keys(changes);
    expect(String(error)).toContain(`A holding item cannot be read: ${path}`);
    expect(String(error)).not.toContain(MARKER);
    expect(String(error)).not.toContain(aHoldingRef(1));
  });

  test('a cursor that this table did not give is refused', async () => {
    const invalid = expect.objectContaining({ code: 'CURSOR_INVALID' });
    for (const cursor of [
      '',
      'nonsense',
      Buffer.from('["a","b"]').toString('base64url'),
      Buffer.from('[""]').toString('base64url'),
    ]) {
      await expect(registry.pointers(anEntityRef(1), cursor)).rejects.toEqual(invalid);
    }
    await expect(registry.scanHoldings(0, 1, Buffer.from('["a"]').toString('base64url'))).rejects.toEqual(
      invalid,
    );
  });

  test('a chunk key of another form is refused', async () => {
    const chunk = {
      chunk: 'token/0',
      state: 'pending',
      putAt: 0,
      store: 'crm',
      rules: [],
      counts: {},
    } as const;
    await expect(index.putPending(chunk)).rejects.toMatchObject({ code: 'LOG_CHUNK_INVALID' });
  });
});

describe('a table that is throttled', () => {
  const item = (name: number): Record<string, unknown> => ({
    PK: `H#${aHoldingRef(name)}`,
    SK: 'H',
    v: SCHEMA,
    r: 1,
    g: 1,
    s: 'pending',
    t: 'crm',
    a: 0,
    e: [],
  });
  const unprocessed = { busy: { Keys: [{ PK: `H#${aHoldingRef(2)}`, SK: 'H' }] } };

  test('keys that a batch left unprocessed are asked for again', async () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient());
    const mock = mockClient(client);
    mock
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { busy: [item(1)] }, UnprocessedKeys: unprocessed })
      .resolvesOnce({ Responses: { busy: [] }, UnprocessedKeys: unprocessed })
      .resolves({ Responses: { busy: [item(2)] } });
    const found = await dynamoRegistry(client, 'busy').holdings([aHoldingRef(1), aHoldingRef(2)]);
    expect([...found.keys()]).toEqual([aHoldingRef(1), aHoldingRef(2)]);
    const keys = mock
      .commandCalls(BatchGetCommand)
      .map(({ args }) => args[0].input.RequestItems?.['busy']?.Keys);
    expect(keys.map((each) => each?.length)).toEqual([2, 1, 1]);
  });

  test('keys that stay unprocessed are an error, never missing holdings', async () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient());
    mockClient(client).on(BatchGetCommand).resolves({ Responses: {}, UnprocessedKeys: unprocessed });
    const reading = dynamoRegistry(client, 'busy').holdings([aHoldingRef(2)]);
    await expect(reading).rejects.toMatchObject({ code: 'REGISTRY_UNPROCESSED' });
  });
});
