import { expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { HEARTBEAT_TYPE, SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import type { Keys } from '../../../shared/ports/keys.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { BELL, COLUMN, columnWorld } from '../../support/columns/column-world.ts';

/** A deployment to which nothing was ever sent but heartbeats: `ingest` makes the registry's key, and lanes may not. */
test('a column is read where no application has ever sent anything', async () => {
  const w = columnWorld();
  w.account('a-1', '2020-05-01T08:00:00Z');
  let isMade = false;
  const made: Keys = {
    ...w.core.keys,
    async registryKey() {
      isMade = true;
      return w.core.keys.registryKey();
    },
  };
  const used: Keys = {
    ...w.core.keys,
    async registryKey() {
      if (!isMade) throw new Error('a lane may not make it');
      return w.core.keys.registryKey();
    },
  };
  const lane: LaneCore = { ...w.core, keys: used };
  await expect(readColumn(lane, BELL, () => true)).rejects.toThrow();
  const sent = w.clock.now();
  const heartbeat = {
    id: 'h-1',
    source: SWEEP_SOURCE,
    'detail-type': HEARTBEAT_TYPE,
    time: new Date(sent).toISOString(),
    detail: { source: SWEEP_SOURCE, sent },
  };
  await ingest({ ...w.core, keys: made }, JSON.stringify(heartbeat), 1);
  expect((await w.registry.intake()).heartbeat).toBe(sent);
  expect(w.registry.columnMarks()).toEqual(new Map([[COLUMN, -sent]]));
  // The run before has died with its lease.
  w.clock.set(w.clock.now() + 3_600_000);
  await readColumn(lane, BELL, () => true);
  expect(w.entries()).toHaveLength(1);
});
