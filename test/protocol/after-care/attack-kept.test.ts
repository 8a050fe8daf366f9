import { expect, test } from 'vitest';
import { driver } from '../../support/driver/driver.ts';
import { replayed } from '../../support/driver/replay-play.ts';
import { violations } from '../../support/driver/violations.ts';

const since = Date.parse('2026-03-02T20:00:00Z');

test.each([true, false])(
  'of a collection that is kept for one record, a replay deletes what is there again: %s',
  async (isBack) => {
    const d = await driver({
      start: '2026-03-02T08:30:00Z',
      rules: { notes: ['1 day after contract.ended'] },
      collections: [{ category: 'notes', entity: 'contract', by: 'contract', producer: 'portal' }],
      store: { afterCare: [36] },
    });
    for (const id of ['n-1', 'n-2']) d.store.put([id], { contract: 'c-1', text: 'secret' });
    d.registers('n-2', ['c-9']);
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    await d.runUntil('2026-03-20T13:00:00Z');
    expect(d.collection('c-1')).toMatchObject({ state: 'active', kept: { records: 1 } });
    if (isBack) d.store.put(['n-1'], { contract: 'c-1', text: 'secret' });
    expect(await replayed(d, { since })).toEqual({ masked: 1 });
    await replayed(d, { since, does: true, token: 't-2' });
    await d.pass(3_600_000);
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(d.store.fields(['n-2'])).toBeDefined();
    await replayed(d, { since, does: true, token: 't-2' });
    expect(await replayed(d, { since, does: true, token: 't-2' })).toEqual({ repeated: 1 });
    // It is the same generation, as when records come late.
    expect(await violations(d)).toEqual(isBack ? ['2 deletions of one generation'] : []);
  },
);
