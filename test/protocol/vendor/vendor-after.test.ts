import { expect, test } from 'vitest';
import { aboutToBeDue, DELETING } from '../../support/driver/disposal-play.ts';
import { entriesIn } from '../../support/driver/violations.ts';
import { memoryVendor } from '../../support/vendor/memory-vendor.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';

const DAY = 86_400_000;

test('what cannot be read at a vendor has no after-care that never ends', async () => {
  const vendor = memoryVendor({});
  const d = await aboutToBeDue({
    ...DELETING,
    store: { afterCare: [1] },
    vendor: (records, now) => vendor.store(records, now),
  });
  await d.pass(DAY);
  expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['requested', 'confirmed-by-vendor']);
  await d.pass(10 * DAY);
  expect(d.registry.allChunks()).toEqual([]);
  expect(d.holding('n-1')).not.toHaveProperty('probe');
});

test('a vendor that is never reached is overdue after 30 days', async () => {
  const vendor = memoryVendor({ instead: () => ({ outcome: 'failed', code: 'STORE_ERROR' }) });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(40 * DAY);
  expect(d.registry.allChunks()).toMatchObject([{ waits: [{ code: 'VENDOR_OVERDUE', count: 1 }] }]);
  // It is tried once a day, and has the same name each time.
  expect(vendor.sent.length).toBeLessThan(50);
  expect(new Set(vendor.sent.map(({ id }) => id)).size).toBe(1);
});

test('a log line says that a vendor is waited for, and that it is overdue', async () => {
  const vendor = memoryVendor({ loses: 100 });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(33 * DAY);
  const codes = d.reports.lines.flatMap(({ code, fields }) =>
    code === 'dispose.waits' ? [fields.code] : [],
  );
  expect(new Set(codes)).toEqual(new Set(['VENDOR_PENDING', 'VENDOR_OVERDUE']));
  // One for each look.
  expect(codes.length).toBeLessThan(80);
});

test('a vendor that is never reached, and a hold', async () => {
  const vendor = memoryVendor({ instead: () => ({ outcome: 'failed', code: 'STORE_ERROR' }) });
  const d = await aboutToBeDue({ ...DELETING, vendor: (records, now) => vendor.store(records, now) });
  await d.pass(3 * DAY);
  const sent = vendor.sent.length;
  await placeHold(d.core, aHoldOn(await d.contract('c-1')));
  await d.pass(10 * DAY);
  expect(vendor.sent.length).toBe(sent);
  const q = vendor.questions();
  await d.pass(10 * DAY);
  expect(vendor.questions() - q).toBeLessThan(12);
  expect(entriesIn(d)).toEqual([]);
});
