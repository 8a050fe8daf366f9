import { expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import type { Standing } from '../../../shared/domain/replay/standing.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { replayed as replayedSince } from '../../support/driver/replay-play.ts';
import { entriesIn, violations } from '../../support/driver/violations.ts';
import { aPolicy, aRule } from '../../support/rules/rule-world.ts';

const POLICY = aPolicy(
  {},
  {
    categories: {
      notes: {
        rules: [aRule('anonymise 1 day after contract.ended'), aRule('delete 30 days after contract.ended')],
        masks: { text: { kind: 'null' } },
      },
    },
  },
);
/** Before all of them were masked. */
const BACKUP = Date.parse('2026-03-02T20:00:00Z');

async function masked(ids: readonly string[]): Promise<Driver> {
  const d = await driver({ start: '2026-03-02T08:30:00Z', policies: [POLICY] });
  for (const id of ids) {
    d.happens('contract.ended', `c-${id}`, '2026-03-02T08:00:00Z');
    d.registers(id, [`c-${id}`]);
    d.store.put([id], { text: 'secret' });
  }
  await d.runUntil('2026-03-03T13:00:00Z');
  for (const id of ids) expect(d.store.fields([id])).toEqual({ text: null });
  return d;
}

/** Since the backup, unless something else is said. */
const replayed = (d: Driver, asked: { does?: boolean; since?: number; token?: string } = {}) =>
  replayedSince(d, { since: BACKUP, ...asked });

/** Asking begins the next count, which a later question tells. */
async function countedNow(d: Driver, token = 't-1'): Promise<Partial<Record<Standing, number>>> {
  await replayed(d, { does: true, token });
  return replayed(d, { does: true, token });
}

const outcomes = (d: Driver): string[] => entriesIn(d).map(({ entry }) => entry.outcome);

test('a replay that only looks changes nothing of what was masked, and says that it cannot tell', async () => {
  const d = await masked(['n-1', 'n-2']);
  d.store.put(['n-1'], { text: 'secret' });
  const before = ['n-1', 'n-2'].map((id) => d.holding(id));
  expect(await replayed(d)).toEqual({ masked: 2 });
  await d.pass(86_400_000);
  expect(d.store.fields(['n-1'])).toEqual({ text: 'secret' });
  expect(['n-1', 'n-2'].map((id) => d.holding(id))).toEqual(before);
});

test('a replay that disposes masks again what a restore has undone, once, with an entry', async () => {
  const d = await masked(['n-1', 'n-2']);
  d.store.put(['n-1'], { text: 'secret' });
  await replayed(d, { does: true });
  await d.pass(600_000);
  expect(d.store.fields(['n-1'])).toEqual({ text: null });
  expect(d.store.fields(['n-2'])).toEqual({ text: null });
  const logged = outcomes(d);
  expect(logged.filter((one) => one === 'anonymised').length).toBeGreaterThanOrEqual(3);
  expect(await countedNow(d)).toEqual({ repeated: 2 });
  await d.pass(86_400_000);
  expect(await countedNow(d)).toEqual({ repeated: 2 });
  expect(outcomes(d)).toEqual(logged);
  expect(await violations(d)).toEqual([]);
});

test('a second replay masks once more what a second restore has undone', async () => {
  const d = await masked(['n-1']);
  for (const token of ['t-1', 't-2']) {
    d.store.put(['n-1'], { text: 'secret' });
    await replayed(d, { does: true, token });
    await d.pass(600_000);
    expect(d.store.fields(['n-1'])).toEqual({ text: null });
    expect(await countedNow(d, token)).toEqual({ repeated: 1 });
  }
  expect(await violations(d)).toEqual([]);
});

test('what a hold keeps, and what its producer has withdrawn, is not masked again', async () => {
  const d = await masked(['n-1', 'n-2']);
  await placeHold(d.core, aHoldOn(await d.contract('c-n-1'), { at: d.clock.now() }));
  d.withdraws('n-2');
  await d.pass(600_000);
  for (const id of ['n-1', 'n-2']) d.store.put([id], { text: 'secret' });
  expect(await replayed(d, { does: true })).toEqual({ planned: 1, withdrawn: 1 });
  await d.pass(86_400_000);
  for (const id of ['n-1', 'n-2']) expect(d.store.fields([id])).toEqual({ text: 'secret' });
  expect(await violations(d)).toEqual([]);
});

test('what was masked before the backup, or after the replay was asked for, is left as it is', async () => {
  const d = await masked(['n-1']);
  const version = d.holding('n-1')?.version;
  expect(await replayed(d, { does: true, since: Date.parse('2026-03-03T12:45:00Z') })).toEqual({});
  expect(d.holding('n-1')?.version).toBe(version);
});

test('its deletion comes when it was to come, and is the only one', async () => {
  const d = await masked(['n-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await replayed(d, { does: true });
  await d.runUntil('2026-04-03T12:00:00Z');
  expect(d.store.fields(['n-1'])).toBeUndefined();
  expect(d.holding('n-1')?.state).toBe('disposed');
  expect(outcomes(d).filter((one) => one === 'deleted')).toHaveLength(1);
  expect(await violations(d)).toEqual([]);
});

test('the records of a collection are masked again where they were', async () => {
  const collections = [{ category: 'notes', entity: 'contract', by: 'contract', producer: 'portal' }];
  const d = await driver({ start: '2026-03-02T08:30:00Z', policies: [POLICY], collections });
  for (const id of ['n-1', 'n-2']) d.store.put([id], { contract: 'c-1', text: 'secret' });
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  await d.runUntil('2026-03-03T13:00:00Z');
  for (const id of ['n-1', 'n-2']) expect(d.store.fields([id])).toMatchObject({ text: null });
  d.store.put(['n-1'], { contract: 'c-1', text: 'secret' });
  await replayed(d, { does: true });
  await d.pass(3_600_000);
  for (const id of ['n-1', 'n-2']) expect(d.store.fields([id])).toMatchObject({ text: null });
  expect(await countedNow(d)).toEqual({ repeated: 1 });
});

const KILLED = replayId('t-1', { does: true, since: BACKUP, store: 'notes' });

/** A restore has undone one of two masks. */
const SCENARIO: Omit<Scenario, 'verb'> = {
  options: { start: '2026-03-02T08:30:00Z', policies: [POLICY] },
  async prepare(d) {
    for (const id of ['n-1', 'n-2']) {
      d.happens('contract.ended', `c-${id}`, '2026-03-02T08:00:00Z');
      d.registers(id, [`c-${id}`]);
      d.store.put([id], { text: 'secret' });
    }
    await d.runUntil('2026-03-03T13:00:00Z');
    d.store.put(['n-1'], { text: 'secret' });
    await beginReplay(d.core, KILLED);
  },
  async finish(d) {
    for (let minutes = 0; minutes < 240; minutes += 5) {
      await d.pass(300_000);
      await readReplay(d.core, KILLED);
    }
  },
  wrong(d) {
    const logged = outcomes(d);
    return [
      ...(['n-1', 'n-2'].every((id) => d.store.fields([id])?.['text'] === null) ? [] : ['it is not masked']),
      ...(logged.length <= 4 ? [] : [`${logged.length} entries`]),
      ...(d.reports.lines.some(({ code }) => code === 'census.re-hinted') ? ['nothing pointed at it'] : []),
    ];
  },
};

test.each(['sweep', 'dispose'] as const)(
  'a run of %s that is killed at any call leaves no mask out, and repeats none twice',
  async (verb) => {
    const { points, wrong } = await everyRunKilled({ ...SCENARIO, verb }, verb === 'sweep' ? 4 : 2);
    expect(wrong).toEqual([]);
    expect(points).toBeGreaterThan(10);
  },
  300_000,
);
