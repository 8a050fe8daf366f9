import { describe, expect, test } from 'vitest';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { sweepHourly } from '../../../shared/protocol/sweep-lanes.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { codeOf } from '../../../shared/domain/error-code.ts';
import { answering } from '../../../shared/stores/answering.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';
import { at, beat, due, entriesOf, handedOver } from '../../support/driver/dying-worker.ts';
import { STORE, world } from '../../support/driver/world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('records that always fail', () => {
  test.for([
    ['the default back-off', {}],
    ['a back-off of at most an hour', { longestBackoff: 3600 }],
  ] as const)('do not use up the allowance of the chunks after theirs, with %s', async ([, timing]) => {
    const w = world({ hourlyCap: 2, timing });
    const before = w.entity('contract', 'c-1');
    const after = w.entity('contract', 'c-2');
    const good = Array.from({ length: 10 }, (_, index) => `n-${index}`);
    for (const id of ['bad-1', 'bad-2', ...good]) {
      w.store.put([id]);
      await w.register(await w.registration(id, [good.includes(id) ? after : before]));
    }
    await w.happened(before, w.fact('contract.ended', '2026-03-01'));
    await w.happened(after, w.fact('contract.ended', '2026-03-10'));
    for (const id of ['bad-1', 'bad-2'])
      w.store.fail({ call: 'delete', code: 'STORE_DENIED', locator: [id] });
    await w.run(at('2026-04-12T00:00:00Z'));
    expect(w.store.size()).toBe(2);
    w.store.repair();
    await w.run(at('2026-04-14T00:00:00Z'));
    expect(w.store.size()).toBe(0);
  });

  test('do not use up the allowance of the others in their chunk', async () => {
    const { w } = await due({ hourlyCap: 2 }, ['bad-1', 'bad-2', 'n-1', 'n-2', 'n-3', 'n-4']);
    for (const id of ['bad-1', 'bad-2'])
      w.store.fail({ call: 'delete', code: 'STORE_DENIED', locator: [id] });
    await w.run(at('2026-04-02T00:00:00Z'));
    expect(w.store.size()).toBe(2);
    expect(w.registry.allChunks()).toMatchObject([{ refs: [w.ref('bad-1'), w.ref('bad-2')] }]);
  });

  test('do not use up the time of the others in their chunk', async () => {
    const rules = {
      notes: ['anonymise 30 days after contract.ended'],
      ledger: ['30 days after contract.ended'],
    };
    const w = world({ rules });
    const contract = w.entity('contract', 'c-1');
    for (const [id, category] of [
      ['bad-1', 'notes'],
      ['n-1', 'ledger'],
    ] as const) {
      w.store.put([id]);
      await w.register(await w.registration(id, [contract], { categories: [category] }));
    }
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const slow: LaneCore['store'] = {
      ...w.store,
      anonymise: async (batch) => {
        w.clock.advance(7 * MINUTE);
        return batch.map(() => ({ outcome: 'failed', code: 'STORE_DENIED' }));
      },
    };
    const chunk = await handedOver(w);
    for (let attempts = 0; attempts < 2; attempts += 1) {
      await workOnChunk({ ...w.core, store: slow }, chunk);
      w.clock.advance(DAY);
      await beat(w);
    }
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });

  test('keep their back-off through hours in which they have no turn', async () => {
    const { w } = await due({ hourlyCap: 2 }, ['bad-1', 'bad-2']);
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await w.run(at('2026-04-05T00:00:00Z'));
    expect(w.registry.allChunks()[0]?.failures).toBeGreaterThan(7);
    expect(w.store.calls.delete).toBeLessThan(20);
  });

  test('with different codes in one chunk are told once a day for each code', async () => {
    const { w } = await due({ timing: { longestBackoff: 3600 } }, ['n-1', 'n-2', 'n-3']);
    w.store.fail({ call: 'delete', code: 'STORE_DENIED', locator: ['n-1'] });
    w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: ['n-2'] });
    w.store.fail({ call: 'delete', code: 'STORE_THROTTLED', locator: ['n-3'] });
    await w.run(at('2026-04-11T00:00:00Z'));
    expect(w.registry.allChunks()[0]?.attempts).toBe(0);
    expect(w.store.calls.delete).toBeGreaterThan(200);
    expect(entriesOf(w).length).toBeLessThanOrEqual(3 * 11);
    const codes = entriesOf(w).map(({ answer }) => answer);
    expect(new Set(codes)).toEqual(new Set(['STORE_DENIED', 'STORE_CONSTRAINT', 'STORE_THROTTLED']));
  });
});

