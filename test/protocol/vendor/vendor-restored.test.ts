import { expect, test } from 'vitest';
import { archivedSince, lived, restored, type Life } from '../../support/driver/restored-life.ts';
import { memoryVendor } from '../../support/vendor/memory-vendor.ts';
import { entriesIn } from '../../support/driver/violations.ts';

const DAY = 86_400_000;

const LIFE: Life = {
  ids: ['n-1'],
  options: {
    start: '2026-03-03T08:30:00Z',
    rules: { notes: ['1 day after contract.ended'] },
    vendor: (records, now) => memoryVendor({ takes: 3 * DAY }).store(records, now),
  },
  async until(d) {
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1'], { text: 'hello' });
    d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-03T09:30:00Z');
  },
  async after(d) {
    await d.pass(2 * DAY);
    d.registers('n-1', ['c-2']);
    await d.pass(3 * DAY);
    d.toSeal();
    await d.settle();
  },
};

test('what was registered while a vendor was waited for is not taken for deleted after a restore', async () => {
  const former = await lived(LIFE);
  expect(entriesIn(former.driver).map(({ entry }) => entry.outcome)).toEqual([
    'requested',
    'confirmed-by-vendor',
  ]);
  expect(former.driver.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
  const d = await restored(former);
  d.replays(archivedSince(former, d));
  await d.pass(2 * DAY);
  expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
});

test('what nothing was registered about since stays deleted after a restore, and its vendor is not asked again', async () => {
  const former = await lived({
    ...LIFE,
    async after(d) {
      await d.pass(5 * DAY);
      d.toSeal();
      await d.settle();
    },
  });
  const d = await restored(former);
  d.replays(archivedSince(former, d));
  await d.pass(2 * DAY);
  expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 1 });
});
