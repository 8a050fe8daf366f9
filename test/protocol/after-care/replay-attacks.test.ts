import { describe, expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { countOf, NO_REPLAY } from '../../../shared/domain/replay/replay-tally.ts';
import { type Standing, STANDINGS } from '../../../shared/domain/replay/standing.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import { driver, type Driver, type DriverOptions } from '../../support/driver/driver.ts';
import { notesIn } from '../../support/driver/violations.ts';

const OPTIONS: DriverOptions = {
  rules: { notes: ['1 day after contract.ended'] },
  start: '2026-03-02T08:30:00Z',
  store: { afterCare: [36] },
};
/** Before all of them were deleted. */
const BACKUP = Date.parse('2026-03-02T20:00:00Z');
const DAY = 86_400_000;

async function deleted(options: DriverOptions = OPTIONS): Promise<Driver> {
  const d = await driver(options);
  d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
  d.registers('n-1', ['c-1']);
  d.store.put(['n-1'], { text: 'secret' });
  await d.runUntil('2026-03-03T13:00:00Z');
  expect(d.holding('n-1')?.state).toBe('disposed');
  return d;
}

type Asked = { readonly does?: boolean; readonly since?: number; readonly token?: string };

function idOf({ does = false, since = BACKUP, token = 't-1' }: Asked = {}): string {
  return replayId(token, { does, since, store: 'notes' });
}

async function ended(d: Driver, id: string): Promise<Partial<Record<Standing, number>>> {
  for (let minute = 0; minute < 180; minute += 1) {
    const progress = await readReplay(d.core, id);
    if (progress?.state !== 'done') {
      await d.pass(60_000);
      continue;
    }
    const { tally } = progress.count ?? { tally: NO_REPLAY };
    const counts = STANDINGS.map((standing) => [standing, countOf(tally, standing)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }
  throw new Error('the replay did not end within three hours');
}

async function replayed(d: Driver, asked: Asked = {}): Promise<Partial<Record<Standing, number>>> {
  await beginReplay(d.core, idOf(asked));
  return ended(d, idOf(asked));
}

const cameBack = (d: Driver) => notesIn(d).filter(({ did }) => did === 'came-back');
/** Its messages are lost: it goes on when somebody asks. */
const silent = (d: Driver) => ({ ...d.core, queues: { ...d.core.queues, toSweep: async () => undefined } });

/** The next run of the lane that makes this call dies after it; nothing of it runs on. Answers whether it has. */
function dyingAfter(d: Driver, call: string): () => boolean {
  let isDead = false;
  for (let runs = 0; runs < 9; runs += 1)
    d.onNext('dispose', async ({ name, make, abandon }) => {
      const answer = await make();
      if (isDead || name !== call) return answer;
      isDead = true;
      abandon();
      return new Promise(() => undefined);
    });
  return () => isDead;
}

describe('a replay on clocks that differ', () => {
  test('has not looked for a record before the lane has, if it was asked on a clock that is fast', async () => {
    const d = await deleted();
    d.store.put(['n-1'], { text: 'secret' });
    const ahead = { ...d.core, clock: { now: () => d.clock.now() + 20_000 } };
    await beginReplay(ahead, idOf({ does: true }));
    // The lane is slow: everything else has run.
    d.down.add('dispose');
    for (let seconds = 0; seconds < 15; seconds += 5) {
      await d.pass(5_000);
      const progress = await readReplay(ahead, idOf({ does: true }));
      expect(progress?.state).not.toBe('done');
    }
    d.down.delete('dispose');
    await ended(d, idOf({ does: true }));
    await d.pass(3_600_000);
    expect(cameBack(d)).toHaveLength(1);
  });
});

describe('a replay whose walkers come late', () => {
  test('does not rename a check that has begun, so what came back has one entry', async () => {
    const d = await deleted();
    d.store.put(['n-1'], { text: 'secret' });
    const [old, young] = [idOf({ does: true, token: 't-old' }), idOf({ does: true, token: 't-young' })];
    await beginReplay(silent(d), old);
    await d.pass(2 * 3_600_000);
    await beginReplay(d.core, young);
    // The lane has put the entry, and then it dies.
    const isDead = dyingAfter(d, 'registry.putTombstone');
    for (let minute = 0; minute < 10 && !isDead(); minute += 1) await d.pass(60_000);
    expect([isDead(), cameBack(d).length]).toEqual([true, 1]);
    await ended(d, old);
    await ended(d, young);
    await d.pass(3_600_000);
    expect(cameBack(d)).toHaveLength(1);
    expect(d.store.size()).toBe(0);
  });

  test('asks for what the lane had deleted already, and had not on record when they passed', async () => {
    const d = await driver(OPTIONS);
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1'], { text: 'secret' });
    const isDead = dyingAfter(d, 'registry.putResult');
    for (let minute = 0; minute < 36 * 60 && !isDead(); minute += 1) await d.pass(60_000);
    expect([isDead(), d.store.size(), d.holding('n-1')?.state]).toEqual([true, 0, 'active']);
    d.store.put(['n-1'], { text: 'secret' });
    await beginReplay(d.core, idOf());
    await d.pass(1_800_000);
    expect(d.holding('n-1')?.state).toBe('disposed');
    expect(await ended(d, idOf())).toEqual({ there: 1 });
    await beginReplay(d.core, idOf({ does: true }));
    await ended(d, idOf({ does: true }));
    await d.pass(3_600_000);
    expect([d.store.size(), cameBack(d).length]).toEqual([0, 1]);
  });

  test('ask for nothing that was deleted after the replay', async () => {
    const d = await driver(OPTIONS);
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    d.registers('n-1', ['c-1']);
    d.store.put(['n-1'], { text: 'secret' });
    await d.pass(600_000);
    const id = idOf({ does: true, since: Date.parse('2026-03-02T08:00:00Z') });
    await beginReplay(silent(d), id);
    await d.runUntil('2026-03-03T13:00:00Z');
    const asked = d.store.calls.readBack;
    expect(await ended(d, id)).toEqual({ gone: 1 });
    expect(d.store.calls.readBack).toBe(asked);
  });
});

describe('a replay that has ended', () => {
  test('disposes of nothing more, however often somebody asks how far it is', async () => {
    const d = await deleted();
    expect(await replayed(d, { does: true })).toEqual({ gone: 1 });
    await d.pass(3_600_000);
    d.store.put(['n-1'], { text: 'new' });
    expect(await replayed(d, { token: 't-2' })).toEqual({ there: 1 });
    for (let minute = 0; minute < 30; minute += 1) {
      await readReplay(d.core, idOf({ does: true }));
      await d.pass(60_000);
    }
    expect(d.store.fields(['n-1'])).toEqual({ text: 'new' });
    expect(d.holding('n-1')).toMatchObject({ state: 'disposed', generation: 1 });
  });
});

describe('a replay that is over', () => {
  test('does not begin again when its walks are gone before it is', async () => {
    const d = await deleted({ ...OPTIONS, store: { afterCare: [90] } });
    const id = idOf({ does: true });
    await beginReplay(d.core, id);
    await ended(d, id);
    await d.pass(36 * DAY);
    // The application has put a record there on its own, and no replay is asked for.
    d.store.put(['n-1'], { text: 'new' });
    const walks = d.registry.allWalks().filter(({ id: walk }) => walk.startsWith('restore-replay/'));
    for (const { id: walk } of walks) await d.registry.deleteWalk(walk);
    expect(await readReplay(d.core, id)).toBeUndefined();
    await d.pass(3_600_000);
    expect(d.store.fields(['n-1'])).toEqual({ text: 'new' });
  });
});

describe('the counts of a replay', () => {
  test('have nothing of what was withdrawn and never disposed of, however early the backup', async () => {
    const d = await driver(OPTIONS);
    d.registers('n-1', ['c-1']);
    await d.pass(60_000);
    d.withdraws('n-1');
    await d.pass(3_600_000);
    expect(await replayed(d, { since: 0 })).toEqual({});
  });

  test('have a record that was registered again and withdrawn since it was deleted', async () => {
    const d = await deleted();
    d.happens('contract.renewed', 'c-1', '2026-03-03T13:00:00Z');
    d.registers('n-1', ['c-1']);
    await d.pass(600_000);
    d.withdraws('n-1');
    await d.pass(600_000);
    d.store.put(['n-1'], { text: 'secret' });
    expect(await replayed(d)).toEqual({ withdrawn: 1 });
  });

  test('have a record that had come back and was withdrawn then', async () => {
    const d = await deleted();
    d.happens('contract.renewed', 'c-1', '2026-03-03T13:00:00Z');
    d.store.put(['n-1'], { text: 'secret' });
    expect(await replayed(d, { does: true })).toEqual({ planned: 1 });
    d.withdraws('n-1');
    await d.pass(600_000);
    expect(await replayed(d, { token: 't-2' })).toEqual({ withdrawn: 1 });
  });

  test('say of a record that was looked for a last time that it is gone', async () => {
    // Not that of any other test: it is turned off in between.
    const d = await deleted({ ...OPTIONS, store: { afterCare: [37] } });
    const stores = { notes: { ...d.core.configuration.stores['notes'], afterCare: [] } };
    Object.assign(d.core.configuration, { stores });
    expect(await replayed(d, { does: true })).toEqual({ gone: 1 });
  });
});
