import { describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { createApi } from '../../../functions/api/api.ts';
import { problem } from '../../../shared/contract/problem.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { apiWorld, configuration, principals } from '../../support/api-world.ts';
import { corrected, happened, retracted } from '../../support/driver/envelopes.ts';

const entity = { type: 'contract', id: 'c-1' };
const sending = { source: 'shop.example', arrived: Date.parse('2026-03-01T09:00:00Z') };
const { shop } = configuration.producers;
if (shop === undefined) throw new Error('the world has a shop');
/** The shop may not say any more that a contract ended. */
const taken: Configuration = {
  ...configuration,
  producers: { ...configuration.producers, shop: { ...shop, events: ['contract.renewed'] } },
};

/** A world with an end of contract that the shop sent while it was granted. */
async function endedWorld() {
  const world = apiWorld();
  const ended = happened({ ...sending, id: 'e-1' }, 'contract.ended', entity, '2026-02-01');
  expect(await ingest(world, ended, 1)).toBe('done');
  const now = { ...world, configuration: taken };
  let calls = 0;
  const registry = {
    ...world.registry,
    facts: (...args: Parameters<typeof world.registry.facts>) => {
      calls += 1;
      return world.registry.facts(...args);
    },
    history: () =>
      Promise.reject(new Error('the api reads no history: an entity may have any number of facts')),
  };
  async function send(as: 'shop' | 'operator', events: readonly object[]) {
    const request = new Request('https://api.example/v1/events', {
      method: 'POST',
      body: JSON.stringify({ events }),
    });
    const answer = await createApi({ ...now, registry }).fetch(request, { principal: principals[as] });
    return (await answer.json()) as { results: { status: string; code?: string; path?: string }[] };
  }
  return { ...now, send, reads: () => calls };
}

const cloudEvent = (type: string, data: object, id = 'e-2') => ({
  specversion: '1.0',
  id,
  source: 'shop.example',
  type,
  data: { entity, ...data },
});
const retraction = (more: object = {}, id?: string) =>
  cloudEvent('tenure.event.retracted', { retracts: 'e-1', ...more }, id);
const correction = (type: string, more: object = {}, id?: string) =>
  cloudEvent(type, { corrects: 'e-1', occurred: '2026-02-02', ...more }, id);

describe('an event whose grant was taken away', () => {
  test('cannot be corrected or retracted by its producer over HTTP', async () => {
    const world = await endedWorld();
    const { results } = await world.send('shop', [
      retraction(),
      correction('contract.renewed', {}, 'e-3'),
      cloudEvent('contract.renewed', { occurred: '2026-02-02' }, 'e-4'),
      retraction({ retracts: 'e-4' }, 'e-5'),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', code: 'CONCERNED_NOT_GRANTED', path: 'data.retracts' },
      { status: 'rejected', code: 'CONCERNED_NOT_GRANTED', path: 'data.corrects' },
      { status: 'accepted' },
      { status: 'accepted' },
    ]);
    expect(problem('CONCERNED_NOT_GRANTED').title).toContain('an operator has to correct it');
    // Whatever the batch asks about the entity, each event is read once.
    expect(world.reads()).toBe(2);
  });

  test('cannot be corrected or retracted by its producer on the bus', async () => {
    const world = await endedWorld();
    const before = await world.registry.history((await refs(world)).entity);
    await ingest(world, retracted({ ...sending, id: 'e-2' }, entity, 'e-1'), 1);
    await ingest(
      world,
      corrected({ ...sending, id: 'e-3' }, 'contract.renewed', entity, '2026-02-02', 'e-1'),
      1,
    );
    expect(
      world.registry.allQuarantined().map(({ code, reason, producer }) => [code, reason, producer]),
    ).toEqual(
      expect.arrayContaining([
        ['CONCERNED_NOT_GRANTED', 'data.retracts', 'shop'],
        ['CONCERNED_NOT_GRANTED', 'data.corrects', 'shop'],
      ]),
    );
    expect(await world.registry.history((await refs(world)).entity)).toEqual(before);
  });

  test('nor by way of a correction that it may still send, or of a retraction of a retraction', async () => {
    const world = await endedWorld();
    // An operator took the end back: the producer cannot bring it back.
    const { results } = await world.send('operator', [retraction({ producer: 'shop' }, 'e-7')]);
    expect(results).toMatchObject([{ status: 'accepted' }]);
    for (const { detail, type } of world.bus.drain()) await ingest(world, asEnvelope(type, detail), 1);
    await ingest(world, retracted({ ...sending, id: 'e-8' }, entity, 'e-7'), 1);
    expect(world.registry.allQuarantined()).toMatchObject([{ code: 'CONCERNED_NOT_GRANTED' }]);
  });

  test('nor at the end of however many corrections', async () => {
    const world = apiWorld();
    const chain = 40;
    await ingest(world, happened({ ...sending, id: 'e-1' }, 'contract.ended', entity, '2026-02-01'), 1);
    for (let n = 2; n <= chain; n += 1)
      await ingest(
        world,
        corrected({ ...sending, id: `e-${n}` }, 'contract.renewed', entity, '2026-02-02', `e-${n - 1}`),
        1,
      );
    expect(world.registry.allQuarantined()).toEqual([]);
    const later = { ...world, configuration: taken };
    await ingest(later, retracted({ ...sending, id: 'e-last' }, entity, `e-${chain}`), 1);
    expect(world.registry.allQuarantined()).toMatchObject([{ code: 'CONCERNED_NOT_GRANTED' }]);
  });

  test('is corrected and retracted by an operator, who cannot give it a type that is not granted', async () => {
    const world = await endedWorld();
    const forShop = { producer: 'shop' };
    const { results } = await world.send('operator', [
      correction('contract.ended', forShop, 'e-3'),
      correction('contract.renewed', forShop, 'e-4'),
      retraction(forShop, 'e-5'),
      correction('contract.ended', { ...forShop, corrects: 'e-0' }, 'e-6'),
    ]);
    expect(results).toMatchObject([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'rejected', code: 'EVENT_NOT_GRANTED', path: 'type' },
    ]);
    for (const { detail, type } of world.bus.drain())
      expect(await ingest(world, asEnvelope(type, detail), 1)).toBe('done');
    expect(world.registry.allQuarantined()).toEqual([]);
    expect(await world.registry.history((await refs(world)).entity)).toHaveLength(4);
  });
});

async function refs(world: Awaited<ReturnType<typeof endedWorld>>) {
  return { entity: (await refsOf(world, 'shop')).entity(entity) };
}

/** As the bus delivers what the api has put on it. */
function asEnvelope(type: string, detail: string): string {
  return JSON.stringify({
    version: '0',
    id: 'bus-1',
    source: 'tenure.api',
    'detail-type': type,
    time: '2026-03-01T10:00:00Z',
    detail: JSON.parse(detail) as unknown,
  });
}
