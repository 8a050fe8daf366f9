import { beforeAll, describe, expect, test } from 'vitest';
import type { FactColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import { restoreProgress } from '../../../shared/protocol/restore/restored.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { ORDERS, type Step, take } from '../../support/driver/restore-steps.ts';
import {
  archivedSince,
  type Former,
  type Life,
  lived,
  restored,
  TABLE,
} from '../../support/driver/restored-life.ts';
import { violations } from '../../support/driver/violations.ts';
import { PRODUCER, STORE } from '../../support/driver/world.ts';

const HOUR = 3_600_000;
const COLUMN = `${STORE} ${PRODUCER} contract.ended`;
const ENDED: FactColumn = {
  event: 'contract.ended',
  entity: { type: 'contract', column: 'id' },
  clock: { column: 'ended_at' },
  producer: PRODUCER,
};
/** A note of each goes a day after the end of its contract. */
const IDS = ['gone', 'back', 'moved', 'late', 'again', 'open'];

function says(d: Driver, id: string, ended: string | null): void {
  d.store.put([`c-${id}`], { ended_at: ended });
}

const life: Life = {
  options: {
    rules: { notes: ['1 day after contract.ended'] },
    policy: { writeLagSeconds: 60 },
    start: '2026-03-03T08:30:00Z',
    store: { facts: [ENDED] },
  },
  ids: [...IDS, ...IDS.map((id) => `c-${id}`)],
  async until(d) {
    for (const id of IDS) {
      d.registers(id, [`c-${id}`]);
      d.store.put([id], {});
      says(d, id, null);
    }
    says(d, 'gone', '2026-03-01T12:00:00Z');
    for (const id of ['back', 'moved', 'again']) says(d, id, '2026-03-02T14:00:00Z');
    await d.runUntil('2026-03-03T10:30:00Z');
  },
  async after(d) {
    says(d, 'late', '2026-03-01T12:00:00Z');
    says(d, 'again', null);
    await d.runUntil('2026-03-03T12:30:00Z');
    // The same value is another event.
    says(d, 'again', '2026-03-02T14:00:00Z');
    await d.runUntil('2026-03-03T13:45:00Z');
    says(d, 'back', null);
    says(d, 'moved', '2026-03-05T12:00:00Z');
    await d.runUntil('2026-03-03T16:30:00Z');
    const gone = IDS.filter((id) => d.store.fields([id]) === undefined);
    if (gone.join() !== 'gone,late,again') throw new Error(`${gone.join()} are gone`);
  },
};

async function endedOf(d: Driver, id: string): Promise<readonly Occurred[]> {
  const ref = await d.contract(`c-${id}`);
  const state = (await d.registry.states([ref])).get(ref);
  return (state?.occurrences['contract.ended'] ?? []).map(({ occurred }) => occurred);
}

/** Everything that must never be, once a day and more has passed. */
async function wrongIn(
  d: Driver,
  { resumedAt, before }: { resumedAt: Instant; before: number },
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [id, ended] of [
    ['back', []],
    ['open', []],
    ['moved', ['2026-03-05T12:00:00.000Z']],
    ['again', ['2026-03-02T14:00:00.000Z']],
    ['late', ['2026-03-01T12:00:00.000Z']],
  ] as const) {
    const found = await endedOf(d, id);
    if (found.join() !== ended.join()) wrong.push(`${id} has ended ${found.join() || 'never'}`);
  }
  const acts = d.store.effects
    .slice(before)
    .map(({ locator, at }) => `${locator[0]} ${new Date(at).toISOString()}`);
  const [act, ...more] = acts;
  if (act === undefined || more.length > 0 || !(act > 'moved 2026-03-06T12:'))
    wrong.push(`what went: ${acts.join()}`);
  for (const entry of d.registry.allColumnEntries())
    if (entry.taken !== true) wrong.push('a value was not taken');
  if ((d.registry.columnMarks().get(COLUMN) ?? 0) < resumedAt) wrong.push('the column was not read again');
  const always = (await violations(d)).filter((what) => !what.endsWith('its worker did nothing'));
  return [...wrong, ...always];
}

async function play(former: Former, order: readonly Step[]): Promise<string[]> {
  const d = await restored(former);
  const start = d.store.effects.length;
  for (const step of order) await take(d, former, step, { resumes: 'guarded' });
  const during = d.store.effects.length - start;
  const markBefore = d.registry.columnMarks().get(COLUMN) ?? 0;
  // In the end a person follows the runbook, whatever was done in which order.
  for (const step of ['log', 'replay 1', 'replay 2', 'walk'] as const)
    await take(d, former, step, { resumes: 'guarded' });
  await d.pass(HOUR);
  await take(d, former, 'walk', { resumes: 'guarded' });
  await take(d, former, 'resume', { resumes: 'guarded' });
  const resumedAt = d.clock.now();
  await d.pass(2 * HOUR);
  // Somebody has the archive replayed once more.
  d.replays(archivedSince(former, d));
  await d.runUntil('2026-03-08T12:00:00Z');
  const { missing } = await restoreProgress(d.core, TABLE);
  return [
    ...(missing.length > 0 ? [`missing in the end: ${missing.join()}`] : []),
    ...(during > 0 ? ['something was disposed of during the restore'] : []),
    ...(markBefore > former.driver.clock.now() && !order.includes('resume')
      ? ['the column counted as read during the restore']
      : []),
    ...(await wrongIn(d, { resumedAt, before: start })),
  ];
}

describe('a registry that was restored to an earlier time', () => {
  let former: Former;
  beforeAll(async () => {
    former = await lived(life);
  });

  test(
    'learns from the column what it has forgotten, in whatever order it learns the rest',
    { timeout: 300_000 },
    async () => {
      const wrong: string[] = [];
      for (const order of ORDERS.filter((_, index) => index % 8 === 0)) {
        const found = await play(former, order);
        wrong.push(...found.map((what) => `${order.join(', ')}: ${what}`));
        if (wrong.length > 5) break;
      }
      expect(wrong).toEqual([]);
    },
  );

  test('has no mark that the former one has written, or that comes again', async () => {
    const d = await restored(former);
    const mark = d.registry.columnMarks().get(COLUMN);
    // What lanes of the former table had left for `ingest` is in the copy, too.
    await d.registry.putColumnMessages([{ kind: 'column-read', column: COLUMN, at: d.clock.now() }]);
    d.replays(archivedSince(former, d));
    d.toSweep({ kind: 'hourly' });
    await d.settle();
    await d.pass(10 * 60_000);
    expect((await d.registry.columnMessages(COLUMN)).items).toEqual([]);
    expect(d.registry.columnMarks().get(COLUMN)).toBe(mark);
  });
});
