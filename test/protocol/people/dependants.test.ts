import { describe, expect, test } from 'vitest';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { refold } from '../../../shared/domain/facts/fold.ts';
import { rePlan } from '../../../shared/protocol/plan-writer.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { at, entriesOf } from '../../support/driver/dying-worker.ts';
import { world } from '../../support/driver/world.ts';

/** A visit belongs to a booking, and a booking to a contract. */
const entityTypes = {
  booking: { ids: 'owned', normalise: [], belongsTo: 'contract' },
  visit: { ids: 'owned', normalise: [], belongsTo: 'booking' },
} as const;
const RULES = {
  notes: ['30 days after contract.ended'],
  invoices: ['10 years after contract.ended'],
};
const DUE = '2026-03-31T00:00:00Z';

/** Registered in the order in which they must not be deleted: sweeps hand them over together. */
async function three(rules: Readonly<Record<string, readonly string[]>> = RULES) {
  const w = world({ entityTypes, rules, restricts: true });
  const contract = w.entity('contract', 'c-1');
  const booking = w.entity('booking', 'b-1');
  const about = {
    contract: [contract],
    booking: [contract, booking],
    visit: [contract, booking, w.entity('visit', 'v-1')],
    sibling: [contract, w.entity('booking', 'b-2')],
  };
  for (const [id, entities] of Object.entries(about)) {
    w.store.put([id], { email: 'a' });
    await w.register(await w.registration(id, entities));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01T00:00:00Z'));
  return { w, contract };
}

type World = Awaited<ReturnType<typeof three>>['w'];

/** In the order in which they were deleted. */
const deleted = (w: World) => w.store.effects.map(({ locator }) => locator[0]);
const there = (w: World, ...ids: readonly string[]) => ids.filter((id) => w.store.fields([id]) !== undefined);

describe('what belongs to an entity', () => {
  test('is deleted before what is about the entity itself, within minutes', async () => {
    const { w } = await three();
    await w.run(at('2026-03-31T00:10:00Z'));
    const order = deleted(w);
    expect(order).toHaveLength(4);
    expect(order.indexOf('visit')).toBeLessThan(order.indexOf('booking'));
    expect(order.at(-1)).toBe('contract');
    expect(entriesOf(w).map(({ outcome }) => outcome)).toEqual(Array(4).fill('deleted'));
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('stops what it belongs to while it fails, and not its siblings', async () => {
    const { w } = await three();
    w.store.fail({ call: 'delete', code: 'STORE_DENIED', locator: ['visit'] });
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(there(w, 'contract', 'booking', 'visit', 'sibling')).toEqual(['contract', 'booking', 'visit']);
    w.store.repair();
    await w.run(at('2026-04-04T00:00:00Z'));
    expect(deleted(w)).toEqual(['sibling', 'visit', 'booking', 'contract']);
  });

  test('stops it while it is under a legal hold', async () => {
    const { w } = await three();
    const hold: WideHold = {
      id: 'h-1',
      kind: 'hold',
      scope: { everything: true },
      state: 'placed',
      at: w.clock.now(),
    };
    w.store.put(['both'], { email: 'b' });
    await w.register(
      await w.registration('both', [w.entity('contract', 'c-1'), w.entity('booking', 'b-3')], {
        categories: ['notes'],
      }),
    );
    await placeHold(w.core, hold);
    await w.run(at('2026-03-31T02:00:00Z'));
    expect(deleted(w)).toEqual([]);
    await release(w.core, hold);
    await w.run(at('2026-04-01T00:00:00Z'));
    expect(deleted(w)).toHaveLength(5);
    expect(deleted(w).at(-1)).toBe('contract');
  });

  test('stops nothing when it is kept longer', async () => {
    const { w, contract } = await three();
    w.store.put(['invoice'], { email: 'a' });
    await w.register(
      await w.registration('invoice', [contract, w.entity('booking', 'b-1')], { categories: ['invoices'] }),
    );
    await w.run(at('2026-04-01T00:00:00Z'));
    expect(there(w, 'contract', 'booking', 'visit', 'sibling', 'invoice')).toEqual(['invoice']);
  });

  test('stops it while it can be neither restricted, which comes first, nor deleted', async () => {
    const { w, contract } = await three({
      ...RULES,
      blocked: ['restrict 20 days after contract.ended, then delete 30 days after contract.ended'],
    });
    w.store.put(['blocked'], { email: 'b' });
    await w.register(
      await w.registration('blocked', [contract, w.entity('booking', 'b-1')], { categories: ['blocked'] }),
    );
    for (const call of ['restrict', 'delete'] as const)
      w.store.fail({ call, code: 'STORE_DENIED', locator: ['blocked'] });
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(there(w, 'contract', 'blocked')).toEqual(['contract', 'blocked']);
    w.store.repair();
    await w.run(at('2026-04-04T00:00:00Z'));
    expect(deleted(w).at(-1)).toBe('contract');
  });

  test('is found also where the fact has not reached it yet', async () => {
    const { w, contract } = await three();
    // Only what is about the contract itself was planned again: the others still wait for the earlier end.
    const fact = w.fact('contract.ended', '2026-02-01T00:00:00Z', {
      about: 'contract.ended 2026-03-01T00:00:00Z',
    });
    await w.registry.putFact(contract.ref, fact);
    const state = (await w.registry.states([contract.ref])).get(contract.ref);
    if (state === undefined) throw new Error('no state');
    const profile = w.core.configuration.foldProfile;
    await w.registry.putState(contract.ref, refold(state, await w.registry.history(contract.ref), profile));
    await rePlan(w.core, [w.ref('contract')]);
    await w.run(at('2026-03-03T06:00:00Z'));
    expect(deleted(w)).toEqual([]);
    await rePlan(
      w.core,
      ['booking', 'visit', 'sibling'].map((id) => w.ref(id)),
    );
    await w.run(at('2026-03-04T06:00:00Z'));
    expect(deleted(w)).toHaveLength(4);
    expect(deleted(w).at(-1)).toBe('contract');
  });

  test('costs no request where no type belongs to another', async () => {
    const w = world({ rules: RULES });
    const contract = w.entity('contract', 'c-1');
    w.store.put(['contract'], { email: 'a' });
    await w.register(await w.registration('contract', [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01T00:00:00Z'));
    w.core.registry.pointers = async () => {
      throw new Error('asked for pointers');
    };
    await w.run(at(DUE) + 600_000);
    expect(deleted(w)).toEqual(['contract']);
  });
});
