import { expect, test } from 'vitest';
import { censusId, censusSegment, startCensus } from '../../../shared/protocol/census.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import { listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import { release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import {
  at,
  dies,
  due,
  DUE,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
  type World,
} from '../../support/driver/dying-worker.ts';
import { STORE } from '../../support/driver/world.ts';

/** Somebody changed the item of one record by hand, so that it cannot be read. The others go on. */

const DAMAGED = { code: 'ITEM_INVALID', store: STORE };

async function census(w: World): Promise<void> {
  await startCensus(w.core);
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(w.core, { walk: censusId(w.clock.now()), segment }, () => true);
}

test('its chunk goes on without it, and it is listed', async () => {
  const { w } = await due({}, ['n-1', 'n-2', 'n-3']);
  const chunk = await handedOver(w);
  w.registry.damage(w.ref('n-2'));
  expect(await workOnChunk(w.core, chunk)).toBe('done');
  expect(w.store.fields(['n-2'])).toBeDefined();
  expect(w.store.size()).toBe(1);
  expect(w.registry.allSetAside()).toMatchObject([{ ...DAMAGED, holding: w.ref('n-2') }]);
  const { groups } = await listAttention(w.core, w.clock.now(), { in: 'set-aside', store: STORE });
  expect(groups).toMatchObject([{ reason: 'set-aside', code: 'ITEM_INVALID', count: 1 }]);
});

test('an event about it and others plans the others', async () => {
  const { w, contract } = await due({}, ['n-1', 'n-2', 'n-3']);
  w.registry.damage(w.ref('n-2'));
  await w.happened(contract, w.fact('contract.renewed', '2026-03-02'));
  expect(w.holding('n-1')?.decision?.actAt).toBeUndefined();
  expect(w.holding('n-3')?.decision?.actAt).toBeUndefined();
  expect(w.registry.allSetAside()).toMatchObject([DAMAGED]);
});

test('the census walks over it, keeps it set aside, and hints it once it is restored', async () => {
  const { w } = await due({}, ['n-1', 'n-2']);
  w.registry.damage(w.ref('n-2'));
  await w.run(at(DUE));
  expect(w.store.size()).toBe(1);
  w.clock.set(at('2026-04-02T01:00:00Z'));
  await census(w);
  expect(w.registry.allSetAside()).toMatchObject([DAMAGED]);
  w.registry.damage(w.ref('n-2'), false);
  w.clock.set(at('2026-04-03T01:00:00Z'));
  await census(w);
  await w.run(at('2026-04-03T02:00:00Z'));
  expect(w.store.size()).toBe(0);
  expect(w.registry.allSetAside()).toEqual([]);
});

test('a hold that is released lets the others go', async () => {
  const { w } = await due({}, ['n-1', 'n-2']);
  const hold = { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
  await w.registry.placeWideHold(hold);
  await w.run(at(DUE));
  expect(w.registry.allParked()).toHaveLength(2);
  w.registry.damage(w.ref('n-2'));
  await release(w.core, hold);
  await w.run(at('2026-04-02T00:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeUndefined();
  expect(w.registry.allSetAside()).toMatchObject([DAMAGED]);
});

test('what a worker that died may have done to it stays in its chunk until it is restored', async () => {
  const { w } = await due({}, ['n-1', 'n-2']);
  const chunk = await handedOver(w);
  await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
  w.registry.damage(w.ref('n-2'));
  await leaseEnds(w);
  expect(await workOnChunk(w.core, chunk)).toBe('left');
  expect(entriesOf(w)).toHaveLength(1);
  expect(w.registry.allChunks()).toMatchObject([
    { refs: [w.ref('n-2')], uncertain: [{ ref: w.ref('n-2') }], failure: { code: 'ITEM_INVALID' } },
  ]);
  w.registry.damage(w.ref('n-2'), false);
  await w.run(at('2026-04-01T06:00:00Z'));
  expect(entriesOf(w)).toMatchObject([
    { outcome: 'already-so', interrupted: true },
    { outcome: 'already-so', interrupted: true },
  ]);
  expect(w.registry.allChunks()).toEqual([]);
});

test('a store that it does not tell, or that is not configured, is reported and not listed', async () => {
  const { w, contract } = await due({}, ['n-1', 'n-2']);
  const registry = {
    ...w.registry,
    readHoldings: async (refs: Parameters<typeof w.registry.readHoldings>[0]) => {
      const read = await w.registry.readHoldings(refs);
      const damaged = [{ ref: w.ref('n-1'), store: 'other', code: 'ITEM_INVALID' }];
      const holdings = new Map([...read.holdings].filter(([ref]) => ref !== w.ref('n-1')));
      return { holdings, damaged: refs.includes(w.ref('n-1')) ? damaged : [] };
    },
  };
  await recordFact({ ...w.core, registry }, contract.ref, w.fact('contract.renewed', '2026-03-02'));
  expect(w.registry.allSetAside()).toEqual([]);
  expect(w.holding('n-2')?.decision?.actAt).toBeUndefined();
});

test('a record whose entry would not fit into the log is set aside before anything is done, and the others go', async () => {
  const { w } = await due({}, ['n-1', 'n-2', 'n-3']);
  const before = w.holding('n-2');
  if (before === undefined) throw new Error('n-2 is not registered');
  const many = Array.from({ length: 99 }, (_none, at) => {
    return { type: 'x'.repeat(700), ref: String(at).padStart(43, 'e') as EntityRef };
  });
  const variants = before.variants.map((one) => ({ ...one, entities: [...one.entities, ...many] }));
  await w.registry.writeHoldings([{ before, after: { ...before, variants, version: before.version + 1 } }]);
  const chunk = await handedOver(w);
  expect(await workOnChunk(w.core, chunk)).toBe('done');
  expect([w.store.fields(['n-2']) !== undefined, w.store.size()]).toEqual([true, 1]);
  expect(w.registry.allSetAside()).toMatchObject([
    { code: 'ENTRY_TOO_LARGE', store: STORE, holding: w.ref('n-2') },
  ]);
});
