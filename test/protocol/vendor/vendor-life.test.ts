import { describe, expect, test } from 'vitest';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import { chunkOfRequests, requestsToken } from '../../../shared/protocol/vendor/open-requests.ts';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { counting } from '../../support/driver/kill-points.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor, type MemoryVendor, type VendorOptions } from '../../support/vendor/memory-vendor.ts';
import { vendorViolations } from '../../support/vendor/vendor-violations.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The record `n-1` is asked for, and the vendor has not said that it is done. */
async function asked(options: VendorOptions = {}): Promise<{ d: Driver; vendor: MemoryVendor }> {
  const vendor = memoryVendor({ takes: 5 * HOUR, ...options });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  expect([vendor.sent.length, outcomesIn(d)]).toEqual([1, ['requested']]);
  return { d, vendor };
}

const outcomesIn = (d: Driver): readonly string[] => entriesIn(d).map(({ entry }) => entry.outcome);
const idsOf = ({ sent }: MemoryVendor): ReadonlySet<string> => new Set(sent.map(({ id }) => id));

describe('while a vendor has a request', () => {
  test('a hold cannot call it back: what the vendor says is told, and it is not asked again', async () => {
    const { d, vendor } = await asked({ loses: 1 });
    await placeHold(d.core, aHoldOn(await d.contract('c-1')));
    await d.pass(20 * DAY);
    expect([vendor.sent.length, d.holding('n-1')?.state]).toEqual([1, 'active']);
    expect(d.registry.allChunks()).toMatchObject([{ waits: [{ code: 'VENDOR_PENDING' }] }]);
    await release(d.core, aHoldOn(await d.contract('c-1')));
    await d.pass(2 * DAY);
    expect([idsOf(vendor).size, d.holding('n-1')?.state]).toEqual([2, 'disposed']);
    expect(await vendorViolations(d, vendor)).toEqual([]);
  });

  test('a hold comes, and the vendor has done it: that is told as it is', async () => {
    const { d, vendor } = await asked();
    await placeHold(d.core, aHoldOn(await d.contract('c-1')));
    await d.pass(2 * DAY);
    expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor']);
    expect([vendor.sent.length, d.holding('n-1')?.state]).toEqual([1, 'disposed']);
  });

  test('a registration is the next generation, which has a request of its own', async () => {
    const { d, vendor } = await asked();
    d.registers('n-1', ['c-2'], { done: () => d.store.put(['n-1'], { written: 'again' }) });
    await d.pass(2 * DAY);
    expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor']);
    expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
    d.happens('contract.ended', 'c-2', new Date(d.clock.now() - 2 * DAY).toISOString());
    await d.pass(2 * DAY);
    expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor', 'requested', 'confirmed-by-vendor']);
    expect([idsOf(vendor).size, d.holding('n-1')?.state]).toEqual([2, 'disposed']);
    expect(await vendorViolations(d, vendor)).toEqual([]);
  });

  test('a withdrawal ends the holding: it is not asked for again, and what came of it is told', async () => {
    const { d, vendor } = await asked();
    d.withdraws('n-1');
    await d.pass(2 * DAY);
    expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor']);
    expect([vendor.sent.length, d.holding('n-1')?.state]).toEqual([1, 'disposed']);
    expect(await vendorViolations(d, vendor)).toEqual([]);
  });

  test('a fact that forbids it comes too late: that is said', async () => {
    const { d, vendor } = await asked();
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
    await d.pass(20 * DAY);
    expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor']);
    expect(vendor.sent).toHaveLength(1);
    expect(d.holding('n-1')?.remarks?.DISPOSED_BEFORE_FACT).toBeDefined();
  });

  test('a fact that forbids it keeps it from being asked for again', async () => {
    const { d, vendor } = await asked({ loses: 1 });
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
    await d.pass(20 * DAY);
    expect([vendor.sent.length, outcomesIn(d)]).toEqual([1, ['requested']]);
    expect(d.holding('n-1')).toMatchObject({ state: 'active' });
  });

  test('other records of the lane go on', async () => {
    const { d } = await asked({ loses: 1 });
    d.registers('n-2', ['c-2']);
    d.store.put(['n-2'], {});
    d.happens('contract.ended', 'c-2', '2026-03-02T08:00:00Z');
    await d.pass(2 * DAY);
    expect(d.holding('n-2')?.state).toBe('disposed');
    expect(d.holding('n-1')?.state).toBe('active');
  });
});

