import { describe, expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';
import type { Acted, Promised, ReadBack, Store, Target } from '../../../shared/ports/store.ts';
import { placeHold, release } from '../../../shared/protocol/hold.ts';
import type { MemoryStore } from '../../../shared/stores/memory-store.ts';
import { aboutToBeDue, type Play } from '../../support/driver/disposal-play.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { counting, killAt } from '../../support/driver/kill-points.ts';
import { entriesIn } from '../../support/driver/violations.ts';

const DAY = 86_400_000;
const RESTRICTS: Play = {
  restricts: true,
  rules: { notes: ['restrict 1 day after contract.ended', '3 days after contract.ended'] },
};

interface Asked {
  readonly verb: string;
  readonly id: string;
  readonly at: number;
}

interface Answers {
  /** To a request. */
  readonly to?: (verb: string) => Acted | undefined;
  /** What came of it. */
  readonly of: (verb: string) => ReadBack;
}

/** A vendor that can restrict and delete. */
function vendorOf(records: MemoryStore, now: () => number, { to, of }: Answers) {
  const asked: Asked[] = [];
  const ask =
    (verb: string) =>
    async (batch: readonly Target[]): Promise<Acted[]> =>
      batch.map(({ request: id = '' }) => {
        asked.push({ verb, id, at: now() });
        return to?.(verb) ?? { outcome: 'requested', ...present({ follow: verb }) };
      });
  const store: Store = {
    ...records,
    batch: 10,
    vendor: { chaseAfterDays: 7, confirmWithinDays: 30 },
    look: async (batch) => batch.map(() => ({ state: 'present' })),
    delete: ask('delete'),
    restrict: async (batch, on) => ask(on ? 'restrict' : 'lift')(batch),
    readBack: async (batch: readonly Promised[]) =>
      batch.map(({ follow }) => (follow === undefined ? { state: 'pending' } : of(follow))),
  };
  return { asked, store };
}

async function playing(answers: Answers, play: Play = RESTRICTS) {
  let made: ReturnType<typeof vendorOf> | undefined;
  const d = await aboutToBeDue({
    ...play,
    vendor: (records, now) => {
      made ??= vendorOf(records, now, answers);
      return made.store;
    },
  });
  /** The days of the first request with each id. */
  const days = () => {
    const ids = new Map((made?.asked ?? []).toReversed().map((one) => [one.id, one]));
    return [...ids.values()]
      .toReversed()
      .map(({ verb, at }) => `${verb} ${new Date(at).toISOString().slice(0, 10)}`);
  };
  return { d, days };
}

const PENDING: ReadBack = { state: 'pending' };
const outcomes = (d: Driver) => entriesIn(d).map(({ entry }) => `${entry.stage} ${entry.outcome}`);

describe('a restriction does not delay the deletion', () => {
  test('if the vendor never confirms it', async () => {
    const { d, days } = await playing({ of: () => PENDING });
    await d.pass(4 * DAY);
    expect(days()).toEqual(['restrict 2026-03-03', 'delete 2026-03-05']);
    expect(outcomes(d)).toEqual(['restrict requested', 'delete requested']);
    await d.pass(20 * DAY);
    expect(days().filter((one) => one.startsWith('delete'))).toHaveLength(3);
    expect(d.registry.allChunks()).toHaveLength(1);
  });

  test.each<Acted>([
    { outcome: 'failed', code: 'STORE_TIMEOUT' },
    { outcome: 'failed', code: 'STORE_THROTTLED', retryAfterSeconds: 86_400 },
  ])('if the vendor never accepts it (%j)', async (answer) => {
    const { d, days } = await playing({
      to: (verb) => (verb === 'restrict' ? answer : undefined),
      of: () => ({ state: 'confirmed' }),
    });
    await d.pass(4 * DAY);
    expect(days()).toEqual(['restrict 2026-03-03', 'delete 2026-03-05']);
    expect(d.holding('n-1')?.state).toBe('disposed');
    await d.pass(DAY);
    expect(d.registry.allChunks()).toEqual([]);
  });

  test('if it is overdue, and its record is registered again each day', async () => {
    const { d, days } = await playing(
      { of: () => PENDING },
      {
        restricts: true,
        rules: { notes: ['restrict 1 day after contract.ended', '40 days after contract.ended'] },
      },
    );
    for (let day = 0; day < 45; day += 1) {
      d.registers('n-1', ['c-1']);
      await d.pass(DAY);
    }
    expect(days().filter((one) => one.startsWith('delete'))).toEqual(['delete 2026-04-11']);
    expect(d.registry.allChunks()).toHaveLength(1);
  });

  test('if nothing says where to ask what came of it', async () => {
    const { d } = await playing(
      { to: (verb) => (verb === 'delete' ? undefined : { outcome: 'requested' }), of: () => PENDING },
      RESTRICTS,
    );
    await d.pass(4 * DAY);
    expect(outcomes(d)).toEqual(['restrict requested', 'delete requested']);
  });
});

test('both are confirmed, and each entry says by which rule', async () => {
  let isDone = false;
  const { d } = await playing({ of: () => (isDone ? { state: 'confirmed' } : PENDING) });
  await d.pass(4 * DAY);
  isDone = true;
  await d.pass(2 * DAY);
  expect(outcomes(d)).toEqual(
    expect.arrayContaining(['restrict requested', 'delete requested', 'delete confirmed-by-vendor']),
  );
  expect(entriesIn(d).map(({ entry }) => entry.rule)).not.toContain('');
  expect([d.holding('n-1')?.state, d.registry.allChunks()]).toEqual(['disposed', []]);
});

test('a hold that comes after the restriction keeps the record from being deleted, until it is released', async () => {
  const { d, days } = await playing({ of: () => PENDING });
  await d.pass(2 * DAY);
  await placeHold(d.core, aHoldOn(await d.contract('c-1')));
  await d.pass(4 * DAY);
  expect(days()).toEqual(['restrict 2026-03-03']);
  await release(d.core, aHoldOn(await d.contract('c-1')));
  await d.pass(2 * DAY);
  expect(days()).toEqual(['restrict 2026-03-03', 'delete 2026-03-09']);
});

test('a fact that ends both keeps the record from being deleted', async () => {
  const { d, days } = await playing({ of: () => PENDING });
  await d.pass(2 * DAY);
  d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
  await d.pass(20 * DAY);
  expect(days().filter((one) => one.startsWith('delete'))).toEqual([]);
});

test('the worker that asks for the deletion may die at any call', async () => {
  const played = async (run: number, victim: ReturnType<typeof counting>) => {
    const { d, days } = await playing({
      of: (verb) => (verb === 'delete' ? { state: 'confirmed' } : PENDING),
    });
    const calls: string[][] = [];
    for (let number = 0; number < 60; number += 1) {
      calls.push([]);
      d.onNext('dispose', number === run ? victim : counting(calls[number] ?? []));
    }
    await d.pass(6 * DAY);
    return { d, days, calls };
  };
  const { calls } = await played(-1, counting([]));
  const run = calls.findIndex((own) => own.includes('store.delete'));
  const own = calls[run] ?? [];
  expect(own).toContain('store.delete');
  const wrong: string[] = [];
  for (const [index, call] of own.entries()) {
    for (const when of ['before', 'after'] as const) {
      const { d, days } = await played(run, killAt(index + 1, when));
      const found = days().filter((one) => one.startsWith('delete')).length === 1 ? [] : [days().join(', ')];
      if (d.holding('n-1')?.state !== 'disposed') found.push('not disposed of');
      if (d.registry.allChunks().length > 0) found.push('a chunk is left');
      if (entriesIn(d).some(({ entry }) => entry.rule === '')) found.push('an entry without a rule');
      wrong.push(...found.map((sentence) => `killed ${when} ${index + 1} ${call}: ${sentence}`));
    }
  }
  expect(wrong).toEqual([]);
});
