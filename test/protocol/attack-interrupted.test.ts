import { describe, expect, test } from 'vitest';
import type { Masks } from '../../shared/domain/record/masks.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { openLink } from '../../shared/protocol/entry-links.ts';
import { aPolicy, aRule } from '../support/rules/rule-world.ts';
import {
  at,
  dies,
  due,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
  type World,
} from '../support/driver/dying-worker.ts';

/** A worker deletes and stops before its result is written. Before anything takes over, its registration ends. */

const INTERRUPTED = { stage: 'delete', outcome: 'already-so', interrupted: true };

async function interrupted(options: Parameters<typeof due>[0] = {}) {
  const { w, contract } = await due(options);
  const chunk = await handedOver(w);
  await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
  expect(w.store.size()).toBe(0);
  return { w, contract, chunk };
}

async function withdrawn(w: World): Promise<void> {
  w.clock.advance(1000);
  await w.withdraw(await w.withdrawal('n-1'));
}

/** About a contract that has not ended: the new generation is not due. */
async function registeredAgain(w: World, id = 'c-2'): Promise<void> {
  w.clock.advance(1000);
  await w.register(await w.registration('n-1', [w.entity('contract', id)]));
}

function generation(w: World, number: number) {
  return [...w.registry.allTombstones(), ...w.registry.allHoldings()].find(
    (one) => one.generation === number,
  );
}

/** Lines of the entries that a generation's sealed links lead to. */
async function linesOf(w: World, number: number): Promise<readonly (number | undefined)[]> {
  const holding = generation(w, number);
  if (holding === undefined) return [];
  const links = await Promise.all((holding.done ?? []).map((done) => openLink(w.core.keys, holding, done)));
  return links.map((link) => link?.line);
}

describe('an interrupted deletion of a record that was withdrawn and registered again', () => {
  test('is told on the generation that it was decided for', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    await registeredAgain(w);
    expect(w.holding('n-1')?.generation).toBe(2);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([{ ...INTERRUPTED, generation: 1 }]);
    expect(generation(w, 1)).toMatchObject({ state: 'disposed', done: [{ stage: 'delete' }] });
    expect(await linesOf(w, 1)).toEqual([0]);
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'active' });
    expect(w.holding('n-1')?.done).toBeUndefined();
    expect(w.registry.allChunks()).toEqual([]);
    expect(w.registry.allWorkRecords()).toEqual([]);
  });

  test('twice is told on the first generation', async () => {
    const { w, chunk } = await interrupted();
    for (const id of ['c-2', 'c-3']) {
      await withdrawn(w);
      await registeredAgain(w, id);
    }
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w)).toMatchObject([{ ...INTERRUPTED, generation: 1 }]);
    expect(generation(w, 1)?.state).toBe('disposed');
    expect(generation(w, 2)?.state).toBe('withdrawn');
    expect(w.holding('n-1')).toMatchObject({ generation: 3, state: 'active' });
  });

  test('and withdrawn again is told on the first generation', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    await registeredAgain(w);
    await withdrawn(w);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w)).toMatchObject([{ ...INTERRUPTED, generation: 1 }]);
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'withdrawn' });
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('and written again is told as one that nothing shows any more', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    await registeredAgain(w);
    w.store.put(['n-1'], { email: 'b' });
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([
      { generation: 1, stage: 'delete', outcome: 'failed', interrupted: true, answer: 'READ_BACK_BROKEN' },
    ]);
    expect(w.store.fields(['n-1'])).toEqual({ email: 'b' });
    expect(generation(w, 1)?.state).toBe('withdrawn');
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'active' });
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('and due again is told in the result that tells of the new generation', async () => {
    const { w, contract, chunk } = await interrupted({ policy: { writeLagSeconds: 0 } });
    await withdrawn(w);
    w.clock.advance(1000);
    await w.register(await w.registration('n-1', [contract]));
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([
      { ...INTERRUPTED, generation: 1 },
      { generation: 2, stage: 'delete', outcome: 'already-so' },
    ]);
    expect(entriesOf(w)[1]?.interrupted).toBeUndefined();
    expect(generation(w, 1)).toMatchObject({ state: 'disposed' });
    expect(await linesOf(w, 1)).toEqual([0]);
    expect(generation(w, 2)).toMatchObject({ state: 'disposed' });
    expect(await linesOf(w, 2)).toEqual([1]);
  });

  test('stays uncertain as long as the store cannot be read', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    await registeredAgain(w);
    await leaseEnds(w);
    w.store.fail({ call: 'readBack', code: 'STORE_TIMEOUT' });
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.registry.allChunks()).toMatchObject([{ uncertain: [{ generation: 1, stage: 'delete' }] }]);
    w.store.repair();
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(entriesOf(w)).toMatchObject([{ ...INTERRUPTED, generation: 1 }]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('is told once when each worker that takes over dies as well', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    await registeredAgain(w);
    await leaseEnds(w);
    await dies(dying(w.core, 'store', 'readBack'), chunk);
    await leaseEnds(w);
    await dies(dying(w.core, 'registry', 'putResult'), chunk);
    await leaseEnds(w);
    await dies(dying(w.core, 'registry', 'putTombstone'), chunk);
    await leaseEnds(w);
    await dies(dying(w.core, 'registry', 'deleteChunk'), chunk);
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([{ ...INTERRUPTED, generation: 1 }]);
    expect(generation(w, 1)).toMatchObject({ state: 'disposed', done: [{ stage: 'delete' }] });
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'active' });
  });

  test('whose worker had written its result is settled on its tombstone, and told once', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings'), chunk);
    await withdrawn(w);
    await registeredAgain(w);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w)).toMatchObject([{ generation: 1, outcome: 'deleted' }]);
    expect(generation(w, 1)).toMatchObject({ state: 'disposed', done: [{ stage: 'delete' }] });
    expect(await linesOf(w, 1)).toEqual([0]);
    expect(w.holding('n-1')).toMatchObject({ generation: 2, state: 'active' });
  });
});

