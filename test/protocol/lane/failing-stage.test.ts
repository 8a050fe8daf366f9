import { describe, expect, test } from 'vitest';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { aboutToBeDue, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';

const DAY = 86_400_000;
const PLAY: Play = {
  restricts: true,
  rules: { notes: ['restrict 1 day after contract.ended', '3 days after contract.ended'] },
};
const done = (d: Driver) =>
  entriesIn(d).flatMap(({ entry: { stage, outcome } }) =>
    outcome === 'refused' ? [] : [`${stage} ${outcome}`],
  );

describe('a record that its store cannot restrict', () => {
  test('is deleted when that is due', async () => {
    const d = await aboutToBeDue(PLAY);
    d.store.fail({ call: 'restrict', code: 'STORE_DENIED' });
    await d.pass(1.9 * DAY);
    expect([done(d), d.holding('n-1')?.state]).toEqual([[], 'active']);
    // It is tried once a day by then, and every other time.
    await d.pass(3 * DAY);
    expect([done(d), d.holding('n-1')?.state]).toEqual([['delete deleted'], 'disposed']);
    expect(await violations(d)).toEqual([]);
    expect(d.registry.allChunks()).toEqual([]);
  });

  test('is restricted when that works again, while a hold keeps it from being deleted', async () => {
    const d = await aboutToBeDue(PLAY);
    d.store.fail({ call: 'restrict', code: 'STORE_DENIED' });
    await placeHold(d.core, aHoldOn(await d.contract('c-1')));
    await d.pass(3 * DAY);
    expect(d.holding('n-1')?.state).toBe('active');
    d.store.repair();
    await d.pass(3 * DAY);
    expect([done(d)[0], d.store.isRestricted(['n-1'])]).toEqual(['restrict restricted', true]);
    expect(d.store.fields(['n-1'])).toBeDefined();
  });

  test('is restricted when that works again, while it cannot be deleted, either', async () => {
    const d = await aboutToBeDue(PLAY);
    d.store.fail({ call: 'restrict', code: 'STORE_DENIED' });
    d.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await d.pass(3 * DAY);
    d.store.repair();
    d.store.fail({ call: 'delete', code: 'STORE_DENIED' });
    await d.pass(3 * DAY);
    expect(d.store.isRestricted(['n-1'])).toBe(true);
    d.store.repair();
    await d.pass(3 * DAY);
    expect([done(d), d.holding('n-1')?.state]).toEqual([
      ['restrict restricted', 'delete deleted'],
      'disposed',
    ]);
  });
});
