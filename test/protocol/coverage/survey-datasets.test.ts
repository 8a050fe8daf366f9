import { describe, expect, test } from 'vitest';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { Survey, SurveyQuestion } from '../../../shared/domain/coverage/survey.ts';
import { surveyStore } from '../../../shared/protocol/coverage/survey-store.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { recordFact } from '../../../shared/protocol/record-fact.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { PRODUCER, STORE, world, type World } from '../../support/driver/world.ts';
import { aPolicy, anEvent, aRule } from '../../support/rules/rule-world.ts';

const LOGS: DatasetConfiguration = {
  category: 'logs',
  producer: PRODUCER,
  clock: { 'record.created': { column: 'created' } },
  by: 'record.created',
  entities: { account: 'account' },
};
const TYPES = {
  record: { ids: 'owned' as const, normalise: [] },
  account: { ids: 'owned' as const, normalise: [] },
};

function worldWith(changes: Partial<Policy> = {}, datasets: readonly DatasetConfiguration[] = [LOGS]): World {
  const rule = 'the later of 1 year after record.created and 30 days after account.closed if any';
  const events = {
    'record.created': anEvent({ entity: 'record' }),
    'account.closed': anEvent({ entity: 'account' }),
  };
  const policy = aPolicy(
    { logs: [aRule(rule)], old: [aRule('5 years after record.created')] },
    { events, graceSeconds: 0, ...changes },
  );
  return world({ policies: [policy], entityTypes: TYPES, store: { datasets } });
}

/** It is 2026-03-01T10:00Z. */
function put(w: World, ...clocks: readonly (string | null)[]): void {
  for (const [index, created] of clocks.entries()) w.store.put([`r-${index}`], { created });
}

async function reportOf(w: World) {
  await surveyStore(w.core);
  const { report } = (await w.registry.coverage(STORE)) ?? {};
  if (report === undefined) throw new Error('there is no report');
  return report;
}

const exact = (count: number) => ({ count, counted: 'exact' });

