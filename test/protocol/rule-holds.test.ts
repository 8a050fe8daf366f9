import { describe, expect, test } from 'vitest';
import { listOverdue } from '../../shared/protocol/overdue.ts';
import { driver, type Driver } from '../support/driver/driver.ts';
import { violations } from '../support/driver/violations.ts';

const RULES = { note: ['1 day after contract.ended, held from contract.started until audit.completed'] };

/** Due on 3 March at 10:00; a hold that began an hour before is told of only then. */
async function held(): Promise<Driver> {
  const d = await driver({ start: '2026-03-03T08:30:00Z', rules: RULES });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'hello' });
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
  await d.settle();
  d.happens('contract.started', 'c-1', '2026-03-03T10:00:30Z');
  return d;
}

const isThere = (d: Driver): boolean => d.store.read(['n-1']) !== undefined;

describe('a hold of a rule that is open when its date has come', () => {
  test('keeps the record, which is not overdue, and is looked at once a day', async () => {
    const d = await held();
    await d.runUntil('2026-03-13T12:00:00Z');
    expect(isThere(d)).toBe(true);
    expect(d.holding('n-1')?.decision?.deadline).toBeUndefined();
    expect((await listOverdue(d.world.core, d.world.clock.now())).groups).toEqual([]);
    const looks = d.world.reports.lines.filter(({ code }) => code === 'dispose.let-go');
    expect(looks.length).toBeGreaterThanOrEqual(10);
    expect(looks.length).toBeLessThanOrEqual(12);
    expect(await violations(d)).toEqual([]);
  });

  test('lets it go as soon as it ends', async () => {
    const d = await held();
    await d.runUntil('2026-03-06T12:00:00Z');
    d.happens('audit.completed', 'c-1', '2026-03-06T11:00:00Z');
    await d.runUntil('2026-03-06T13:00:00Z');
    expect(isThere(d)).toBe(false);
    expect(await violations(d)).toEqual([]);
  });

  test('lets it go within a day of an end that was announced', async () => {
    const d = await held();
    d.happens('audit.completed', 'c-1', '2026-03-06T11:00:00Z');
    await d.runUntil('2026-03-06T10:59:00Z');
    expect(isThere(d)).toBe(true);
    await d.runUntil('2026-03-07T11:30:00Z');
    expect(isThere(d)).toBe(false);
  });

  test('is said to have been late if it is told of after the disposal', async () => {
    const d = await driver({ start: '2026-03-03T08:30:00Z', rules: RULES });
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1'], { text: 'hello' });
    d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-03T12:00:00Z');
    expect(isThere(d)).toBe(false);
    d.happens('contract.started', 'c-1', '2026-03-03T10:00:30Z', { sent: '2026-03-03T10:00:30Z' });
    await d.settle();
    expect(d.holding('n-1')?.disposedBeforeFact).toBe(true);
  });
});
