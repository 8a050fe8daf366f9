import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChunkIndex, LogHead, LogIndex } from '../../../shared/ports/log.ts';
import { registryKinds } from '../../support/registries.ts';
import { at } from '../../support/samples.ts';

const chunk = (key: string, changes: Partial<ChunkIndex> = {}): ChunkIndex => ({
  chunk: key,
  state: 'pending',
  putAt: at('2026-03-01T10:00:00.250Z'),
  store: 'customers-postgres',
  rules: ['contract term plus 3 years'],
  counts: { deleted: 99, 'already-so': 1 },
  ...changes,
});

describe.each(registryKinds)('the index of the deletion log in $name', (kind) => {
  let index: LogIndex;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    ({ index } = await kind.fresh());
  });

  test('a chunk is pending in its hour and no other', async () => {
    await index.putPending(chunk('2026-03-01T10/token/0'));
    expect(await index.pending('2026-03-01T10')).toEqual([chunk('2026-03-01T10/token/0')]);
    expect(await index.ofHour('2026-03-01T10')).toEqual([chunk('2026-03-01T10/token/0')]);
    for (const hour of ['2026-03-01T09', '2026-03-01T11', '2026-03-01T01', '2026-03-02T10']) {
      expect(await index.pending(hour)).toEqual([]);
      expect(await index.ofHour(hour)).toEqual([]);
    }
  });

  test('a sealed chunk is no longer pending, and keeps its place in the log', async () => {
    await index.putPending(chunk('2026-03-01T10/token/0'));
    await index.putPending(chunk('2026-03-01T10/token/1'));
    await index.settle('2026-03-01T10/token/0', { state: 'sealed', first: 0 });
    expect(await index.pending('2026-03-01T10')).toEqual([chunk('2026-03-01T10/token/1')]);
    expect(await index.ofHour('2026-03-01T10')).toEqual([
      chunk('2026-03-01T10/token/0', { state: 'sealed', first: 0 }),
      chunk('2026-03-01T10/token/1'),
    ]);
  });

  test('a late retry never turns a settled chunk back into a pending one', async () => {
    await index.putPending(chunk('2026-03-01T10/token/0'));
    await index.putPending(chunk('2026-03-01T10/void/0'));
    await index.settle('2026-03-01T10/token/0', { state: 'sealed', first: 41 });
    await index.settle('2026-03-01T10/void/0', { state: 'void' });
    await index.putPending(chunk('2026-03-01T10/token/0'));
    await index.putPending(chunk('2026-03-01T10/void/0', { counts: { deleted: 1 } }));
    expect(await index.pending('2026-03-01T10')).toEqual([]);
    expect(await index.ofHour('2026-03-01T10')).toEqual([
      chunk('2026-03-01T10/token/0', { state: 'sealed', first: 41 }),
      chunk('2026-03-01T10/void/0', { state: 'void' }),
    ]);
  });

  test('settling again in the same way changes nothing', async () => {
    await index.putPending(chunk('2026-03-01T10/a/0'));
    await index.putPending(chunk('2026-03-01T10/b/0'));
    for (let time = 0; time < 2; time += 1) {
      await index.settle('2026-03-01T10/a/0', { state: 'sealed', first: 7 });
      await index.settle('2026-03-01T10/b/0', { state: 'void' });
    }
    expect((await index.ofHour('2026-03-01T10')).map(({ state, first }) => [state, first])).toEqual([
      ['sealed', 7],
      ['void', undefined],
    ]);
  });

  test('a settled chunk is never settled otherwise', async () => {
    await index.putPending(chunk('2026-03-01T10/a/0'));
    await index.settle('2026-03-01T10/a/0', { state: 'sealed', first: 7 });
    const conflict = expect.objectContaining({ code: 'LOG_INDEX_CONFLICT' });
    await expect(index.settle('2026-03-01T10/a/0', { state: 'sealed', first: 8 })).rejects.toEqual(conflict);
    await expect(index.settle('2026-03-01T10/a/0', { state: 'void' })).rejects.toEqual(conflict);
    await expect(index.settle('2026-03-01T10/nobody/0', { state: 'void' })).rejects.toEqual(conflict);
    await index.putPending(chunk('2026-03-01T10/b/0'));
    await index.settle('2026-03-01T10/b/0', { state: 'void' });
    await expect(index.settle('2026-03-01T10/b/0', { state: 'sealed', first: 7 })).rejects.toEqual(conflict);
    expect((await index.ofHour('2026-03-01T10')).map(({ state }) => state)).toEqual(['sealed', 'void']);
  });

  test('a day has all its chunks in the order of their keys', async () => {
    const keys = [
      '2026-03-01T00/z/0',
      '2026-03-01T10/a/0',
      '2026-03-01T10/a/1',
      '2026-03-01T10/b/0',
      '2026-03-01T23/a/0',
    ];
    for (const key of keys.toReversed()) await index.putPending(chunk(key));
    await index.putPending(chunk('2026-03-02T00/a/0'));
    await index.settle('2026-03-01T10/a/1', { state: 'sealed', first: 0 });
    expect((await index.ofDay('2026-03-01')).map((each) => each.chunk)).toEqual(keys);
    expect(await index.ofDay('2026-02-28')).toEqual([]);
  });

  test('a day beyond one page of the table is whole', async () => {
    const rules = Array.from({ length: 100 }, (_, n) => `${'r'.repeat(500)}${n}`);
    const keys = Array.from({ length: 30 }, (_, n) => `2026-03-01T10/token-${String(n).padStart(2, '0')}/0`);
    for (const key of keys) await index.putPending(chunk(key, { rules }));
    expect((await index.ofDay('2026-03-01')).map((each) => each.chunk)).toEqual(keys);
    expect(await index.pending('2026-03-01T10')).toHaveLength(30);
  });

  test('the head of an empty log has version 0, and nothing is left to publish', async () => {
    expect(await index.head()).toEqual({ version: 0, size: 0, batch: [], published: true });
  });

  test('the head is written on the version before it and on no other', async () => {
    const next: LogHead = {
      version: 1,
      size: 100,
      batch: [{ chunk: '2026-03-01T10/token/0', first: 0, count: 100 }],
      published: false,
    };
    expect(await index.putHead({ ...next, version: 2 })).toBe('moved');
    expect(await index.putHead(next)).toBe('written');
    expect(await index.putHead({ ...next, size: 300 })).toBe('moved');
    expect(await index.head()).toEqual(next);
    const published: LogHead = { ...next, version: 2, published: true, settledHour: '2026-03-01T09' };
    expect(await index.putHead(published)).toBe('written');
    expect(await index.head()).toEqual(published);
  });

  test('of several writers of the next head one writes', async () => {
    const heads = [1, 2, 3, 4].map((size): LogHead => ({ version: 1, size, batch: [], published: true }));
    const answers = await Promise.all(heads.map((head) => index.putHead(head)));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await index.head()).size).toBe(answers.indexOf('written') + 1);
  });
});
