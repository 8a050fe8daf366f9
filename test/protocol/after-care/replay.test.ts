import { describe, expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { replayed as replayedSince } from '../../support/driver/replay-play.ts';
import { notesIn, violations } from '../../support/driver/violations.ts';

/** A backup is kept for 35 days: one check is made, on the day after. */
const OPTIONS: DriverOptions = {
  rules: { notes: ['1 day after contract.ended'] },
  start: '2026-03-02T08:30:00Z',
  store: { afterCare: [36] },
};
/** Before all of them were deleted. */
const BACKUP = Date.parse('2026-03-02T20:00:00Z');

async function deleted(ids: readonly string[], options: DriverOptions = OPTIONS): Promise<Driver> {
  const d = await driver(options);
  for (const id of ids) {
    d.happens('contract.ended', `c-${id}`, '2026-03-02T08:00:00Z');
    d.registers(id, [`c-${id}`]);
    d.store.put([id], { text: 'secret' });
  }
  await d.runUntil('2026-03-03T13:00:00Z');
  for (const id of ids) expect(d.holding(id)?.state).toBe('disposed');
  return d;
}

/** Since the backup, unless something else is said. */
const replayed = (d: Driver, asked: { does?: boolean; since?: number; token?: string } = {}) =>
  replayedSince(d, { since: BACKUP, ...asked });

const cameBack = (d: Driver) => notesIn(d).filter(({ did }) => did === 'came-back');

describe('a replay after a restore', () => {
  test('says what is there again, and changes nothing of it', async () => {
    const d = await deleted(['n-1', 'n-2', 'n-3']);
    d.store.put(['n-1'], { text: 'secret' });
    const checks = ['n-1', 'n-2'].map((id) => d.holding(id)?.probe);
    expect(await replayed(d)).toEqual({ there: 1, gone: 2 });
    expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
    expect(['n-1', 'n-2'].map((id) => d.holding(id)?.probe)).toEqual(checks);
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 1 });
    expect(notesIn(d)).toEqual([]);
    await d.runUntil('2026-03-20T12:00:00Z');
    expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
    // The check that was planned before still comes.
    await d.runUntil('2026-04-10T12:00:00Z');
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(cameBack(d)).toHaveLength(1);
    expect(d.reports.lines.some(({ code }) => code === 'census.re-hinted')).toBe(false);
    expect(await violations(d)).toEqual([]);
  });

  test('disposes of what is there again if it is told to, and a second one finds nothing more', async () => {
    const d = await deleted(['n-1', 'n-2']);
    d.store.put(['n-1'], { text: 'secret' });
    expect(await replayed(d, { does: true })).toMatchObject({ gone: 1 });
    await d.pass(3_600_000);
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 2 });
    expect(cameBack(d)).toHaveLength(1);
    expect(await replayed(d, { does: true, token: 't-2' })).toEqual({ disposed: 1, gone: 1 });
    expect(await replayed(d, { token: 't-3' })).toEqual({ disposed: 1, gone: 1 });
    expect(cameBack(d)).toHaveLength(1);
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 2 });
    expect(await violations(d)).toEqual([]);
  });

  test('finds it again when the same backup is restored a second time', async () => {
    const d = await deleted(['n-1']);
    d.store.put(['n-1'], { text: 'secret' });
    await replayed(d, { does: true });
    await d.pass(3_600_000);
    d.store.put(['n-1'], { text: 'secret' });
    expect(await replayed(d, { token: 't-2' })).toEqual({ there: 1 });
    await replayed(d, { does: true, token: 't-3' });
    await d.pass(3_600_000);
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(cameBack(d)).toHaveLength(2);
  });

  test('two at once dispose of it once, and both tell that it had come back', async () => {
    const d = await deleted(['n-1', 'n-2']);
    d.store.put(['n-1'], { text: 'secret' });
    const ids = ['t-1', 't-2'].map((token) => replayId(token, { does: true, since: BACKUP, store: 'notes' }));
    for (const id of ids) await beginReplay(d.core, id);
    await d.pass(1_000);
    await beginReplay(d.core, replayId('t-3', { does: false, since: BACKUP, store: 'notes' }));
    expect(await replayed(d, { does: true, token: 't-1' })).toMatchObject({ gone: 1 });
    await d.pass(3_600_000);
    for (const token of ['t-4', 't-5'])
      expect(await replayed(d, { does: true, token })).toEqual({ disposed: 1, gone: 1 });
    expect(cameBack(d)).toHaveLength(1);
    expect(await violations(d)).toEqual([]);
  });

  test('does not touch a record that was registered again at the same place', async () => {
    const d = await deleted(['n-1']);
    d.registers('n-1', ['c-n-1']);
    d.happens('contract.renewed', 'c-n-1', '2026-03-03T14:00:00Z');
    await d.pass(600_000);
    d.store.put(['n-1'], { text: 'new' });
    expect(await replayed(d, { does: true })).toEqual({ registered: 1 });
    await d.pass(86_400_000);
    expect(d.store.fields(['n-1'])).toEqual({ text: 'new' });
    expect(d.holding('n-1')).toMatchObject({ state: 'active', generation: 2 });
    expect(cameBack(d)).toEqual([]);
  });

  test('leaves what its producer has withdrawn since, and what a hold keeps', async () => {
    const d = await deleted(['n-1', 'n-2']);
    d.withdraws('n-1');
    await placeHold(d.core, aHoldOn(await d.contract('c-n-2'), { at: d.clock.now() }));
    await d.pass(600_000);
    for (const id of ['n-1', 'n-2']) d.store.put([id], { text: 'secret' });
    expect(await replayed(d, { does: true })).toEqual({ withdrawn: 1, planned: 1 });
    await d.pass(86_400_000);
    for (const id of ['n-1', 'n-2']) expect(d.store.fields([id])).toEqual({ text: 'secret' });
  });

  test('asks only for what was disposed of since the backup, and for no other store', async () => {
    const d = await deleted(['n-1']);
    const before = d.store.calls.readBack;
    expect(await replayed(d, { since: Date.parse('2026-03-03T13:30:00Z') })).toEqual({});
    expect(d.store.calls.readBack).toBe(before);
  });

  test('says of what it could not look for that it did not', async () => {
    const d = await deleted(['n-1'], { ...OPTIONS, store: {} });
    d.store.put(['n-1'], { text: 'secret' });
    expect(await replayed(d, { does: true })).toEqual({ forgotten: 1 });
    expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
  });

  test('waits for a store that does not answer', async () => {
    const d = await deleted(['n-1']);
    d.store.put(['n-1'], { text: 'secret' });
    d.store.fail({ call: 'readBack', code: 'STORE_UNREACHABLE' });
    const id = replayId('t-1', { does: false, since: BACKUP, store: 'notes' });
    await beginReplay(d.core, id);
    for (let minute = 0; minute < 20; minute += 1) {
      await d.pass(60_000);
      expect((await readReplay(d.core, id))?.state).not.toBe('done');
    }
    d.store.repair();
    expect(await replayed(d)).toEqual({ there: 1 });
  });

  test('goes on when a message is lost, however late somebody asks', async () => {
    const d = await deleted(['n-1']);
    d.store.put(['n-1'], { text: 'secret' });
    const id = replayId('t-1', { does: false, since: BACKUP, store: 'notes' });
    await beginReplay({ ...d.core, queues: { ...d.core.queues, toSweep: async () => undefined } }, id);
    await d.pass(86_400_000);
    expect(await readReplay(d.core, id)).toMatchObject({ state: 'asking', examined: 0 });
    expect(await replayed(d)).toEqual({ there: 1 });
  });

  test('the records of a collection are looked for where they were', async () => {
    const collections = [{ category: 'notes', entity: 'contract', by: 'contract', producer: 'portal' }];
    const d = await driver({ ...OPTIONS, collections });
    d.store.put(['n-1'], { contract: 'c-1' });
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    await d.runUntil('2026-03-03T13:00:00Z');
    d.store.put(['n-1'], { contract: 'c-1' });
    expect(await replayed(d)).toEqual({ there: 1 });
    await replayed(d, { does: true, token: 't-2' });
    await d.pass(3_600_000);
    expect(d.store.fields(['n-1'])).toBeUndefined();
    expect(cameBack(d)).toHaveLength(1);
  });
});
