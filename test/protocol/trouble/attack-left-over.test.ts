import { describe, expect, test } from 'vitest';
import { censusCounts, censusId, censusSegment } from '../../../shared/protocol/census.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import {
  at,
  beat,
  dies,
  due,
  dying,
  entriesOf,
  handedOver,
  leaseEnds,
  type World,
} from '../../support/driver/dying-worker.ts';
import { STORE } from '../../support/driver/world.ts';

/** What one thing leaves behind, when another thing comes before it is cleared up. */

const MINUTE = 60_000;
const ON_STORE = { id: 'h-a', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
const ON_CATEGORY = {
  id: 'h-b',
  kind: 'hold',
  scope: { category: 'notes' },
  state: 'placed',
  at: 0,
} as const;

async function census(w: World, order = Array.from({ length: SEGMENTS }, (_, index) => index)) {
  const id = censusId(w.clock.now());
  for (const segment of order) await censusSegment(w.core, { walk: id, segment }, () => true);
  return censusCounts(w.core, id);
}

function reported(w: World, code: string): number {
  return w.reports.lines.filter((line) => line.code === code).length;
}

describe('a mark of parking', () => {
  test('of a released hold does not lose the record when a second hold is released while it is parked', async () => {
    const { w } = await due();
    await placeHold(w.core, ON_STORE);
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.holding('n-1')?.parked?.hold).toBe('h-a');
    await placeHold(w.core, ON_CATEGORY);
    await release(w.core, ON_STORE);
    w.clock.advance(6 * MINUTE);
    await sweepWake(w.core);
    w.bells.splice(0);
    await beat(w);
    const [chunk] = w.registry.allChunks();
    if (chunk === undefined) throw new Error('no chunk');
    const registry: LaneCore['registry'] = {
      ...w.registry,
      wideHolds: async () => {
        const read = await w.registry.wideHolds();
        await release(w.core, ON_CATEGORY);
        return read;
      },
    };
    expect(await workOnChunk({ ...w.core, registry }, chunk)).toBe('done');
    await w.run(at('2026-04-01T02:00:00Z'));
    expect(w.store.size()).toBe(0);
    expect(w.registry.allParked()).toEqual([]);
  });

  test('is not put on a record whose date moved: the census would hint it every day until then', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await placeHold(w.core, ON_STORE);
    await dies(dying(w.core, 'registry', 'park'), chunk);
    await w.happened(contract, w.fact('contract.ended', '2026-12-01'));
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.holding('n-1')?.parked).toBeUndefined();
    await release(w.core, ON_STORE);
    await w.run(at('2026-04-02T00:10:00Z'));
    await census(w);
    expect(reported(w, 'census.re-hinted')).toBe(0);
    await w.run(at('2027-01-01T00:30:00Z'));
    expect(w.store.size()).toBe(0);
  });
});

describe('what is set aside', () => {
  test.for([
    ['the segment that tries it again first', [0, 1, 2, 3]],
    ['that segment last', [3, 2, 1, 0]],
  ] as const)('is not an incident of the census, with %s', async ([, order]) => {
    const { w, contract } = await due();
    for (const id of ['n-2', 'n-3', 'n-4', 'n-5']) {
      const broken = await w.registration(id, [contract]);
      await w.register({ ...broken, locator: `${broken.locator.slice(0, -4)}AAAA` });
    }
    await w.run(at('2026-04-01T01:00:00Z'));
    expect(w.registry.allSetAside()).toHaveLength(4);
    for (const day of ['02', '03', '04']) {
      await w.run(at(`2026-04-${day}T00:05:00Z`));
      await census(w, [...order]);
      expect(w.registry.allSetAside()).toEqual([]);
      await w.run(at(`2026-04-${day}T00:15:00Z`));
      expect(w.registry.allSetAside()).toHaveLength(4);
    }
    expect(reported(w, 'census.re-hinted')).toBe(0);
  });

  test('and waits in its lane again is not an incident, though nothing older waits there', async () => {
    const { w } = await due();
    const [sealed] = w.registry.allHoldings();
    if (sealed === undefined) throw new Error('no holding');
    await w.run(at('2026-04-01T00:00:00Z'));
    await w.registry.setAside({
      store: STORE,
      holding: sealed.ref,
      code: 'PLAN_FAILED',
      at: w.clock.now(),
    });
    w.registry.expireHints(Infinity);
    await w.run(at('2026-04-02T00:05:00Z'));
    await census(w);
    w.store.fail({ call: 'look', code: 'STORE_UNREACHABLE' });
    await w.run(at('2026-04-03T00:05:00Z'));
    expect(w.registry.allChunks()).toHaveLength(1);
    await census(w);
    expect(reported(w, 'census.re-hinted')).toBe(0);
  });
});

