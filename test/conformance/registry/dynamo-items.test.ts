import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import {
  type AttributeMap,
  fromAttributes,
  toAttributes,
} from '../../../shared/adapters/dynamodb/attribute-values.ts';
import { filePath, pieceKey } from '../../../shared/domain/export/archive-file.ts';
import { SCHEMA } from '../../../shared/adapters/dynamodb/dynamo-item.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { EXPORT_PARTS_A_PAGE } from '../../../shared/ports/requests.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  aState,
  at,
} from '../../support/samples.ts';
import { anExportPart } from '../../support/people-requests.ts';
import { itemSize } from '../../support/counted/item-size.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import { aChunk, anActedOn, aResult, aWorkRecord, change, putNew, readOne } from './registry-samples.ts';

const MARKER = 'zoe.marker@example.org';
const MINUTE = at('2026-03-01T10:05:00Z');
const hundred = Array.from({ length: 100 }, (_, n) => aHoldingRef(n));

let tables: TestTables;
let table: string;
let registry: Registry;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(async () => {
  table = await tables.create();
  registry = dynamoRegistry(tables.call, table);
});

async function rawItems(): Promise<readonly AttributeMap[]> {
  const input = { TableName: table, ConsistentRead: true, Segment: 0, TotalSegments: 1 } as const;
  return (await tables.call('Scan', input)).body.Items ?? [];
}

/** The only item, with changes; `undefined` removes an attribute. */
async function rewrite(changes: Record<string, unknown>): Promise<void> {
  const [item = {}] = await rawItems();
  await tables.call('PutItem', {
    TableName: table,
    Item: toAttributes({ ...fromAttributes(item), ...changes }),
  });
}

