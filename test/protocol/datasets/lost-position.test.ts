import { expect, test } from 'vitest';
import type { Ranged } from '../../../shared/ports/store.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { rowsWorld, sweptRows, worked, writesRows } from '../../support/datasets/rows-world.ts';
import { rowNames } from '../../support/pages/collection-world.ts';

test.each<[code: 'STORE_THROTTLED' | 'STORE_SCHEMA', goesOn: boolean]>([
  ['STORE_THROTTLED', true],
  ['STORE_SCHEMA', false],
])('a pass whose page was answered by %s goes on where it was: %s', async (code, goesOn) => {
  const w = rowsWorld();
  // More than one attempt disposes of.
  writesRows(w, rowNames(5500), { days: 31 });
  const chunk = await sweptRows(w);
  const positions: (string | undefined)[] = [];
  const range = w.core.store.range.bind(w.core.store);
  const asked = (answer: Ranged | undefined) => ({
    ...w.core,
    store: {
      ...w.core.store,
      range: async (...[of, limit, after]: Parameters<typeof range>) => {
        positions.push(after);
        return answer ?? range(of, limit, after);
      },
    },
  });
  await workOnChunk(asked(undefined), chunk);
  const left = w.store.size();
  positions.length = 0;
  await workOnChunk(asked({ state: 'unknown', code }), chunk);
  w.clock.advance(3_600_000);
  await w.registry.putHeartbeat(w.clock.now());
  await worked(asked(undefined), chunk);
  expect(left).toBeGreaterThan(0);
  expect(positions[0]).toBeTypeOf('string');
  expect(positions[1]).toBe(goesOn ? positions[0] : undefined);
  expect(w.store.size()).toBe(0);
});
