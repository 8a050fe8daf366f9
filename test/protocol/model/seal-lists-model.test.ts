import { describe, expect, test } from 'vitest';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import { packList } from '../../../shared/domain/record/page-list.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import type { LogBucket } from '../../../shared/ports/log.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import { bundleBytes, bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { listsObject } from '../../../shared/protocol/log/page-lists.ts';
import { seal } from '../../../shared/protocol/log/seal.ts';
import { world, type World } from '../../support/driver/world.ts';
import { expectCaught, expectNothingWrong } from '../../support/model/expect-explored.ts';
import { exploreSample } from '../../support/model/explore.ts';
import type { Model } from '../../support/model/model.ts';
import { aLogRef, pagedEntry, pagedResult } from '../../support/log/paged-results.ts';
import { entriesOfLog, wrongLists } from '../../support/log/wrong-lists.ts';

const HOUR = '2026-03-01T10';
const A = pagedResult(`${HOUR}.a`, [3, 1, 2], []);
const B = pagedResult(`${HOUR}.b`, [9], [4, 5]);
/** The same page again, told by the attempt that took over. */
const C = pagedResult(`${HOUR}.c`, [9]);

async function wait(w: World, ...results: readonly AttemptResult[]): Promise<void> {
  for (const result of results) {
    await w.registry.putToBeSealed({ token: result.token, putAt: 0, until: 0 });
    await w.registry.putResult(result);
  }
}

/** Two seals, one result that comes meanwhile, and deaths at every call. */
async function sealing(altered: (bucket: LogBucket) => LogBucket = (bucket) => bucket): Promise<Model> {
  const w = world();
  const bucket = memoryLogBucket();
  await wait(w, A, B);
  const sealer = (name: string): Model['processes'][number] => ({
    name,
    repeats: true,
    deaths: 2,
    after: () => w.registry.allToBeSealed().length > 0,
    run: (gate) =>
      seal({
        ...w.core,
        registry: gate<Registry>(w.registry),
        bucket: altered(gate<LogBucket>(bucket)),
        clock: gate.clock(w.clock),
      }),
  });
  return {
    deaths: 2,
    processes: [
      sealer('seal 1'),
      sealer('seal 2'),
      {
        name: 'worker',
        async run(gate) {
          const registry = gate<Registry>(w.registry);
          await registry.putToBeSealed({ token: C.token, putAt: 0, until: w.clock.now() + 1e12 });
          await registry.putResult(C);
        },
      },
    ],
    state: () => [
      w.registry.allResults().length,
      w.registry.allToBeSealed(),
      w.registry.allSealed(),
      bucket.allObjects().map(({ key }) => key),
    ],
    wrongNow: () => wrongLists(bucket.allObjects())[0],
    wrongAtEnd() {
      const told = entriesOfLog(bucket.allObjects());
      if (told.length !== 5) return `the log has ${told.length} entries`;
      const lists = bucket.allObjects().filter(({ key }) => key.startsWith('lists/'));
      const bundles = bucket.allObjects().filter(({ key }) => key.startsWith('entries/'));
      return lists.length === bundles.length ? undefined : 'there are more lists than bundles';
    },
  };
}

describe('two seals of results with lists', () => {
  test('never have an entry in the log without its list, whatever dies', async () => {
    expectNothingWrong('lists', await exploreSample(() => sealing(), { schedules: 2000, enough: 100 }));
  });

  test('that forget the lists are caught', async () => {
    const forgetting = (bucket: LogBucket): LogBucket => ({
      ...bucket,
      putIfAbsent: async (key, bytes) =>
        key.startsWith('lists/') ? 'written' : bucket.putIfAbsent(key, bytes),
    });
    expectCaught(
      'forgotten',
      await exploreSample(() => sealing(forgetting), { schedules: 200, enough: 20 }),
      /has no list/,
    );
  });
});

test('a list of 1,000 references is one line of one object', async () => {
  const w = world();
  const numbers = Array.from({ length: 1000 }, (_, n) => n);
  await wait(w, A, pagedResult(`${HOUR}.b`, numbers));
  await seal({ ...w.core, bucket: w.bucket });
  const [entries, lists] = w.bucket.allObjects();
  expect([entries?.key, lists?.key]).toEqual([
    'entries/00000000000000000000',
    expect.stringMatching(/^lists\/0{20}-[0-9a-f]{64}$/),
  ]);
  const lines = Buffer.from(lists?.bytes ?? [])
    .toString()
    .trim()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { index: 0, root: A.entries[0]?.page?.root, records: [1, 2, 3].map(aLogRef) },
    { index: 2, root: expect.any(String), records: numbers.map(aLogRef).toSorted() },
  ]);
  expect(wrongLists(w.bucket.allObjects())).toEqual([]);
});