describe('an interrupted stage of a record that was withdrawn', () => {
  test('and written again is told as one that nothing shows any more', async () => {
    const { w, chunk } = await interrupted();
    await withdrawn(w);
    w.store.put(['n-1'], { email: 'b' });
    await leaseEnds(w);
    expect(await workOnChunk(w.core, chunk)).toBe('done');
    expect(entriesOf(w)).toMatchObject([
      { generation: 1, outcome: 'failed', interrupted: true, answer: 'READ_BACK_BROKEN' },
    ]);
    expect(w.store.fields(['n-1'])).toEqual({ email: 'b' });
    expect(w.holding('n-1')?.state).toBe('withdrawn');
  });

  const NULLED: Masks = { email: { kind: 'null' } };
  const rules = [aRule('anonymise 30 days after contract.ended, then delete 60 days after contract.ended')];
  const policy = { ...aPolicy({}), categories: { notes: { rules, masks: NULLED } } };

  for (const again of [false, true])
    test(`${again ? 'and registered again ' : ''}is told without a reading when its masks are unknown`, async () => {
      const { w } = await due({ policy });
      const chunk = await handedOver(w);
      await dies(dying(w.core, 'store', 'anonymise', 'after'), chunk);
      await withdrawn(w);
      if (again) await registeredAgain(w);
      await leaseEnds(w);
      expect(await workOnChunk(w.core, chunk)).toBe('done');
      const [entry, ...more] = entriesOf(w);
      expect(entry).toMatchObject({
        generation: 1,
        stage: 'anonymise',
        outcome: 'failed',
        interrupted: true,
        answer: 'MASKS_UNKNOWN',
      });
      expect(entry?.readBack).toBeUndefined();
      expect(more).toEqual([]);
      expect(w.holding('n-1')?.generation).toBe(again ? 2 : 1);
      expect(w.registry.allChunks()).toEqual([]);
    });
});

describe('a message about a record that a worker has', () => {
  test('adds no hint when it comes again, so that its waiting makes no more chunks', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'look'), chunk);
    const fact = await w.registration('n-1', [contract], { purposes: ['again'] });
    expect(await w.register(fact)).toEqual({ kind: 'again' });
    const hints = w.registry.allHints();
    for (let minutes = 0; minutes < 10; minutes += 2) {
      w.clock.advance(120_000);
      expect(await w.register(fact)).toEqual({ kind: 'again' });
    }
    expect(w.registry.allHints()).toEqual(hints);
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(await w.register(fact)).toEqual({ kind: 'done' });
  });
});
