import { DecryptCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingest } from '../../../functions/ingest/ingest.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { registered } from '../../support/driver/envelopes.ts';
import { SOURCE, STORE, world } from '../../support/driver/world.ts';
import { keyDeployment } from '../../support/key-deployment.ts';
import { startTables, type TestTables } from '../../support/registry-table.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

describe('the key of the registry', () => {
  const missing = expect.objectContaining({ code: 'REGISTRY_KEY_MISSING' });

  test('is never made again after it was used, and works again once its item is restored', async () => {
    const { open, items, remove, put } = await keyDeployment(tables);
    const key = await open().registryKey();
    const item = await remove('D#registry/registry', 'D');
    await expect(open().registryKey()).rejects.toEqual(missing);
    await expect(open().registryKey()).rejects.toEqual(missing);
    expect((await items()).map(({ SK }) => SK)).toEqual(['M']);
    await put(item);
    expect(await open().registryKey()).toEqual(key);
  });

  test('is missing for every process at once, however many ask', async () => {
    const { open, remove } = await keyDeployment(tables);
    await open().registryKey();
    await remove('D#registry/registry', 'D');
    const asked = [open(), open(), open()].map((process) => process.registryKey());
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  });

  test('is not replaced by another key in its place', async () => {
    const { open, remove, put } = await keyDeployment(tables);
    await open().registryKey();
    await remove('D#registry/registry', 'D');
    const marker = await remove('D#registry/registry', 'M');
    await open().registryKey();
    await put(marker);
    await expect(open().registryKey()).rejects.toEqual(missing);
  });

  test('gets its marker from the next process if the first one died before', async () => {
    const { open, items, remove } = await keyDeployment(tables);
    const key = await open().registryKey();
    await remove('D#registry/registry', 'M');
    expect(await open().registryKey()).toEqual(key);
    expect(new Set((await items()).map(({ SK }) => SK))).toEqual(new Set(['D', 'M']));
  });

  test('is made in an empty table, such as one that was restored to before there was any', async () => {
    const { open, remove } = await keyDeployment(tables);
    const key = await open().registryKey();
    await remove('D#registry/registry', 'D');
    await remove('D#registry/registry', 'M');
    expect(await open().registryKey()).not.toEqual(key);
  });
});

describe('the key of a year of the log', () => {
  const missing = expect.objectContaining({ code: 'LOG_KEY_MISSING' });

  test('is made in that year only, and around New Year in both', async () => {
    const { open, clock, items } = await keyDeployment(tables);
    for (const year of [2025, 2028, Number.NaN]) await expect(open().logKey(year)).rejects.toEqual(missing);
    expect(await items()).toEqual([]);
    for (const [now, made, refused] of [
      ['2027-01-01T00:00:59Z', [2026, 2027], [2025, 2028]],
      ['2028-01-01T00:01:00Z', [2028], [2029]],
      ['2030-12-31T23:58:59Z', [2030], [2029, 2031]],
    ] as const) {
      clock.set(Date.parse(now));
      for (const year of made) expect(await open().logKey(year)).toHaveLength(32);
      for (const year of refused) await expect(open().logKey(year)).rejects.toEqual(missing);
    }
  });

  test('stays for all later years', async () => {
    const { open, clock } = await keyDeployment(tables);
    const key = await open().logKey(2026);
    clock.set(Date.parse('2036-06-01T00:00:00Z'));
    expect(await open().logKey(2026)).toEqual(key);
  });

  test('is there for what was registered in it and has its first entry years later', async () => {
    const { open, clock } = await keyDeployment(tables);
    const w = world({ start: '2026-12-31T23:59:30Z' });
    const registering = {
      store: STORE,
      locator: ['r-1'],
      categories: ['notes'],
      entities: [{ type: 'contract', id: 'c-1' }],
    };
    const sending = { source: SOURCE, id: 'm-1', arrived: clock.now() };
    expect(await ingest({ ...w.core, keys: open() }, registered(sending, registering), 1)).toBe('done');
    clock.set(Date.parse('2036-06-01T00:00:00Z'));
    const [holding] = w.registry.allHoldings();
    expect(await open().logKey(yearOf(holding?.registeredAt ?? 0))).toHaveLength(32);
  });

  test('is not made again after it was destroyed in a later year', async () => {
    const { open, clock, items, remove } = await keyDeployment(tables);
    await open().ensureLogKey(2026);
    clock.set(Date.parse('2036-06-01T00:00:00Z'));
    await remove('D#log/2026', 'D');
    await expect(open().logKey(2026)).rejects.toEqual(missing);
    await expect(open().ensureLogKey(2026)).rejects.toEqual(missing);
    expect(await items()).toEqual([]);
  });

  test('is made before it is needed, without being looked at, and once', async () => {
    const { open, mock, items } = await keyDeployment(tables);
    const keys = open();
    await Promise.all([keys.ensureLogKey(2026), open().ensureLogKey(2026)]);
    await keys.ensureLogKey(2026);
    await open().ensureLogKey(2026);
    expect(mock.commandCalls(DecryptCommand)).toHaveLength(0);
    expect((await items()).map(({ PK }) => PK)).toEqual(['D#log/2026']);
    expect(await open().logKey(2026)).toEqual(await keys.logKey(2026));
  });
});