test('what was deleted and written again is told, also where its chunk told of another such record that day', async () => {
  const { w } = await due({}, ['n-1', 'n-2']);
  const chunk = await handedOver(w);
  const writing = (id: string): LaneCore => ({
    ...w.core,
    store: {
      ...w.store,
      readBack: async (batch) => {
        w.store.put([id]);
        return w.store.readBack(batch);
      },
    },
  });
  w.store.fail({ call: 'delete', code: 'STORE_THROTTLED', locator: ['n-2'] });
  await workOnChunk(writing('n-1'), chunk);
  w.store.repair();
  w.clock.advance(6 * MINUTE);
  await beat(w);
  await workOnChunk(writing('n-2'), chunk);
  const deletions = entriesOf(w).filter(
    ({ outcome, answer }) => outcome === 'deleted' || answer === 'READ_BACK_BROKEN',
  );
  expect(w.store.effects).toHaveLength(3);
  expect(deletions).toHaveLength(3);
});

test('a key for pseudonyms that cannot be had stops no deletion of the same chunk', async () => {
  const masks = { email: { kind: 'pseudonym' } } as const;
  const policy = {
    ...aPolicy({}),
    categories: {
      notes: { rules: [aRule('anonymise 30 days after contract.ended')], masks },
      ledger: { rules: [aRule('30 days after contract.ended')] },
    },
  };
  const w = world({ policy });
  const contract = w.entity('contract', 'c-1');
  for (const [id, category] of [
    ['n-1', 'notes'],
    ['n-2', 'ledger'],
  ] as const) {
    w.store.put([id], { email: 'a' });
    await w.register(await w.registration(id, [contract], { categories: [category] }));
  }
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  const missing = (): never => {
    throw Object.assign(new Error('no key'), { code: 'KEY_MISSING' });
  };
  const codes: string[] = [];
  let isMissing = true;
  const store = answering(
    {
      ...w.store,
      anonymise: async (batch, all) => (isMissing ? missing() : w.store.anonymise(batch, all)),
      readBack: async (batch) =>
        isMissing && batch.some(({ expect: wanted }) => wanted === 'masked')
          ? missing()
          : w.store.readBack(batch),
    },
    (error) => codes.push(codeOf(error)),
  );
  const chunk = await handedOver(w);
  expect(await workOnChunk({ ...w.core, store }, chunk)).toBe('left');
  expect(w.store.fields(['n-2'])).toBeUndefined();
  expect(w.holding('n-2')?.state).toBe('disposed');
  expect(new Set(codes)).toEqual(new Set(['KEY_MISSING']));
  expect(w.registry.allWorkRecords()).toEqual([]);
  expect(w.registry.allChunks()).toMatchObject([{ uncertain: [{ stage: 'anonymise' }], failures: 1 }]);
  isMissing = false;
  w.clock.advance(6 * MINUTE);
  await beat(w);
  expect(await workOnChunk({ ...w.core, store }, chunk)).toBe('done');
  expect(entriesOf(w).map(({ stage, outcome }) => [stage, outcome])).toEqual([
    ['delete', 'deleted'],
    ['anonymise', 'pseudonymised'],
  ]);
});

test('a lane that cannot be rung stops no other lane, and not the rest of the sweep', async () => {
  const { w } = await due();
  const own = w.core.configuration.stores[STORE];
  if (own === undefined) throw new Error('no store');
  const queues: LaneCore['queues'] = {
    ...w.core.queues,
    ring: async (bells) => {
      if (bells.some(({ bell }) => bell.lane === 'broken'))
        throw Object.assign(new Error('refused'), { code: 'QUEUE_REFUSED' });
      return w.core.queues.ring(bells);
    },
  };
  let sealed = 0;
  const core: LaneCore = {
    ...w.core,
    configuration: { ...w.core.configuration, stores: { broken: own, [STORE]: own } },
    queues: {
      ...queues,
      toSeal: async () => {
        sealed += 1;
      },
    },
  };
  const waiting: Chunk = {
    lane: 'broken',
    producer: 'portal',
    minute: at('2026-03-01T00:00:00Z'),
    id: 'x'.repeat(22),
    version: 1,
    refs: [w.ref('x-1')],
    attempts: 0,
    failures: 0,
    uncertain: [],
  };
  await w.registry.putChunks([waiting, { ...waiting, lane: STORE }]);
  w.clock.set(at('2026-03-01T11:00:00Z'));
  await sweepHourly(core);
  expect(w.bells.map(({ message }) => message.lane)).toEqual([STORE]);
  expect(w.reports.lines).toContainEqual({
    code: 'sweep.failed',
    fields: { code: 'QUEUE_REFUSED', count: 1 },
  });
  expect(sealed).toBe(1);
});
