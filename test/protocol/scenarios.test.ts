import { describe, expect, test } from 'vitest';
import { rePlan } from '../../shared/protocol/plan-writer.ts';
import { placeHold, release } from '../../shared/protocol/hold.ts';
import { workOnChunk } from '../../shared/protocol/lane/work-on-chunk.ts';
import { censusCounts, censusId, censusSegment } from '../../shared/protocol/census.ts';
import { SEGMENTS } from '../../shared/protocol/walk.ts';
import { continueFanOut, recordFact } from '../../shared/protocol/record-fact.ts';
import { MOST_VARIANTS } from '../../shared/domain/record/holding.ts';
import { STORE, world } from '../support/driver/world.ts';

const at = (iso: string): number => Date.parse(iso);
const MINUTE = 60_000;

/** One record that is due from 2026-04-01T00:00Z on. */
async function due(options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  const contract = w.entity('contract', 'c-1');
  w.store.put(['n-1'], { email: 'a' });
  await w.register(await w.registration('n-1', [contract]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  return { w, contract };
}

describe('a withdrawal and a registration after it', () => {
  test('delivered in either order leave the record registered', async () => {
    for (const order of ['withdrawal first', 'registration first']) {
      const { w, contract } = await due();
      const sent = w.clock.now();
      const withdrawal = await w.withdrawal('n-1', { sent: sent + 1000 });
      const again = await w.registration('n-1', [contract], { sent: sent + 2000, attributes: { plan: 'b' } });
      w.clock.advance(MINUTE);
      const late = { ...withdrawal, received: w.clock.now() };
      const later = { ...again, received: w.clock.now() };
      if (order === 'withdrawal first') {
        await w.withdraw(late);
        await w.register(later);
      } else {
        await w.register(later);
        await w.withdraw(late);
      }
      expect(w.holding('n-1')?.state, order).toBe('active');
      expect(
        w.holding('n-1')?.variants.map(({ attributes }) => attributes?.['plan']),
        order,
      ).toEqual(['b']);
    }
  });

  test('a repeated old registration stays without effect, however many messages came between', async () => {
    const { w, contract } = await due();
    const old = await w.registration('n-1', [contract]);
    w.clock.advance(MINUTE);
    for (let index = 0; index < 60; index += 1) {
      w.clock.advance(1000);
      await w.register(await w.registration('n-1', [contract], { purposes: [`p${index % 5}`] }));
      w.clock.advance(1000);
      await w.withdraw(await w.withdrawal('n-1'));
    }
    expect(w.holding('n-1')?.state).toBe('withdrawn');
    const version = w.holding('n-1')?.version;
    await w.register(old);
    expect(w.holding('n-1')).toMatchObject({ state: 'withdrawn', version });
  });

  test('sent in the same millisecond leave the registration, with a remark', async () => {
    const { w } = await due();
    const first = w.holding('n-1')?.variants[0]?.sent ?? 0;
    await w.withdraw({ ...(await w.withdrawal('n-1', { sent: first })), received: first });
    expect(w.holding('n-1')?.state).toBe('active');
    expect(w.holding('n-1')?.remarks?.SENT_TOGETHER).toBeDefined();
  });

  test('a registration that arrives after a later withdrawal counts for nothing, with a remark', async () => {
    const w = world();
    const contract = w.entity('contract', 'c-1');
    const sent = w.clock.now();
    w.clock.advance(MINUTE);
    await w.withdraw(await w.withdrawal('n-1', { sent: sent + 1000 }));
    await w.register(await w.registration('n-1', [contract], { sent }));
    expect(w.holding('n-1')?.state).toBe('withdrawn');
    expect(w.holding('n-1')?.remarks?.REGISTRATION_VOID).toBeDefined();
  });
});

describe('the write lag', () => {
  test('runs from the latest registration: what is written within it is disposed of, too', async () => {
    const { w, contract } = await due();
    w.store.remove(['n-1']);
    await w.run(at('2026-03-31T23:50:00Z'));
    await w.register(await w.registration('n-1', [contract], { purposes: ['again'] }));
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.holding('n-1')?.state).toBe('active');
    w.store.put(['n-1'], { email: 'b' });
    await w.run(at('2026-04-01T03:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
    expect(w.holding('n-1')).toMatchObject({ state: 'disposed', done: [{ outcome: 'deleted' }] });
  });

  test('over, a record that is not there is already-so', async () => {
    const { w } = await due();
    w.store.remove(['n-1']);
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.holding('n-1')).toMatchObject({ state: 'disposed', done: [{ outcome: 'already-so' }] });
  });
});

describe('a stage that was done', () => {
  const rules = { notes: ['anonymise 30 days after contract.ended'] };

  test('is due again when the contract was renewed and ended again', async () => {
    const { w, contract } = await due({ rules });
    await w.run(at('2026-04-01T00:30:00Z'));
    expect(w.holding('n-1')).toMatchObject({ state: 'active', decision: { status: 'done' } });
    await w.happened(contract, w.fact('contract.renewed', '2026-04-02'));
    await w.run(at('2026-05-01T00:00:00Z'));
    await w.happened(contract, w.fact('contract.ended', '2026-05-01'));
    expect(w.holding('n-1')?.decision).toMatchObject({ status: 'due', actAt: at('2026-06-01T00:00:00Z') });
    await w.run(at('2026-06-01T00:30:00Z'));
    expect(w.holding('n-1')?.done).toHaveLength(1);
    expect(w.registry.allResults()).toHaveLength(2);
  });

  test('is due again when the record was registered with new content', async () => {
    const { w, contract } = await due({ rules });
    await w.run(at('2026-04-01T00:30:00Z'));
    await w.register(await w.registration('n-1', [contract], { purposes: ['other'] }));
    expect(w.holding('n-1')?.decision?.status).toBe('due');
  });

  test('stays done when the same content is registered again', async () => {
    const { w, contract } = await due({ rules });
    await w.run(at('2026-04-01T00:30:00Z'));
    await w.register(await w.registration('n-1', [contract]));
    expect(w.holding('n-1')?.decision?.status).toBe('done');
  });
});

describe('holds', () => {
  test('what is due under a hold is parked, and goes after the release', async () => {
    const { w } = await due();
    await placeHold(w.core, { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 });
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeDefined();
    expect(w.registry.allParked()).toHaveLength(1);
    expect(w.registry.allChunks()).toEqual([]);
    await release(w.core, { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 });
    await w.run(at('2026-04-03T01:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
    expect(w.registry.allParked()).toEqual([]);
  });

  test('an event that comes while it is parked does not lose it', async () => {
    const { w, contract } = await due();
    const hold = { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at('2026-04-02T00:00:00Z'));
    await w.happened(contract, w.fact('contract.renewed', '2026-04-02'));
    await w.run(at('2026-04-03T12:00:00Z'));
    await w.happened(contract, w.fact('contract.ended', '2026-04-03'));
    await release(w.core, hold);
    await w.run(at('2026-05-05T00:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });

  test('a pause writes nothing per holding, and what waits goes after it', async () => {
    const { w } = await due();
    const pause = { id: 'p-1', kind: 'pause', scope: { everything: true }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, pause);
    const before = w.holding('n-1')?.version;
    await w.run(at('2026-04-03T00:00:00Z'));
    expect(w.holding('n-1')?.version).toBe(before);
    expect(w.store.fields(['n-1'])).toBeDefined();
    await release(w.core, pause);
    await w.run(at('2026-04-03T02:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });
});

describe('one bad holding stops no other', () => {
  test('a locator that does not open is set aside with a code', async () => {
    const { w, contract } = await due();
    w.store.put(['n-2']);
    const broken = await w.registration('n-2', [contract]);
    await w.register({ ...broken, locator: `${broken.locator.slice(0, -4)}AAAA` });
    await w.run(at('2026-04-01T01:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
    expect(w.store.fields(['n-2'])).toBeDefined();
    expect(w.registry.allSetAside()).toMatchObject([{ code: 'LOCATOR_BROKEN', store: STORE }]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('a holding takes 50 contents, and the next one is refused with a code', async () => {
    const w = world();
    const contract = w.entity('contract', 'c-1');
    for (let index = 0; index < MOST_VARIANTS; index += 1) {
      w.clock.advance(10);
      expect(
        await w.register(await w.registration('n-1', [contract], { attributes: { n: String(index) } })),
      ).toEqual({ kind: 'done' });
    }
    const one = await w.register(await w.registration('n-1', [contract], { attributes: { n: 'more' } }));
    expect(one).toEqual({ kind: 'refused', code: 'HOLDING_TOO_LARGE' });
    expect(w.holding('n-1')?.variants).toHaveLength(MOST_VARIANTS);
  });
});

describe('failures', () => {
  test('a hundred failed attempts leave what one leaves', async () => {
    const { w } = await due();
    w.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await w.run(at('2026-04-01T01:00:00Z'));
    const sizes = () =>
      JSON.stringify([w.registry.allChunks(), w.registry.allWorkRecords(), w.holding('n-1')]).length;
    const first = sizes();
    await w.run(at('2026-07-01T01:00:00Z'));
    expect(w.registry.allChunks()[0]?.failures).toBeGreaterThan(80);
    expect(sizes()).toBeLessThan(first + 20);
    const entries = w.registry.allResults().flatMap((result) => ('void' in result ? [] : result.entries));
    expect(entries.length).toBeLessThanOrEqual(93);
    w.store.repair();
    await w.run(at('2026-07-03T01:00:00Z'));
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });

  test('the hourly cap leaves work where it is and takes the rest in the next hour', async () => {
    const w = world({ hourlyCap: 2 });
    const contract = w.entity('contract', 'c-1');
    for (let index = 0; index < 5; index += 1) {
      w.store.put([`n-${index}`]);
      await w.register(await w.registration(`n-${index}`, [contract]));
    }
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    await w.run(at('2026-04-01T00:59:00Z'));
    expect(w.store.size()).toBe(3);
    await w.run(at('2026-04-01T01:59:00Z'));
    expect(w.store.size()).toBe(1);
    await w.run(at('2026-04-01T02:59:00Z'));
    expect(w.store.size()).toBe(0);
  });
});

describe('a fan-out over many holdings', () => {
  test('moves page by page, and a page that comes again is nothing', async () => {
    const w = world({ pageSize: 10 });
    const contract = w.entity('contract', 'c-1');
    for (let index = 0; index < 35; index += 1)
      await w.register(await w.registration(`n-${index}`, [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    const sent = [...w.fanOuts];
    let deliveries = 0;
    while (w.fanOuts.length > 0) {
      for (const message of w.fanOuts.splice(0)) {
        deliveries += 1;
        sent.push(message);
        await continueFanOut(w.core, message);
      }
    }
    expect(deliveries).toBe(3);
    for (const message of sent) await continueFanOut(w.core, message);
    expect(w.fanOuts).toEqual([]);
    expect(w.registry.allHoldings().every(({ decision }) => decision?.status === 'due')).toBe(true);
    await recordFact(w.core, contract.ref, w.fact('contract.ended', '2026-03-01'));
    expect(w.fanOuts).toEqual([]);
  });

  test('forty pages of which one in five fails need at most sixty deliveries', async () => {
    const w = world({ pageSize: 10 });
    const contract = w.entity('contract', 'c-1');
    for (let index = 0; index < 400; index += 1)
      await w.register(await w.registration(`n-${index}`, [contract]));
    await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
    let deliveries = 0;
    while (w.fanOuts.length > 0) {
      const [message] = w.fanOuts.splice(0, 1);
      if (message === undefined) break;
      deliveries += 1;
      if (deliveries % 5 === 0) w.fanOuts.push(message);
      else await continueFanOut(w.core, message);
    }
    expect(deliveries).toBeLessThanOrEqual(60);
    expect(w.registry.allHoldings().every(({ decision }) => decision?.status === 'due')).toBe(true);
  });
});

describe('the census', () => {
  test('counts by store, policy, status and reason, and hints again what nothing points at', async () => {
    const { w } = await due();
    await w.register(await w.registration('n-2', [w.entity('contract', 'c-2')]));
    const holding = w.holding('n-1');
    if (holding === undefined) throw new Error('no holding');
    w.registry.expireHints(Infinity);
    await w.run(at('2026-04-02T00:00:00Z'));
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(w.core, { walk: id, segment }, () => true);
    const counts = await censusCounts(w.core, id);
    expect(counts).toContainEqual(expect.objectContaining({ status: 'due', count: 1 }));
    expect(counts).toContainEqual(
      expect.objectContaining({ status: 'undetermined', reason: 'undetermined', count: 1 }),
    );
    await w.run(w.clock.now() + 60 * MINUTE);
    expect(w.store.fields(['n-1'])).toBeUndefined();
  });

  test('finds what a release hinted in the lane, though its store is down', async () => {
    const { w } = await due();
    const hold = { id: 'h-1', kind: 'hold', scope: { store: STORE }, state: 'placed', at: 0 } as const;
    await placeHold(w.core, hold);
    await w.run(at('2026-04-20T00:00:00Z'));
    w.store.fail({ call: 'look', code: 'STORE_UNREACHABLE' });
    await release(w.core, hold);
    await w.run(at('2026-04-20T06:00:00Z'));
    expect(w.registry.allChunks()).toHaveLength(1);
    const id = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(w.core, { walk: id, segment }, () => true);
    expect(w.reports.lines.map(({ code }) => code)).not.toContain('census.re-hinted');
  });
});

test('a plan that changes nothing writes nothing', async () => {
  const { w } = await due();
  const before = w.holding('n-1');
  await rePlan(w.core, [w.ref('n-1')]);
  await rePlan(w.core, [w.ref('n-1')]);
  expect(w.holding('n-1')).toBe(before);
});

test('what was disposed of before a fact arrived is remarked', async () => {
  const { w, contract } = await due();
  await w.run(at('2026-04-01T00:30:00Z'));
  const renewed = w.fact('contract.renewed', '2026-03-20', { sent: at('2026-03-20T00:00:00Z') });
  await w.happened(contract, renewed);
  expect(w.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
});

test('a bell for a chunk that is gone is nothing', async () => {
  const { w } = await due();
  expect(await workOnChunk(w.core, { lane: STORE, producer: 'portal', minute: 0, id: 'x' })).toBe('gone');
});
