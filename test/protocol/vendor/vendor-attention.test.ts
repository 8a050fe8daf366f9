import { expect, test } from 'vitest';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { type AttentionPlace, listAttention } from '../../../shared/protocol/attention/list-attention.ts';
import type { Chunk } from '../../../shared/domain/record/work.ts';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { STORE, world } from '../../support/driver/world.ts';
import { memoryVendor } from '../../support/vendor/memory-vendor.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Reader = Parameters<typeof listAttention>[0];

/** The same deployment, whose stores are vendors' or not. */
function ofKind(kind: 'http' | 'memory', core: Reader): Reader {
  const stores = Object.entries(core.configuration.stores).map(([name, store]) => [name, { ...store, kind }]);
  return {
    ...core,
    configuration: { ...core.configuration, stores: Object.fromEntries(stores) } as Configuration,
  };
}

/** What is listed of vendors, over all pages. */
async function listed(core: Reader, now: number): Promise<readonly object[]> {
  const groups: object[] = [];
  let place: AttentionPlace | undefined = { in: 'census', shown: 0 };
  while (place !== undefined) {
    const page = await listAttention(core, now, place);
    groups.push(...page.groups.filter(({ reason }) => reason === 'vendor-overdue'));
    place = page.next;
  }
  return groups;
}

const inDriver = (d: Driver) => listed(ofKind('http', d.core), d.core.clock.now());

test('what a vendor has not confirmed in time is listed with its store, how many, and since when, until it has', async () => {
  let isDone = false;
  const vendor = memoryVendor({ tells: () => ({ state: isDone ? 'confirmed' : 'pending' }) });
  const play = { ...DELETING, more: ['m-1', 'm-2'] };
  const d = await aboutToBeDue({ ...play, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(2 * HOUR);
  const oldest = Math.min(...vendor.sent.map(({ at }) => at));
  await d.pass(29 * DAY);
  expect(await inDriver(d)).toEqual([]);
  await d.pass(2 * DAY);
  const what = { reason: 'vendor-overdue', status: 'request', store: STORE };
  expect(await inDriver(d)).toEqual([{ ...what, count: 3, oldest }]);
  isDone = true;
  await d.pass(2 * DAY);
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(await inDriver(d)).toEqual([]);
});

function waiting(n: number, waits: Chunk['waits'] & object): Chunk {
  const id = String(n).padEnd(22, '_');
  const counts = { attempts: 1, failures: 0, refs: [], uncertain: [] };
  return { lane: STORE, producer: 'p', minute: n * DAY, id, version: 1, ...counts, waits };
}

test('the lane of a vendor is read page by page, and no lane of another store is', async () => {
  const w = world({ pageSize: 2 });
  const chunks = Array.from({ length: 5 }, (_, n) =>
    waiting(n + 1, [
      { code: 'VENDOR_PENDING', count: 7 },
      { code: 'VENDOR_OVERDUE', count: 2 },
    ]),
  );
  await w.registry.putChunks(chunks);
  const pages: (string | undefined)[] = [];
  const registry: Reader['registry'] = {
    ...w.registry,
    chunks(lane, after) {
      pages.push(after);
      return w.registry.chunks(lane, after);
    },
  };
  const core = { ...w.core, registry };
  expect(await listed(ofKind('memory', core), w.clock.now())).toEqual([]);
  expect(pages).toEqual([]);
  const what = { reason: 'vendor-overdue', status: 'request', store: STORE };
  expect(await listed(ofKind('http', core), w.clock.now())).toEqual([
    { ...what, count: 4, oldest: DAY },
    { ...what, count: 4, oldest: 3 * DAY },
    { ...what, count: 2, oldest: 5 * DAY },
  ]);
});
