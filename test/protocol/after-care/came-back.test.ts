import { describe, expect, test } from 'vitest';
import { endHold, hintParked, placeHold } from '../../../shared/protocol/hold.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { notesIn, violations } from '../../support/driver/violations.ts';

/** Deleted on 3 March: looked at again on 4 and 10 March, and on 3 April, when no backup has it any more. */
const OPTIONS: DriverOptions = {
  rules: { notes: ['1 day after contract.ended'] },
  start: '2026-03-02T08:30:00Z',
  store: { afterCare: [1, 7, 31] },
};

async function deleted(options: DriverOptions = OPTIONS): Promise<Driver> {
  const d = await driver(options);
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z', { id: 'end' });
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(d.holding('n-1')?.state).toBe('disposed');
  return d;
}

const cameBack = (d: Driver) => notesIn(d).filter(({ did }) => did === 'came-back');
const reported = (d: Driver, wanted: string) => d.reports.lines.filter(({ code }) => code === wanted).length;
const tombstone = (d: Driver) => d.registry.allTombstones().find(({ ref }) => ref === d.ref('n-1'));

describe('after-care', () => {
  test('asks the store on each of the days, and then forgets where the record was', async () => {
    const d = await deleted();
    const asked = d.store.calls.readBack;
    expect(d.holding('n-1')?.probe?.at).toBe(Date.parse('2026-03-04T09:00:00Z'));
    for (const [until, times] of [
      ['2026-03-04T08:00:00Z', 0],
      ['2026-03-04T12:00:00Z', 1],
      ['2026-03-10T12:00:00Z', 2],
      ['2026-04-02T12:00:00Z', 2],
      ['2026-04-03T12:00:00Z', 3],
      ['2026-05-03T12:00:00Z', 3],
    ] as const) {
      await d.runUntil(until);
      expect([until, d.store.calls.readBack - asked]).toEqual([until, times]);
    }
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 1 });
    expect(d.holding('n-1')).not.toHaveProperty('probe');
    expect(d.holding('n-1')).not.toHaveProperty('locator');
    expect(notesIn(d)).toEqual([]);
    expect(reported(d, 'census.re-hinted')).toBe(0);
    expect(await violations(d)).toEqual([]);
  });

  test('finds what a restore has brought back: an entry, an alarm, and it is deleted once more', async () => {
    const d = await deleted();
    await d.runUntil('2026-03-08T12:00:00Z');
    d.store.put(['n-1'], { text: 'secret' });
    await d.runUntil('2026-03-10T12:00:00Z');
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(cameBack(d)).toMatchObject([
      {
        generation: 1,
        store: 'notes',
        at: '2026-03-10T09:00:00.000Z',
        stages: [{ stage: 'delete', outcome: 'deleted', entry: { line: 0 } }],
      },
    ]);
    expect(reported(d, 'dispose.came-back')).toBe(1);
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 2 });
    // It begins from the beginning: this copy may come back, too.
    expect(d.holding('n-1')?.probe?.at).toBe(Date.parse('2026-03-11T10:00:00Z'));
    // The place of the record is kept once.
    expect(tombstone(d)).not.toHaveProperty('probe');
    await d.runUntil('2026-05-01T12:00:00Z');
    expect(cameBack(d)).toHaveLength(1);
    expect(await violations(d)).toEqual([]);
  });

  test('a fact that came since keeps what has come back', async () => {
    const d = await deleted();
    d.happens('contract.renewed', 'c-1', '2026-03-05T09:00:00Z');
    d.store.put(['n-1'], { text: 'secret' });
    await d.runUntil('2026-03-10T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
    expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
    expect(cameBack(d)).toHaveLength(1);
  });

  test('a legal hold keeps what has come back, and its release lets it go', async () => {
    const d = await deleted();
    const hold = aHoldOn(await d.contract('c-1'), { at: d.clock.now() });
    await placeHold(d.core, hold);
    d.store.put(['n-1'], { text: 'secret' });
    await d.runUntil('2026-03-20T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
    expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2, parked: { hold: 'h-1' } });
    expect(cameBack(d)).toHaveLength(1);
    await endHold(d.core, { ...hold, state: 'released', released: { at: d.clock.now() } });
    await hintParked(d.core, 'h-1');
    await d.runUntil('2026-03-21T12:00:00Z');
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 2 });
    expect(await violations(d)).toEqual([]);
  });

  test('a record that is registered again is another one, and is not looked for', async () => {
    const d = await deleted();
    d.registers('n-1', ['c-1']);
    d.happens('contract.renewed', 'c-1', '2026-03-05T09:00:00Z');
    d.store.put(['n-1'], { text: 'new' });
    await d.runUntil('2026-05-01T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'new' });
    expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
    expect(d.holding('n-1')).not.toHaveProperty('cameBack');
    expect(tombstone(d)).not.toHaveProperty('probe');
    expect(cameBack(d)).toEqual([]);
    expect(await violations(d)).toEqual([]);
  });

  test('what its producer has withdrawn since is not disposed of again', async () => {
    const d = await deleted();
    d.withdraws('n-1');
    d.store.put(['n-1'], { text: 'theirs' });
    await d.runUntil('2026-05-01T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'theirs' });
    expect(d.holding('n-1')).not.toHaveProperty('probe');
    expect(cameBack(d)).toEqual([]);
    expect(await violations(d)).toEqual([]);
  });

  test('a store that does not answer is asked until it does', async () => {
    const d = await deleted();
    d.store.put(['n-1'], { text: 'secret' });
    d.store.fail({ call: 'readBack', code: 'STORE_UNREACHABLE' });
    await d.runUntil('2026-03-04T15:00:00Z');
    expect(cameBack(d)).toEqual([]);
    expect(d.holding('n-1')).toHaveProperty('probe');
    d.store.repair();
    await d.runUntil('2026-03-05T15:00:00Z');
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(cameBack(d)).toHaveLength(1);
    expect(await violations(d)).toEqual([]);
  });

  test('the records of a collection are looked for where they were', async () => {
    const collections = [{ category: 'notes', entity: 'contract', by: 'contract', producer: 'portal' }];
    const d = await driver({ ...OPTIONS, collections });
    d.store.put(['n-1'], { contract: 'c-1' });
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    await d.runUntil('2026-03-03T13:00:00Z');
    expect(d.collection('c-1')).toMatchObject({ state: 'disposed', generation: 1 });
    await d.runUntil('2026-03-05T13:00:00Z');
    expect(cameBack(d)).toEqual([]);
    d.store.put(['n-1'], { contract: 'c-1' });
    await d.runUntil('2026-03-10T13:00:00Z');
    expect(cameBack(d)).toHaveLength(1);
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(d.collection('c-1')).toMatchObject({ state: 'disposed', generation: 2 });
    const deletions = d.registry.allResults().flatMap((one) => ('void' in one ? [] : one.entries));
    expect(deletions.map(({ generation, page }) => [generation, page?.records])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test('a store without after-care keeps nothing of what was deleted', async () => {
    const d = await deleted({ ...OPTIONS, store: {} });
    expect(d.holding('n-1')).not.toHaveProperty('probe');
    expect(d.holding('n-1')).not.toHaveProperty('hintAt');
  });
});
