import { expect, test } from 'vitest';
import { stopsOf } from '../../../shared/domain/guard/breaker.ts';
import { at } from '../../support/driver/dying-worker.ts';
import { STORE } from '../../support/driver/world.ts';
import { collected, collectionWorld, rowNames, writes } from '../../support/pages/collection-world.ts';

test('a page that a breaker has cut waits under the name of its rule, with the records that are left of it', async () => {
  const w = collectionWorld({ store: { breaker: { recordsPerDay: 3 } } });
  const { contract } = await collected(w, 'c-1');
  writes(w, 'c-1', rowNames(20));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  await w.run(at('2026-04-01T00:30:00Z'));
  expect(w.store.size()).toBe(17);
  const guard = await w.registry.laneGuard(STORE);
  const [stop] = guard === undefined ? [] : stopsOf(guard);
  expect(stop?.taken).toBe(3);
  expect(w.registry.allChunks()).toMatchObject([
    { waits: [{ code: 'RULE_STOPPED', count: 17, rule: stop?.key }] },
  ]);
});
