import { expect, test } from 'vitest';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { Asked } from '../../../shared/domain/record/asked.ts';
import type { HoldingRef, LogRef } from '../../../shared/domain/record/ids.ts';
import { handleOf } from '../../../shared/domain/record/notice.ts';
import type { NamedStage } from '../../../shared/domain/record/stage-name.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { openRequestsAbout } from '../../../shared/protocol/vendor/confirm-asked.ts';
import { aChunk, aWorkRecord } from '../../conformance/registry/registry-samples.ts';
import { apiWorld, configuration } from '../../support/api-world.ts';
import { aHoldingRef } from '../../support/samples.ts';

const MINUTE = 60_000;
const registration = (id: string) => ({
  store: 'orders',
  locator: [id],
  categories: ['registration'],
  purposes: ['service'],
  entities: [{ type: 'contract', id: 'c-1' }],
});
const ASKED: Asked = { number: 1, round: 0, at: 0, since: 0, accepted: true };

/** Requests to the vendor `orders` are open: of `shop/1`, and of what is registered in the year before, too. */
async function world(stages: readonly NamedStage[], start = '2026-03-01T10:00:00Z') {
  const w = apiWorld(start);
  expect((await w.call('shop', '/v1/holdings', { holdings: [registration('shop/1')] })).status).toBe(200);
  await w.deliver();
  const [holding] = w.registry.allHoldings();
  if (holding === undefined) throw new Error('nothing was registered');
  const { ref, registeredAt } = holding;
  const record = logRef(await w.keys.logKey(yearOf(registeredAt)), ref);
  const chunk = waiting('c-1', ref, stages);
  await w.registry.putChunks([chunk]);
  const confirm = (body: object) => w.call('operator', '/v1/lanes/orders/confirm', body);
  return { w, ref, record, chunk, confirm };
}
type World = Awaited<ReturnType<typeof world>>;

function waiting(id: string, ref: HoldingRef, stages: readonly NamedStage[], asked = ASKED): Chunk {
  const uncertain = stages.map((stage) => ({ ref, generation: 1, ...stage, version: 1, lookedAt: 0, asked }));
  return { ...aChunk(id), lane: 'orders', refs: [ref], uncertain };
}

const confirmed = ({ w }: World): readonly string[] =>
  w.registry
    .allChunks()
    .flatMap(({ uncertain }) => uncertain)
    .flatMap(({ stage, part, asked }) => (asked?.confirmed === undefined ? [] : [`${stage} ${part ?? ''}`]));
const targets = (it: World) => notes(it).map((note) => ('target' in note ? note.target : undefined));
const notes = ({ w }: World) =>
  w.registry.allResults().flatMap((result) => ('void' in result ? [] : (result.actions ?? [])));

test('a record that is confirmed by its handle is named in the log as in its other entries', async () => {
  const it = await world([{ stage: 'delete' }]);
  expect((await it.confirm({ record: handleOf(it.ref) })).status).toBe(200);
  await it.w.settleAll();
  expect(confirmed(it)).toEqual(['delete ']);
  expect(targets(it)).toEqual([it.record]);
  expect(JSON.stringify(it.w.registry.allResults())).not.toContain(handleOf(it.ref));
});

test('a record whose key of the log was destroyed keeps no other one from being confirmed', async () => {
  const it = await world([{ stage: 'delete' }], '2025-12-01T10:00:00Z');
  await it.w.wakeUntil('2026-01-02T10:00:00Z');
  await it.w.call('shop', '/v1/holdings', { holdings: [registration('shop/2')] });
  await it.w.deliver();
  const other = it.w.registry.allHoldings().find(({ ref }) => ref !== it.ref);
  if (other === undefined) throw new Error('nothing was registered');
  await it.w.registry.putChunks([waiting('c-2', other.ref, [{ stage: 'delete' }])]);
  const record = logRef(await it.w.keys.logKey(2026), other.ref);
  it.w.destroyedLogKeys.add(2025);
  expect((await it.confirm({ record })).status).toBe(200);
  await it.w.settleAll();
  expect(confirmed(it)).toEqual(['delete ']);
  // Of the one without a name in the log, the entry names none.
  expect((await it.confirm({ record: handleOf(it.ref) })).status).toBe(200);
  expect(targets(it)).toEqual([record, undefined]);
});