test('results without pages leave no object of lists', async () => {
  const w = world();
  await wait(w, { ...A, entries: [pagedEntry(A.token, 'h-1')], lists: {} });
  await seal({ ...w.core, bucket: w.bucket });
  expect(w.bucket.allObjects().map(({ key }) => key)).toEqual([bundleKey(0)]);
});

describe('a result whose list is not the one its entry was written about', () => {
  const [root = ''] = Object.keys(C.lists ?? {});
  const { list: other } = packList([aLogRef(7)]);
  const two = packList([aLogRef(1), aLogRef(2)]);
  const swapped = two.list.slice(22) + two.list.slice(0, 22);
  const withPage = (page: Entry['page'], lists: AttemptResult['lists']): AttemptResult => ({
    ...C,
    entries: [pagedEntry(C.token, 'h', page)],
    ...(lists !== undefined && { lists }),
  });
  const { lists: _, ...bare } = C;
  test.each<[string, AttemptResult]>([
    ['has the list of other records', { ...C, lists: { [root]: other } }],
    ['has no list', bare],
    ['has a list of another root', { ...C, lists: { ['0'.repeat(64)]: C.lists?.[root] ?? '' } }],
    ['has a list that no entry is about', { ...C, lists: { ...C.lists, ...A.lists } }],
    ['counts other records', withPage({ records: 2, root }, C.lists)],
    ['has records without a root', withPage({ records: 1 }, {})],
    [
      'has a root without records',
      withPage({ records: 0, root: packList([]).root }, { [packList([]).root]: '' }),
    ],
    ['is cut off', { ...C, lists: { [root]: (C.lists?.[root] ?? '').slice(0, -1) } }],
    ['is in another order', withPage({ records: 2, root: two.root }, { [two.root]: swapped })],
    ['names what every object inherits', withPage({ records: 1, root: 'constructor' }, {})],
  ])('%s: it is left out, everything else is sealed, and every run says so', async (_name, damaged) => {
    const w = world();
    await wait(w, A, damaged, {
      ...B,
      token: `${HOUR}.d`,
      entries: B.entries.map((entry) => ({ ...entry, token: `${HOUR}.d` })),
    });
    for (let run = 0; run < 2; run += 1)
      await expect(seal({ ...w.core, bucket: w.bucket })).rejects.toMatchObject({
        code: 'LOG_DAMAGED',
        message: expect.stringContaining(`${HOUR}.c`) as string,
      });
    expect(w.registry.allSealed().map(({ token }) => token)).toEqual([`${HOUR}.a`, `${HOUR}.d`]);
    expect(w.registry.allToBeSealed().map(({ token }) => token)).toEqual([`${HOUR}.c`]);
    expect(entriesOfLog(w.bucket.allObjects())).toHaveLength(4);
    expect(wrongLists(w.bucket.allObjects())).toEqual([]);
  });
});

test('lists of a batch that never came into the log take no other batch’s place', async () => {
  const w = world();
  const former = listsObject(0, [{ index: 0, root: 'r', records: ['x'] }]);
  await w.bucket.putIfAbsent(former.key, former.bytes);
  await wait(w, A);
  await seal({ ...w.core, bucket: w.bucket });
  expect(wrongLists(w.bucket.allObjects())).toEqual([]);
  expect(w.bucket.allObjects()).toHaveLength(3);
});

test('an object of lists with other content under this name stops the seal', async () => {
  const w = world();
  const ready = world();
  await wait(ready, A);
  await seal({ ...ready.core, bucket: ready.bucket });
  const key = ready.bucket.allObjects().find((one) => one.key.startsWith('lists/'))?.key ?? '';
  await w.bucket.putIfAbsent(key, Buffer.from('planted'));
  await wait(w, A);
  await expect(seal({ ...w.core, bucket: w.bucket })).rejects.toMatchObject({ code: 'LOG_FORKED' });
  expect(entriesOfLog(w.bucket.allObjects())).toEqual([]);
});

test('a restored table learns from the log that a stage has not ended', async () => {
  const w = world();
  const page = (
    holding: string,
    more: Partial<Entry['page']> & object,
    changes: Partial<Entry> = {},
  ): Entry => ({
    ...pagedEntry(A.token, holding, { records: 0, ...more }),
    ...changes,
  });
  const entries = [
    page('h-1', { more: true }),
    page('h-2', { kept: 2, more: true }),
    page('h-3', {}, { outcome: 'already-so' }),
    page('h-3', { more: true }),
    page('h-4', { kept: 2 }),
    page('h-5', { kept: 2 }, { stage: 'restrict', outcome: 'restricted' }),
  ];
  await w.bucket.putIfAbsent(bundleKey(0), bundleBytes(entries));
  const core = { ...w.core, bucket: w.bucket, adopted: 'restored' };
  await seal(core);
  expect(w.registry.allLogged()).toMatchObject([
    { holding: 'h-3', outcome: 'already-so' },
    { holding: 'h-5', outcome: 'restricted' },
  ]);
});
