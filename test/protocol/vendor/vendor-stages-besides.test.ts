import { describe, expect, test } from 'vitest';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { entriesIn, notesIn } from '../../support/driver/violations.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { staged, stagedRules } from '../../support/vendor/staged-vendor.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const outcomes = (d: Driver) => entriesIn(d).map(({ entry }) => `${entry.stage} ${entry.outcome}`);
const TO_DELETE = stagedRules('restrict 1 day after contract.ended', 'delete 3 days after contract.ended');
const TO_MASK = stagedRules(
  'restrict 1 day after contract.ended',
  'anonymise 3 days after contract.ended',
  'delete 3 years after contract.ended',
);

describe('what the vendor has confirmed is not asked for in the same attempt', () => {
  test('a deletion, while the restriction is open', async () => {
    let isDone = false;
    const { d, times } = await staged(
      { of: (verb) => (isDone && verb === 'delete' ? { state: 'confirmed' } : undefined) },
      TO_DELETE,
    );
    await d.pass(4 * DAY);
    isDone = true;
    await d.pass(5 * DAY);
    expect(times('delete')).toHaveLength(1);
    expect(outcomes(d)).toEqual(['restrict requested', 'delete requested', 'delete confirmed-by-vendor']);
    expect(d.registry.allChunks()).toEqual([]);
  });

  test('a restriction, while the mask is open', async () => {
    let isDone = false;
    const { d, times } = await staged(
      { of: (verb) => (isDone && verb === 'restrict' ? { state: 'confirmed' } : undefined) },
      TO_MASK,
    );
    await d.pass(4 * DAY);
    isDone = true;
    await d.pass(2 * DAY);
    expect(times()).toHaveLength(2);
    expect(outcomes(d)).toEqual([
      'restrict requested',
      'anonymise requested',
      'restrict confirmed-by-vendor',
    ]);
  });
});

describe('of several open requests', () => {
  test('each is chased, while a later stage is still to come', async () => {
    const { d, asked } = await staged({}, TO_MASK);
    await d.pass(16 * DAY);
    const ids = (verb: string) => new Set(asked.flatMap((one) => (one.verb === verb ? [one.id] : []))).size;
    expect([ids('restrict'), ids('anonymise')]).toEqual([3, 2]);
  });

  test('one that the vendor did not accept is sent again, while a later stage is still to come', async () => {
    let isUp = false;
    const { d, times } = await staged(
      {
        to: ({ verb }) =>
          verb === 'anonymise' && !isUp ? { outcome: 'failed', code: 'STORE_TIMEOUT' } : undefined,
      },
      TO_MASK,
    );
    await d.pass(3 * DAY);
    isUp = true;
    await d.pass(2 * DAY);
    expect(outcomes(d)).toContain('anonymise requested');
    expect(times('delete')).toEqual([]);
  });

  test('each is chased, also where all were looked at together', async () => {
    const { d, asked } = await staged({}, TO_MASK);
    await d.pass(4 * DAY);
    d.down.add('dispose');
    await d.pass(3 * DAY);
    d.down.delete('dispose');
    await d.pass(20 * DAY);
    const ids = (verb: string) => new Set(asked.flatMap((one) => (one.verb === verb ? [one.id] : []))).size;
    expect(ids('anonymise')).toBeGreaterThanOrEqual(3);
  });
});

