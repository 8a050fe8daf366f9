import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { rootOf, unpackList } from '../../../shared/domain/record/page-list.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { entriesOf } from '../../support/driver/dying-worker.ts';
import { aHoldOn } from '../../support/driver/hold-play.ts';
import { refOfRow, registersRow, rowNames } from '../../support/pages/collection-world.ts';
import {
  contractOf,
  LOGS,
  LOGS_REF,
  rowsWorld,
  sweptRows,
  worked,
  writesRows,
} from '../../support/datasets/rows-world.ts';

const HOUR = 3_600_000;

describe('rows of a dataset that are due', () => {
  test('are deleted, read back, and told in one entry with the root of their list and when they were due', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(5), { days: 31 });
    writesRows(w, rowNames(3, 'young'), { days: 3 });
    const chunk = await sweptRows(w);
    expect(await worked(w.core, chunk)).toEqual(['done']);
    expect(w.store.size()).toBe(3);
    const [entry, ...more] = entriesOf(w);
    expect(more).toEqual([]);
    const key = await w.core.keys.logKey(yearOf(w.clock.now()));
    expect(entry).toMatchObject({
      holding: logRef(key, LOGS_REF),
      generation: 1,
      stage: 'delete',
      outcome: 'deleted',
      categories: ['logs'],
      subjects: [],
      policy: 'test-policy',
      basis: 'policy',
      facts: [{ type: 'record.created' }],
      page: { records: 5, range: { first: '2026-02-28T10:00:00.000Z', last: '2026-02-28T10:01:00.000Z' } },
    });
    for (const field of ['due', 'window']) expect(entry).not.toHaveProperty(field);
    expect(entry?.facts[0]).not.toHaveProperty('occurred');
    const [result] = w.registry.allResults().flatMap((one) => ('void' in one ? [] : [one]));
    const list = unpackList(result?.lists?.[entry?.page?.root ?? ''] ?? '');
    const refs = await Promise.all(rowNames(5).map((row) => refOfRow(w, row)));
    expect(list).toEqual(refs.map((one) => logRef(key, one)).toSorted());
    expect(rootOf(list)).toBe(entry?.page?.root);
    expect([w.registry.allChunks(), w.registry.allWorkRecords()]).toEqual([[], []]);
  });

  test('go once more with the next pass when a restore has brought them back, with an entry of their own', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(5), { days: 31 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.size()).toBe(0);
    writesRows(w, rowNames(2), { days: 31 });
    w.clock.advance(HOUR);
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w).map(({ outcome, page }) => [outcome, page?.records])).toEqual([
      ['deleted', 5],
      ['deleted', 2],
    ]);
  });

  test('go attempt by attempt, which are rung at once', async () => {
    const w = rowsWorld({ hourlyCap: 100_000 });
    writesRows(w, rowNames(9000), { days: 31 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['left', 'done']);
    expect(w.store.size()).toBe(0);
    expect(entriesOf(w).map(({ page }) => page)).toMatchObject([{ records: 5000 }, { records: 4000 }]);
    for (const { page } of entriesOf(w)) expect(page).not.toHaveProperty('more');
    expect(w.reports.lines.filter(({ code }) => code === 'dataset.pass')).toMatchObject([
      { fields: { count: 9000 } },
    ]);
    expect(w.store.calls).toMatchObject({ range: 9 });
  });

  test('are read in whole batches of the store, of which no call deletes the rest', async () => {
    const w = rowsWorld({ hourlyCap: 100_000 });
    writesRows(w, rowNames(9990), { days: 31 });
    const core = { ...w.core, store: { ...w.core.store, batch: 999 } };
    expect(await worked(core, await sweptRows(w))).toEqual(['left', 'done']);
    expect(entriesOf(w).map(({ page }) => page)).toMatchObject([{ records: 4995 }, { records: 4995 }]);
    expect(w.store.calls).toMatchObject({ range: 10, delete: 10 });
  });

  test('are counted as they are sealed: long names that are alike take little room', async () => {
    const w = rowsWorld({ hourlyCap: 100_000 });
    writesRows(w, rowNames(5000, 'logs/2026/01/31/server-of-the-first-floor'), { days: 31 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(entriesOf(w).map(({ page }) => page)).toMatchObject([{ records: 5000 }]);
  });

  test('go in parts where their names do not fit into a work record', async () => {
    const w = rowsWorld({ hourlyCap: 100_000 });
    const names = rowNames(3000).map((row) => createHash('sha256').update(row).digest('hex'));
    writesRows(w, names, { days: 31 });
    const sizes: number[] = [];
    const registry: typeof w.core.registry = {
      ...w.core.registry,
      actOn(work, actedOn) {
        sizes.push(...actedOn.map(({ records = '' }) => records.length));
        return w.core.registry.actOn(work, actedOn);
      },
    };
    const came = await worked({ ...w.core, registry }, await sweptRows(w));
    expect(came).toEqual(['left', 'left', 'done']);
    expect(w.store.size()).toBe(0);
    expect(Math.max(...sizes)).toBeGreaterThan(60 * 1024);
    expect(Math.max(...sizes)).toBeLessThan(68 * 1024);
  });

  test('have one entry for each rule and its types of facts', async () => {
    const w = rowsWorld();
    const contract = await contractOf(w, 'c-1');
    await w.happened(contract, w.fact('contract.ended', '2026-02-15'));
    writesRows(w, rowNames(4), { days: 40 });
    writesRows(w, rowNames(3, 'u'), { days: 45, used: '2026-01-20' });
    writesRows(w, rowNames(2, 'c'), { days: 45, contract: 'c-1' });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    const told = entriesOf(w).map(
      ({ facts, page }) => `${facts.map(({ type }) => type).join()} ${page?.records}`,
    );
    expect(new Set(told)).toEqual(new Set(['contract.ended 2', 'record.created 4', 'record.used 3']));
  });

  test('stay under a hold or for their own reasons, are counted, and keep no chunk', async () => {
    const w = rowsWorld();
    await placeHold(w.core, aHoldOn((await contractOf(w, 'c-1')).ref));
    writesRows(w, rowNames(3, 'held'), { days: 45, contract: 'c-1' });
    writesRows(w, ['used'], { days: 45, used: '2026-02-20' });
    writesRows(w, ['undated'], { days: 45, used: 'never' });
    writesRows(w, ['registered', 'free'], { days: 40 });
    await registersRow(w, 'registered', []);
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.fields(['free'])).toBeUndefined();
    expect(w.store.size()).toBe(6);
    expect(entriesOf(w)).toMatchObject([{ page: { records: 1, held: 3, undated: 1, kept: 1 } }]);
    const left = w.reports.lines.filter(({ code }) => code === 'dataset.left');
    expect(left.map(({ fields }) => [fields.code, fields.count])).toEqual([
      ['HELD', 3],
      ['EARLY', 1],
      ['UNDATED', 1],
      ['REGISTERED', 1],
    ]);
    expect(w.registry.allChunks()).toEqual([]);
  });

  test('need no call of the store as long as none can be due', async () => {
    const w = rowsWorld({}, ['never']);
    writesRows(w, ['row'], { days: 400 });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.calls.range).toBe(0);
  });

  test('that were written since they were read stay, and the next pass decides again', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(3), { days: 31 });
    const { store } = w.core;
    const slow = {
      ...store,
      delete(targets: Parameters<typeof store.delete>[0]) {
        writesRows(w, ['r-000001'], { days: 1 });
        return store.delete(targets);
      },
    };
    const chunk = await sweptRows(w);
    expect(await workOnChunk({ ...w.core, store: slow }, chunk)).toBe('left');
    expect(w.store.size()).toBe(1);
    expect(entriesOf(w)).toMatchObject([{ outcome: 'deleted', page: { records: 2, changed: 1 } }]);
    await w.run(w.clock.now() + 2.5 * HOUR);
    expect([w.store.size(), w.registry.allChunks()]).toEqual([1, []]);
  });

  test('that always fail stop no other, neither now nor when others become due', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(20), { days: 31 });
    for (const row of rowNames(5)) w.store.fail({ call: 'delete', code: 'STORE_CONSTRAINT', locator: [row] });
    await sweptRows(w);
    await w.run(w.clock.now() + 30 * HOUR);
    expect(w.store.size()).toBe(5);
    writesRows(w, rowNames(20, 'later'), { days: 31 });
    await w.run(w.clock.now() + 2 * HOUR);
    expect(w.store.size()).toBe(5);
    const failed = entriesOf(w).filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeLessThanOrEqual(2);
    expect(w.registry.allChunks()).toMatchObject([{ failure: { code: 'STORE_CONSTRAINT' } }]);
  });

  test('that the store has locked for years wait for the next sweep', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(20), { days: 31 });
    const until = Date.parse('2035-01-01T00:00:00Z');
    for (const row of rowNames(5))
      w.store.fail({ call: 'delete', code: 'STORE_LOCKED', until, locator: [row] });
    expect(await worked(w.core, await sweptRows(w))).toEqual(['done']);
    expect(w.store.size()).toBe(5);
  });

  test('are not gone through where another attempt names the dataset', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(5), { days: 31 });
    const chunk = await sweptRows(w);
    const other = { ...chunk, minute: chunk.minute - HOUR, version: 7 };
    await w.registry.putChunks([other]);
    const until = w.clock.now() + HOUR;
    const work = {
      lane: chunk.lane,
      chunk: other,
      token: 't',
      begunAt: w.clock.now(),
      until,
      refs: chunk.refs,
    };
    await w.registry.putWork({ ...work, actedOn: [] });
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    expect(w.store.calls.range).toBe(0);
  });

  test('of a dataset that is no longer configured stay, and its chunk goes', async () => {
    const w = rowsWorld();
    writesRows(w, rowNames(5), { days: 31 });
    const chunk = await sweptRows(w);
    const { notes, ...others } = w.core.configuration.stores;
    const stores = { ...others, notes: { ...notes!, datasets: [] } };
    const core = { ...w.core, configuration: { ...w.core.configuration, stores } };
    expect(await workOnChunk(core, chunk)).toBe('done');
    expect([w.store.size(), w.registry.allChunks()]).toEqual([5, []]);
    expect(w.reports.lines.map(({ code }) => code)).toContain('dataset.unknown');
  });

  test('are read from the beginning with other settings of the dataset, and where the position does not open', async () => {
    const w = rowsWorld({ hourlyCap: 100_000 });
    writesRows(w, rowNames(6000), { days: 31 });
    const chunk = await sweptRows(w);
    expect(await workOnChunk(w.core, chunk)).toBe('left');
    writesRows(w, ['older'], { days: 50 });
    const { notes, ...others } = w.core.configuration.stores;
    const stores = { ...others, notes: { ...notes!, datasets: [{ ...LOGS, attributes: {} }] } };
    const core = { ...w.core, configuration: { ...w.core.configuration, stores } };
    expect(await worked(core, chunk)).toEqual(['done']);
    expect(w.store.size()).toBe(0);
  });
});
