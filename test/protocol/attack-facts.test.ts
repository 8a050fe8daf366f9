import { describe, expect, test } from 'vitest';
import { continueFanOut, recordFact } from '../../shared/protocol/record-fact.ts';
import { readStates } from '../../shared/protocol/facts/read-states.ts';
import { rePlan } from '../../shared/protocol/plan-writer.ts';
import { world } from '../support/driver/world.ts';

const at = (iso: string): number => Date.parse(iso);

describe('a fact that comes twice', () => {
  test('counts as sent when it was first sent: an end announced ahead stays undone', async () => {
    const w = world({ start: '2026-01-10T10:00:00Z' });
    const contract = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: 'end' }));
    w.clock.set(at('2026-02-01T00:00:00Z'));
    await w.happened(contract, w.fact('contract.renewed', '2026-02-01'));
    expect(w.holding('n-1')?.decision?.status).toBe('undetermined');
    // The producer tells the same event once more, after its date.
    w.clock.set(at('2026-03-05T00:00:00Z'));
    expect(await w.happened(contract, w.fact('contract.ended', '2026-03-01', { id: 'end' }))).toBe(
      'duplicate',
    );
    expect(w.holding('n-1')?.decision?.status).toBe('undetermined');
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeDefined();
  });

  test('is folded as it is on record when the first run died before the fold', async () => {
    const w = world();
    const contract = w.entity('contract', 'c-1');
    const first = w.fact('contract.ended', '2026-03-05', { id: 'end' });
    await w.registry.putFact(contract.ref, first);
    w.clock.advance(86_400_000);
    await w.happened(contract, w.fact('contract.ended', '2026-03-05', { id: 'end' }));
    const state = (await w.registry.states([contract.ref])).get(contract.ref);
    expect(state?.occurrences['contract.ended']).toMatchObject([{ sent: first.sent }]);
  });
});

describe('an entity with more occurrences than its state keeps', () => {
  test('moves its version with every fact, so that a run that wrote beside it plans again', async () => {
    const w = world({
      rules: { notes: ['30 days after contract.ended, held from contract.started until invoice.issued'] },
    });
    const contract = w.entity('contract', 'c-1');
    for (let index = 0; index < 40; index += 1)
      await w.happened(
        contract,
        w.fact('contract.started', `2026-01-${String((index % 28) + 1).padStart(2, '0')}`, {
          id: `s-${index}`,
          sent: at('2026-01-01T00:00:00Z') + index,
        }),
      );
    const before = (await w.registry.states([contract.ref])).get(contract.ref);
    expect(before?.truncated).toEqual(['contract.started']);
    await w.happened(contract, w.fact('contract.started', '2026-02-20', { id: 'late' }));
    const after = (await w.registry.states([contract.ref])).get(contract.ref);
    expect(after?.version).toBeGreaterThan(before?.version ?? 0);
    expect(await readStates(w.core, [contract.ref])).toBeDefined();
  });
});

/** A damaged state and history: the plan of every holding of this entity throws. */
async function poison(w: ReturnType<typeof world>, id: string) {
  const entity = w.entity('contract', id);
  const { occurred: _occurred, ...dateless } = w.fact('contract.ended', '2026-02-28', { id: `poison-${id}` });
  await w.registry.putFact(entity.ref, dateless);
  const state = (await w.registry.states([entity.ref])).get(entity.ref);
  if (state === undefined) throw new Error('no state');
  const damaged = {
    ...state,
    profile: w.core.configuration.foldProfile.digest,
    occurrences: { 'contract.ended': [null as never] },
  };
  await w.registry.putState(entity.ref, damaged);
  return entity;
}

describe('a plan that throws', () => {
  test('stops no other holding of the same batch', async () => {
    const w = world();
    const good = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    w.store.put(['n-2']);
    await w.register(await w.registration('n-1', [good]));
    const bad = w.entity('contract', 'c-bad');
    await w.register(await w.registration('n-2', [bad]));
    await poison(w, 'c-bad');
    await w.happened(good, w.fact('contract.ended', '2026-03-01'));
    await rePlan(w.core, [w.ref('n-2'), w.ref('n-1')]);
    expect(w.holding('n-1')?.decision?.status).toBe('due');
    expect(w.registry.allSetAside()).toHaveLength(1);
  });

  test('lets a registration and a withdrawal count all the same', async () => {
    const w = world();
    const bad = await poison(w, 'c-bad');
    expect(await w.register(await w.registration('n-1', [bad]))).toEqual({ kind: 'done' });
    expect(w.holding('n-1')).toMatchObject({ state: 'pending' });
    w.clock.advance(1000);
    expect(
      await w.register(await w.registration('n-1', [bad], { attributes: { plan: 'b' }, producer: 'other' })),
    ).toEqual({ kind: 'done' });
    expect(w.holding('n-1')?.variants).toHaveLength(2);
    w.clock.advance(1000);
    await w.withdraw(await w.withdrawal('n-1'));
    expect(w.holding('n-1')?.variants.map(({ producer }) => producer)).toEqual(['other']);
    expect(w.registry.allSetAside()).toHaveLength(1);
  });

  test('does not stop a fan-out at a tombstone', async () => {
    const w = world({ pageSize: 2 });
    const contract = w.entity('contract', 'c-1');
    const bad = w.entity('contract', 'c-bad');
    for (let index = 0; index < 6; index += 1) {
      w.store.put([`n-${index}`]);
      await w.register(await w.registration(`n-${index}`, index === 0 ? [contract, bad] : [contract]));
    }
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.happened(bad, w.fact('contract.ended', '2026-03-01'));
    while (w.fanOuts.length > 0)
      for (const message of w.fanOuts.splice(0)) await continueFanOut(w.core, message);
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.store.size()).toBe(0);
    await poison(w, 'c-bad');
    for (let index = 6; index < 10; index += 1)
      await w.register(await w.registration(`n-${index}`, [contract]));
    await recordFact(
      w.core,
      contract.ref,
      w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') }),
    );
    while (w.fanOuts.length > 0)
      for (const message of w.fanOuts.splice(0)) await continueFanOut(w.core, message);
    for (let index = 6; index < 10; index += 1)
      expect(w.holding(`n-${index}`)?.decision?.status, `n-${index}`).toBe('undetermined');
  });
});

describe('a fact that comes after the disposal of an earlier generation', () => {
  test('is remarked on the holding', async () => {
    const w = world();
    const contract = w.entity('contract', 'c-1');
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
    await w.register(await w.registration('n-1', [contract], { purposes: ['again'] }));
    expect(w.holding('n-1')?.generation).toBe(2);
    await w.happened(
      contract,
      w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') }),
    );
    expect(w.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
  });
});

test('a registration that a withdrawal voided is not brought back by its own repetition', async () => {
  const w = world();
  const contract = w.entity('contract', 'c-1');
  const sent = w.clock.now();
  await w.register(await w.registration('n-1', [contract], { sent }));
  w.clock.advance(1000);
  await w.withdraw(await w.withdrawal('n-1'));
  w.clock.advance(1000);
  await w.register(await w.registration('n-1', [contract], { sent }));
  expect(w.holding('n-1')?.state).toBe('withdrawn');
});