describe('items of the table', () => {
  test('every kind of item carries the schema version, and lies where the design says', async () => {
    const token = '2026-03-01T10.token';
    await registry.putFact(anEntityRef(1), aFact(1));
    await registry.putState(anEntityRef(1), aState());
    await registry.putPointers([anEntityRef(1)], aHoldingRef(1));
    await putNew(registry, aFullHolding(1));
    await registry.putTombstone(aHolding(1, { generation: 3, state: 'disposed' }));
    const holding = 'AAAAAAAAAAAAAAAAAAAAAA' as HoldingRef;
    await registry.putHints([{ minute: MINUTE, holding, lane: 'crm', producer: 'portal' }]);
    await registry.moveCursors([{ shard: 15, version: 1, after: { minute: MINUTE, holding } }]);
    await registry.putChunks([aChunk('chunk-1')]);
    await registry.putWork(aWorkRecord(aChunk('chunk-1'), token));
    await registry.putToBeSealed({ token, putAt: MINUTE, until: MINUTE });
    await registry.putResult(aResult(token, 1));
    const counts = { store: 'crm', rules: [], outcomes: {} };
    await registry.putSealed([{ token, first: 0, count: 1, ...counts }]);
    await registry.putHead({ version: 1, size: 0, batch: [], published: true });
    const scope = { everything: true } as const;
    await registry.placeWideHold({ id: 'hold-1', kind: 'hold', scope, state: 'placed', at: MINUTE });
    await registry.releaseWideHold({ id: 'hold-2', kind: 'hold', scope, state: 'placed', at: MINUTE });
    await registry.park('hold-1', [aHoldingRef(1)]);
    await registry.writeLaneGuard('crm', { version: 1, by: token });
    await registry.putHeartbeat(MINUTE);
    await registry.putPolicyRun({ digest: 'digest-1', recordedAt: MINUTE });
    await registry.putWalk({ id: 'walk-1', version: 1, at: MINUTE });
    await registry.setAside({ store: 'crm', holding, code: 'C', at: MINUTE });
    const listed = new Map([['conflict', [holding]]]);
    await registry.putCensus({ run: 'run-1', page: 'p-2', at: MINUTE, counts: [], listed });
    await registry.putNewestCensus('census/2026-03-01');
    await registry.markRegistered('crm');
    await registry.putSpellings([{ folded: anEntityRef(1), spelled: anEntityRef(2), type: 'contract' }]);
    await registry.putQuarantined({ id: 'event-1', receivedAt: MINUTE, code: 'C', reason: 'r', sealed: 's' });
    await registry.putExportPart(anExportPart({ store: 'crm', number: 12 }));
    const items = (await rawItems()).map(fromAttributes);
    expect(items.map(({ v }) => v)).toEqual(items.map(() => SCHEMA));
    expect(items.map(({ PK, SK }) => `${String(PK)} ${String(SK)}`).toSorted()).toEqual(
      [
        'A#crm AAAAAAAAAAAAAAAAAAAAAA',
        'B#0 2026-03-01T10:05#AAAAAAAAAAAAAAAAAAAAAA',
        'C#walk-1 C',
        `E#${anEntityRef(1)} F#${aFact(1).ref}`,
        `E#${anEntityRef(1)} H#${aHoldingRef(1)}`,
        `E#${anEntityRef(1)} S`,
        `H#${aHoldingRef(1)} H`,
        `H#${aHoldingRef(1)} T#3`,
        'F#crm#export-of-the-test-001 00000012',
        'I#2026-03-01 2026-03-01T10.token',
        'K#crm customer-portal#2029-03-01T10:03#chunk-1',
        'L#all L#hold-1',
        'L#all L#hold-2',
        'M#heartbeat M',
        'M#log M',
        'M#policies M',
        'M#census M',
        'M#registered M',
        'N#run-1 p-2',
        'N#run-1#conflict p-2',
        `E#${anEntityRef(1)} V#${anEntityRef(2)}`,
        `P#hold-1 ${aHoldingRef(1)}`,
        'Q#all event-1',
        'R#2026-03-01T10 2026-03-01T10.token',
        'S#15 S',
        'U#crm G',
        'W#crm customer-portal#2029-03-01T10:03#chunk-1',
        'Y# 2026-03-01T10.token',
      ].toSorted(),
    );
  });

  test('a hint expires 35 days after its minute, in seconds, and what a lane has taken of its limits never does', async () => {
    await registry.putHints([{ minute: MINUTE, holding: aHoldingRef(1), lane: 'crm', producer: 'portal' }]);
    expect((await rawItems()).map(fromAttributes)).toMatchObject([
      { ttl: at('2026-04-05T10:05:00Z') / 1000 },
    ]);
    await registry.writeLaneGuard('crm', { version: 1, by: 't', hour: { at: MINUTE, count: 1 } });
    const guard = (await rawItems()).map(fromAttributes).find(({ PK }) => PK === 'U#crm');
    expect(guard).toMatchObject({ r: 1 });
    expect(guard).not.toHaveProperty('ttl');
  });

  test('the longest part of an export leaves room for a page of them in one answer', async () => {
    const store = 's'.repeat(40);
    const [exportId, attempt] = ['e'.repeat(22), 't'.repeat(22)];
    const files = hundred.map((_, n) => ({
      path: filePath({ store, part: 12_345, record: n, extension: 'abcdefgh' }),
      key: pieceKey({ store, exportId, attempt, name: `record-${n}` }),
      bytes: 5_000_000_000,
      sha256: 'ab'.repeat(32),
      records: 0,
    }));
    await registry.putExportPart(anExportPart({ refs: hundred, done: 100, files }));
    expect((await rawItems()).map(itemSize)[0]).toBeLessThanOrEqual(1_000_000 / EXPORT_PARTS_A_PAGE);
  });

  test('a holding with one entity and one stage has at most 1 KB, dated as well as disposed of', async () => {
    const dated = await putNew(registry, aHolding(1));
    expect((await rawItems()).map(itemSize)[0]).toBeLessThanOrEqual(700);
    const done = aFullHolding(1).done ?? [];
    await registry.writeHoldings([change(dated, { state: 'disposed', done })]);
    expect((await rawItems()).map(itemSize)[0]).toBeLessThanOrEqual(1024);
  });

  test('a full chunk that is acted on takes two write units, its work record as well', async () => {
    const chunk = aChunk('a'.repeat(22), { refs: hundred, uncertain: hundred.map((_, n) => anActedOn(n)) });
    await registry.putChunks([chunk]);
    expect((await rawItems()).map(itemSize)[0]).toBeLessThanOrEqual(2048);
    await registry.deleteChunk(chunk);
    await registry.putWork(aWorkRecord(chunk, 't.1', { actedOn: chunk.uncertain }));
    expect((await rawItems()).map(itemSize)[0]).toBeLessThanOrEqual(2048);
  });

  test('a chunk with something that is not a reference is refused before it is written', async () => {
    const chunk = aChunk('a', { refs: [MARKER as HoldingRef] });
    const error: unknown = await registry.putChunks([chunk]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ITEM_INVALID' });
    expect(String(error)).not.toContain(MARKER);
    expect(await rawItems()).toEqual([]);
  });

  test('a result of more than 250 KB compressed is refused before it is written', async () => {
    const result = aResult('2026-03-01T10.token', 1);
    const lines = result.lines.map((line) => ({ ...line, code: noise(400_000) }));
    await expect(registry.putResult({ ...result, lines })).rejects.toMatchObject({ code: 'ITEM_TOO_LARGE' });
    expect(await rawItems()).toEqual([]);
  });
});

describe('what another release or hand wrote', () => {
  test.each([SCHEMA, SCHEMA + 1])('schema version %s is read', async (v) => {
    await putNew(registry, aHolding(1));
    await rewrite({ v });
    expect(await readOne(registry, aHoldingRef(1))).toEqual(aHolding(1));
  });

  test.each([SCHEMA + 2, 1, 'one', undefined])('schema version %s is refused', async (v) => {
    await putNew(registry, aHolding(1));
    await rewrite({ v });
    await expect(readOne(registry, aHoldingRef(1))).rejects.toMatchObject({ code: 'ITEM_SCHEMA_UNKNOWN' });
  });

  test('what a later release added to a holding stays when this one changes it', async () => {
    await putNew(registry, aHolding(1));
    await rewrite({ v: SCHEMA + 1, future: 'value' });
    const read = await readOne(registry, aHoldingRef(1));
    if (read === undefined) throw new Error('the holding is there');
    expect(await registry.writeHoldings([change(read, { state: 'disposed' })])).toEqual(['written']);
    const [item = {}] = await rawItems();
    expect(fromAttributes(item)).toMatchObject({ v: SCHEMA + 1, future: 'value', s: 'disposed', r: 2 });
  });

  test.each([
    ['a missing attribute', { r: undefined }],
    ['an unknown state', { s: MARKER }],
    ['a wrong type below', { e: [{ p: 1, c: [MARKER], u: [], e: [[MARKER]] }] }],
    ['a broken decision', { d: { s: MARKER, p: 7 } }],
  ])('%s is told by kind and path, never by value', async (_, changes) => {
    await putNew(registry, aHolding(1));
    await rewrite(changes);
    const error: unknown = await readOne(registry, aHoldingRef(1)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ITEM_INVALID' });
    const [path = ''] = Object.keys(changes);
    expect(String(error)).toContain(`A holding item cannot be read: ${path}`);
    expect(String(error)).not.toContain(MARKER);
    expect(String(error)).not.toContain(aHoldingRef(1));
  });

  test('a holding that cannot be read stops no other one that is read or scanned with it', async () => {
    await putNew(registry, aHolding(1));
    await rewrite({ s: MARKER });
    await putNew(registry, aHolding(2));
    const damaged = [{ ref: aHoldingRef(1), store: aHolding(1).store, code: 'ITEM_INVALID' }];
    const refs = [aHoldingRef(1), aHoldingRef(2), aHoldingRef('absent')];
    expect(await registry.readHoldings(refs)).toEqual({
      holdings: new Map([[aHoldingRef(2), aHolding(2)]]),
      damaged,
    });
    const page = { items: [aHolding(2)], damaged };
    expect(await registry.scanHoldings(0, 1)).toEqual(page);
    expect(await registry.scanAll(0, 1)).toMatchObject(page);
    await expect(registry.holdings(refs)).rejects.toMatchObject({ code: 'ITEM_INVALID' });
  });

  test.each([
    [{ s: MARKER }, 'ITEM_INVALID'],
    [{ v: 1 }, 'ITEM_SCHEMA_UNKNOWN'],
  ])('an earlier generation that cannot be read stops no scan (%j)', async (changes, code) => {
    await registry.putTombstone(aHolding(1, { generation: 1, state: 'disposed' }));
    await rewrite(changes);
    await putNew(registry, aHolding(1, { generation: 2 }));
    const page = {
      items: [aHolding(1, { generation: 2 })],
      damaged: [],
      earlier: [],
      damagedEarlier: [{ code }],
    };
    expect(await registry.scanAll(0, 1)).toMatchObject(page);
  });

  test('one that does not tell its store is told without it', async () => {
    await putNew(registry, aHolding(1));
    await rewrite({ t: undefined });
    const { damaged } = await registry.readHoldings([aHoldingRef(1)]);
    expect(damaged).toEqual([{ ref: aHoldingRef(1), code: 'ITEM_INVALID' }]);
  });

  test('one of a much newer release is set aside alone, and a table of a former one is refused', async () => {
    await putNew(registry, aHolding(1));
    const code = 'ITEM_SCHEMA_UNKNOWN';
    await rewrite({ v: SCHEMA + 2 });
    const damaged = [{ ref: aHoldingRef(1), store: aHolding(1).store, code }];
    expect(await registry.readHoldings([aHoldingRef(1)])).toEqual({ holdings: new Map(), damaged });
    expect(await registry.scanHoldings(0, 1)).toEqual({ items: [], damaged });
    await rewrite({ v: 1 });
    await expect(registry.readHoldings([aHoldingRef(1)])).rejects.toMatchObject({ code });
  });

  test('what a later release added to an entity’s state stays when this one folds an event', async () => {
    await registry.putState(anEntityRef(1), { ...aState(), version: 0 });
    await rewrite({ v: SCHEMA + 1, future: 'value' });
    const state = (await registry.states([anEntityRef(1)])).get(anEntityRef(1));
    if (state === undefined) throw new Error('the state is there');
    expect(await registry.putState(anEntityRef(1), { ...state, holds: ['h'] })).toBe('written');
    expect(await registry.putState(anEntityRef(1), state)).toBe('moved');
    const [held = {}] = await rawItems();
    expect(fromAttributes(held)).toMatchObject({ v: SCHEMA + 1, future: 'value', h: ['h'], r: 2 });
    expect(await registry.putState(anEntityRef(1), { ...state, version: 2, holds: [] })).toBe('written');
    const [item = {}] = await rawItems();
    expect(fromAttributes(item)).toMatchObject({ v: SCHEMA + 1, future: 'value', r: 3 });
    expect(fromAttributes(item)).not.toHaveProperty('h');
  });

  test.each([
    ['a wrong time', { u: MARKER }],
    ['an unknown schema', { v: SCHEMA + 5 }],
  ])('a note to seal with %s hides no other one, and its token is known', async (_, changes) => {
    const token = '2026-03-01T10.token';
    const putAt = Date.parse('2026-03-01T10:20:00Z');
    await registry.putToBeSealed({ token, putAt, until: putAt });
    await rewrite(changes);
    const other = { token: '2026-03-01T11.token', putAt, until: putAt };
    await registry.putToBeSealed(other);
    const hour = Date.parse('2026-03-01T10:00:00Z');
    expect((await registry.toBeSealed()).items).toEqual([
      { token, putAt: hour, until: hour, damaged: true },
      other,
    ]);
    await registry.deleteToBeSealed([token]);
    expect((await registry.toBeSealed()).items).toEqual([other]);
  });

  test('a result that is not what was compressed is told without its content', async () => {
    const token = '2026-03-01T10.token';
    await registry.putResult(aResult(token, 1));
    await rewrite({ b: Buffer.from(MARKER) });
    const error: unknown = await registry.results([token]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ITEM_INVALID' });
    expect(String(error)).not.toContain(MARKER);
  });

  test('a cursor that this table did not give is refused', async () => {
    const invalid = expect.objectContaining({ code: 'CURSOR_INVALID' });
    const twoKeys = Buffer.from('["a","b"]').toString('base64url');
    for (const cursor of ['', 'nonsense', twoKeys, Buffer.from('[""]').toString('base64url')])
      await expect(registry.pointers(anEntityRef(1), cursor)).rejects.toEqual(invalid);
    await expect(registry.scanHoldings(0, 1, Buffer.from('["a"]').toString('base64url'))).rejects.toEqual(
      invalid,
    );
  });
});

/** Text that does not compress, the same in every run. */
function noise(length: number): string {
  let seed = 1;
  return Array.from({ length }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(32 + (seed % 95));
  })
    .join('')
    .replaceAll('\\', '/');
}
