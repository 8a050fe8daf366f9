import { describe, expect, test } from 'vitest';
import type { LocalPorts } from '../../../local/local-ports.ts';
import { sealingLag } from '../../../local/story/sealing-lag.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { anEntry } from '../../support/log/indexed-log.ts';
import { logWorld } from '../../support/log/log-world.ts';

/** A log of which is measured how long entries wait. */
function measuredWorld() {
  const w = logWorld();
  const { measured, wrap } = sealingLag(() => w.clock.now());
  const { registry, bucket } = wrap({ registry: w.registry, bucket: w.bucket } as unknown as LocalPorts);
  let number = 0;
  return {
    ...w,
    measured,
    core: { ...w.core, registry, bucket },
    async dispose(count: number): Promise<void> {
      number += 1;
      const token = `2026-03-01T10.${String(number).padStart(4, '0')}`;
      const entry = anEntry(token, { store: 'orders', rule: '1 year after a', outcome: 'deleted' });
      await registry.putToBeSealed({ token, putAt: w.clock.now(), until: w.clock.now() });
      const entries = Array.from({ length: count }, () => entry);
      await registry.putResult({ token, store: 'orders', entries, lines: [] });
    },
  };
}

describe('how long entries wait for their signature', () => {
  test('is the time from their result to the checkpoint that has them', async () => {
    const w = measuredWorld();
    await w.dispose(3);
    w.clock.advance(2000);
    await w.dispose(1);
    w.clock.advance(500);
    await writeLog(w.core);
    expect(w.measured()).toEqual({ entries: 4, p99: 2.5 });
  });

  test('leaves the slowest one of a hundred out, and no more', async () => {
    const w = measuredWorld();
    await w.dispose(1);
    w.clock.advance(60_000);
    await w.dispose(98);
    w.clock.advance(1000);
    await writeLog(w.core);
    expect(w.measured()).toEqual({ entries: 99, p99: 61 });
    await w.dispose(1);
    await writeLog(w.core);
    expect(w.measured()).toEqual({ entries: 100, p99: 1 });
  });

  test('is nothing for what no checkpoint has, and for what operators did', async () => {
    const w = measuredWorld();
    await w.result(5);
    await writeLog(w.core);
    await w.dispose(2);
    expect(w.measured()).toEqual({ entries: 0, p99: 0 });
    const signer = { ...w.signer, sign: () => Promise.reject(new Error('disabled')) };
    await expect(writeLog({ ...w.core, signer })).rejects.toThrow('disabled');
    expect(w.measured()).toEqual({ entries: 0, p99: 0 });
    w.clock.advance(7000);
    await writeLog(w.core);
    expect(w.measured()).toEqual({ entries: 2, p99: 7 });
  });
});
