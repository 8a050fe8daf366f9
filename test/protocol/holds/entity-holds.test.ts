import { describe, expect, test } from 'vitest';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import type { EntityState } from '../../../shared/domain/facts/facts.ts';
import type { Action } from '../../../shared/domain/record/actions.ts';
import { MOST_HOLDS_ON_ENTITY, type WideHold } from '../../../shared/domain/record/hold.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { heldBy } from '../../../shared/protocol/lane/held-by.ts';
import { aHolding, anEntityRef, aState, aVariant } from '../../support/samples.ts';
import { at, due, handedOver } from '../../support/driver/dying-worker.ts';

const LATER = at('2026-04-03T00:00:00Z');

describe('a legal hold on an entity', () => {
  test('keeps every record about it, and no other', async () => {
    const { w, contract } = await due({}, ['n-1', 'n-2']);
    const other = w.entity('contract', 'c-2');
    w.store.put(['n-3'], {});
    await w.register(await w.registration('n-3', [other]));
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    expect(await placeHold(w.core, aHoldOn(contract.ref))).toEqual({ kind: 'placed', inFlight: [] });
    await w.run(LATER);
    expect(w.store.fields(['n-1'])).toBeDefined();
    expect(w.store.fields(['n-2'])).toBeDefined();
    expect(w.store.fields(['n-3'])).toBeUndefined();
    expect(w.registry.allParked().map(({ hold }) => hold)).toEqual(['h-1', 'h-1']);
  });

  test('keeps a record about several entities for any one of them', async () => {
    const { w, contract } = await due({}, []);
    const other = w.entity('contract', 'c-2');
    w.store.put(['n-1'], {});
    await w.register(await w.registration('n-1', [other, contract]));
    await w.happened(other, w.fact('contract.ended', '2026-03-01', { id: 'other' }));
    await placeHold(w.core, aHoldOn(other.ref));
    await w.run(LATER);
    expect(w.store.size()).toBe(1);
  });

  test('covers what is registered later, also of an entity that nothing is known of yet', async () => {
    const { w } = await due({}, []);
    const unknown = w.entity('contract', 'c-9');
    await placeHold(w.core, aHoldOn(unknown.ref));
    w.store.put(['n-1'], {});
    await w.register(await w.registration('n-1', [unknown]));
    await w.happened(unknown, w.fact('contract.ended', '2026-03-01'));
    await w.run(LATER);
    expect(w.store.size()).toBe(1);
    await release(w.core, aHoldOn(unknown.ref));
    await w.run(at('2026-04-05T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('stays when facts come, and when the state is rebuilt from the history', async () => {
    const { w, contract } = await due();
    await placeHold(w.core, aHoldOn(contract.ref, { freeze: true }));
    await w.happened(contract, w.fact('contract.started', '2026-01-01'));
    await w.happened(contract, w.fact('', '', { id: 'taken-back', about: 'contract.started 2026-01-01' }));
    const state = w.registry.allStates().get(contract.ref);
    expect(state?.rebuilt).toBeGreaterThan(0);
    expect(state).toMatchObject({ holds: ['h-1'], freezing: ['h-1'] });
    expect(Object.keys(state?.occurrences ?? {})).toEqual(['contract.ended']);
  });

  test('is released, and what came due under it goes within minutes', async () => {
    const { w, contract } = await due();
    await placeHold(w.core, aHoldOn(contract.ref));
    await w.run(LATER);
    expect(await release(w.core, aHoldOn(contract.ref))).toBe('done');
    await w.run(LATER + 6 * 60_000);
    expect(w.store.size()).toBe(0);
    expect(w.registry.allParked()).toEqual([]);
    expect(w.registry.allStates().get(contract.ref)).toMatchObject({ holds: [] });
    expect(w.registry.allStates().get(contract.ref)?.freezing).toBeUndefined();
  });

  test('of several, all have to be released, in whatever order', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const { w, contract } = await due();
      const holds = [
        aHoldOn(contract.ref),
        aHoldOn(contract.ref, { id: 'h-2' }),
        { id: 'h-3', kind: 'hold', scope: { policy: 'test-policy' }, state: 'placed', at: 0 } as const,
      ];
      for (const hold of holds) await placeHold(w.core, hold);
      await w.run(LATER);
      for (const [done, index] of order.entries()) {
        expect(w.store.size(), `after ${done} releases`).toBe(1);
        const hold = holds[index];
        if (hold !== undefined) await release(w.core, hold);
        await w.run(w.clock.now() + 3_600_000);
      }
      expect(w.store.size()).toBe(0);
      expect(w.registry.allParked()).toEqual([]);
    }
  });

  test('is placed once however often it is asked for, and its id is used up with its release', async () => {
    const { w, contract } = await due();
    for (let times = 0; times < 3; times += 1)
      expect((await placeHold(w.core, aHoldOn(contract.ref))).kind).toBe('placed');
    expect(w.registry.allStates().get(contract.ref)?.holds).toEqual(['h-1']);
    const elsewhere = aHoldOn(w.entity('contract', 'c-2').ref);
    expect(await placeHold(w.core, elsewhere)).toEqual({ kind: 'refused' });
    await release(w.core, aHoldOn(contract.ref));
    await release(w.core, aHoldOn(contract.ref));
    expect(await placeHold(w.core, aHoldOn(contract.ref))).toEqual({ kind: 'refused' });
    expect(w.registry.allStates().get(contract.ref)?.holds).toEqual([]);
    expect(w.registry.allHoldRecords().map(({ id, state }) => [id, state])).toEqual([['h-1', 'released']]);
  });

  test('an id that is released before it is placed is used up', async () => {
    const { w, contract } = await due();
    await release(w.core, aHoldOn(contract.ref));
    expect(await placeHold(w.core, aHoldOn(contract.ref))).toEqual({ kind: 'refused' });
    await w.run(LATER);
    expect(w.store.size()).toBe(0);
  });

  test('an entity takes a bounded number of holds, and says when it is full', async () => {
    const { w, contract } = await due();
    const numbers = Array.from({ length: MOST_HOLDS_ON_ENTITY }, (_, n) => n);
    for (const n of numbers)
      expect((await placeHold(w.core, aHoldOn(contract.ref, { id: `h-${n}` }))).kind).toBe('placed');
    expect(await placeHold(w.core, aHoldOn(contract.ref, { id: 'one-more' }))).toEqual({ kind: 'full' });
    expect((await w.registry.holdRecord('one-more'))?.state).toBe('released');
    expect((await placeHold(w.core, aHoldOn(contract.ref, { id: 'h-3' }))).kind).toBe('placed');
  });
});

