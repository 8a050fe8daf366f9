import { describe, expect, test } from 'vitest';
import { driver, type Driver, type DriverOptions } from '../support/driver/driver.ts';
import { violations } from '../support/driver/violations.ts';

const START = '2026-03-03T08:30:00Z';
const RULES = { note: ['1 day after contract.ended'] };

/** Ended on 2 March at 10:00 and disposed of a day later, at 10:01; now it is noon. */
async function disposed(options: DriverOptions = { rules: RULES }, attributes = {}): Promise<Driver> {
  const d = await driver({ start: START, ...options });
  d.registers('n-1', ['c-1'], { attributes });
  d.store.put(['n-1'], { text: 'hello', mail: 'ada' });
  d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z', { id: 'the-end' });
  await d.runUntil('2026-03-03T12:00:00Z');
  expect(d.holding('n-1')?.done).toHaveLength(1);
  return d;
}

const said = (d: Driver): unknown => d.holding('n-1')?.disposedBeforeFact;
const codes = (d: Driver, code: string): number =>
  d.world.reports.lines.filter((line) => line.code === code).length;

describe('what was disposed of before the fact', () => {
  test('that undid its end, is reported once, however often the fact comes', async () => {
    const d = await disposed();
    for (let times = 0; times < 3; times += 1) {
      d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z', { id: 'renewal' });
      await d.settle();
    }
    expect(said(d)).toBe(true);
    expect(codes(d, 'dispose.before-the-fact')).toBe(1);
    expect(d.holding('n-1')?.state).toBe('disposed');
    await d.runUntil('2026-03-03T16:00:00Z');
    expect(await violations(d)).toEqual([]);
  });

  test('announced in time, is reported: what counts is when it was sent', async () => {
    const d = await disposed();
    d.happens('contract.renewed', 'c-1', '2026-06-01T00:00:00Z', { sent: '2026-03-02T12:00:00Z' });
    await d.settle();
    expect(said(d)).toBe(true);
  });

  test('that its end never happened, is reported', async () => {
    const d = await disposed();
    d.retracts('c-1', 'the-end');
    await d.settle();
    expect(said(d)).toBe(true);
  });

  test('that its end was later, is reported', async () => {
    const d = await disposed();
    d.corrects('contract.ended', 'c-1', '2026-03-20T10:00:00Z', 'the-end');
    await d.settle();
    expect(said(d)).toBe(true);
  });

  test('is reported for each of many records, page by page', async () => {
    const d = await driver({ start: START, rules: RULES, pageSize: 3 });
    const ids = Array.from({ length: 10 }, (_, index) => `n-${index}`);
    for (const id of ids) {
      d.registers(id, ['c-1']);
      d.store.put([id], {});
    }
    d.happens('contract.ended', 'c-1', '2026-03-02T10:00:00Z');
    await d.runUntil('2026-03-03T12:00:00Z');
    d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z');
    await d.settle();
    expect(ids.map((id) => d.holding(id)?.disposedBeforeFact)).toEqual(ids.map(() => true));
  });

  test('in a stage before the last is reported, too, and the remaining stages wait', async () => {
    const mails = { note: ['anonymise 1 day after contract.ended, then delete 1 year after contract.ended'] };
    const d = await disposed({ rules: mails });
    expect(d.holding('n-1')?.state).toBe('active');
    d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z');
    await d.settle();
    expect(said(d)).toBe(true);
    expect(d.holding('n-1')?.decision?.actAt).toBeUndefined();
  });
});

describe('what was disposed of in time', () => {
  test.for<[string, (d: Driver) => void]>([
    ['a renewal after it', (d) => d.happens('contract.renewed', 'c-1', '2026-03-03T11:59:00Z')],
    ['an event that no rule asks for', (d) => d.happens('contract.started', 'c-1', '2026-03-01T09:00:00Z')],
    ['an earlier end', (d) => d.happens('contract.ended', 'c-1', '2026-02-01T09:00:00Z')],
    [
      'a correction of its end to an earlier date',
      (d) => d.corrects('contract.ended', 'c-1', '2026-03-01', 'the-end'),
    ],
    ['a retraction of what came after it', (d) => d.retracts('c-1', 'nothing-known')],
  ])('is not reported as disposed of before the fact: %s', async ([, comes]) => {
    const d = await disposed();
    comes(d);
    await d.settle();
    expect(said(d)).toBeUndefined();
    expect(codes(d, 'ingest.late-fact')).toBe(0);
  });
});

test('where the rule needs what a tombstone no longer has, the report says that it is unknown', async () => {
  const rules = {
    note: ['if plan is "free", 1 day after contract.ended, otherwise 3 years after contract.ended'],
  };
  const d = await disposed({ rules, policy: { attributes: { plan: { type: 'text' } } } }, { plan: 'free' });
  d.happens('contract.renewed', 'c-1', '2026-03-03T09:00:00Z');
  await d.settle();
  expect(said(d)).toBeUndefined();
  expect(codes(d, 'ingest.late-fact')).toBe(1);
});
