import { describe, expect, test } from 'vitest';
import { apiWorld } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

const event = {
  specversion: '1.0',
  id: 'e-1',
  source: 'shop.example',
  type: 'contract.ended',
  time: '2026-03-01T09:59:00Z',
  data: { entity: { type: 'contract', id: 'c-9' }, occurred: '2026-02-28' },
};

describe('POST /v1/events', () => {
  test('publishes what is right, says so for each item, and loses nothing for a bad one', async () => {
    const world = apiWorld();
    const answer = await world.call('shop', '/v1/events', {
      events: [
        event,
        { ...event, id: 'e-2', data: { ...event.data, occurred: MARKER } },
        { ...event, id: 'e-3', type: 'contract.burnt' },
        { ...event, id: 'e-4', source: MARKER },
        MARKER,
        { ...event, id: 'e-6', type: 'contract.renewed' },
        { ...event, id: 'e-7', data: { ...event.data, occurred: '1970-01-01T01:00:00+01:00' } },
      ],
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      results: [
        { index: 0, status: 'accepted' },
        { index: 1, status: 'rejected', code: 'EVENT_DATE_INVALID', path: 'data.occurred' },
        { index: 2, status: 'rejected', code: 'EVENT_UNDECLARED', path: 'type' },
        { index: 3, status: 'rejected', code: 'SOURCE_MISMATCH', path: 'source' },
        { index: 4, status: 'rejected', code: 'BODY_INVALID' },
        { index: 5, status: 'accepted' },
        { index: 6, status: 'rejected', code: 'EVENT_DATE_IMPLAUSIBLE', path: 'data.occurred' },
      ],
    });
    expect(answer.text).not.toContain(MARKER);
    expect(world.bus.published.map(({ type }) => type)).toEqual(['contract.ended', 'contract.renewed']);
  });

  test('publishes the event as it was sent, with the producer that the api has found', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/events', {
      events: [{ ...event, tenureproducer: 'rival', tenureoperator: true, traceparent: MARKER }],
    });
    expect(world.bus.published.map(({ detail }) => JSON.parse(detail))).toEqual([
      { ...event, tenureproducer: 'shop' },
    ]);
  });

  test('becomes a fact after the bus; sent again it is a duplicate', async () => {
    const world = apiWorld();
    for (let round = 0; round < 2; round += 1) {
      await world.call('shop', '/v1/events', { events: [event] });
      await world.deliver();
    }
    expect(world.registry.allFacts()).toHaveLength(1);
    expect(world.lines.map(({ code }) => code)).toEqual(['ingest.accepted', 'ingest.duplicate']);
  });

  test('accepts only what the bus has confirmed', async () => {
    const world = apiWorld();
    world.bus.failNext(1);
    const answer = await world.call('shop', '/v1/events', { events: [event, { ...event, id: 'e-2' }] });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      results: [
        { index: 0, status: 'rejected', code: 'NOT_DURABLE' },
        { index: 1, status: 'accepted' },
      ],
    });
    world.bus.failNext(1);
    expect((await world.call('shop', '/v1/events', { events: [event] })).status).toBe(503);
  });

  test('answers 400 when nothing of a batch was taken, and still tells of every item', async () => {
    const world = apiWorld();
    const answer = await world.call('shop', '/v1/events', { events: [{ ...event, id: '' }] });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      results: [
        { index: 0, status: 'rejected', code: 'BODY_INVALID', path: 'id', message: 'at least 1 characters' },
      ],
    });
  });

  test('takes 100 items and refuses 101', async () => {
    const world = apiWorld();
    const many = Array.from({ length: 101 }, (_, index) => ({ ...event, id: `e-${index}` }));
    expect((await world.call('shop', '/v1/events', { events: many.slice(0, 100) })).status).toBe(200);
    const answer = await world.call('shop', '/v1/events', { events: many });
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ code: 'BATCH_TOO_LARGE', path: 'events' });
    expect(world.bus.published).toHaveLength(100);
  });

  test('refuses a body of more than 256 KB, and an item of more than 64 KB alone', async () => {
    const world = apiWorld();
    const large = await world.call('shop', '/v1/events', { events: [event], filler: MARKER.repeat(13_000) });
    expect(large.status).toBe(413);
    expect(large.body).toMatchObject({ code: 'BATCH_TOO_LARGE' });
    const item = await world.call('shop', '/v1/events', {
      events: [{ ...event, filler: MARKER.repeat(4_000) }, event],
    });
    expect(item.body).toMatchObject({
      results: [
        { index: 0, status: 'rejected', code: 'ITEM_TOO_LARGE' },
        { index: 1, status: 'accepted' },
      ],
    });
  });

  test('lets an operator retract for a producer, and make no events', async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/events', { events: [event] });
    await world.deliver();
    const retraction = {
      ...event,
      id: 'op-1',
      source: 'desk.example',
      type: 'tenure.event.retracted',
      data: { entity: event.data.entity, retracts: 'e-1', producer: 'shop' },
    };
    const answer = await world.call('operator', '/v1/events', {
      events: [retraction, { ...event, id: 'op-2' }],
    });
    expect(answer.body).toMatchObject({
      results: [
        { index: 0, status: 'accepted' },
        { index: 1, status: 'rejected', code: 'FORBIDDEN' },
      ],
    });
    await world.deliver();
    expect(world.registry.allFacts().map(({ fact }) => fact.kind)).toEqual(
      expect.arrayContaining(['event', 'retraction']),
    );
    expect(world.registry.allQuarantined()).toEqual([]);
  });

  test("cannot end another producer's contract of the same id", async () => {
    const world = apiWorld();
    await world.call('shop', '/v1/events', { events: [event] });
    await world.call('rival', '/v1/events', { events: [{ ...event, source: 'rival.example' }] });
    await world.deliver();
    const entities = world.registry.allFacts().map(({ entity }) => entity);
    expect(new Set(entities).size).toBe(2);
  });
});
