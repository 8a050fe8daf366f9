import { expect, test } from 'vitest';
import { present } from '../../shared/domain/present.ts';
import { listOverdue } from '../../shared/protocol/overdue.ts';
import { driver } from '../support/driver/driver.ts';
import { aHolding } from '../support/samples.ts';
import { at } from '../support/driver/world.ts';

test('holdings of a store that was removed from the configuration stay listed, and delay no other store', async () => {
  const d = await driver({ start: '2026-03-03T08:30:00Z', rules: { note: ['1 day after contract.ended'] } });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], {});
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.settle();
  const known = d.holding('n-1');
  const minute = at('2026-03-03T09:00:00Z');
  const orphan = aHolding('orphan', {
    store: 'taken-out',
    version: 1,
    registeredAt: at('2026-01-01T00:00:00Z'),
    ...present({ registrations: known?.registrations }),
    decision: { status: 'due', policies: 'p', stage: 'delete', actAt: minute, deadline: minute + 60_000 },
    hintAt: minute,
  });
  await d.registry.putHolding(orphan);
  await d.registry.putHint({ minute, holding: orphan.ref, deadline: minute + 60_000 });
  await d.runUntil('2026-03-03T12:00:00Z');
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(d.world.reports.lines).toContainEqual({
    code: 'sweep.failed',
    fields: { store: 'taken-out', code: 'STORE_NOT_CONFIGURED', count: 1 },
  });
  expect((await listOverdue(d.core, d.clock.now())).groups).toMatchObject([{ store: 'taken-out', count: 1 }]);
});
