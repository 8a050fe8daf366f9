import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { SHARDS, shardOf } from '../../../shared/domain/record/shard.ts';
import type { Hint, ShardCursor } from '../../../shared/ports/hints.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { aHoldingRef, at } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const MINUTE = 60_000;
const FIRST = at('2029-03-01T10:03:00Z');
/** References of one shard, in order. */
const refs: readonly HoldingRef[] = Array.from({ length: 2000 }, (_, n) => aHoldingRef(n))
  .filter((ref) => shardOf(ref) === 3)
  .toSorted();

function hint(n: number, changes: Partial<Hint> = {}): Hint {
  return { minute: FIRST, holding: refs[n] as HoldingRef, lane: 'crm', producer: 'portal', ...changes };
}

describe.each(registryKinds)('hints and cursors in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  async function all(cursor: ShardCursor, until: number): Promise<Hint[]> {
    const found: Hint[] = [];
    for (let at = cursor; ;) {
      const page = await registry.hintsAfter(at, until);
      found.push(...page.items);
      const last = page.items.at(-1);
      if (page.next === undefined || last === undefined) return found;
      at = { ...at, after: last };
    }
  }

  test('hints are read as they were put, in order of minute and then of holding', async () => {
    const hints = [
      hint(2, { deadline: FIRST + 3 }),
      hint(0, { minute: FIRST + MINUTE, lane: 'shop', producer: 'a b#c' }),
      hint(1, { minute: FIRST + MINUTE }),
      hint(5, { minute: FIRST + 400 * 24 * 60 * MINUTE }),
    ];
    await registry.putHints(hints.toReversed());
    await registry.putHints([]);
    expect(await all({ shard: 3, version: 0 }, at('2200-01-01T00:00:00Z'))).toEqual(hints);
    expect(await registry.hintsAfter({ shard: 4, version: 0 }, at('2200-01-01T00:00:00Z'))).toEqual({
      items: [],
    });
  });

  test('a hint that says when to tell is another one than that of the same minute for the lane', async () => {
    const forLane = hint(1, { deadline: FIRST + 3 });
    const toTell = hint(1, { tells: true });
    for (const order of [
      [forLane, toTell],
      [toTell, forLane],
    ])
      await registry.putHints(order);
    await registry.putHints([forLane, toTell]);
    const found = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) => all({ shard, version: 0 }, FIRST)),
    );
    expect(found.flat()).toEqual([forLane, toTell]);
    await registry.putHints([hint(2, { tells: true })]);
    expect([await registry.hasHint(hint(1)), await registry.hasHint(hint(2))]).toEqual([true, false]);
  });

  test('hints lie in the shard of their holding', async () => {
    const mixed = Array.from({ length: 64 }, (_, n) => hint(0, { holding: aHoldingRef(n) }));
    await registry.putHints(mixed);
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const own = mixed.filter(({ holding }) => shardOf(holding) === shard);
      const found = await all({ shard, version: 0 }, FIRST);
      expect(found.map(({ holding }) => holding)).toEqual(own.map(({ holding }) => holding).toSorted());
    }
  });

  test('a page begins after the cursor and ends with the minute that was asked for', async () => {
    const hints = [0, 1, 2, 3].flatMap((minute) =>
      [0, 1, 2].map((n) => hint(n, { minute: FIRST + minute * MINUTE })),
    );
    await registry.putHints(hints);
    const until = FIRST + 2 * MINUTE;
    for (let n = 0; n < 9; n += 1) {
      const cursor = { shard: 3, version: n, after: hints[n] as Hint };
      expect((await registry.hintsAfter(cursor, until)).items).toEqual(hints.slice(n + 1, 9));
      expect((await registry.hintsAfter(cursor, until + MINUTE - 1)).items).toEqual(hints.slice(n + 1, 9));
    }
  });

  test('nothing comes after a cursor that is past the minute asked for', async () => {
    await registry.putHints([hint(0), hint(1)]);
    const cursor = {
      shard: 3,
      version: 1,
      after: { minute: FIRST + MINUTE, holding: refs[0] as HoldingRef },
    };
    expect(await registry.hintsAfter(cursor, FIRST)).toEqual({ items: [] });
    expect(await registry.hintsAfter({ shard: 3, version: 0 }, FIRST - 1)).toEqual({ items: [] });
  });

  test('a hint that is put twice is there once, with its last deadline', async () => {
    await registry.putHints([hint(0, { deadline: 1 }), hint(0, { deadline: 2 })]);
    await registry.putHints([hint(0, { deadline: 3 })]);
    expect(await all({ shard: 3, version: 0 }, FIRST)).toEqual([hint(0, { deadline: 3 })]);
  });

  test('many hints are all put, and pages that follow the last hint give each once', async () => {
    const many = refs.slice(0, 110).map((_, n) => hint(n, { producer: 'p'.repeat(20_000) }));
    await registry.putHints(many);
    const first = await registry.hintsAfter({ shard: 3, version: 0 }, FIRST);
    expect(first.items.length).toBeLessThan(110);
    expect(first.next).toBeDefined();
    expect(await all({ shard: 3, version: 0 }, FIRST)).toEqual(many);
  });

  test('it can be told whether exactly this hint is on record', async () => {
    await registry.putHints([hint(0)]);
    expect(await registry.hasHint(hint(0))).toBe(true);
    expect(await registry.hasHint(hint(1))).toBe(false);
    expect(await registry.hasHint(hint(0, { minute: FIRST + MINUTE }))).toBe(false);
  });

  test('cursors of all shards are answered in order, at the beginning where nothing is stored', async () => {
    const fresh = Array.from({ length: SHARDS }, (_, shard) => ({ shard, version: 0 }));
    expect(await registry.cursors()).toEqual(fresh);
    const after = { minute: FIRST, holding: refs[0] as HoldingRef };
    expect(await registry.moveCursors([{ shard: 5, version: 1, after }])).toEqual(['written']);
    expect(await registry.cursors()).toEqual(
      fresh.map((cursor) => (cursor.shard === 5 ? { shard: 5, version: 1, after } : cursor)),
    );
  });

  test('cursors move on the version read, answered one by one in order', async () => {
    const after = { minute: FIRST, holding: refs[0] as HoldingRef };
    const first = Array.from({ length: SHARDS }, (_, shard) => ({ shard, version: 1, after }));
    expect(await registry.moveCursors(first)).toEqual(first.map(() => 'written'));
    expect(await registry.moveCursors(first)).toEqual(first.map(() => 'moved'));
    const later = { minute: FIRST + MINUTE, holding: refs[1] as HoldingRef };
    const answers = await registry.moveCursors([
      { shard: 9, version: 2, after: later },
      { shard: 2, version: 3, after: later },
      { shard: 0, version: 2, after: later },
    ]);
    expect(answers).toEqual(['written', 'moved', 'written']);
    const cursors = await registry.cursors();
    expect(cursors.filter(({ version }) => version === 2).map(({ shard }) => shard)).toEqual([0, 9]);
    expect(cursors[9]?.after).toEqual(later);
    expect(cursors[2]?.after).toEqual(after);
  });

  test('of many that move one cursor exactly one does', async () => {
    const moves = Array.from({ length: 6 }, (_, n) =>
      registry.moveCursors([
        { shard: 1, version: 1, after: { minute: FIRST, holding: refs[n] as HoldingRef } },
      ]),
    );
    const answers = (await Promise.all(moves)).flat();
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await registry.cursors())[1]?.after?.holding).toBe(refs[answers.indexOf('written')]);
  });
});