test('of several open requests about a record only that is confirmed which a person names', async () => {
  const it = await world([{ stage: 'restrict' }, { stage: 'delete' }]);
  const { record } = it;
  expect(await it.confirm({ record })).toMatchObject({
    status: 409,
    body: { code: 'STAGE_NEEDED', path: 'stage' },
  });
  expect(await it.confirm({ record, stage: 'lift' })).toMatchObject({
    status: 409,
    body: { code: 'VENDOR_NOT_ASKED' },
  });
  expect(notes(it)).toEqual([]);
  expect((await it.confirm({ record, stage: 'restrict' })).status).toBe(200);
  await it.w.settleAll();
  expect(confirmed(it)).toEqual(['restrict ']);
});

test('of several parts only that is confirmed which a person names', async () => {
  const parts = ['purpose:service', 'purpose:news'].map((part) => ({ stage: 'anonymise', part }) as const);
  const it = await world(parts);
  const { record } = it;
  expect((await it.confirm({ record, stage: 'anonymise' })).body['code']).toBe('STAGE_NEEDED');
  expect((await it.confirm({ record, part: 'purpose:news' })).status).toBe(200);
  await it.w.settleAll();
  expect(confirmed(it)).toEqual(['anonymise purpose:news']);
});

test('what the vendor is asked for after a person has said something is not confirmed by that', async () => {
  const it = await world([{ stage: 'restrict' }]);
  const work = { ...aWorkRecord(it.chunk, '2026-03-01T10.token'), lane: 'orders' };
  await it.w.registry.putWork({ ...work, until: it.w.clock.now() + MINUTE });
  expect((await it.confirm({ record: it.record })).status).toBe(200);
  await it.w.settleAll();
  // The worker heard that the restriction was done. It was lifted since, and is due again.
  await it.w.registry.deleteWork(work);
  await it.w.registry.deleteChunk(it.chunk);
  const again = waiting('c-3', it.ref, [{ stage: 'restrict' }], { ...ASKED, round: 7 });
  await it.w.registry.putChunks([again, waiting('c-4', it.ref, [{ stage: 'delete' }])]);
  await it.w.wakeUntil(new Date(it.w.clock.now() + 10 * MINUTE).toISOString());
  expect(confirmed(it)).toEqual([]);
});

test('what is asked for again while a person says that it is done is the same request', async () => {
  const it = await world([{ stage: 'delete' }]);
  const work = { ...aWorkRecord(it.chunk, '2026-03-01T10.token'), lane: 'orders' };
  await it.w.registry.putWork({ ...work, until: it.w.clock.now() + MINUTE });
  expect((await it.confirm({ record: it.record })).status).toBe(200);
  await it.w.settleAll();
  const { version } = it.chunk;
  const chased = waiting('c-1', it.ref, [{ stage: 'delete' }], { ...ASKED, number: 2 });
  await it.w.registry.writeChunk({ ...it.chunk, ...chased, version: version + 1 });
  await it.w.registry.deleteWork(work);
  await it.w.wakeUntil(new Date(it.w.clock.now() + 10 * MINUTE).toISOString());
  expect(confirmed(it)).toEqual(['delete ']);
});

test('a record that is named by its handle is found without reading those of other requests', async () => {
  const it = await world([{ stage: 'delete' }]);
  const others = Array.from({ length: 30 }, (_, n) =>
    waiting(`o-${n}`, aHoldingRef(n), [{ stage: 'delete' }]),
  );
  await it.w.registry.putChunks(others);
  const read: HoldingRef[] = [];
  const registry = {
    ...it.w.registry,
    readHoldings(refs: readonly HoldingRef[]) {
      read.push(...refs);
      return it.w.registry.readHoldings(refs);
    },
  };
  const core = { registry, clock: it.w.clock, keys: it.w.keys, lane: 'orders', configuration };
  const open = await openRequestsAbout(core, handleOf(it.ref) as LogRef);
  expect(open).toMatchObject([{ stage: 'delete', record: it.record }]);
  expect(read).toEqual([it.ref]);
  expect(await openRequestsAbout(core, it.record)).toEqual(open);
});
