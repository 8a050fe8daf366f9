import { describe, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { datasetLines } from '../../../cli/log-commands/due-counts.ts';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { entryIn } from '../../../shared/domain/log/entry-schema.ts';
import { noteKey } from '../../../shared/domain/log/note.ts';
import { NONE_DUE } from '../../../shared/domain/record/due-line.ts';
import type { StatementEntry } from '../../../shared/domain/record/entry.ts';
import { rootOf } from '../../../shared/domain/record/page-list.ts';
import { surveyStore } from '../../../shared/protocol/coverage/survey-store.ts';
import { datasetClocks } from '../../../shared/protocol/statement/dataset-clocks.ts';
import { driver } from '../../support/driver/driver.ts';
import { PRODUCER, STORE, world, type World } from '../../support/driver/world.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { statedIn } from '../../support/log/stated.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: PRODUCER,
  clock: { 'record.created': { column: 'created' } },
  by: 'record.created',
};

function options(personal = false, datasets: readonly DatasetConfiguration[] = [LOGS]) {
  const events = { 'record.created': anEvent({ entity: 'record', personal }) };
  const policy = aPolicy({ logs: [aRule('5 years after record.created')] }, { events, graceSeconds: 0 });
  return {
    policies: [policy],
    entityTypes: { record: { ids: 'owned' as const, normalise: [] } },
    store: { datasets },
  };
}

/** It is 2026-03-01T10:00Z. */
async function surveyed(clocks: readonly (string | null)[], personal = false): Promise<World> {
  const w = world(options(personal));
  for (const [index, created] of clocks.entries()) w.store.put([`r-${index}`], { created });
  await surveyStore(w.core);
  return w;
}

const AT = '2026-03-01T10:00:00.000Z';
const NAME = { store: STORE, category: 'logs' };

function statement(clocks: Awaited<ReturnType<typeof datasetClocks>>): StatementEntry {
  const days = { first: '2026-03-01', last: '2026-03-01', at: '2026-03-02T00:00:00.000Z' };
  const of = { v: 2, token: 't', did: 'statement', software: 's', ...days } as const;
  return { ...of, parts: 0, root: rootOf([]), due: NONE_DUE, ...clocks };
}

describe('a statement says of a dataset', () => {
  test.each([
    [['2024-06-01T23:59:00Z', '2025-01-01', null, 'soon'], { oldest: '2024-06-01', unreadable: 2 }],
    [[], { oldest: 'none', unreadable: 0 }],
    [[null, '1970-01-01'], { oldest: 'none', unreadable: 2 }],
  ])('the oldest clock of its rows, or that none has any (%j)', async (clocks, said) => {
    const w = await surveyed(clocks);
    const found = await datasetClocks(w.core);
    expect(found).toEqual({ datasets: [{ ...NAME, surveyed: AT, ...said, counted: 'exact' }] });
    expect(entryIn(statement(found))).toEqual(statement(found));
  });

  test('no date where its clock is a personal event', async () => {
    const w = await surveyed(['2024-06-01', null], true);
    const found = await datasetClocks(w.core);
    expect(found.datasets).toEqual([
      { ...NAME, surveyed: AT, personal: true, unreadable: 1, counted: 'exact' },
    ]);
    expect(datasetLines(statement(found))).toEqual([
      `Dataset logs in notes: its clock is a date of persons and is not told, 1 rows without one that can be right, surveyed at ${AT}.`,
    ]);
  });

  test('that its store was not surveyed, also if what the survey found cannot be read', async () => {
    const fresh = world(options());
    expect(await datasetClocks(fresh.core)).toEqual({ datasets: [NAME] });
    const w = await surveyed(['2024-06-01']);
    const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
    Object.assign(w.registry, { coverage: failing('ITEM_INVALID') });
    expect(await datasetClocks(w.core)).toEqual({ datasets: [NAME] });
    expect(w.reports.lines).toContainEqual({
      code: 'sweep.failed',
      fields: { store: STORE, code: 'ITEM_INVALID' },
    });
    Object.assign(w.registry, { coverage: failing('REGISTRY_THROTTLED') });
    await expect(datasetClocks(w.core)).rejects.toThrow('REGISTRY_THROTTLED');
  });

  test('nothing where there is none, and how many it has no room for', async () => {
    expect(await datasetClocks(world().core)).toEqual({});
    const many = Array.from({ length: 1000 }, (_none, n) => ({
      ...LOGS,
      category: `logs-${'x'.repeat(90)}-${n}`,
    }));
    const w = world(options(false, many));
    await surveyStore(w.core);
    const found = await datasetClocks(w.core);
    expect((found.datasets?.length ?? 0) + (found.datasetsLeftOut ?? 0)).toBe(1000);
    expect(JSON.stringify(statement(found)).length).toBeLessThan(65_535);
    expect(entryIn(statement(found))).toEqual(statement(found));
    expect(datasetLines(statement(found)).at(-1)).toBe(
      `${found.datasetsLeftOut} more datasets are not told.`,
    );
  });
});

test('the statement of each day has it in the log, and an audit takes it', async () => {
  const d = await driver({ ...options(), start: '2026-03-01T08:00:00Z' });
  d.store.put(['r-1'], { created: '2024-06-01' });
  await d.runUntil('2026-03-03T08:00:00Z');
  const last = statedIn(d.registry).at(-1)?.statement;
  expect(last).toMatchObject({ last: '2026-03-02', datasets: [{ ...NAME, oldest: '2024-06-01' }] });
  const files = new Map(d.bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  files.set('checkpoint', Buffer.from(d.bucket.allCheckpoints().at(-1) ?? ''));
  const keys = [noteKey('tenure/deletion-log', await testSigner().publicKey())];
  expect(await auditLog(memorySource(files), { keys })).toMatchObject({ ok: true, unstated: [] });
});
