import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoLogIndex } from '../../../shared/adapters/dynamodb/dynamo-log-index.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { LogIndex } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { RequestCounter } from '../../support/counted/counting-client.ts';
import { countRequests } from '../../support/counted/counting-client.ts';
import type { MarshalledItem } from '../../support/counted/item-size.ts';
import { itemSize, writeUnits } from '../../support/counted/item-size.ts';
import { longestHead } from '../../support/longest-head.ts';
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

let tables: TestTables;
let counter: RequestCounter;
let registry: Registry;
let index: LogIndex;
let table: string;

beforeAll(async () => {
  tables = await startTables();
  counter = countRequests(tables.client, tables.connect());
});
afterAll(() => tables.stop());
beforeEach(async () => {
  table = await tables.create();
  registry = dynamoRegistry(tables.documents, table);
  index = dynamoLogIndex(tables.documents, table);
  counter.reset();
});

/** Claimed, planned, hinted and seen: the largest item of a holding with one entity, stage and producer. */
const claimed: Holding = (() => {
  const { decision, hintAt, claim, ...full } = aFullHolding(1);
  if (decision === undefined || hintAt === undefined || claim === undefined)
    throw new Error('the sample lost its claim');
  const { former: _, ...firstClaim } = claim;
  const receipts = full.receipts ?? [];
  return aHolding(1, {
    state: 'claimed',
    decision,
    hintAt,
    claim: firstClaim,
    seen: true,
    attempts: 1,
    receipts,
  });
})();

