import { describe, expect, test } from 'vitest';
import type { LaneCore } from '../../shared/protocol/core.ts';
import { register } from '../../shared/protocol/registration.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { at, dies, due, dying, entriesOf, handedOver, leaseEnds } from '../support/driver/dying-worker.ts';
import { world } from '../support/driver/world.ts';

describe('the tombstone of an earlier generation', () => {
  test('names the disposal, also where a registration met it half-way', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'delete', 'after'), chunk);
    w.clock.advance(1000);
    await w.withdraw(await w.withdrawal('n-1'));
    await leaseEnds(w);
    let isFirst = true;
    const registry: LaneCore['registry'] = {
      ...w.registry,
      writeHoldings: async (changes) => {
        // Its tombstone is put; before the next generation takes the item, the former act is settled.
        if (isFirst) {
          isFirst = false;
          await workOnChunk(w.core, chunk);
        }
        return w.registry.writeHoldings(changes);
      },
    };
    await register({ ...w.core, registry }, await w.registration('n-1', [contract], { purposes: ['b'] }));
    expect(w.holding('n-1')?.generation).toBe(2);
    expect(w.registry.allTombstones()).toMatchObject([
      { generation: 1, state: 'disposed', done: [{ stage: 'delete' }] },
    ]);
  });
});

describe('an entry', () => {
  test('leaves out a floor that is the date of a personal event, whichever rule decides', async () => {
    const w = world({
      rules: {
        notes: ['2 years after contract.ended'],
        letters: ['within 10 years after person.born'],
        bills: ['within 1 year after contract.started'],
      },
    });
    const contract = w.entity('contract', 'c-1');
    const person = w.entity('person', 'p-1');
    w.store.put(['n-1']);
    await w.register(
      await w.registration('n-1', [contract, person], { categories: ['notes', 'letters', 'bills'] }),
    );
    await w.happened(contract, w.fact('contract.ended', '2019-01-01'));
    await w.happened(contract, w.fact('contract.started', '2021-06-01'));
    await w.happened(person, w.fact('person.born', '2024-05-05'));
    await w.run(at('2026-03-02T10:00:00Z'));
    const [entry] = entriesOf(w);
    expect(entry?.outcome).toBe('deleted');
    expect(entry?.window?.notBefore).toBeDefined();
    expect(JSON.stringify(entry)).not.toMatch(/2024-05-0/);
  });
});

describe('a date that has to be met', () => {
  test('is met, and its entry has no floor where no event starts it', async () => {
    const { w } = await due({ rules: { notes: ['by 2026-03-31'] } });
    await w.run(at('2026-03-31T12:00:00Z'));
    const [entry] = entriesOf(w);
    expect(entry?.outcome).toBe('deleted');
    expect(entry?.window).toEqual({ notAfter: '2026-04-01T00:00:00.000Z' });
  });
});

describe('a hold of a rule', () => {
  const rules = { notes: ['30 days after contract.ended, held from audit.completed until invoice.issued'] };

  test('that is open when the record is due stops the act, and its end lets it go', async () => {
    const { w, contract } = await due({ rules });
    await w.happened(contract, w.fact('audit.completed', '2026-02-20'));
    await w.run(at('2026-03-31T12:00:00Z'));
    await w.run(at('2026-04-10T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    expect(w.registry.allChunks()).toEqual([]);
    await w.happened(contract, w.fact('invoice.issued', '2026-04-10'));
    await w.run(at('2026-06-10T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('that began after the date stops a worker that comes late, without a look every few minutes', async () => {
    const { w, contract } = await due({ rules });
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await w.run(at('2026-04-02T00:00:00Z'));
    await w.happened(contract, w.fact('audit.completed', '2026-04-02'));
    w.store.repair();
    const looks = w.store.calls.look;
    await w.run(at('2026-04-12T00:00:00Z'));
    expect(w.store.size()).toBe(1);
    expect(w.holding('n-1')?.decision?.deadline).toBeUndefined();
    expect(w.store.calls.look - looks).toBeLessThan(15);
    await w.happened(contract, w.fact('invoice.issued', '2026-04-12'));
    await w.run(at('2026-06-12T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });
});
