import { type AttributeValue, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createTable } from '../../../local/engines/create-table.ts';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Range, RangedRow, Store } from '../../../shared/ports/store.ts';
import { frontedDynamo } from '../engine/fronted-dynamo.ts';
import { INTEGER } from '../store/store-rig.ts';
import { ranges, type RangeRig, type Row, rowsOf, UNTIL } from './range-suite.ts';

const { bench, front } = await frontedDynamo();

let tables = 0;
async function indexed(keys: readonly KeyColumn[], clock: 'S' | 'N' = 'S'): Promise<string> {
  tables += 1;
  const table = `ranged-${tables}`;
  await createTable(bench.client, table, keys, {
    AttributeDefinitions: [
      { AttributeName: 'set', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: clock },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-set',
        KeySchema: [
          { AttributeName: 'set', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['kind', 'size'] },
      },
    ],
  });
  return table;
}

const put = (TableName: string, Item: Record<string, AttributeValue>) =>
  bench.client.send(new PutItemCommand({ TableName, Item }));

function itemOf({ id, at, kind = null, size = null }: Row): Record<string, AttributeValue> {
  return {
    id: { N: String(id) },
    set: { S: 'all' },
    ...(at !== null && { at: { S: at } }),
    ...(kind !== null && { kind: { S: kind } }),
    ...(size !== null && { size: { N: String(size) } }),
  };
}

