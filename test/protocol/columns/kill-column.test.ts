import { describe, expect, test } from 'vitest';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { BELL, type ColumnWorld, columnWorld } from '../../support/columns/column-world.ts';
import { dyingRegistry, type Dying } from '../../support/dying-registry.ts';

const HOUR = 3_600_000;

/** Four accounts were read; since then one was opened again, one changed, one removed, and one is new. */
async function changedWorld(): Promise<ColumnWorld> {
  const w = columnWorld();
  for (const id of ['a-1', 'a-2', 'a-3', 'a-4']) w.account(id, '2020-05-01T08:00:00Z');
  await w.read();
  w.account('a-1', null);
  w.account('a-2', '2020-06-01T08:00:00Z');
  w.store.remove(['a-3']);
  w.account('a-5', '2020-05-01T08:00:00Z');
  w.clock.set(w.clock.now() + HOUR);
  return w;
}

const MAY = ['2020-05-01T08:00:00.000Z'];

async function expectSettled(w: ColumnWorld): Promise<void> {
  expect(await w.closed('a-1')).toEqual([]);
  expect(await w.closed('a-2')).toEqual(['2020-06-01T08:00:00.000Z']);
  for (const id of ['a-3', 'a-4', 'a-5']) expect(await w.closed(id)).toEqual(MAY);
  expect(w.entries()).toHaveLength(4);
  expect(w.entries().every(({ taken }) => taken === true)).toBe(true);
  expect((await w.registry.columnMessages(w.entries()[0]!.column)).items).toEqual([]);
}

/** A lane that dies at one of its calls, then the messages that it has left, and then the hours after it. */
async function laneDies(dying: Dying): Promise<ColumnWorld> {
  const w = await changedWorld();
  const { registry } = dyingRegistry(w.registry, dying);
  await readColumn({ ...w.core, registry }, BELL, () => true).catch(() => {});
  return w;
}

describe('a lane that reads a column', () => {
  test('may die at each of its calls: nothing is lost, and it does not count as read too early', async () => {
    const calls: string[] = [];
    await laneDies({ calls });
    expect(calls.length).toBeGreaterThan(8);
    for (const when of ['before', 'after'] as const)
      for (let at = 0; at < calls.length; at += 1) {
        const w = await laneDies({ at, when });
        const early = w.readAt() ?? 0;
        expect(early, `${when} ${calls[at]}`).toBeLessThan(w.clock.now());
        await w.run(w.clock.now() + 4 * HOUR);
        await expectSettled(w);
        expect(w.readAt()).toBeGreaterThan(w.clock.now() - 2 * HOUR);
      }
  });

  test('may run twice at once', async () => {
    const w = await changedWorld();
    await Promise.all([1, 2].map(() => readColumn(w.core, BELL, () => true)));
    await w.run(w.clock.now() + 3 * HOUR);
    await expectSettled(w);
  });
});

describe('ingest that takes what a column says', () => {
  test('may die at each of its calls, and the message comes again', async () => {
    async function dies(dying: Dying): Promise<ColumnWorld> {
      const w = await changedWorld();
      await readColumn(w.core, BELL, () => true);
      await tellOfColumns(w.core, () => true);
      const { registry } = dyingRegistry(w.registry, dying);
      for (const message of w.columnMessages.splice(0)) {
        try {
          await w.take(message, { ...w.core, registry });
        } catch {
          // The queue delivers it again.
          await w.take(message);
        }
      }
      return w;
    }
    const calls: string[] = [];
    await dies({ calls });
    expect(calls.length).toBeGreaterThan(20);
    for (const when of ['before', 'after'] as const)
      for (let at = 0; at < calls.length; at += 1) {
        const w = await dies({ at, when });
        await expectSettled(w);
      }
  });

  test('loses nothing where a message is lost', async () => {
    const w = await changedWorld();
    await readColumn(w.core, BELL, () => true);
    await tellOfColumns(w.core, () => true);
    w.columnMessages.splice(0);
    await w.run(w.clock.now() + 4 * HOUR);
    await expectSettled(w);
  });
});

describe('the sweep that sends on what lanes have found', () => {
  test('may die at each of its calls', async () => {
    for (const when of ['before', 'after'] as const)
      for (let at = 0; at < 3; at += 1) {
        const w = await changedWorld();
        await readColumn(w.core, BELL, () => true);
        const { registry } = dyingRegistry(w.registry, { at, when });
        await tellOfColumns({ ...w.core, registry }, () => true);
        await w.run(w.clock.now() + 4 * HOUR);
        await expectSettled(w);
      }
  });
});
