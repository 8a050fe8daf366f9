import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { shardOf, SHARDS } from '../../../shared/domain/record/shard.ts';
import type { HoldingRef, Instant } from '../../../shared/domain/record/ids.ts';
import type { Hint, Registry } from '../../../shared/ports/registry.ts';
import { registryKinds } from '../../support/registries.ts';
import { aHoldingRef, at, walk } from '../../support/samples.ts';

const hour = at('2026-03-01T10:00:00Z');
const minute = (n: number): Instant => hour + n * 60_000;
/** References of one shard. */
function ofShard(shard: number, count: number): HoldingRef[] {
  const refs = Array.from({ length: count * SHARDS * 3 }, (_, n) => aHoldingRef(n));
  return refs.filter((ref) => shardOf(ref) === shard).slice(0, count);
}

describe.each(registryKinds)('hints, the watermark and allowances in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    ({ registry } = await kind.fresh());
  });
  const hintsOf = (shard: number, options: { minute?: Instant } = {}): Promise<Hint[]> =>
    walk((after) => registry.hints(hour, shard, after === undefined ? options : { ...options, after }));

  test('hints of one hour and shard come in the order of their minutes', async () => {
    const refs = ofShard(3, 5);
    const minutes = [59, 0, 7, 30, 10];
    await Promise.all(
      refs.map((holding, n) => registry.putHint({ minute: minute(minutes[n] ?? 0), holding })),
    );
    expect((await hintsOf(3)).map((hint) => hint.minute)).toEqual([0, 7, 10, 30, 59].map(minute));
  });

  test('a hint is stored in the hour of its minute and the shard of its holding, and nowhere else', async () => {
    const [holding = aHoldingRef(0)] = ofShard(5, 1);
    await registry.putHint({ minute: minute(0), holding });
    await registry.putHint({ minute: minute(60), holding });
    await registry.putHint({ minute: minute(-1), holding });
    for (let shard = 0; shard < SHARDS; shard += 1) {
      expect(await hintsOf(shard)).toEqual(shard === 5 ? [{ minute: minute(0), holding }] : []);
    }
    const next = await registry.hints(minute(60), 5);
    expect(next.items).toEqual([{ minute: minute(60), holding }]);
  });

  test('putting a hint again changes nothing; with a deadline it carries it', async () => {
    const [holding = aHoldingRef(0)] = ofShard(0, 1);
    const hint: Hint = { minute: minute(5), holding, deadline: at('2026-03-04T10:05:00.123Z') };
    await registry.putHint(hint);
    await registry.putHint(hint);
    expect(await hintsOf(0)).toEqual([hint]);
  });

  test('one holding may have hints at many minutes', async () => {
    const [holding = aHoldingRef(0)] = ofShard(0, 1);
    for (const n of [5, 6, 7]) await registry.putHint({ minute: minute(n), holding });
    expect(await hintsOf(0)).toHaveLength(3);
  });

  test('with a minute, only hints of that minute come', async () => {
    const refs = ofShard(9, 4);
    const odd = refs.filter((_, n) => n % 2 === 1).toSorted();
    for (const [n, holding] of refs.entries()) await registry.putHint({ minute: minute(n % 2), holding });
    const found = await hintsOf(9, { minute: minute(1) });
    expect(found.map(({ holding }) => holding)).toEqual(odd);
    expect(await hintsOf(9, { minute: minute(2) })).toEqual([]);
  });

  test('exactly one hint is asked for by its minute and holding', async () => {
    await registry.putHint({ minute: minute(5), holding: aHoldingRef(1) });
    expect(await registry.hasHint(minute(5), aHoldingRef(1))).toBe(true);
    expect(await registry.hasHint(minute(6), aHoldingRef(1))).toBe(false);
    expect(await registry.hasHint(minute(5), aHoldingRef(2))).toBe(false);
  });

  test('many hints of one minute are all found, each once', async () => {
    const refs = ofShard(1, 400);
    await Promise.all(refs.map((holding) => registry.putHint({ minute: minute(0), holding })));
    const found = await hintsOf(1, { minute: minute(0) });
    expect(found.map(({ holding }) => holding)).toEqual(refs.toSorted());
  });

  test('the watermark is unknown at first and is set only by who knows that', async () => {
    expect(await registry.watermark()).toBeUndefined();
    expect(await registry.moveWatermark(hour, minute(60))).toBe('moved');
    expect(await registry.watermark()).toBeUndefined();
    expect(await registry.moveWatermark(undefined, hour)).toBe('written');
    expect(await registry.moveWatermark(undefined, minute(60))).toBe('moved');
    expect(await registry.watermark()).toBe(hour);
  });

  test('the watermark moves forwards only, and only from where it is', async () => {
    await registry.moveWatermark(undefined, hour);
    expect(await registry.moveWatermark(hour, minute(-60))).toBe('moved');
    expect(await registry.moveWatermark(minute(-60), minute(60))).toBe('moved');
    expect(await registry.watermark()).toBe(hour);
    expect(await registry.moveWatermark(hour, minute(120))).toBe('written');
    expect(await registry.moveWatermark(hour, minute(180))).toBe('moved');
    expect(await registry.watermark()).toBe(minute(120));
  });

  test('of several sweeps that move the watermark from one hour, one moves it', async () => {
    await registry.moveWatermark(undefined, hour);
    const answers = await Promise.all([1, 2, 3, 4].map((n) => registry.moveWatermark(hour, minute(60 * n))));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
  });

  test('takers of one lane and hour never get more than the cap together', async () => {
    const got = await Promise.all(
      Array.from({ length: 7 }, () => registry.takeAllowance('crm', hour, 40, 150)),
    );
    expect(got.reduce((sum, taken) => sum + taken, 0)).toBe(150);
    expect(Math.max(...got)).toBe(40);
    expect(await registry.takeAllowance('crm', hour, 1, 150)).toBe(0);
  });

  test('the last of an allowance is given in part', async () => {
    expect(await registry.takeAllowance('crm', hour, 90, 100)).toBe(90);
    expect(await registry.takeAllowance('crm', hour, 30, 100)).toBe(10);
    expect(await registry.takeAllowance('crm', hour, 30, 100)).toBe(0);
  });

  test('each lane and each hour has an allowance of its own', async () => {
    expect(await registry.takeAllowance('crm', hour, 100, 100)).toBe(100);
    expect(await registry.takeAllowance('shop', hour, 100, 100)).toBe(100);
    expect(await registry.takeAllowance('crm', minute(60), 100, 100)).toBe(100);
    expect(await registry.takeAllowance('crm', minute(120), 5, 0)).toBe(0);
  });
});
