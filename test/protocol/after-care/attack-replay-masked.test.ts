import { expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { beginReplay, walkOfPart } from '../../../shared/protocol/replay/begin-replay.ts';
import { replaySegment } from '../../../shared/protocol/replay/walk-replay.ts';
import { ALL_SEGMENTS } from '../../../shared/protocol/walk.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { beforeCall, counting } from '../../support/driver/kill-points.ts';
import { replayed } from '../../support/driver/replay-play.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const rules = (...texts: readonly string[]) =>
  aPolicy(
    {},
    { categories: { notes: { rules: texts.map((text) => aRule(text)), masks: { text: { kind: 'null' } } } } },
  );
const BACKUP = Date.parse('2026-03-02T20:00:00Z');
const REPLAY = replayId('t-1', { does: true, since: BACKUP, store: 'notes' });
const outcomes = (d: Driver): string[] => entriesIn(d).map(({ entry }) => entry.outcome);

/** Masked, and deleted a day later. */
async function aboutToBeDeleted(): Promise<Driver> {
  const d = await driver({
    start: '2026-03-02T08:30:00Z',
    policies: [rules('anonymise 1 day after contract.ended', 'delete 2 days after contract.ended')],
    store: { afterCare: [36] },
  });
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(d.store.fields(['n-1'])).toEqual({ text: null });
  await d.runUntil('2026-03-04T07:59:00Z');
  return d;
}

async function walkOnce(d: Driver): Promise<void> {
  await beginReplay(d.core, REPLAY);
  for (const segment of ALL_SEGMENTS)
    await replaySegment(d.core, { walk: walkOfPart({ id: REPLAY, round: 0 }), segment }, () => true);
}

test('a replay during a deletion, at each of its calls, leaves the tombstone as it is without', async () => {
  const calls: string[] = [];
  const plain = await aboutToBeDeleted();
  plain.onNext('dispose', counting(calls));
  await plain.pass(3_600_000);
  expect(plain.holding('n-1')?.state).toBe('disposed');
  const wrong: string[] = [];
  for (const [index, call] of calls.entries()) {
    const d = await aboutToBeDeleted();
    d.onNext(
      'dispose',
      beforeCall(index + 1, () => walkOnce(d)),
    );
    await d.pass(3 * 3_600_000);
    const { state, variants = [], generation } = d.holding('n-1') ?? {};
    if (state !== 'disposed' || variants.length !== 1) wrong.push(`${call}: ${state} ${variants.length}`);
    d.replays(d.archive.slice(0, 5));
    await d.pass(3_600_000);
    if (d.holding('n-1')?.generation !== generation) wrong.push(`${call}: next generation`);
    d.store.put(['n-1'], { text: 'back' });
    await replayed(d, { since: BACKUP, does: true, token: 't-2' });
    await d.pass(3_600_000);
    if (d.store.fields(['n-1']) !== undefined) wrong.push(`${call}: what came back stays`);
    wrong.push(...(await violations(d)).map((one) => `${call}: ${one}`));
  }
  expect(wrong).toEqual([]);
}, 120_000);

test('a withdrawal that comes late takes no repeated mask back', async () => {
  const d = await driver({
    start: '2026-03-02T08:30:00Z',
    policies: [rules('anonymise 1 day after contract.ended')],
  });
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  d.registers('n-1', ['c-1'], { sent: '2026-03-02T08:29:00Z' });
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-03T13:00:00Z');
  d.store.put(['n-1'], { text: 'secret' });
  d.down.add('dispose');
  await walkOnce(d);
  await d.pass(120_000);
  d.withdraws('n-1', { sent: '2026-03-02T08:28:00Z' });
  await d.pass(120_000);
  d.down.delete('dispose');
  await d.pass(3_600_000);
  expect(d.store.fields(['n-1'])).toEqual({ text: null });
});

test('a restriction that was lifted since the backup is lifted again', async () => {
  const d = await driver({
    restricts: true,
    start: '2026-03-02T08:30:00Z',
    policies: [rules('restrict 1 hour after contract.ended', 'delete 30 days after contract.ended')],
  });
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-02T22:00:00Z');
  const since = d.clock.now();
  d.happens('contract.renewed', 'c-1', '2026-03-02T22:00:00Z');
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(d.store.isRestricted(['n-1'])).toBe(false);
  await d.store.restrict([{ locator: ['n-1'] }], true);
  expect(d.store.isRestricted(['n-1'])).toBe(true);
  await replayed(d, { since, does: true });
  await d.pass(3_600_000);
  expect(d.store.isRestricted(['n-1'])).toBe(false);
  await replayed(d, { since, does: true });
  expect(await replayed(d, { since, does: true })).toEqual({ repeated: 1 });
});

test('what was restricted and then masked is both again, and counted as one', async () => {
  const d = await driver({
    restricts: true,
    start: '2026-03-02T08:30:00Z',
    policies: [rules('restrict 23 hours after contract.ended', 'anonymise 25 hours after contract.ended')],
  });
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-03T13:00:00Z');
  d.store.put(['n-1'], { text: 'secret' });
  await replayed(d, { since: BACKUP, does: true });
  await d.pass(3_600_000);
  expect(outcomes(d)).toEqual(['restricted', 'anonymised', 'restricted', 'anonymised']);
  await replayed(d, { since: BACKUP, does: true });
  expect(await replayed(d, { since: BACKUP, does: true })).toEqual({ repeated: 1 });
});