describe('what is in flight when a hold on an entity is placed', () => {
  test('is named with the records of that entity, and with no others', async () => {
    const { w, contract } = await due({}, ['n-1', 'n-2']);
    const other = w.entity('contract', 'c-2');
    await w.register(await w.registration('n-3', [other]));
    const chunk = await handedOver(w);
    const work = {
      lane: w.core.lane,
      chunk,
      token: '2026-04-01T00.token',
      begunAt: w.clock.now(),
      until: w.clock.now() + 60_000,
      refs: chunk.refs,
      actedOn: [],
    };
    await w.registry.putWork(work);
    const placed = await placeHold(w.core, aHoldOn(contract.ref));
    expect(placed).toEqual({
      kind: 'placed',
      inFlight: [
        {
          lane: work.lane,
          token: work.token,
          until: work.until,
          refs: [w.ref('n-1'), w.ref('n-2')].toSorted(),
        },
      ],
    });
    expect(await placeHold(w.core, aHoldOn(other.ref, { id: 'h-2' }))).toEqual({
      kind: 'placed',
      inFlight: [],
    });
  });
});

describe('a hold', () => {
  const none = { policies: [], states: new Map(), holds: [] };
  const about = anEntityRef(1);
  const holding = aHolding(1, { variants: [aVariant(1, { entities: [{ type: 'contract', ref: about }] })] });
  const under = (state: Partial<EntityState>) => new Map([[about, { ...aState(), ...state }]]);

  test('on an entity keeps from destroying, and only one that freezes from restricting', () => {
    const plain = { ...none, holding, states: under({ holds: ['h-1', 'h-2'], freezing: [] }) };
    const frozen = { ...none, holding, states: under({ holds: ['h-1', 'h-2'], freezing: ['h-2'] }) };
    for (const action of ['delete', 'anonymise'] as const)
      expect(heldBy({ ...plain, action })).toEqual({ id: 'h-1', entity: about });
    expect(heldBy({ ...plain, action: 'restrict' })).toBeUndefined();
    expect(heldBy({ ...frozen, action: 'restrict' })).toEqual({ id: 'h-2', entity: about });
  });

  test('of another scope does the same', () => {
    const hold = { id: 'h-1', kind: 'hold', scope: { everything: true }, state: 'placed', at: 0 } as const;
    const of = (holds: readonly WideHold[], action: Action) =>
      heldBy({ ...none, holding, states: under({ holds: [], freezing: [] }), holds, action })?.id;
    expect(of([hold], 'delete')).toBe('h-1');
    expect(of([hold], 'restrict')).toBeUndefined();
    expect(of([hold, { ...hold, id: 'h-2', freeze: true }], 'restrict')).toBe('h-2');
    expect(of([{ ...hold, kind: 'pause', freeze: true }], 'restrict')).toBeUndefined();
  });
});