async function inTable(
  table: string,
  body: (store: Store) => Promise<void>,
  options: object = {},
): Promise<void> {
  const store = await bench.openWith(table, INTEGER, { endpoint: front.endpoint, options });
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const rig = (range: Partial<Range>, isOrdered: boolean): RangeRig => ({
  range,
  isOrdered,
  many: 300,
  hasFields: true,
  async using(rows, body) {
    const table = await indexed(INTEGER);
    const write = async (row: Row): Promise<void> => void (await put(table, itemOf(row)));
    for (const row of rows) await write(row);
    await inTable(table, (store) => body(store, write));
  },
});

describe('items of an index', () => ranges(rig({ index: 'by-set:set', where: { set: 'all' } }, true)));
describe('items of a table that is scanned', () => ranges(rig({ scan: true }, false)));

const BY_INDEX: Range = {
  clock: { column: 'at' },
  until: UNTIL,
  columns: [],
  index: 'by-set:set',
  where: { set: 'all' },
};
const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' };
const ids = (rows: readonly RangedRow[]): readonly unknown[] => rows.map(({ locator }) => locator[0]);
const targetsOf = (rows: readonly RangedRow[]) =>
  rows.map(({ locator, version = '' }) => ({ locator, version }));

async function filled(
  values: readonly (AttributeValue | undefined)[],
  clock: 'S' | 'N' = 'S',
): Promise<string> {
  const table = await indexed(INTEGER, clock);
  for (const [index, at] of values.entries())
    await put(table, { id: { N: String(index) }, set: { S: 'all' }, ...(at && { at }) });
  return table;
}

describe('a clock that is text', () => {
  const TEXTS = [
    '2026-03-01T00:00:00Z',
    '2026-03-01T00:00:00.001Z',
    '2026-02-28T23:59:59.999Z',
    // The same instant, and a second after it.
    '2026-03-01T14:00:00+14:00',
    '2026-03-01T14:00:01+14:00',
    '2026-02-28T12:00:00-12:00',
    '2026-02-28T12:00:01-12:00',
    '2026-03-01',
    '2026-03-02',
    '-infinity',
    'infinity',
    '2026-02-28T10:00:00',
  ];
  const found = ['2026-03-01T00:00:00Z', '2026-02-28T23:59:59.999Z', '2026-03-01T14:00:00+14:00'].concat([
    '2026-02-28T12:00:00-12:00',
    '2026-03-01',
    '-infinity',
    '2026-02-28T10:00:00',
  ]);

  test('is in the range by its instant, whatever its offset, and what is not a date is given', async () => {
    const table = await filled(TEXTS.map((S) => ({ S })));
    await inTable(table, async (store) => {
      for (const limit of [1, 3, 1000]) {
        const rows = await rowsOf(store, BY_INDEX, limit);
        expect(rows.map(({ values }) => values['at'])).toEqual(found.toSorted());
      }
      // Of the whole table, also what sorts after all dates.
      const scan = { ...BY_INDEX, index: undefined as never, where: {}, scan: true as const };
      const rows = await rowsOf(store, scan, 3);
      expect(rows.flatMap(({ values: { at } }) => (typeof at === 'string' ? [at] : [])).toSorted()).toEqual(
        found.toSorted(),
      );
    });
  });
});

describe('a clock that counts', () => {
  const at = UNTIL.at;
  test.each([
    ['milliseconds', [at, at + 1, at - 1, 0], [0, at - 1, at]],
    ['seconds', [at / 1000, at / 1000 + 1, at / 1000 - 0.5, 7], [7, at / 1000 - 0.5, at / 1000]],
  ] as const)('%s is read in its order', async (unit, values, expected) => {
    const table = await filled(
      values.map((n) => ({ N: String(n) })),
      'N',
    );
    await inTable(table, async (store) => {
      const rows = await rowsOf(store, { ...BY_INDEX, clock: { column: 'at', unit } }, 1);
      expect(rows.map((row) => row.values['at'])).toEqual(expected);
    });
  });

  test('as text in an index is refused, and so is a number without a unit: their order is another one', async () => {
    const [texts, numbers] = [await filled([{ S: '7' }]), await filled([{ N: '7' }], 'N')];
    await inTable(texts, async (store) =>
      expect(await store.range({ ...BY_INDEX, clock: { column: 'at', unit: 'seconds' } }, 10)).toEqual(
        SCHEMA,
      ),
    );
    await inTable(numbers, async (store) => expect(await store.range(BY_INDEX, 10)).toEqual(SCHEMA));
  });

  test('of several types in a table that is scanned: what is not a clock is given, to be kept', async () => {
    tables += 1;
    const table = await bench.table(INTEGER);
    const values: AttributeValue[] = [
      { N: '1772323200' },
      { S: 'soon' },
      { BOOL: true },
      { NULL: true },
      { M: {} },
      { N: '1772323201' },
      { B: Buffer.from('a') },
      { N: '1e20' },
    ];
    for (const [index, value] of values.entries()) await put(table, { id: { N: String(index) }, at: value });
    await put(table, { id: { N: '100' } });
    await inTable(table, async (store) => {
      const range: Range = {
        clock: { column: 'at', unit: 'seconds' },
        until: UNTIL,
        columns: [],
        scan: true,
      };
      const rows = await rowsOf(store, range, 3);
      const read = new Map(rows.map((row) => [row.locator[0], row.values['at']]));
      expect(new Set(read.keys())).toEqual(new Set([0, 1, 2, 4, 6]));
      expect([read.get(0), read.get(1), read.get(2), read.get(4), read.get(6)]).toEqual([
        1_772_323_200,
        'soon',
        true,
        [],
        [],
      ]);
    });
  });
});

describe('what the table says decides', () => {
  const CHANGES: readonly (readonly [what: string, item: Record<string, AttributeValue> | undefined])[] = [
    ['is gone', undefined],
    ['was used meanwhile', { at: { S: '2026-03-07' }, set: { S: 'all' } }],
    ['has no clock any more', { set: { S: 'all' } }],
    ['belongs to another dataset', { at: { S: '2026-01-01' }, set: { S: 'other' } }],
  ];
  test.each(CHANGES)(
    'an item that %s, and that the index still has, is not in the range',
    async (_, item) => {
      const table = await filled([{ S: '2026-01-01' }, { S: '2026-01-02' }]);
      front.intercept = async (operation) => {
        if (operation !== 'BatchGetItem') return undefined;
        const Key = { id: { N: '0' } };
        if (item === undefined) await bench.client.send(new DeleteItemCommand({ TableName: table, Key }));
        else await put(table, { ...Key, ...item });
        return undefined;
      };
      await inTable(table, async (store) => expect(ids(await rowsOf(store, BY_INDEX, 10))).toEqual([1]));
    },
  );

  test.each([undefined, 'version'])(
    'a row goes only if nothing that was read has changed, with the version attribute %s',
    async (versionAttribute) => {
      const table = await indexed(INTEGER);
      const base = { set: { S: 'all' }, at: { S: '2026-01-01' }, account: { S: 'a' }, n: { N: '1.0' } };
      const item = (id: number, more: Record<string, AttributeValue> = {}) =>
        put(table, { id: { N: String(id) }, ...base, version: { N: '1' }, ...more });
      for (const id of [0, 1, 2, 3, 4, 5, 6]) await item(id);
      const options = versionAttribute === undefined ? {} : { versionAttribute };
      await inTable(
        table,
        async (store) => {
          const rows = await rowsOf(store, { ...BY_INDEX, columns: ['account', 'n', 'nowhere'] }, 10);
          await item(0, { at: { S: '2026-01-02' } });
          await item(1, { account: { S: 'b' } });
          await item(2, { nowhere: { NULL: true } });
          await item(3, { set: { S: 'other' } });
          await item(4, { n: { N: '1.00' }, mail: { S: 'changed' } });
          await item(5, { version: { N: '2' } });
          await bench.client.send(new DeleteItemCommand({ TableName: table, Key: { id: { N: '6' } } }));
          const acted = await store.delete(
            targetsOf(rows.toSorted((a, b) => Number(a.locator[0]) - Number(b.locator[0]))),
          );
          expect(acted.map(({ outcome }) => outcome)).toEqual([
            'changed',
            'changed',
            'changed',
            'changed',
            'deleted',
            versionAttribute === undefined ? 'deleted' : 'changed',
            'already-so',
          ]);
        },
        options,
      );
    },
  );
});
