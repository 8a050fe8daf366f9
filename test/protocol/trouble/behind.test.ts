import { expect, test } from 'vitest';
import { driver } from '../../support/driver/driver.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { PRODUCER } from '../../support/driver/world.ts';

const at = (time: string): number => Date.parse(`2026-03-03T${time}:00Z`);

test('no chunk of a producer is begun while its messages wait: an extension that comes meanwhile counts', async () => {
  const rules = { notes: ['1 day after contract.ended'] };
  const d = await driver({ start: '2026-03-02T09:00:00Z', rules });
  for (const [id, contract] of [
    ['n-1', 'c-1'],
    ['n-2', 'c-2'],
  ] as const) {
    d.registers(id, [contract]);
    d.store.put([id], {});
    d.happens('contract.ended', contract, '2026-03-02T10:00:00Z');
  }
  await d.runUntil('2026-03-03T09:50:00Z');
  await d.registry.noteBehind(PRODUCER, { now: at('09:50'), until: at('12:30') });
  await d.runUntil('2026-03-03T12:20:00Z');
  expect(['n-1', 'n-2'].map((id) => d.store.read([id]))).toEqual([{}, {}]);
  expect(d.reports.lines).toContainEqual(
    expect.objectContaining({
      code: 'dispose.left',
      fields: expect.objectContaining({ code: 'producer-behind' }) as unknown,
    }),
  );
  expect(d.reports.lines).toContainEqual({
    code: 'sweep.waiting-too-long',
    fields: { code: 'producer-behind', producer: PRODUCER, count: 1 },
  });
  // The message that waited: the contract of n-1 ended later.
  d.happens('contract.ended', 'c-1', '2026-03-20T10:00:00Z');
  await d.runUntil('2026-03-03T14:00:00Z');
  expect(d.store.read(['n-1'])).toBeDefined();
  expect(d.store.read(['n-2'])).toBeUndefined();
  expect(entriesIn(d).map(({ entry }) => entry.outcome)).toEqual(['deleted']);
  expect(await violations(d)).toEqual([]);
});
