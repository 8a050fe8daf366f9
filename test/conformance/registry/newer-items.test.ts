import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  type AttributeMap,
  fromAttributes,
  toAttributes,
} from '../../../shared/adapters/dynamodb/attribute-values.ts';
import { SCHEMA } from '../../../shared/adapters/dynamodb/dynamo-item.ts';
import { dynamoRegistry } from '../../../shared/adapters/dynamodb/dynamo-registry.ts';
import { entryKey } from '../../../shared/domain/columns/column-entry.ts';
import { emptyMonth } from '../../../shared/domain/log/log-month.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { anExportPart, aRequest } from '../../support/people-requests.ts';
import { type TestTables, startTables } from '../../support/registry-table.ts';
import {
  aFact,
  aFullHolding,
  aHolding,
  aHoldingRef,
  anEntityRef,
  aState,
  at,
} from '../../support/samples.ts';
import { aChunk, aColumnEntry, aResult, aWorkRecord, putNew } from './registry-samples.ts';

const MINUTE = at('2026-03-01T10:05:00Z');
const TOKEN = '2026-03-01T10.token';
const ENTITY = anEntityRef(1);
const HOLDING = aHoldingRef(1);
const CHUNK = aChunk('chunk-1');
const COLUMN_ENTRY = aColumnEntry(1);
const WIDE = { id: 'h', kind: 'hold', scope: { everything: true }, state: 'placed', at: MINUTE } as const;
const MONTH = { ...emptyMonth({ index: 1, month: '2026-03', store: 'crm' }), version: 1 };
const PAGE = { index: 1, day: '2026-03-01', store: 'crm', page: 0, version: 1, until: 0, results: [] };
const COUNTS = { store: 'crm', rules: [], outcomes: {} };

/** Every kind of item: how it is written, and everything that reads it. */
const KINDS: Readonly<
  Record<
    string,
    {
      readonly write: (r: Registry) => Promise<unknown>;
      readonly read: readonly ((r: Registry) => Promise<unknown>)[];
    }
  >
> = {
  holding: {
    write: (r) => putNew(r, aFullHolding(1)),
    read: [(r) => r.holdings([HOLDING])],
  },
  tombstone: {
    write: (r) => r.putTombstone(aHolding(1, { generation: 3, state: 'disposed' })),
    read: [(r) => r.tombstones(HOLDING), (r) => r.tombstonesAt([{ ref: HOLDING, generation: 3 }])],
  },
  pointer: { write: (r) => r.putPointers([ENTITY], HOLDING), read: [(r) => r.pointers(ENTITY)] },
  fact: { write: (r) => r.putFact(ENTITY, aFact(1)), read: [(r) => r.history(ENTITY)] },
  state: {
    write: (r) => r.putState(ENTITY, { ...aState(), version: 0 }),
    read: [(r) => r.states([ENTITY])],
  },
  spelling: {
    write: (r) => r.putSpellings([{ folded: ENTITY, spelled: anEntityRef(2), type: 'contract' }]),
    read: [(r) => r.scanAll(0, 1)],
  },
  'wide hold': {
    write: (r) => r.placeWideHold(WIDE),
    read: [(r) => r.wideHolds(), (r) => r.wideHold('h')],
  },
  'hold record': {
    write: (r) => r.recordHold({ ...WIDE, scope: { entity: ENTITY } }),
    read: [(r) => r.holdRecord('h'), (r) => r.holdRecords()],
  },
  parked: { write: (r) => r.park('h', [HOLDING]), read: [(r) => r.parked('h')] },
  hint: {
    write: (r) => r.putHints([{ minute: MINUTE, holding: HOLDING, lane: 'crm', producer: 'portal' }]),
    read: Array.from(
      { length: 16 },
      (_, shard) => (r: Registry) => r.hintsAfter({ shard, version: 0 }, MINUTE),
    ),
  },
  cursor: {
    write: (r) => r.moveCursors([{ shard: 3, version: 1, after: { minute: MINUTE, holding: HOLDING } }]),
    read: [(r) => r.cursors()],
  },
  chunk: {
    write: (r) => r.putChunks([CHUNK]),
    read: [(r) => r.begin(CHUNK), (r) => r.chunk(CHUNK), (r) => r.chunks(CHUNK.lane)],
  },
  work: {
    write: (r) => r.putWork(aWorkRecord(CHUNK, TOKEN)),
    read: [(r) => r.begin(CHUNK), (r) => r.workRecords(CHUNK.lane)],
  },
  heartbeat: { write: (r) => r.putHeartbeat(MINUTE), read: [(r) => r.heartbeat(), (r) => r.begin(CHUNK)] },
  result: { write: (r) => r.putResult(aResult(TOKEN, 1)), read: [(r) => r.results([TOKEN])] },
  'to be sealed': {
    write: (r) => r.putToBeSealed({ token: TOKEN, putAt: MINUTE, until: MINUTE }),
    read: [(r) => r.toBeSealed()],
  },
  sealed: {
    write: (r) => r.putSealed([{ token: TOKEN, first: 0, count: 1, ...COUNTS }]),
    read: [(r) => r.sealed([TOKEN]), (r) => r.sealedOfDay('2026-03-01')],
  },
  'index of the log': {
    write: (r) => r.putLogIndexed({ version: 1, index: 1, until: 0 }),
    read: [(r) => r.logIndexed()],
  },
  'month of the log': {
    write: (r) => r.putLogMonth(MONTH),
    read: [
      (r) => r.logMonths([MONTH]),
      (r) => r.logMonthsBetween({ index: 1, from: '2026-03', to: '2026-03' }),
    ],
  },
  'page of the log': { write: (r) => r.putLogPage(PAGE), read: [(r) => r.logPages([PAGE])] },
  'log head': {
    write: (r) => r.putHead({ version: 1, size: 0, batch: [], published: true }),
    read: [(r) => r.head()],
  },
  'column message': {
    write: (r) => r.putColumnMessages([{ kind: 'column-read', column: COLUMN_ENTRY.column, at: MINUTE }]),
    read: [(r) => r.columnMessages(COLUMN_ENTRY.column)],
  },
  'column entry': {
    write: (r) => r.writeColumnEntry(COLUMN_ENTRY),
    read: [
      (r) => r.columnEntry(COLUMN_ENTRY.column, entryKey(COLUMN_ENTRY)),
      (r) => r.columnEntries(COLUMN_ENTRY.column, { from: 0, until: MINUTE }),
    ],
  },
  'restore replay': {
    write: (r) => r.putRestoreReplay({ id: 'r', version: 1, at: MINUTE }),
    read: [(r) => r.restoreReplay('r')],
  },
  walk: { write: (r) => r.putWalk({ id: 'w', version: 1, at: MINUTE }), read: [(r) => r.walk('w')] },
  'policy run': {
    write: (r) => r.putPolicyRun({ digest: 'd', recordedAt: MINUTE }),
    read: [(r) => r.policyRun()],
  },
  'set aside': {
    write: (r) => r.setAside({ store: 'crm', holding: HOLDING, code: 'C', at: MINUTE }),
    read: [(r) => r.setAsides('crm')],
  },
  census: {
    write: (r) =>
      r.putCensus({
        run: 'run-1',
        page: 'p',
        at: MINUTE,
        counts: [],
        listed: new Map([['conflict', [HOLDING]]]),
      }),
    read: [(r) => r.census('run-1'), (r) => r.censusList('run-1', 'conflict')],
  },
  'registered marks': { write: (r) => r.markRegistered('crm'), read: [(r) => r.registeredMarks()] },
  'newest census': { write: (r) => r.putNewestCensus('c'), read: [(r) => r.newestCensus()] },
  request: {
    write: (r) => r.putRequest(aRequest()),
    read: [(r) => r.requests([aRequest().ref])],
  },
  'listed request': {
    write: (r) => r.listRequest({ ref: aRequest().ref, at: MINUTE }),
    read: [(r) => r.listedRequests()],
  },
  'export part': {
    write: (r) => r.putExportPart(anExportPart()),
    read: [(r) => r.exportPart(anExportPart()), (r) => r.exportParts(anExportPart())],
  },
  quarantined: {
    write: (r) => r.putQuarantined({ id: 'q', receivedAt: MINUTE, code: 'C', reason: 'r', sealed: 's' }),
    read: [(r) => r.quarantined(), (r) => r.quarantinedItem('q')],
  },
};

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

