import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { API_SOURCE } from '../../../shared/contract/bus.ts';
import { holdDetail, type HoldMessage, type SentHold } from '../../../shared/contract/people/hold-message.ts';
import { type LegalHold, MOST_HOLDS_ON_ENTITY } from '../../../shared/domain/record/hold.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { openHoldText, openReleaseText } from '../../../shared/protocol/people/hold-text.ts';
import { at, due, DUE, type World } from '../../support/driver/dying-worker.ts';
import { PRODUCER } from '../../support/driver/world.ts';

const OPERATOR = 'arn:aws:sts::111122223333:assumed-role/operator/anna';
const released = { at: 7, by: OPERATOR, reason: 'over' };

function sent(scope: SentHold['scope'], more: Partial<SentHold> = {}): SentHold {
  return { scope, at: 5, by: OPERATOR, matter: 'case 17', reason: 'a claim', ...more };
}

/** As the bus delivers what the api has published. */
function body(message: Omit<HoldMessage, 'kind' | 'isReplayed'>, isReplayed = true): string {
  const { type, detail } = holdDetail(message);
  return JSON.stringify({
    version: '0',
    id: `bus-${message.id}-${type}`,
    source: API_SOURCE,
    'detail-type': type,
    time: '2026-03-01T10:00:00Z',
    detail: JSON.parse(detail) as object,
    ...(isReplayed && { 'replay-name': 'restore' }),
  });
}

const CONTRACT = { entity: { type: 'contract', id: 'c-1', producer: PRODUCER } };
const onContract = sent(CONTRACT, { freeze: true, reviewBy: 9 });
const onCategory = sent({ category: 'notes' });
const onStore: LegalHold = { id: 'h-3', kind: 'hold', scope: { store: 'notes' }, state: 'placed', at: 1 };

/** What came after the time that the registry was restored to. */
const ARCHIVE: Readonly<Record<string, string>> = {
  'one is placed': body({ id: 'h-1', hold: onContract }),
  'another is placed': body({ id: 'h-2', hold: onCategory }),
  'the other is released': body({ id: 'h-2', hold: onCategory, released }),
  'a third, that was placed before, is released': body({
    id: 'h-3',
    hold: sent({ store: 'notes' }),
    released,
  }),
};

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

/** The registry as its backup has it: a record is parked under a hold that was released afterwards. */
async function backup(): Promise<World> {
  const { w } = await due();
  await placeHold(w.core, onStore);
  await w.run(at(DUE));
  expect(w.registry.allParked()).toHaveLength(1);
  return w;
}

describe('a registry that was restored gets its holds back from the archive of the bus', () => {
  test.for(permutations(Object.keys(ARCHIVE)).map((order) => ({ order })))('$order', async ({ order }) => {
    const w = await backup();
    for (const name of [...order, ...order])
      expect(await ingest(w.core, ARCHIVE[name] ?? '', 1)).toBe('done');
    expect((await w.registry.wideHolds()).map(({ id }) => id)).toEqual([]);
    expect(w.registry.allHoldRecords().map(({ id, state }) => [id, state])).toEqual([
      ['h-1', 'placed'],
      ['h-2', 'released'],
      ['h-3', 'released'],
    ]);
    const record = await w.registry.holdRecord('h-1');
    if (record === undefined || !('entity' in record.scope)) throw new Error('not on an entity');
    expect(w.registry.allStates().get(record.scope.entity)).toMatchObject({
      holds: ['h-1'],
      freezing: ['h-1'],
    });
    expect(record).toMatchObject({ at: 5, reviewBy: 9, freeze: true });
    const { keys } = w.core;
    expect(await openHoldText(keys, 'h-1', record.sealed)).toEqual({
      matter: 'case 17',
      reason: 'a claim',
      by: OPERATOR,
      entity: CONTRACT.entity,
    });
    const other = (await w.registry.holdRecord('h-2'))?.released;
    expect(other?.at).toBe(7);
    expect(await openReleaseText(keys, 'h-2', other?.sealed)).toEqual({ reason: 'over', by: OPERATOR });
    // What was parked under the third one is looked at again.
    expect(w.registry.allParked()).toEqual([]);
    await w.run(w.clock.now() + 3_600_000);
    expect(w.store.size()).toBe(0);
  });

  test('and what such a hold covers stays', async () => {
    const w = await backup();
    const all = sent({ everything: true });
    await ingest(w.core, body({ id: 'h-4', hold: all }), 1);
    await ingest(w.core, body({ id: 'h-3', hold: sent({ store: 'notes' }), released }), 1);
    await w.run(w.clock.now() + 3_600_000);
    expect(w.store.size()).toBe(1);
    const record = await w.registry.holdRecord('h-4');
    if (record === undefined) throw new Error('no record');
    await release(w.core, record);
    await w.run(w.clock.now() + 3_600_000);
    expect(w.store.size()).toBe(0);
  });
});

test('holds on one entity come back however many there were, also before the releases of former ones', async () => {
  const { w } = await due();
  const ids = Array.from({ length: MOST_HOLDS_ON_ENTITY + 10 }, (_, n) => `h-${n}`);
  for (const id of ids) await ingest(w.core, body({ id, hold: sent(CONTRACT) }), 1);
  for (const id of ids.slice(0, -1)) await ingest(w.core, body({ id, hold: sent(CONTRACT), released }), 1);
  const inForce = w.registry.allHoldRecords().filter(({ state }) => state === 'placed');
  expect(inForce.map(({ id }) => id)).toEqual(ids.slice(-1));
  expect([...w.registry.allStates().values()].flatMap(({ holds }) => holds)).toEqual(ids.slice(-1));
});

test('a hold that comes on the bus as usual changes nothing of what the api has done', async () => {
  const { w } = await due();
  const hold: LegalHold = { id: 'h-1', kind: 'hold', scope: { category: 'notes' }, state: 'placed', at: 5 };
  await placeHold(w.core, hold);
  await w.registry.recordInFlight('h-1', []);
  const before = w.registry.allHoldRecords();
  await ingest(w.core, body({ id: 'h-1', hold: onCategory }, false), 1);
  expect(w.registry.allHoldRecords()).toEqual(before);
  await release(w.core, { ...hold, released: { at: 6 } });
  await ingest(w.core, body({ id: 'h-1', released }, false), 1);
  expect(await w.registry.holdRecord('h-1')).toMatchObject({ state: 'released', released: { at: 6 } });
  await ingest(w.core, body({ id: 'h-1', hold: onCategory }, false), 1);
  expect(await w.registry.wideHolds()).toEqual([]);
});

test('a release whose words are lost keeps the id from being used, and nothing else', async () => {
  const { w } = await due();
  await ingest(w.core, body({ id: 'h-9', released }), 1);
  expect(await w.registry.holdRecord('h-9')).toMatchObject({ state: 'released', released: { at: 7 } });
  await ingest(w.core, body({ id: 'h-9', hold: onCategory }), 1);
  expect(await w.registry.wideHolds()).toEqual([]);
});

test('a hold that does not come from the api is quarantined', async () => {
  const { w } = await due();
  const text = body({ id: 'h-1', hold: onCategory }, false);
  for (const from of [{ source: 'https://portal.example' }, { source: 'stranger' }]) {
    const message = { ...(JSON.parse(text) as object), ...from };
    await ingest(w.core, JSON.stringify(message), 1);
  }
  expect(w.registry.allQuarantined()).toHaveLength(2);
  expect(w.registry.allHoldRecords()).toEqual([]);
});
