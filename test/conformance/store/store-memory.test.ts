import { expect, test } from 'vitest';
import type { KeyColumn } from '../../../shared/domain/configuration/configuration.ts';
import { type MemoryStore, memoryStore } from '../../../shared/stores/memory-store.ts';
import { STORE_CALLS } from '../../../shared/stores/store-kind.ts';
import { inDocument, PERSON, PSEUDONYM_KEY, type StoreBench } from './store-bench.ts';
import { storeSuite } from './store-suite.ts';

const byFirst = (name: string) => name;
const now = () => Date.UTC(2026, 2, 1);

function memoryBench(versions: boolean): StoreBench {
  const open = (keys: readonly KeyColumn[]) =>
    memoryStore({ now, keys, versions, sees: versions, pseudonymKey: PSEUDONYM_KEY });
  const failing = (keys: readonly KeyColumn[], code: 'STORE_UNREACHABLE' | 'STORE_SCHEMA'): MemoryStore => {
    const store = open(keys);
    for (const call of STORE_CALLS) store.fail({ call, code });
    return store;
  };
  return {
    async collection(keys) {
      const store = open(keys);
      return {
        store,
        put: async (locator, person) => store.put(locator, { ...person }),
        remove: async (locator) => store.remove(locator),
        read: async (locator) => {
          const fields = store.fields(locator);
          const text = (name: string) => (fields?.[name] == null ? null : String(fields[name]));
          return (
            fields && { mail: text('mail'), born: text('born'), score: text('score'), note: text('note') }
          );
        },
        count: async () => store.size(),
        isRestricted: async (locator) => store.isRestricted(locator),
        exported: inDocument,
      };
    },
    unreachable: async (keys) => failing(keys, 'STORE_UNREACHABLE'),
    withoutTable: async (keys) => failing(keys, 'STORE_SCHEMA'),
    stop: async () => {},
  };
}

storeSuite('in memory', { versions: true, tellsAbsence: true, impossibleTexts: [], byFirst }, async () =>
  memoryBench(true),
);
storeSuite(
  'in memory, without versions',
  { versions: false, tellsAbsence: true, impossibleTexts: [], byFirst },
  async () => memoryBench(false),
);

test('remembers what it changed and when, and how often it was called', async () => {
  let instant = Date.UTC(2026, 2, 1);
  const store = memoryStore({ now: () => instant });
  store.put(['a'], { ...PERSON });
  await store.delete([{ locator: ['a'] }, { locator: ['b'] }]);
  instant = Date.UTC(2027, 2, 1);
  store.put(['a'], { mail: 'new' });
  await store.anonymise([{ locator: ['a'] }], { mail: { kind: 'null' } });
  for (const on of [true, true, false]) await store.restrict([{ locator: ['a'] }], on);
  expect(store.effects).toEqual([
    { call: 'delete', at: Date.UTC(2026, 2, 1), locator: ['a'], before: { ...PERSON } },
    { call: 'anonymise', at: Date.UTC(2027, 2, 1), locator: ['a'], before: { mail: 'new' } },
    { call: 'restrict', at: Date.UTC(2027, 2, 1), locator: ['a'], before: { mail: null } },
    { call: 'lift', at: Date.UTC(2027, 2, 1), locator: ['a'], before: { mail: null } },
  ]);
  expect(store.calls).toEqual({
    look: 0,
    delete: 1,
    anonymise: 1,
    restrict: 3,
    readBack: 0,
    read: 0,
    list: 0,
    idsOf: 0,
    survey: 0,
    range: 0,
    recovery: 0,
  });
});

test('fails as requested: for one record, for some answers, before or after it acted', async () => {
  const store = memoryStore({ now });
  for (const id of ['a', 'b', 'c']) store.put([id]);
  store.fail({ call: 'delete', code: 'STORE_TIMEOUT', locator: ['a'], acts: true, times: 1 });
  store.fail({ call: 'delete', code: 'STORE_LOCKED', locator: ['b'], until: Date.UTC(2030, 0, 1) });
  const batch = [['a'], ['b'], ['c']].map((locator) => ({ locator }));
  expect(await store.delete(batch)).toEqual([
    { outcome: 'failed', code: 'STORE_TIMEOUT' },
    { outcome: 'refused', code: 'STORE_LOCKED', until: Date.UTC(2030, 0, 1) },
    { outcome: 'deleted' },
  ]);
  expect(store.effects.map(({ locator }) => locator)).toEqual([['a'], ['c']]);
  store.repair();
  expect(await store.delete(batch)).toMatchObject([
    { outcome: 'already-so' },
    { outcome: 'deleted' },
    { outcome: 'already-so' },
  ]);
});