async function withItems<Result>(
  kind: (typeof KINDS)[string],
  use: (
    registry: Registry,
    change: (changes: Readonly<Record<string, unknown>>) => Promise<void>,
  ) => Promise<Result>,
): Promise<Result> {
  const TableName = await tables.create();
  const registry = dynamoRegistry(tables.call, TableName);
  await kind.write(registry);
  const scan = { TableName, ConsistentRead: true, Segment: 0, TotalSegments: 1 } as const;
  const items: readonly AttributeMap[] = (await tables.call('Scan', scan)).body.Items ?? [];
  expect(items.length).toBeGreaterThan(0);
  return use(registry, async (changes) => {
    for (const item of items)
      await tables.call('PutItem', {
        TableName,
        Item: toAttributes({ ...fromAttributes(item), ...changes }),
      });
  });
}

/** Names that no item has: those of the items are one letter, `ttl`, and the keys. */
const added = fc.dictionary(
  fc.stringMatching(/^[a-z]{4,8}$/),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 })),
  { minKeys: 1, maxKeys: 4, noNullPrototype: true },
);

const damaged = z.object({ items: z.array(z.object({ damaged: z.literal(true) })).min(1) });

function hasDamaged(value: unknown): boolean {
  return damaged.safeParse(value).success;
}

describe.each(Object.entries(KINDS))('an item of the kind %s', (_, kind) => {
  test('of the next release is read, whatever attributes it has in addition', async () => {
    await withItems(kind, async (registry, change) => {
      const before = await Promise.all(kind.read.map((read) => read(registry)));
      await fc.assert(
        fc.asyncProperty(added, async (attributes) => {
          await change({ ...attributes, v: SCHEMA + 1 });
          expect(await Promise.all(kind.read.map((read) => read(registry)))).toEqual(before);
        }),
        { numRuns: 5 },
      );
    });
  });

  test('of a release after the next is not taken for one that this release knows', async () => {
    await withItems(kind, async (registry, change) => {
      const before = await Promise.all(kind.read.map((read) => read(registry)));
      await change({ v: SCHEMA + 2 });
      let refused = 0;
      for (const [index, read] of kind.read.entries()) {
        const answer = await read(registry).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        // One note that cannot be read must not keep the others from being sealed: it is listed as damaged.
        if ('value' in answer && hasDamaged(answer.value)) refused += 1;
        else if ('value' in answer) expect(answer.value).toEqual(before[index]);
        else {
          expect(answer.error).toMatchObject({ code: 'ITEM_SCHEMA_UNKNOWN' });
          refused += 1;
        }
      }
      // A hint is in one of sixteen shards.
      expect(refused).toBe(kind.read.length === 16 ? 1 : kind.read.length);
    });
  });
});