describe('a restriction that is never confirmed does not delay the deletion', () => {
  test('if what it goes by happened again since', async () => {
    const { d, times } = await staged({}, TO_DELETE);
    await d.pass(DAY);
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now() - HOUR).toISOString());
    await d.pass(DAY);
    d.happens('contract.ended', 'c-1', new Date(d.clock.now() - HOUR).toISOString());
    await d.pass(5 * DAY);
    expect(times('delete')).toEqual([expect.stringMatching(/^delete 2026-03-08T09:0/)]);
  });

  test('if it would have to be lifted', async () => {
    const { d, times } = await staged(
      {},
      stagedRules('restrict 1 day after contract.ended', 'delete 1 day after contract.started'),
    );
    await d.pass(DAY);
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now() - HOUR).toISOString());
    await d.pass(DAY);
    d.happens('contract.started', 'c-1', new Date(d.clock.now() - HOUR).toISOString());
    await d.pass(3 * DAY);
    expect(times('delete')).toHaveLength(1);
  });

  test('if a fact brings the deletion nearer than the next look', async () => {
    const { d, times } = await staged(
      {},
      stagedRules('restrict 1 day after contract.ended', 'delete 1 day after contract.started'),
    );
    await d.pass(4 * DAY);
    d.happens('contract.started', 'c-1', new Date(d.clock.now() - 23 * HOUR).toISOString());
    const dueAt = d.clock.now() + HOUR;
    await d.pass(DAY);
    const [first = ''] = times('delete');
    expect(Date.parse(`${first.slice(7)}:00Z`) - dueAt).toBeLessThan(10 * 60_000);
  });
});

test('a hold that keeps a record from being deleted does not keep its restriction from being sent again', async () => {
  let isUp = false;
  const { d, times } = await staged(
    {
      to: ({ verb }) =>
        verb === 'restrict' && !isUp ? { outcome: 'failed', code: 'STORE_TIMEOUT' } : undefined,
    },
    TO_DELETE,
  );
  await placeHold(d.core, aHoldOn(await d.contract('c-1')));
  await d.pass(5 * DAY);
  isUp = true;
  await d.pass(DAY);
  expect(outcomes(d)).toContain('restrict requested');
  expect(times('delete')).toEqual([]);
});

test('a worker whose clock is slow works on a chunk that it is woken for', async () => {
  let runs = 0;
  const { d, times } = await staged(
    {},
    {
      ...stagedRules('restrict 1 day after contract.ended', 'delete 1 day after contract.started'),
      skew: (verb) => (verb === 'dispose' && (runs += 1) % 2 === 0 ? -40_000 : 0),
    },
  );
  await d.pass(4 * DAY);
  d.happens('contract.started', 'c-1', new Date(d.clock.now() - 48 * HOUR).toISOString());
  await d.pass(20 * 60_000);
  expect(times('delete')).toHaveLength(1);
});

describe('what a vendor confirms of several requests', () => {
  test('in one attempt are two outcomes, also where one of them ends the record', async () => {
    let isDone = false;
    const { d } = await staged({ of: () => (isDone ? { state: 'confirmed' } : undefined) }, TO_DELETE);
    await d.pass(4 * DAY);
    d.down.add('dispose');
    await d.pass(2 * DAY);
    d.down.delete('dispose');
    isDone = true;
    await d.pass(2 * DAY);
    expect(outcomes(d).slice(2)).toEqual(['restrict confirmed-by-vendor', 'delete confirmed-by-vendor']);
    expect((d.holding('n-1')?.done ?? []).map(({ stage }) => stage)).toEqual(['restrict', 'delete']);
  });

  test('is told once as before the fact that forbids it, also if the vendor does one after the other', async () => {
    const done = new Set<string>();
    const { d } = await staged(
      { of: (verb) => (done.has(verb) ? { state: 'confirmed' } : undefined) },
      TO_DELETE,
    );
    await d.pass(4 * DAY);
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
    for (const verb of ['restrict', 'delete']) {
      done.add(verb);
      await d.pass(2 * DAY);
    }
    expect(d.holding('n-1')?.state).toBe('disposed');
    expect(notesIn(d).filter(({ did }) => did === 'disposed-before-fact')).toHaveLength(1);
  });
});

test('a deletion besides a restriction waits for the end of quiet hours, and the restriction does not', async () => {
  const quietHours = { zone: 'UTC', hours: [{ from: '09:00', to: '15:20' }] };
  const { d, times } = await staged({}, { ...TO_DELETE, store: { quietHours } });
  await d.pass(4 * DAY);
  expect(times()).toEqual(['restrict 2026-03-03T10:02', 'delete 2026-03-05T15:20']);
});
