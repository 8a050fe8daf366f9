import { expect, test } from 'vitest';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { logWorld } from '../../support/log/log-world.ts';

test('a log of before there was an index, or whose index was lost, gets one from its first entry on', async () => {
  const w = logWorld();
  await w.journal(3, 40, 2);
  await w.result(5);
  await writeLog(w.core);
  expect((await w.registry.logIndexed()).until).toBe(50);
  const [{ days } = { days: [] }, ...others] = w.registry.allLogMonths();
  expect([days, others]).toEqual([[{ day: 1, pages: 1, lines: 50 }], []]);
  const pages = w.registry.allLogPages().flatMap(({ results = [] }) => results);
  expect(pages.map(({ first, count }) => [first, count])).toEqual([
    [0, 3],
    [3, 40],
    [43, 2],
    [45, 5],
  ]);
});

test('a run without time left leaves the index behind, and the next one goes on with it', async () => {
  const w = logWorld();
  await w.journal(3, 4);
  let calls = 0;
  await writeLog(w.core, () => (calls += 1) < 4);
  const { until } = await w.registry.logIndexed();
  await writeLog(w.core);
  expect([until < 7, (await w.registry.logIndexed()).until]).toEqual([true, 7]);
});

test('an object of the journal that is missing stops the index, and no entry', async () => {
  const w = logWorld();
  await w.journal(3);
  await writeLog(w.core);
  const bucket = {
    ...w.bucket,
    get: async (key: string) => (key.endsWith('3') ? undefined : w.bucket.get(key)),
  };
  await w.registry.putHead({ ...(await w.registry.head()), version: 2, size: 4 });
  await w.result(2);
  await expect(writeLog({ ...w.core, bucket })).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  expect(w.registry.allToBeSealed()).toEqual([]);
  expect((await w.registry.logIndexed()).until).toBe(3);
});

test('what is wrong with the index stops no entry, and the run says it at its end', async () => {
  const w = logWorld();
  await w.result(2);
  const registry = {
    ...w.registry,
    putLogPage: () => Promise.reject(new Error('no pages today')),
  };
  await expect(writeLog({ ...w.core, registry })).rejects.toThrow('no pages today');
  expect(w.registry.allToBeSealed()).toEqual([]);
  expect(w.signer.signed).toHaveLength(1);
  await writeLog(w.core);
  expect((await w.registry.logIndexed()).until).toBe(2);
});
