import { describe, expect, test } from 'vitest';
import type { LogBucket } from '../../../shared/ports/log.ts';
import { BATCH } from '../../../shared/protocol/log/seal.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';

interface Counts {
  puts: number;
  gets: number;
}

function counting(w: LogWorld): { readonly core: WriteLogCore; readonly counts: Counts } {
  const counts = { puts: 0, gets: 0 };
  const bucket: LogBucket = {
    async putIfAbsent(key, bytes) {
      counts.puts += 1;
      return w.bucket.putIfAbsent(key, bytes);
    },
    async get(key) {
      counts.gets += 1;
      return w.bucket.get(key);
    },
    async checkpoint() {
      counts.gets += 1;
      return w.bucket.checkpoint();
    },
    async putCheckpoint(text, tag) {
      counts.puts += 1;
      return w.bucket.putCheckpoint(text, tag);
    },
  };
  return { core: { ...w.core, bucket }, counts };
}

/** This number of runs, each with one result of this number of entries. */
async function runs(count: number, entries: number): Promise<Counts & { readonly signatures: number }> {
  const w = logWorld();
  const { core, counts } = counting(w);
  for (let run = 0; run < count; run += 1) {
    await w.result(entries);
    await writeLog(core);
  }
  return { ...counts, signatures: w.signer.signed.length };
}

describe('a run that seals and signs', () => {
  test('500 entries at a time writes at most 0.03 objects an entry, and signs once', async () => {
    const { puts, signatures } = await runs(40, 500);
    expect(puts / (40 * 500)).toBeLessThanOrEqual(0.03);
    expect(signatures).toBe(40);
  });

  test('writes 4 objects for a single entry: its batch, its bundle, its tile, the checkpoint', async () => {
    const w = logWorld();
    await w.result(300);
    await writeLog(w.core);
    await w.result(1);
    const { core, counts } = counting(w);
    await writeLog(core);
    // The tiles above have not changed.
    expect(counts.puts).toBe(4);
  });

  test('reads the checkpoint, the bundle and one tile for each level, however long the log is', async () => {
    for (const [size, levels] of [
      [300, 2],
      [70_000, 3],
    ] as const) {
      const w = logWorld();
      await w.result(size);
      await writeLog(w.core);
      await w.result(1);
      const { core, counts } = counting(w);
      await writeLog(core);
      expect(counts.gets).toBe(1 + 1 + levels);
    }
  });

  test('reads none of the batches that it has written itself', async () => {
    const w = logWorld();
    for (let result = 0; result < 100; result += 1) await w.result(10);
    const { core, counts } = counting(w);
    await writeLog(core);
    // 100 results are four batches.
    expect(counts.gets).toBe(1);
    expect(w.signer.signed).toHaveLength(1);
  });

  test('puts 32 results of 100 entries into one batch, with few calls: a second has 16 ms for each, and 3,200 entries', async () => {
    const w = logWorld();
    await w.result(300);
    await writeLog(w.core);
    for (let result = 0; result < BATCH; result += 1) await w.result(100);
    const before = await w.registry.head();
    const calls: string[] = [];
    const { registry } = dyingRegistry(w.registry, { calls });
    const { core, counts } = counting(w);
    await writeLog({ ...core, registry });
    const { size, version } = await w.registry.head();
    expect([size - before.size, version - before.version]).toEqual([3200, 2]);
    // Lists of up to 25 items are one request, so those of a batch are two.
    const lists = calls.filter((name) => ['putSealed', 'deleteToBeSealed'].includes(name));
    expect(lists.length).toBeLessThanOrEqual(2);
    const all = calls.length + lists.length + counts.puts + counts.gets + 1;
    expect(all).toBeLessThanOrEqual(1000 / 16);
  });
});
