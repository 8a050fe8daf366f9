import { expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { leaseEnds } from '../../support/driver/dying-worker.ts';
import { killedAt, unlessKilled } from '../../support/driver/killed-at.ts';
import { rowsWorld, sweptRows, worked, writesRows } from '../../support/datasets/rows-world.ts';
import { rowNames } from '../../support/pages/collection-world.ts';
import { leftOver, pageViolations } from '../../support/pages/page-violations.ts';
import { earlyRows } from '../../support/datasets/early-rows.ts';

test(
  'a worker that goes on beside an unknown row is killed at each call: all is told once',
  { timeout: 120_000 },
  async () => {
    const wrong: string[] = [];
    let number = 1;
    for (; number < 100; number += 1) {
      let isWhole = true;
      for (const when of ['before', 'after'] as const) {
        const w = rowsWorld();
        writesRows(w, rowNames(5), { days: 31 });
        w.store.fail({ call: 'readBack', code: 'STORE_DENIED', locator: ['r-000001'] });
        const chunk = await sweptRows(w);
        await worked(w.core, chunk);
        const before = await w.core.registry.chunk(chunk);
        expect(before?.uncertain.length).toBe(1);
        writesRows(w, rowNames(6, 'later'), { days: 31 });
        w.clock.set((before?.notBefore ?? 0) + 1000);
        await w.registry.putHeartbeat(w.clock.now());
        const killed = killedAt(w.core, { ports: ['registry', 'store', 'queues'], number, when });
        await workOnChunk(killed.core, chunk).catch(unlessKilled);
        isWhole &&= killed.calls() < number;
        await leaseEnds(w);
        await w.run(w.clock.now() + 2.5 * 3_600_000);
        w.store.repair();
        await w.run(w.clock.now() + 3.2 * 3_600_000);
        const bad = [...(await pageViolations(w, [])), ...leftOver(w), ...earlyRows(w)];
        if (w.store.size() > 0) bad.push(`${w.store.size()} left`);
        wrong.push(...bad.map((what) => `${when} ${number}: ${what}`));
      }
      if (isWhole) break;
    }
    expect(wrong).toEqual([]);
    expect(number).toBeGreaterThan(12);
  },
);