test('a hold that is placed names what the vendor was asked for, as long as that is open', async () => {
  const vendor = memoryVendor({ takes: 5 * HOUR });
  const store = { kind: 'http' };
  const d = await aboutToBeDue({ ...DELETING, store, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  const [chunk] = d.registry.allChunks();
  if (chunk === undefined) throw new Error('nothing was asked for');
  const { lane, producer, minute, id } = chunk;
  const placed = await placeHold(d.core, aHoldOn(await d.contract('c-1')));
  const token = requestsToken(chunk);
  expect(placed).toMatchObject({ inFlight: [{ lane, token, refs: [d.ref('n-1')], requested: true }] });
  expect(chunkOfRequests(lane, token)).toEqual({ lane, producer, minute, id });
  expect(chunkOfRequests(lane, '2026-03-03T10.token')).toBeUndefined();
  const other = await placeHold(d.core, aHoldOn(await d.contract('c-2'), { id: 'h-2' }));
  expect(other).toMatchObject({ inFlight: [] });
  await d.pass(9 * HOUR);
  const later = await placeHold(d.core, aHoldOn(await d.contract('c-1'), { id: 'h-3' }));
  expect(later).toMatchObject({ inFlight: [] });
});

test('a hold that is placed names the request about a record that was withdrawn meanwhile', async () => {
  const vendor = memoryVendor({ loses: 1 });
  const store = { kind: 'http' };
  const d = await aboutToBeDue({ ...DELETING, store, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  d.withdraws('n-1');
  await d.pass(2 * HOUR);
  expect(d.holding('n-1')?.state).toBe('withdrawn');
  const placed = await placeHold(d.core, aHoldOn(await d.contract('c-1')));
  expect(placed).toMatchObject({ inFlight: [{ refs: [d.ref('n-1')], requested: true }] });
});

test('a request that may not have arrived is sent again as the same one, however often', async () => {
  const vendor = memoryVendor({
    instead: (number) => (number <= 6 ? { outcome: 'failed', code: 'STORE_TIMEOUT' } : undefined),
  });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(3 * DAY);
  expect([vendor.sent.length, idsOf(vendor).size]).toEqual([7, 1]);
  expect(outcomesIn(d)).toEqual(['requested', 'confirmed-by-vendor']);
  expect(await vendorViolations(d, vendor)).toEqual([]);
});

test('a withdrawal while it is not known whether the request arrived is told, and ends it', async () => {
  const vendor = memoryVendor({ instead: () => ({ outcome: 'failed', code: 'STORE_TIMEOUT' }) });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(HOUR);
  d.withdraws('n-1');
  await d.pass(3 * DAY);
  expect(entriesIn(d).map(({ entry }) => [entry.outcome, entry.answer])).toEqual([
    ['failed', 'REQUEST_UNKNOWN'],
  ]);
  expect(d.registry.allChunks()).toEqual([]);
});

test('a vendor that is busy for ever is asked once a day, also when it is late and says that a minute is enough', async () => {
  const busy = { outcome: 'failed', code: 'STORE_THROTTLED', retryAfterSeconds: 60 } as const;
  const vendor = memoryVendor({ instead: () => busy });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(31 * DAY);
  const before = vendor.sent.length;
  await d.pass(10 * DAY);
  expect(vendor.sent.length - before).toBeLessThanOrEqual(11);
  expect(vendor.sent.length - before).toBeGreaterThanOrEqual(9);
  expect(idsOf(vendor).size).toBe(1);
});

test('a bell that finds nothing new to ask costs the same for ten requests as for one', async () => {
  const costs: number[] = [];
  for (const more of [[], Array.from({ length: 9 }, (_, index) => `m-${index}`)]) {
    const vendor = memoryVendor({ loses: 100 });
    const d = await aboutToBeDue({ ...DELETING, more, vendor: (records, now) => vendor.store(records, now) });
    await d.pass(HOUR);
    const calls: string[] = [];
    for (let bells = 0; bells < 3; bells += 1) d.onNext('dispose', counting(calls));
    await d.pass(3 * HOUR);
    expect(calls.filter((name) => name === 'store.readBack').length).toBeGreaterThan(0);
    costs.push(calls.filter((name) => name.startsWith('registry.') || name.startsWith('store.')).length);
    expect(calls).not.toContain('registry.putResult');
    expect(calls).not.toContain('registry.writeHoldings');
  }
  expect(costs[1]).toBe(costs[0]);
});