describe('the survey of a store with datasets', () => {
  test('counts rows without a clock, with one in the future and with one that cannot be', async () => {
    const w = worldWith();
    put(w, null, null, null, '2026-03-04', '2026-03-01T10:20:00Z', '2027-01-01', 'soon', '1970-01-01');
    w.store.put(['r-new'], { created: '2026-03-01T09:00:00Z' });
    w.store.put(['r-old'], { created: '2025-06-01' });
    expect((await reportOf(w)).datasets).toEqual([
      {
        category: 'logs',
        rows: exact(10),
        noClock: exact(3),
        implausible: exact(2),
        future: exact(3),
        oldest: Date.UTC(2025, 5, 1),
        overdue: exact(0),
        forecast: {
          policy: 'test-policy',
          bins: {
            '2026-06-01': 1,
            '2027-03-01': 1,
            'no-date:future-clock': 3,
            'no-date:implausible-clock': 2,
            'no-date:no-clock': 3,
          },
          depends: true,
        },
      },
    ]);
  });

  test('forecasts when each row goes, and each row once', async () => {
    const w = worldWith({}, [{ ...LOGS, category: 'old', entities: {} }]);
    put(
      w,
      '2020-01-01',
      '2021-02-28T22:00:00Z',
      '2021-03-05',
      '2021-03-05T23:00:00Z',
      '2024-10-10',
      '2030-01-01',
    );
    expect((await reportOf(w)).datasets[0]?.forecast).toEqual({
      policy: 'test-policy',
      bins: { due: 2, '2026-03-05': 2, '2029-10': 1, 'no-date:future-clock': 1 },
    });
  });

  test('says where the numbers of a forecast are not exact', async () => {
    const w = worldWith();
    const counts = (category: string, rows: number) => ({
      category,
      rows: Array.from({ length: rows }, () => ({ count: 1, counted: 'estimate' as const })),
    });
    const surveyed = async (more: number) => {
      const store = {
        ...w.store,
        survey: async ({ datasets }: SurveyQuestion): Promise<Survey> => ({
          personal: [],
          uncovered: [],
          neverPresent: [],
          datasets: datasets.map(({ category, edges }) => counts(category, edges.length + 1 + more)),
          notSeen: [],
        }),
      };
      await surveyStore({ ...w.core, store });
      w.clock.set(w.clock.now() + 86_400_000);
      return (await w.registry.coverage(STORE))?.report?.datasets[0]?.forecast;
    };
    const found = await surveyed(0);
    expect(found).toMatchObject({ estimate: true, bins: { due: 1, 'no-date:implausible-clock': 1 } });
    // A store that answers something else than it was asked is not believed.
    expect(await surveyed(1)).toBeUndefined();
  });

  test('with many datasets is by week, fits into one item, and says which are too many', async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({
      ...LOGS,
      category: 'old',
      entities: {},
      where: { kind: `k-${n}` },
    }));
    const w = worldWith({}, many);
    for (let n = 0; n < 4000; n += 1)
      w.store.put([`r-${n}`], {
        created: new Date(Date.UTC(2026, 1, 28) - n * 86_400_000).toISOString(),
        kind: 'k-0',
      });
    const report = await reportOf(w);
    expect(report.datasets).toHaveLength(100);
    const { bins = {} } = report.datasets[0]?.forecast ?? {};
    expect(Object.keys(bins).length).toBeLessThan(120);
    expect(bins).toMatchObject({ '2026-03-01': 1, '2026-03-02': 7 });
    expect(report.notSeen).toEqual([{ part: 'datasets', code: 'TOO_MANY' }]);
  });

  test('killed at any call of the registry is made again on the next day, and finds the same', async () => {
    const reports = new Set<string>();
    const calls: string[] = [];
    // The first run is not killed, and says at which calls others can be.
    for (let at = -1; at < calls.length; at += 1) {
      const w = worldWith();
      const refs = await refsOf(w.core, PRODUCER);
      const account = refs.entity({ type: 'account', id: 'a-1' });
      await recordFact(w.core, account, w.fact('account.closed', '2024-02-20', { id: 'closed' }));
      w.store.put(['r-1'], { created: '2024-01-01', account: 'a-1' });
      const { registry } = dyingRegistry(w.registry, { at, ...(at < 0 && { calls }) });
      await surveyStore({ ...w.core, registry }).catch(() => {});
      w.clock.set(w.clock.now() + 86_400_000);
      const { at: _at, ...report } = await reportOf(w);
      reports.add(JSON.stringify(report));
      expect(report.datasets).toMatchObject([{ overdue: exact(1) }]);
    }
    expect(reports.size).toBe(1);
    expect(calls).toContain('states');
  });

  test('takes the dates for plausible that the policy does', async () => {
    const plausible = { from: '2000-01-01', to: '2025-12-31' };
    const events = {
      'record.created': anEvent({ entity: 'record', plausible }),
      'account.closed': anEvent({ entity: 'account' }),
    };
    const w = worldWith({ events });
    put(w, '1999-12-31', '2000-01-01', '2025-12-31T23:00:00Z', '2026-01-01');
    expect((await reportOf(w)).datasets).toMatchObject([
      { rows: exact(4), implausible: exact(1), future: exact(1), oldest: Date.UTC(2000, 0, 1) },
    ]);
  });

  test('counts what is older than any rule allows, row by row: not what a fact keeps longer, or a grace time', async () => {
    const w = worldWith({ graceSeconds: 10 * 86_400 });
    const refs = await refsOf(w.core, PRODUCER);
    const account = refs.entity({ type: 'account', id: 'a-1' });
    await recordFact(w.core, account, w.fact('account.closed', '2026-02-20', { id: 'closed' }));
    // Due on 1 February, and in grace until the 11th; due on 25 February.
    put(w, '2025-02-01', '2025-02-25T10:00:00Z', '2020-01-01');
    w.store.put(['kept'], { created: '2020-01-01', account: 'a-1' });
    expect((await reportOf(w)).datasets).toMatchObject([{ overdue: exact(2), oldest: Date.UTC(2020, 0, 1) }]);
  });

  test('counts no row that a legal hold keeps as older than allowed', async () => {
    const w = worldWith();
    put(w, '2020-01-01');
    await w.registry.placeWideHold({
      id: 'hold-1',
      kind: 'hold',
      scope: { category: 'logs' },
      at: w.clock.now(),
      state: 'placed',
    });
    expect((await reportOf(w)).datasets).toMatchObject([{ rows: exact(1), overdue: exact(0) }]);
  });

  test('reads a few thousand rows of those that are old, and says that there are more', async () => {
    const w = worldWith();
    for (let n = 0; n < 5200; n += 1) w.store.put([`r-${n}`], { created: '2020-01-01' });
    const [logs] = (await reportOf(w)).datasets;
    expect(logs?.overdue).toEqual({ count: 5000, counted: 'at-least' });
    expect(w.store.calls.range).toBe(5);
  });

  test('tells datasets of one store apart, and writes nothing but its report', async () => {
    const old: DatasetConfiguration = { ...LOGS, category: 'old', where: { kind: 'old' } };
    const w = worldWith({}, [{ ...LOGS, where: { kind: 'log' } }, old]);
    w.store.put(['a'], { created: '2024-01-01', kind: 'log' });
    w.store.put(['b'], { created: '2024-01-01', kind: 'old' });
    w.store.put(['c'], { created: '2020-01-01', kind: 'old' });
    w.store.put(['d'], { created: null, kind: 'other' });
    const { datasets } = await reportOf(w);
    expect(datasets.map(({ category, rows, overdue }) => [category, rows?.count, overdue?.count])).toEqual([
      ['logs', 1, 1],
      ['old', 2, 1],
    ]);
    expect(w.store.calls.delete).toBe(0);
  });

  test('says what it could not count, and tells the rest', async () => {
    const w = worldWith();
    put(w, '2020-01-01');
    const store = {
      ...w.store,
      range: async () => ({ state: 'unknown' as const, code: 'STORE_THROTTLED' as const }),
    };
    await surveyStore({ ...w.core, store });
    const { report } = (await w.registry.coverage(STORE)) ?? {};
    expect(report?.datasets).toMatchObject([{ rows: exact(1), oldest: Date.UTC(2020, 0, 1) }]);
    expect(report?.datasets[0]).not.toHaveProperty('overdue');
    expect(report?.notSeen).toEqual([{ part: 'datasets', code: 'STORE_THROTTLED' }]);
    expect(w.reports.lines).toContainEqual({
      code: 'survey.unseen',
      fields: { store: STORE, code: 'STORE_THROTTLED' },
    });
  });

  test('is made all the same when the facts about whom rows name cannot be read', async () => {
    const w = worldWith();
    w.store.put(['r'], { created: '2020-01-01', account: 'a-1' });
    const registry = {
      ...w.registry,
      states: async () => Promise.reject(Object.assign(new Error('secret'), { code: 'THROTTLED' })),
    };
    await surveyStore({ ...w.core, registry });
    const { report } = (await w.registry.coverage(STORE)) ?? {};
    expect([report?.records?.count, report?.notSeen]).toEqual([1, [{ part: 'datasets', code: 'THROTTLED' }]]);
  });

  test('contains nothing that a row says', async () => {
    const w = worldWith();
    w.store.put(['ada@example.org'], { created: '1980-05-17', account: 'lovelace' });
    const report = await reportOf(w);
    expect(JSON.stringify(report)).not.toMatch(/ada|lovelace/);
    expect(report.datasets).toMatchObject([{ overdue: exact(1) }]);
  });
});
