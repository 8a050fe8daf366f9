import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cursor, Quarantined, Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from '../../support/registries.ts';
import { anEntityRef, at, walk } from '../../support/samples.ts';

const quarantined = (n: number, sealed = 'c2VhbGVk'): Quarantined => ({
  id: `event-${String(n).padStart(4, '0')}`,
  receivedAt: at('2026-03-01T10:00:00Z') + n,
  code: 'EVENT_ID_REUSED',
  reason: 'The event id was used with another body.',
  producer: 'customer-portal',
  sealed,
});

describe.each(registryKinds)('cursors, policy versions and the quarantine in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    ({ registry } = await kind.fresh());
  });

  test('a cursor is read as it was last put, and unknown before and after', async () => {
    const cursor: Cursor = { id: 'fan-out-1', at: at('2026-03-01T10:00:00Z') };
    expect(await registry.cursor('fan-out-1')).toBeUndefined();
    await registry.putCursor(cursor);
    expect(await registry.cursor('fan-out-1')).toEqual(cursor);
    const moved: Cursor = { ...cursor, entity: anEntityRef(1), after: 'opaque', done: true, count: 17 };
    await registry.putCursor(moved);
    expect(await registry.cursor('fan-out-1')).toEqual(moved);
    await registry.deleteCursor('fan-out-1');
    await registry.deleteCursor('fan-out-1');
    expect(await registry.cursor('fan-out-1')).toBeUndefined();
  });

  test('a digest of policies is new once; afterwards the first record is answered', async () => {
    const record = {
      digest: 'd-1',
      effectiveFrom: at('2026-04-01T00:00:00Z'),
      recordedAt: at('2026-03-01T10:00:00Z'),
    };
    expect(await registry.recordPolicies(record)).toEqual({ record, isNew: true });
    const again = { ...record, recordedAt: record.recordedAt + 5000 };
    expect(await registry.recordPolicies(again)).toEqual({ record, isNew: false });
    expect((await registry.recordPolicies({ ...record, digest: 'd-2' })).isNew).toBe(true);
  });

  test('of several sweeps that find new policies at the same time, one gets the answer that they are new', async () => {
    const record = { digest: 'd-1', effectiveFrom: 0, recordedAt: at('2026-03-01T10:00:00Z') };
    const answers = await Promise.all([1, 2, 3, 4].map(() => registry.recordPolicies(record)));
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  test('what is quarantined stays until it is settled, once', async () => {
    const { producer: _, ...nameless } = quarantined(2);
    await registry.putQuarantined(quarantined(1));
    await registry.putQuarantined(quarantined(1));
    await registry.putQuarantined(nameless);
    expect(await registry.quarantined()).toEqual({ items: [quarantined(1), nameless] });
    expect(await registry.quarantinedItem('event-0002')).toEqual(nameless);
    expect(await registry.removeQuarantined('event-0001')).toBe('removed');
    expect(await registry.removeQuarantined('event-0001')).toBe('unknown');
    expect(await registry.quarantinedItem('event-0001')).toBeUndefined();
    expect(await registry.quarantined()).toEqual({ items: [nameless] });
  });

  test('a long quarantine is listed whole, at most 100 a page', async () => {
    const items = Array.from({ length: 230 }, (_, n) => quarantined(n));
    await Promise.all(items.map((item) => registry.putQuarantined(item)));
    expect((await registry.quarantined()).items).toHaveLength(100);
    expect(await walk((after) => registry.quarantined(after))).toEqual(items);
  });

  test('large bodies, of which few fit on a page of the table, are listed whole too', async () => {
    const items = Array.from({ length: 5 }, (_, n) => quarantined(n, 'x'.repeat(340_000)));
    for (const item of items) await registry.putQuarantined(item);
    expect(await walk((after) => registry.quarantined(after))).toEqual(items);
  });
});