describe('sizes', () => {
  test('a holding with one entity, one stage and one producer fits in one write unit, claim and decision included', async () => {
    await registry.putHolding(claimed);
    expect(counter.writes()[0]?.bytes).toBeLessThanOrEqual(1024);
    expect(counter.writeUnits()).toBe(1);
  });

  test('so it does with names as long as they may reasonably be, and once more than one attempt was cut off', async () => {
    const [registration] = claimed.registrations;
    if (registration === undefined || claimed.claim === undefined)
      throw new Error('the sample lost its registration');
    const former = [1, 2, 3].map((attempt) => ({
      token: 'A'.repeat(22),
      claimedAt: at('2029-03-01T09:05:00Z'),
      attempt,
    }));
    await registry.putHolding({
      ...claimed,
      store: 's'.repeat(40),
      registrations: [
        {
          ...registration,
          producer: 'p'.repeat(40),
          categories: ['c'.repeat(40)],
          zone: 'America/Argentina/Buenos_Aires',
        },
      ],
      claim: { ...claimed.claim, former },
    });
    expect(counter.writes()[0]?.bytes).toBeLessThanOrEqual(1024);
  });

  test('the head of the log stays within 4 KB with the longest batch', async () => {
    await index.putHead(longestHead);
    expect(counter.writes()[0]?.bytes).toBeLessThanOrEqual(4096);
  });

  test('a fact and a state of one event, a pointer, a hint and a chunk’s index item are one write unit each', async () => {
    await registry.putFact(anEntityRef(1), aFact(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointer(anEntityRef(1), aHoldingRef(1));
    await registry.putHint({
      minute: at('2026-03-01T10:05:00Z'),
      holding: aHoldingRef(1),
      deadline: at('2026-03-04T00:00:00Z'),
    });
    await index.putPending({
      chunk: '2026-03-01T10/Vq3rYp9mQXKc2w0H5bTnLg/0',
      state: 'pending',
      putAt: at('2026-03-01T10:00:00Z'),
      store: 'customers-postgres',
      rules: ['registration/statutory/0', 'registration/category/1'],
      counts: { deleted: 90, 'already-so': 9, failed: 1 },
    });
    expect(counter.writes().map(({ units }) => units)).toEqual([1, 1, 1, 1, 1]);
  });

  test('the in-flight record of a full chunk is two write units, written and deleted', async () => {
    const holdings = Array.from({ length: 100 }, (_, n) => aHoldingRef(n));
    await registry.putInFlight({
      lane: 'crm',
      token: 'A'.repeat(22),
      holdings,
      until: at('2026-03-01T10:10:00Z'),
    });
    await registry.deleteInFlight('crm', 'A'.repeat(22));
    expect(counter.writes().map(({ units }) => units)).toEqual([2, 2]);
  });
});

describe('requests', () => {
  test('a write is one request, whether it is written or moved', async () => {
    await registry.putHolding(aHolding(1));
    await registry.putHolding(aHolding(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putState(anEntityRef(1), aState());
    await registry.putHint({ minute: at('2026-03-01T10:05:00Z'), holding: aHoldingRef(1) });
    await registry.takeAllowance('crm', at('2026-03-01T10:00:00Z'), 100, 1000);
    expect(counter.requests()).toEqual({ PutItem: 5, UpdateItem: 1 });
    expect(counter.writeUnits()).toBe(6);
  });

  test('reading a hundred holdings or states takes one request, and reading none takes no request', async () => {
    const names = Array.from({ length: 100 }, (_, n) => n);
    await registry.holdings(names.map(aHoldingRef));
    await registry.states(names.map(anEntityRef));
    await registry.holdings([]);
    await registry.states([]);
    expect(counter.requests()).toEqual({ BatchGetItem: 2 });
    await registry.holdings(Array.from({ length: 101 }, (_, n) => aHoldingRef(n)));
    expect(counter.requests()).toEqual({ BatchGetItem: 4 });
  });

  test('a shard’s hints of an hour, a minute’s hints, wide holds and chunks in flight are one request each', async () => {
    await registry.hints(at('2026-03-01T10:00:00Z'), 0);
    await registry.hints(at('2026-03-01T10:00:00Z'), 0, { minute: at('2026-03-01T10:05:00Z') });
    await registry.wideHolds();
    await registry.inFlight('crm');
    expect(counter.requests()).toEqual({ Query: 4 });
  });

  test('only the scan of all holdings scans', async () => {
    await registry.scanHoldings(0, 4);
    expect(counter.requests()).toEqual({ Scan: 1 });
  });
});

describe('the counter itself', () => {
  test('agrees with the engine about what an item costs, also around the limits of a unit', async () => {
    const client = tables.connect();
    const items = Array.from({ length: 40 }, (_, n) => 1010 + n).map((length, n): MarshalledItem => ({
      PK: { S: 'cost' },
      SK: { S: `${n}` },
      t: { S: 'a'.repeat(length - 60) },
      n: { N: `${n}` },
      l: { L: [{ S: 'a' }, { N: '-1.5' }, { BOOL: true }, { NULL: true }] },
      m: { M: { key: { S: 'value' }, empty: { L: [] } } },
      b: { B: Buffer.from('binary') },
    }));
    for (const item of items) {
      const put = new PutItemCommand({ TableName: table, Item: item, ReturnConsumedCapacity: 'TOTAL' });
      expect(writeUnits(itemSize(item))).toBe((await client.send(put)).ConsumedCapacity?.CapacityUnits);
    }
  });

  test('a write costs the larger of the item before and after, a failed condition included', async () => {
    const large = aHolding(1, { locator: 'x'.repeat(3000) });
    await registry.putHolding(large);
    await registry.putHolding(aHolding(1, { version: 2 }));
    await registry.putHolding(large);
    await registry.putHolding(aHolding(1, { version: 3 }));
    expect(counter.writes().map(({ units, written }) => [units, written])).toEqual([
      [4, true],
      [4, true],
      [4, false],
      [1, true],
    ]);
  });

  test('an update is measured by what it leaves, and a delete by what it removes', async () => {
    const rules = ['r'.repeat(2000)];
    const chunk = {
      chunk: '2026-03-01T10/token/0',
      state: 'pending',
      putAt: 0,
      store: 'crm',
      rules,
      counts: {},
    } as const;
    await index.putPending(chunk);
    await index.settle(chunk.chunk, { state: 'sealed', first: 0 });
    await registry.park('hold-1', aHoldingRef(1));
    await registry.unpark('hold-1', aHoldingRef(1));
    await registry.unpark('hold-1', aHoldingRef(2));
    expect(counter.writes().map(({ command, units }) => [command, units])).toEqual([
      ['PutItem', 3],
      ['UpdateItem', 3],
      ['PutItem', 1],
      ['DeleteItem', 1],
      ['DeleteItem', 1],
    ]);
    expect(counter.requests()).toEqual({ PutItem: 2, UpdateItem: 1, DeleteItem: 2 });
    expect(counter.writeUnits(({ PK }) => PK.startsWith('X#'))).toBe(6);
  });

  test('another client of the same engine is not counted', async () => {
    const other = dynamoRegistry(DynamoDBDocumentClient.from(tables.connect()), table);
    await other.putHolding(aHolding(1));
    expect(counter.totalRequests()).toBe(0);
  });
});
