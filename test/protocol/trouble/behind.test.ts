import { expect, test } from 'vitest';
import { driver } from '../../support/driver/driver.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { happened, registered, type Sending } from '../../support/driver/envelopes.ts';
import { hour, STORE as ORDERS, twoProducers } from '../../support/driver/two-producers.ts';
import { PRODUCER } from '../../support/driver/world.ts';

const at = (time: string): number => Date.parse(`2026-03-03T${time}:00Z`);

test('no chunk of a producer is begun while its messages wait: an extension that comes meanwhile counts', async () => {
  const rules = { notes: ['1 day after contract.ended'] };
  const d = await driver({ start: '2026-03-02T09:00:00Z', rules });
  for (const [id, contract] of [
    ['n-1', 'c-1'],
    ['n-2', 'c-2'],
  ] as const) {
    d.registers(id, [contract]);
    d.store.put([id], {});
    d.happens('contract.ended', contract, '2026-03-02T10:00:00Z');
  }
  await d.runUntil('2026-03-03T09:50:00Z');
  await d.registry.noteBehind(PRODUCER, { now: at('09:50'), until: at('12:30') });
  await d.runUntil('2026-03-03T12:20:00Z');
  expect(['n-1', 'n-2'].map((id) => d.store.fields([id]))).toEqual([{}, {}]);
  expect(d.reports.lines).toContainEqual(
    expect.objectContaining({
      code: 'dispose.left',
      fields: expect.objectContaining({ code: 'producer-behind' }) as unknown,
    }),
  );
  expect(d.reports.lines).toContainEqual({
    code: 'sweep.waiting-too-long',
    fields: { code: 'producer-behind', producer: PRODUCER, count: 1 },
  });
  // The message that waited: the contract of n-1 ended later.
  d.happens('contract.ended', 'c-1', '2026-03-20T10:00:00Z');
  await d.runUntil('2026-03-03T14:00:00Z');
  expect(d.store.fields(['n-1'])).toBeDefined();
  expect(d.store.fields(['n-2'])).toBeUndefined();
  expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['deleted']);
  expect(await violations(d)).toEqual([]);
});

test('what a dead worker left is taken over all the same: a registration of the producer may wait for it', async () => {
  const d = await driver({
    start: '2026-03-02T09:00:00Z',
    rules: { notes: ['1 day after contract.ended'] },
  });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], {});
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.runUntil('2026-03-03T09:50:00Z');
  await d.registry.noteBehind(PRODUCER, { now: at('09:50'), until: at('14:30') });
  await d.runUntil('2026-03-03T10:20:00Z');
  const [chunk] = d.registry.allChunks();
  if (chunk === undefined) throw new Error('there is no chunk');
  const { lane, refs } = chunk;
  const died = { token: '2026-03-03T10.dead', begunAt: at('10:05'), until: at('10:15'), actedOn: [] };
  await d.registry.putWork({ ...died, lane, chunk, refs });
  await d.runUntil('2026-03-03T12:20:00Z');
  expect(d.registry.allWorkRecords()).toEqual([]);
  expect(d.store.fields(['n-1'])).toBeDefined();
  await d.runUntil('2026-03-03T16:00:00Z');
  expect(d.store.fields(['n-1'])).toBeUndefined();
});

test('records of others wait, too, where the producer may have them kept longer: a shared person stays', async () => {
  const sim = twoProducers();
  const person = { type: 'person', id: 'p-1' };
  const say = (producer: string, at: number, id: string, body: (sending: Sending) => string): void => {
    const arrived = hour(at);
    sim.deliver(arrived, { queue: 'ingest', id, body: body({ source: `${producer}.example`, id, arrived }) });
  };
  const occurredAt = (at: number): string => new Date(hour(at)).toISOString();
  const row = { store: ORDERS, locator: ['south/row-1'], categories: ['profile'], entities: [person] };
  sim.store(ORDERS).put(row.locator, {});
  say('south', 0, 's-1', (sending) => registered(sending, row));
  say('north', 1, 'n-1', (sending) => happened(sending, 'person.left', person, occurredAt(1)));
  await sim.runTo(hour(3));
  await sim.registry.noteBehind('north', { now: hour(3), until: hour(8) });
  await sim.runTo(hour(7));
  expect(sim.store(ORDERS).fields(row.locator)).toEqual({});
  // The message of north that waited since: the person left later.
  say('north', 7, 'n-2', (sending) => happened(sending, 'person.left', person, occurredAt(12)));
  await sim.runTo(hour(14));
  expect(sim.store(ORDERS).fields(row.locator)).toEqual({});
  await sim.runTo(hour(18));
  expect(sim.store(ORDERS).fields(row.locator)).toBeUndefined();
});
