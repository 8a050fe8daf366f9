import { expect, test } from 'vitest';
import { exportWorld, SCANS } from '../../support/export/export-world.ts';

const HOUR = 3_600_000;

test('a record at a vendor does not keep a person’s copy waiting, which says that it is left out', async () => {
  const w = exportWorld();
  await w.seed('n-1');
  await w.seed('n-2', { store: SCANS });
  Object.assign(w.store(SCANS), {
    vendor: { chaseAfterDays: 7, confirmWithinDays: 30 },
    read: async (batch: readonly unknown[]) => batch.map(() => ({ state: 'unknown', code: 'STORE_SCHEMA' })),
  });
  const ref = await w.asks();
  await w.pass(HOUR);
  const { records, manifest } = await w.archive(ref);
  expect(records.map(({ data }) => data?.['text'])).toEqual(['text of n-1']);
  expect(manifest.leftOut).toMatchObject([{ store: SCANS, reason: 'at-vendor', records: 1 }]);
});