describe('a disposal before a fact', () => {
  const renewal = (w: World) =>
    w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') });
  const isListed = async (w: World): Promise<boolean> =>
    (await census(w)).some(({ reason }) => reason === 'DISPOSED_BEFORE_FACT');

  test('is listed where a registration makes the next generation in the same settlement', async () => {
    const { w, contract } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'registry', 'writeHoldings'), chunk);
    await w.happened(contract, renewal(w));
    await w.register(await w.registration('n-1', [contract], { purposes: ['b'] }));
    await leaseEnds(w);
    await workOnChunk(w.core, chunk);
    expect(w.holding('n-1')?.generation).toBe(2);
    expect(await isListed(w)).toBe(true);
  });

  test('stays listed after the record is registered again, and a second one is reported once more', async () => {
    const { w, contract } = await due();
    await w.run(at('2026-04-01T00:30:00Z'));
    await w.happened(contract, renewal(w));
    expect(reported(w, 'dispose.before-the-fact')).toBe(1);
    await w.run(at('2026-04-01T00:40:00Z'));
    w.store.put(['n-1']);
    await w.register(await w.registration('n-1', [contract], { purposes: ['b'] }));
    expect(w.holding('n-1')?.generation).toBe(2);
    expect(await isListed(w)).toBe(true);
    await w.happened(contract, w.fact('contract.ended', '2026-04-02'));
    await w.run(at('2026-05-05T00:40:00Z'));
    expect(w.holding('n-1')?.state).toBe('disposed');
    expect(reported(w, 'dispose.before-the-fact')).toBe(1);
    const late = { sent: at('2026-04-20T00:00:00Z') };
    await w.happened(contract, w.fact('contract.renewed', '2026-04-20', late));
    expect(reported(w, 'dispose.before-the-fact')).toBe(2);
    await w.happened(contract, w.fact('contract.renewed', '2026-04-20', { ...late, id: 'again' }));
    expect(reported(w, 'dispose.before-the-fact')).toBe(2);
  });
});

describe('a withdrawal that arrives after the registration that follows it', () => {
  test.for(['withdrawal first', 'registration first'])(
    'makes a stage due again, with the %s',
    async (order) => {
      const { w, contract } = await due({ rules: { notes: ['anonymise 30 days after contract.ended'] } });
      await w.run(at('2026-04-01T00:30:00Z'));
      expect(w.holding('n-1')?.decision?.status).toBe('done');
      const sent = w.clock.now();
      w.clock.advance(MINUTE);
      const withdrawal = await w.withdrawal('n-1', { sent: sent + 1000 });
      const again = await w.registration('n-1', [contract], { sent: sent + 2000 });
      if (order === 'withdrawal first') await w.withdraw(withdrawal);
      await w.register(again);
      if (order === 'registration first') await w.withdraw(withdrawal);
      await w.register(again);
      await w.withdraw(withdrawal);
      expect(w.holding('n-1')?.decision?.status).toBe('due');
    },
  );

  test('does not make it due again where it was done after that registration', async () => {
    const { w, contract } = await due({ rules: { notes: ['anonymise 30 days after contract.ended'] } });
    w.clock.advance(2 * MINUTE);
    const sent = w.clock.now();
    await w.register(await w.registration('n-1', [contract]));
    await w.run(at('2026-04-01T00:30:00Z'));
    await w.withdraw(await w.withdrawal('n-1', { sent: sent - MINUTE }));
    expect(w.holding('n-1')?.decision?.status).toBe('done');
  });
});

describe('what a worker that died in the middle of a deletion left', () => {
  test('is settled while ingest is silent: a hold that was placed then does not name it for ever', async () => {
    const { w } = await due();
    const chunk = await handedOver(w);
    await dies(dying(w.core, 'store', 'readBack'), chunk);
    const placed = await placeHold(w.core, ON_STORE);
    expect(placed.kind === 'placed' && placed.inFlight).toHaveLength(1);
    // No heartbeat comes any more.
    w.clock.advance(12 * MINUTE);
    expect(await workOnChunk(w.core, chunk)).toBe('no-heartbeat');
    expect(w.registry.allWorkRecords()).toEqual([]);
    const [left] = w.registry.allChunks();
    expect(left?.uncertain).toHaveLength(1);
    // Nothing else is done, however often it is rung.
    expect(await workOnChunk(w.core, chunk)).toBe('no-heartbeat');
    expect(w.registry.allChunks()).toEqual([left]);
    expect(w.registry.allResults()).toEqual([expect.objectContaining({ void: true })]);
    await beat(w);
    await workOnChunk(w.core, chunk);
    expect(entriesOf(w).map(({ outcome, interrupted }) => [outcome, interrupted])).toEqual([
      ['already-so', true],
    ]);
  });
});
