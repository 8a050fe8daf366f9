import { expect, test } from 'vitest';
import { rootOf } from '../../../shared/domain/record/page-list.ts';
import type { DueHolding } from '../../../shared/ports/upkeep.ts';
import { censusId, censusSegment, startCensus } from '../../../shared/protocol/census.ts';
import { stateDays } from '../../../shared/protocol/statement/state-days.ts';
import { statedDays } from '../../../shared/protocol/statement/stated-days.ts';
import { SEGMENTS, segmentId } from '../../../shared/protocol/walk.ts';
import { type World, world } from '../../support/driver/world.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { statedIn, statesIn } from '../../support/log/stated.ts';

const CENSUS = 'census/2026-03-01';

/** Ten records on five pages of three segments, and one whose key is gone. */
async function counted(): Promise<World> {
  const w = world({ destroyedLogKeys: new Set([2020]) });
  await statedDays(w.core, CENSUS);
  const due = (n: number, year = 2026): DueHolding => ({
    ref: w.ref(`n-${n}`),
    generation: 1,
    year,
    state: 'open',
  });
  const pages = [
    [0, 'a', [due(1), due(2)]],
    [0, 'b', [due(3), due(4), due(5), due(6)]],
    [1, 'a', []],
    [2, 'a', [due(7), due(8, 2020)]],
    [2, 'b', [due(9)]],
    [3, 'a', [due(10), due(11)]],
  ] as const;
  for (const [segment, page, some] of pages)
    await w.registry.putDue({ run: segmentId(CENSUS, segment), page, at: 0, due: some });
  return w;
}

async function stateAll(w: World, core = w.core, goOn = (): boolean => true): Promise<void> {
  while ((await stateDays(core, CENSUS, goOn, 3)) !== 'done') {
    // The lease of a walker that died has to run out.
    w.clock.advance(20 * 60_000);
  }
}

function expectRight(w: World): void {
  const [one, ...others] = statedIn(w.registry);
  expect(others).toEqual([]);
  expect(one?.statement).toMatchObject({
    first: '2026-02-28',
    last: '2026-02-28',
    unlinked: 1,
    due: { open: 10 },
  });
  expect(statesIn(one?.lines ?? []).size).toBe(10);
  const parts = w.registry
    .allResults()
    .flatMap((result) => ('void' in result ? [] : (result.actions ?? [])))
    .flatMap((note) => (note.did === 'due-list' ? [note] : []));
  expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
  expect(one?.statement).toMatchObject({ parts: parts.length, root: rootOf(parts.map(({ root }) => root)) });
  const open = w.registry.allToBeSealed().map(({ token }) => token);
  expect(open).toEqual(w.registry.allResults().map(({ token }) => token));
  // `seal` takes them in this order.
  expect(open.at(-1)).toBe(one?.statement.token);
}

test('wherever the run dies that states a day, the statement is there once, and is what its parts give', async () => {
  const w = await counted();
  const { registry, calls } = dyingRegistry(w.registry, {});
  await stateAll(w, { ...w.core, registry });
  expectRight(w);
  expect(calls.filter((name) => name === 'putStatement').length).toBeGreaterThan(4);
  for (const at of calls.keys()) {
    for (const when of ['before', 'after'] as const) {
      const next = await counted();
      const dying = dyingRegistry(next.registry, { at, when });
      await expect(stateAll(next, { ...next.core, registry: dying.registry })).rejects.toThrow('killed');
      await stateAll(next);
      expectRight(next);
    }
  }
});

test('a run whose time is over goes on where it was, and one beside it leaves it alone', async () => {
  const w = await counted();
  let rounds = 0;
  let turns = 0;
  do {
    turns = 0;
    const answer = await stateDays(w.core, CENSUS, () => (turns += 1) <= 1, 3);
    rounds += 1;
    if (answer === 'done') break;
    expect(answer).toBe('more');
  } while (rounds < 100);
  expect(rounds).toBeGreaterThan(2);
  expectRight(w);
  const other = await counted();
  let beside: string | undefined;
  const registry = {
    ...other.registry,
    async putStatement(result: Parameters<typeof other.registry.putStatement>[0]) {
      beside ??= await stateDays(other.core, CENSUS, () => true, 3);
      return other.registry.putStatement(result);
    },
  };
  await stateAll(other, { ...other.core, registry });
  expect(beside).toBe('busy');
  expectRight(other);
});

test('wherever a census dies, its days are stated once, each record in them once', async () => {
  const seeded = async (): Promise<World> => {
    const w = world({ pageSize: 2 });
    for (let n = 1; n <= 5; n += 1)
      await w.register(await w.registration(`n-${n}`, [w.entity('contract', `c-${n}`)]));
    for (let n = 1; n <= 3; n += 1)
      await w.happened(w.entity('contract', `c-${n}`), w.fact('contract.ended', '2026-01-01'));
    return w;
  };
  const census = async (w: World, core = w.core): Promise<void> => {
    const walk = censusId(w.clock.now());
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      await censusSegment(core, { walk, segment }, () => true);
  };
  const w = await seeded();
  const { registry, calls } = dyingRegistry(w.registry, {});
  await census(w, { ...w.core, registry });
  expect(statedIn(w.registry).map(({ statement }) => statement.due)).toMatchObject([{ open: 3 }]);
  for (const at of calls.keys()) {
    for (const when of ['before', 'after'] as const) {
      const next = await seeded();
      const dying = dyingRegistry(next.registry, { at, when });
      await census(next, { ...next.core, registry: dying.registry }).catch(() => undefined);
      next.clock.advance(20 * 60_000);
      await startCensus(next.core);
      await census(next);
      const stated = statedIn(next.registry);
      expect(stated.map(({ statement }) => statement.due)).toMatchObject([{ open: 3 }]);
      expect(statesIn(stated[0]?.lines ?? []).size).toBe(3);
      expect(await next.registry.newestCensus()).toBe(CENSUS);
    }
  }
});
