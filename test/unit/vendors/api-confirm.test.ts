import { describe, expect, test } from 'vitest';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { aChunk, aWorkRecord } from '../../conformance/registry/registry-samples.ts';
import { apiWorld } from '../../support/api-world.ts';

const HOLDING = {
  store: 'orders',
  locator: ['shop/1'],
  categories: ['registration'],
  purposes: ['service'],
  entities: [{ type: 'contract', id: 'c-1' }],
};

/** A vendor was asked for the only record of the lane. */
async function asked() {
  const world = apiWorld();
  expect((await world.call('shop', '/v1/holdings', { holdings: [HOLDING] })).status).toBe(200);
  await world.deliver();
  const [holding] = world.registry.allHoldings();
  if (holding === undefined) throw new Error('nothing was registered');
  const { ref, registeredAt } = holding;
  const request = { number: 1, round: 0, at: 0, since: 0, accepted: true } as const;
  const one = { ref, generation: 1, stage: 'delete', version: 1, lookedAt: 0, asked: request } as const;
  const chunk = { ...aChunk('c-1'), lane: 'orders', refs: [ref], uncertain: [one] };
  await world.registry.putChunks([chunk]);
  const record = logRef(await world.keys.logKey(yearOf(registeredAt)), ref);
  const confirm = (as: 'operator' | 'auditor' | 'shop', body: object = { record }, lane = 'orders') =>
    world.call(as, `/v1/lanes/${lane}/confirm`, body);
  return { world, chunk, record, confirm };
}

type Asked = Awaited<ReturnType<typeof asked>>;

const notes = ({ world }: Asked) =>
  world.registry.allResults().flatMap((result) => ('void' in result ? [] : (result.actions ?? [])));

describe('what a person has heard of a vendor', () => {
  test('is in the chunk that waits for it, after an entry that says who said it', async () => {
    const it = await asked();
    expect(await it.confirm('operator')).toMatchObject({ status: 200, body: { confirmed: true } });
    await it.world.settleAll();
    const { version } = it.chunk;
    expect(it.world.registry.allChunks()).toMatchObject([
      { version: version + 1, uncertain: [{ asked: { number: 1, confirmed: it.world.clock.now() } }] },
    ]);
    expect(notes(it)).toMatchObject([
      { did: 'confirm-vendor', lane: 'orders', target: it.record, by: expect.any(String) as string },
    ]);
  });

  test('is taken from operators only', async () => {
    const it = await asked();
    for (const who of ['auditor', 'shop'] as const) expect((await it.confirm(who)).status).toBe(403);
    expect(it.world.registry.allChunks()).toEqual([it.chunk]);
    expect(notes(it)).toEqual([]);
  });

  test('is refused of a record that no vendor was asked for, and leaves no entry', async () => {
    const it = await asked();
    expect(await it.confirm('operator', { record: 'A'.repeat(22) })).toMatchObject({
      status: 409,
      body: { code: 'VENDOR_NOT_ASKED' },
    });
    expect((await it.confirm('operator', undefined, 'nowhere')).status).toBe(404);
    expect((await it.confirm('operator', { record: 'anna@example.org' })).status).toBe(400);
    expect(notes(it)).toEqual([]);
  });

  test('waits while a worker has the chunk, and is written when it is done', async () => {
    const it = await asked();
    const work = { ...aWorkRecord(it.chunk, '2026-03-01T10.token'), lane: 'orders' };
    await it.world.registry.putWork({ ...work, until: it.world.clock.now() + 30_000 });
    expect((await it.confirm('operator')).status).toBe(200);
    await it.world.settleAll();
    expect(it.world.registry.allChunks()).toEqual([it.chunk]);
    await it.world.registry.deleteWork(work);
    await it.world.wakeUntil(new Date(it.world.clock.now() + 90_000).toISOString());
    expect(it.world.registry.allChunks()).toMatchObject([
      { uncertain: [{ asked: { confirmed: expect.any(Number) as number } }] },
    ]);
  });
});
