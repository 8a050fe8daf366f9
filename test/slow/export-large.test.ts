import { expect, test } from 'vitest';
import type { ArchiveFile } from '../../shared/domain/export/archive-file.ts';
import type { Read } from '../../shared/ports/store.ts';
import { account, exportWorld, person, ROWS } from '../support/export/export-world.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

test('an export of 100,000 records takes a fifth of a request for each, and holds at most 24 MiB of them', async () => {
  const asked: Record<string, number> = {};
  /** Bytes of documents that were read and not written yet. */
  let held = 0;
  let peak = 0;
  const w = exportWorld({
    asked(name, args) {
      asked[name] = (asked[name] ?? 0) + 1;
      if (name === 'exports.putPiece') held = Math.max(0, held - (args[1] as Uint8Array).length);
      if (name === 'exports.putPart') peak = Math.max(peak, (args[2] as Uint8Array).length);
    },
    answered(name, answer) {
      if (name !== 'store.read') return;
      for (const read of answer as readonly Read[])
        if (read.state === 'document') held += JSON.stringify(read.document).length;
      peak = Math.max(peak, held);
    },
  });
  const count = 100_000;
  for (let n = 0; n < count; n += 1) await w.seed(`n-${n}`);
  // Large ones come together, because they are about an account: so ten of them are in memory at a time.
  await w.seed('link', { about: [person('me'), account('large')] });
  for (let n = 0; n < 60; n += 1)
    await w.seed(`large-${n}`, { about: [account('large')], fields: { text: 'x'.repeat(2 * MIB) } });
  const ref = await w.asks();
  await w.pass(10 * MINUTE);

  const { told, manifest, records } = await w.archive(ref);
  expect(told).toMatchObject({ records: count + 61, leftOut: 0 });
  expect(new Set(records.map(({ data }) => JSON.stringify(data))).size).toBe(count + 2);
  const parts = Math.ceil((count + 61) / 100);
  expect(
    manifest.files.filter(({ path }: Pick<ArchiveFile, 'path'>) => path.startsWith(`data/${ROWS}/`)).length,
  ).toBeGreaterThanOrEqual(parts);
  const calls = (port: string): number =>
    Object.entries(asked).reduce((sum, [name, times]) => (name.startsWith(port) ? sum + times : sum), 0);
  expect(calls('registry.')).toBeLessThanOrEqual(0.2 * count);
  expect(calls('store.')).toBe(count / 10 + 7);
  expect(calls('queues.')).toBeLessThanOrEqual(parts + 20);
  expect(calls('exports.')).toBeLessThanOrEqual(2.5 * parts + 200);
  // Ten documents of 2 MiB at a time, and a data file that is not full.
  expect(peak).toBeGreaterThan(20 * MIB);
  expect(peak).toBeLessThanOrEqual(24 * MIB);
  expect(w.errors).toEqual([]);
}, 600_000);
