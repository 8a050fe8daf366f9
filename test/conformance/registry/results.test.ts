import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { NoteEntry } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import {
  actionToken,
  factToken,
  type SealedIndex,
  statementToken,
  VOID,
} from '../../../shared/domain/record/work.ts';
import { at, walk } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';
import { aResult } from './registry-samples.ts';

const token = (name: string, hour = '2029-03-01T10'): string => `${hour}.${name}`;

function sealed(name: string, changes: Partial<SealedIndex> = {}): SealedIndex {
  return {
    token: token(name),
    first: 12,
    count: 3,
    store: 'crm',
    rules: ['3 years after contract.ended'],
    outcomes: { deleted: 2, 'already-so': 1 },
    ...changes,
  };
}

describe.each(registryKinds)('results and the order of the log in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('an index item has the counts of its result by rule and outcome, or none', async () => {
    const rule = '3 years after contract.ended';
    const counted = sealed('counted', {
      sums: [
        { rule, outcome: 'deleted', entries: 2, records: 900 },
        { rule, outcome: 'already-so', entries: 1, records: 1 },
      ],
    });
    const old = sealed('old');
    await registry.putSealed([counted, old]);
    const found = await registry.sealed([counted.token, old.token]);
    expect([found.get(counted.token), found.get(old.token)]).toEqual([counted, old]);
  });

  test('a result of a full chunk is read as it was put', async () => {
    const result = aResult(token('a'), 100);
    expect(await registry.putResult(result)).toBe('written');
    expect((await registry.results([result.token])).get(result.token)).toEqual(result);
  });

  test('what operators asked for is kept like a result, and cannot tell of a disposal', async () => {
    const action = {
      v: 2,
      token: actionToken('2026-03-01T10', 'a'),
      did: 'pause',
      by: 'reference' as LogRef,
      at: '2026-03-01T10:00:00.000Z',
      lane: 'crm',
      software: '1',
    } as const;
    const result = { token: action.token, store: 'crm', entries: [], lines: [], actions: [action] };
    expect(await registry.putActions(result)).toBe('written');
    expect(await registry.putActions(result)).toBe('exists');
    expect((await registry.results([action.token])).get(action.token)).toEqual(result);
    const voided = actionToken('2026-03-01T10', 'b');
    expect(await registry.voidResult(voided)).toBe(VOID);
    expect(await registry.putActions({ ...result, token: voided })).toBe('void');
    const forged = aResult(actionToken('2026-03-01T10', 'c'), 1);
    await expect(registry.putActions(forged)).rejects.toThrow(/entries/);
  });

  test('what a fact did is kept like a result, and cannot tell of a disposal', async () => {
    const entry = {
      v: 2,
      token: factToken('2026-03-01T10', 'a'),
      did: 'retracted',
      producer: 'shop',
      by: 'producer',
      target: 'reference' as LogRef,
      at: '2026-03-01T10:00:00.000Z',
      software: '1',
    } as const;
    const result = { token: entry.token, store: '', entries: [], lines: [], actions: [entry] };
    expect(await registry.putFactEntries(result)).toBe('written');
    expect(await registry.putFactEntries(result)).toBe('exists');
    expect((await registry.results([entry.token])).get(entry.token)).toEqual(result);
    const forged = aResult(factToken('2026-03-01T10', 'c'), 1);
    await expect(registry.putFactEntries(forged)).rejects.toThrow(/entries/);
  });

  test('what was due is kept like a result, and only under a token of its own', async () => {
    const none = { settled: 0, later: 0, held: 0, waits: 0, open: 0 };
    const entry: NoteEntry = {
      v: 2,
      token: statementToken('2026-03-02T00', undefined, 'a'),
      did: 'statement',
      at: '2026-03-02T00:00:00.000Z',
      first: '2026-03-01',
      last: '2026-03-01',
      parts: 0,
      root: '0f'.repeat(32),
      due: none,
      software: '1',
    };
    const result = { token: entry.token, store: '', entries: [], lines: [], actions: [entry] };
    expect(await registry.putStatement(result)).toBe('written');
    expect(await registry.putStatement(result)).toBe('exists');
    expect((await registry.statements([entry.token])).get(entry.token)).toEqual(result);
    const forged = aResult(statementToken('2026-03-02T00', 0, 'c'), 1);
    await expect(registry.putStatement(forged)).rejects.toThrow(/entries/);
    for (const token of [actionToken('2026-03-02T00', 'd'), factToken('2026-03-02T00', 'e')])
      await expect(registry.putActions({ ...result, token })).rejects.toThrow(/actions/);
  });

  test('sealed lines and lists of records are kept as they are', async () => {
    const lines = [
      { year: 2026, sealed: 'a-_9' },
      { year: 2031, sealed: '' },
    ];
    const lists = { ['0f'.repeat(32)]: 'a'.repeat(44) };
    const base = { ...aResult(token('a'), 1), lines, lists };
    await registry.putResult(base);
    expect((await registry.results([base.token])).get(base.token)).toEqual(base);
  });

  test('the first result of a token stays', async () => {
    await registry.putResult(aResult(token('a'), 2));
    expect(await registry.putResult(aResult(token('a'), 1))).toBe('exists');
    expect(await registry.voidResult(token('a'))).toEqual(aResult(token('a'), 2));
    expect((await registry.results([token('a')])).get(token('a'))).toEqual(aResult(token('a'), 2));
  });

  test('an attempt that was voided can put no result any more', async () => {
    expect(await registry.voidResult(token('a'))).toBe(VOID);
    expect(await registry.voidResult(token('a'))).toBe(VOID);
    expect(await registry.putResult(aResult(token('a'), 1))).toBe('void');
    expect(await registry.results([token('a')])).toEqual(new Map([[token('a'), VOID]]));
  });

  test('of a worker and the one that takes over exactly one has its way', async () => {
    for (let n = 0; n < 10; n += 1) {
      const result = aResult(token(`race-${n}`), 1);
      const [put, voided] = await Promise.all([
        registry.putResult(result),
        registry.voidResult(result.token),
      ]);
      const stored = (await registry.results([result.token])).get(result.token);
      expect([put, voided]).toEqual(put === 'written' ? ['written', result] : ['void', VOID]);
      expect(stored).toEqual(voided);
    }
  });

  test('results are read by token, and missing ones are left out', async () => {
    const all = Array.from({ length: 30 }, (_, n) =>
      aResult(token(`t${n}`, `2029-03-0${1 + (n % 3)}T07`), 2),
    );
    await Promise.all(all.map((result) => registry.putResult(result)));
    const found = await registry.results([...all.map((result) => result.token), token('missing')]);
    expect(found.size).toBe(30);
    for (const result of all) expect(found.get(result.token)).toEqual(result);
    expect(await registry.results([])).toEqual(new Map());
  });

  test('what is to be sealed is listed oldest hour first, at most 100 a page, until it is deleted', async () => {
    const items = Array.from({ length: 130 }, (_, n) => ({
      token: token(`t${String(n).padStart(3, '0')}`, `2029-03-01T${n < 60 ? '09' : '10'}`),
      putAt: at('2029-03-01T10:00:00Z') + n,
      until: at('2029-03-01T10:15:00Z') + n,
    }));
    for (const item of items.toReversed()) await registry.putToBeSealed(item);
    await registry.putToBeSealed({ ...(items[0] as (typeof items)[0]), putAt: 1 });
    expect((await registry.toBeSealed()).items).toHaveLength(100);
    expect(await walk((after) => registry.toBeSealed(after))).toEqual(items);
    await registry.deleteToBeSealed(items.slice(0, 129).map((item) => item.token));
    await registry.deleteToBeSealed([token('t000', '2029-03-01T09'), token('missing')]);
    expect(await registry.toBeSealed()).toEqual({ items: items.slice(129) });
    await registry.deleteToBeSealed([]);
  });

  test('the head is empty and published at first, and written on its version', async () => {
    const empty = { version: 0, size: 0, batch: [], published: true };
    expect(await registry.head()).toEqual(empty);
    const next = {
      version: 1,
      size: 7,
      batch: [
        { token: token('a'), first: 0, count: 3 },
        { token: token('b'), first: 3, count: 4 },
      ],
      published: false,
    };
    expect(await registry.putHead({ ...next, version: 2 })).toBe('moved');
    expect(await registry.putHead(next)).toBe('written');
    expect(await registry.putHead(next)).toBe('moved');
    expect(await registry.head()).toEqual(next);
    expect(await registry.putHead({ ...next, version: 2, published: true })).toBe('written');
    expect((await registry.head()).published).toBe(true);
  });

  test('of many that write the head exactly one does', async () => {
    const heads = Array.from({ length: 8 }, (_, size) => ({ version: 1, size, batch: [], published: true }));
    const answers = await Promise.all(heads.map((head) => registry.putHead(head)));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await registry.head()).size).toBe(answers.indexOf('written'));
  });

  test('index items are put if absent, each for itself, and found by token and by day', async () => {
    await registry.putSealed([sealed('a')]);
    const others = Array.from({ length: 30 }, (_, n) =>
      sealed(`b${String(n).padStart(2, '0')}`, { first: n }),
    );
    const nextDay = sealed('c', { token: token('c', '2029-03-02T00') });
    await registry.putSealed([sealed('a', { first: 99 }), ...others, nextDay]);
    expect(await registry.sealed([token('a'), token('b07'), token('missing')])).toEqual(
      new Map([
        [token('a'), sealed('a')],
        [token('b07'), others[7]],
      ]),
    );
    expect(await registry.sealedOfDay('2029-03-01')).toEqual([sealed('a'), ...others]);
    expect(await registry.sealedOfDay('2029-03-02')).toEqual([nextDay]);
    expect(await registry.sealedOfDay('2029-03-03')).toEqual([]);
    await registry.putSealed([]);
  });
});
