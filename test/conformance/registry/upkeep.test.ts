import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CoverageReport } from '../../../shared/domain/coverage/coverage-report.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { ForecastSeries } from '../../../shared/domain/forecast/forecast.ts';
import type { DueState } from '../../../shared/domain/record/entry.ts';
import type { CensusCount, DueHolding, Quarantined, SetAside, Walk } from '../../../shared/ports/upkeep.ts';
import { LARGEST_MESSAGE } from '../../../functions/ingest/cut-message.ts';
import { aHoldingRef, anEntityRef, at, walk } from '../../support/samples.ts';
import { registryKinds } from './registry-kinds.ts';

const NOW = at('2026-03-01T10:00:00Z');

const quarantined = (n: number, sealed = 'c2VhbGVk'): Quarantined => ({
  id: `event-${String(n).padStart(4, '0')}`,
  receivedAt: NOW + n,
  code: 'EVENT_ID_REUSED',
  reason: 'The event id was used with another body.',
  producer: 'customer-portal',
  sealed,
});

describe.each(registryKinds)('marks, walks and lists in $name', (kind) => {
  let registry: Registry;
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    registry = await kind.fresh();
  });

  test('the heartbeat only goes forwards', async () => {
    expect(await registry.heartbeat()).toBeUndefined();
    for (const sent of [NOW, NOW + 5, NOW + 2]) await registry.putHeartbeat(sent);
    expect(await registry.heartbeat()).toBe(NOW + 5);
  });

  test('a producer is behind until the latest instant that was noted, beside the heartbeat', async () => {
    expect(await registry.intake()).toEqual({ behind: new Map() });
    expect(await registry.noteBehind('portal', { now: NOW, until: NOW + 10 })).toBe('new');
    expect(await registry.noteBehind('portal', { now: NOW + 5, until: NOW + 20 })).toBe('known');
    expect(await registry.noteBehind('portal', { now: NOW + 5, until: NOW + 15 })).toBe('known');
    expect(await registry.heartbeat()).toBeUndefined();
    // The first heartbeat is noted although the item is there.
    await registry.putHeartbeat(NOW);
    expect(await registry.noteBehind('shop', { now: NOW, until: NOW + 30 })).toBe('new');
    const behind = new Map([
      ['portal', NOW + 20],
      ['shop', NOW + 30],
    ]);
    expect(await registry.intake()).toEqual({ heartbeat: NOW, behind });
    expect(await registry.noteBehind('portal', { now: NOW + 21, until: NOW + 40 })).toBe('new');
    expect((await registry.intake()).behind.get('portal')).toBe(NOW + 40);
  });

  test('what a survey found is kept for each store, and the last one counts', async () => {
    expect(await registry.coverage('crm')).toBeUndefined();
    await registry.putCoverage('crm', { tried: '2026-03-01' });
    expect(await registry.coverage('crm')).toEqual({ tried: '2026-03-01' });
    const fields = Array.from({ length: 5 }, (_, n) => ({
      looksLike: 'e-mail address',
      name: `${'é'.repeat(63)}${n}`,
    }));
    const report: CoverageReport = {
      at: NOW,
      records: { count: 2 ** 52, counted: 'at-least' },
      personal: fields,
      uncovered: Array.from({ length: 200 }, (_, n) => ({
        kind: 'table',
        name: `${'ü'.repeat(120)}${n}`,
        places: n + 1,
        records: { count: n, counted: 'estimate' },
        oldest: NOW,
        personal: fields,
        since: NOW,
      })),
      unlisted: 7,
      ignored: 1,
      appeared: 3,
      neverPresent: [{ name: 'card_number', state: 'found', looked: 'sample' }],
      datasets: [],
      notSeen: [{ part: 'tables', code: 'TOO_MANY' }],
      remembered: Array.from({ length: 5000 }, (_, n) =>
        createHash('sha256').update(String(n)).digest('base64url').slice(0, 11),
      ),
    };
    await registry.putCoverage('crm', { tried: '2026-03-02', report });
    await registry.putCoverage('erp', { tried: '2026-03-03' });
    expect(await registry.coverage('crm')).toEqual({ tried: '2026-03-02', report });
    expect(await registry.coverage('erp')).toEqual({ tried: '2026-03-03' });
  });

  test('a quota gives all of what is asked for, or nothing; each producer and hour has its own', async () => {
    const quota = { hour: NOW, most: 100 };
    const take = (items: number) => registry.takeQuota('portal', items, quota);
    expect([await take(60), await take(41), await take(40), await take(1)]).toEqual([
      'taken',
      'over',
      'taken',
      'over',
    ]);
    expect(await registry.takeQuota('shop', 100, quota)).toBe('taken');
    expect(await registry.takeQuota('portal', 101, { hour: NOW + 3_600_000, most: 100 })).toBe('over');
    expect(await registry.takeQuota('portal', 100, { hour: NOW + 3_600_000, most: 100 })).toBe('taken');
  });

  test('a walk is read as it was written, on its version', async () => {
    const next: Walk = {
      id: 'fan-out/1',
      version: 1,
      at: NOW,
      leasedUntil: NOW + 1,
      entity: anEntityRef(1),
      after: 'opaque',
      since: 0,
      done: true,
      count: 17,
    };
    expect(await registry.walk('fan-out/1')).toEqual({ id: 'fan-out/1', version: 0, at: 0 });
    expect(await registry.putWalk({ ...next, version: 2 })).toBe('moved');
    expect(await registry.putWalk(next)).toBe('written');
    expect(await registry.putWalk(next)).toBe('moved');
    expect(await registry.walk('fan-out/1')).toEqual(next);
    const bare: Walk = { id: 'fan-out/1', version: 2, at: NOW };
    expect(await registry.putWalk(bare)).toBe('written');
    expect(await registry.walk('fan-out/1')).toEqual(bare);
    await registry.deleteWalk('fan-out/1');
    await registry.deleteWalk('fan-out/1');
    expect((await registry.walk('fan-out/1')).version).toBe(0);
  });

  test('what applications are to be told is there once, until it is deleted', async () => {
    const data = { store: 'crm', records: [{ handle: 'h', generation: 1, until: '2026-03-20' }] };
    const notices = ['n-1', 'n-2'].map((id) => ({ id, kind: 'blocked', at: NOW, data }) as const);
    await registry.putNotices(notices);
    await registry.putNotices(notices);
    expect((await registry.notices()).items.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(notices);
    await registry.deleteNotices(['n-1']);
    await registry.deleteNotices(['n-1']);
    expect((await registry.notices()).items).toEqual([notices[1]]);
  });

  test('a run of policies is recorded on the one before', async () => {
    const run = { digest: 'd-1', recordedAt: NOW };
    expect(await registry.policyRun()).toBeUndefined();
    expect(await registry.putPolicyRun(run, 'd-0')).toBe('moved');
    const answers = await Promise.all([1, 2, 3, 4].map(() => registry.putPolicyRun(run)));
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect(await registry.putPolicyRun({ digest: 'd-2', recordedAt: NOW }, 'd-0')).toBe('moved');
    expect(await registry.policyRun()).toEqual(run);
    const next = { digest: 'd-2', recordedAt: NOW, policies: { notes: 'd' } };
    expect(await registry.putPolicyRun(next, 'd-1')).toBe('written');
    expect(await registry.policyRun()).toEqual(next);
  });

  test('what is set aside is listed by store, with the time since when it has its code', async () => {
    const item = (n: number, changes: Partial<SetAside> = {}): SetAside => {
      return { store: 'crm', holding: aHoldingRef(n), code: 'LOCATOR_BROKEN', at: NOW, ...changes };
    };
    await registry.setAside(item(1));
    await registry.setAside(item(1, { at: NOW + 5 }));
    expect(await registry.setAsides('crm')).toEqual({ items: [item(1)] });
    await registry.setAside(item(1, { code: 'PLAN_FAILED', at: NOW + 9 }));
    await registry.setAside(item(2, { store: 'shop' }));
    expect(await registry.setAsides('crm')).toEqual({
      items: [item(1, { code: 'PLAN_FAILED', at: NOW + 9 })],
    });
    await registry.takeBack(item(1));
    await registry.takeBack(item(1));
    expect(await registry.setAsides('crm')).toEqual({ items: [] });
    for (let n = 0; n < 120; n += 1) await registry.setAside(item(n));
    expect((await registry.setAsides('crm')).items).toHaveLength(100);
    expect((await walk((after) => registry.setAsides('crm', after))).map(({ holding }) => holding)).toEqual(
      Array.from({ length: 120 }, (_, n) => aHoldingRef(n)).toSorted(),
    );
  });

  test('a page of a census that comes again replaces its own counts', async () => {
    const count = (store: string, n: number, more: Partial<CensusCount> = {}): CensusCount => {
      return { store, policy: 'contracts', status: 'due', reason: '', count: n, oldest: NOW, ...more };
    };
    const put = (run: string, page: string, counts: readonly CensusCount[]): Promise<void> =>
      registry.putCensus({ run, page, at: NOW, counts, listed: new Map() });
    expect(await registry.census('run-1')).toEqual({ items: [] });
    await put('run-1', 'a', [count('crm', 3), count('shop', 1)]);
    await put('run-1', 'b', [count('', 9, { status: 'entity', code: 'contract' })]);
    await put('run-1', 'a', [count('crm', 4)]);
    await put('run-2', 'a', [count('crm', 7)]);
    const countsOf = async (run: string) =>
      (await registry.census(run)).items.flatMap(({ counts }) => counts);
    expect(await countsOf('run-1')).toEqual([
      count('crm', 4),
      count('', 9, { status: 'entity', code: 'contract' }),
    ]);
    expect(await countsOf('run-2')).toEqual([count('crm', 7)]);
  });

  test('what was due is read page by page, and a page that comes again replaces what it said', async () => {
    const due = (n: number, state: DueState): DueHolding => ({
      ref: aHoldingRef(n),
      generation: n,
      year: 2000 + (n % 100),
      state,
    });
    const put = (page: string, some: readonly DueHolding[]): Promise<void> =>
      registry.putDue({ run: 'run-1', page, at: NOW, due: some });
    expect(await registry.due('run-1')).toEqual({ items: [] });
    await put('a', [due(1, 'open')]);
    await put('b', [due(3, 'held'), due(70_000, 'waits')]);
    await put('c', [due(4, 'later')]);
    await put('a', [due(1, 'settled'), due(2, 'open')]);
    await put('c', []);
    await registry.putDue({ run: 'run-2', page: 'a', at: NOW, due: [due(5, 'open')] });
    const first = await registry.due('run-1');
    expect(first.items).toEqual([due(1, 'settled'), due(2, 'open')]);
    expect(await walk((after) => registry.due('run-1', after))).toEqual([
      due(1, 'settled'),
      due(2, 'open'),
      due(3, 'held'),
      due(70_000, 'waits'),
    ]);
    expect(await registry.censusList('run-1', 'conflict')).toEqual({ items: [] });
    expect(await registry.census('run-1')).toEqual({ items: [] });
  });

  test('what a census lists is read by reason, page by page, and a page that comes again replaces its own', async () => {
    const put = (page: string, lists: Readonly<Record<string, readonly number[]>>): Promise<void> => {
      const listed = new Map(
        Object.entries(lists).map(([reason, names]) => [reason, names.map(aHoldingRef)] as const),
      );
      return registry.putCensus({ run: 'run-1', page, at: NOW, counts: [], listed });
    };
    expect(await registry.censusList('run-1', 'conflict')).toEqual({ items: [] });
    await put('a', { conflict: [1, 2], overdue: [3] });
    await put('b', { conflict: Array.from({ length: 2000 }, (_, n) => n + 10) });
    await put('a', { conflict: [1], overdue: [3] });
    const conflicts = await walk((after) => registry.censusList('run-1', 'conflict', after));
    expect(conflicts).toEqual([1, ...Array.from({ length: 2000 }, (_, n) => n + 10)].map(aHoldingRef));
    expect((await registry.censusList('run-1', 'conflict')).items).toHaveLength(1);
    expect(await walk((after) => registry.censusList('run-1', 'overdue', after))).toEqual([aHoldingRef(3)]);
    expect(await registry.censusList('run-2', 'conflict')).toEqual({ items: [] });
    const { items: stored } = await registry.census('run-1');
    expect(stored.map(({ page, counts }) => [page, counts])).toEqual([
      ['a', []],
      ['b', []],
    ]);
  });

  test('a page has its forecast, and says whether another one belongs to it', async () => {
    const forecast: ForecastSeries[] = [
      {
        store: 'crm',
        policy: '',
        category: 'profile',
        action: 'delete',
        bins: { '2026-03-01': 3, later: 1 },
      },
      { store: 'crm', policy: 'contracts', category: 'contract', bins: { 'no-date:undetermined': 2 } },
    ];
    const page = { run: 'run-3', at: NOW, counts: [], listed: new Map() };
    await registry.putCensus({ ...page, page: '0/000000', forecast: [], more: true });
    await registry.putCensus({ ...page, page: '0/000001', forecast: forecast.slice(1) });
    await registry.putCensus({ ...page, page: '0/000000', forecast, more: true });
    expect((await registry.census('run-3')).items).toEqual([
      { page: '0/000000', at: NOW, counts: [], forecast, more: true },
      { page: '0/000001', at: NOW, counts: [], forecast: forecast.slice(1) },
    ]);
  });

  test('the pages of a census are read in order of their names, and each once', async () => {
    const counts = [
      { store: 'crm', policy: 'p'.repeat(20_000), status: 'due', reason: '', count: 1, oldest: NOW },
    ];
    const names = Array.from({ length: 120 }, (_, n) => `p-${1000 + n}`);
    for (const page of names.toReversed())
      await registry.putCensus({ run: 'run-4', page, at: NOW, counts, listed: new Map() });
    const first = await registry.census('run-4');
    expect(first.next).toBeDefined();
    expect((await walk((after) => registry.census('run-4', after))).map(({ page }) => page)).toEqual(names);
  });

  test('the newest census only goes forwards', async () => {
    expect(await registry.newestCensus()).toBeUndefined();
    for (const day of ['2026-03-02', '2026-03-03', '2026-03-01'])
      await registry.putNewestCensus(`census/${day}`);
    expect(await registry.newestCensus()).toBe('census/2026-03-03');
  });

  test('what is quarantined stays until it is settled, once', async () => {
    const { producer: _, ...nameless } = quarantined(2);
    await registry.putQuarantined(quarantined(1));
    await registry.putQuarantined(quarantined(1));
    await registry.putQuarantined(nameless);
    expect(await registry.quarantined()).toEqual({ items: [quarantined(1), nameless] });
    expect(await registry.quarantinedItem('event-0002')).toEqual(nameless);
    expect(await registry.removeQuarantined('event-0001')).toBe('removed');
    expect(await registry.removeQuarantined('event-0001')).toBe('unknown');
    expect(await registry.quarantinedItem('event-0001')).toBeUndefined();
    expect(await registry.quarantined()).toEqual({ items: [nameless] });
  });

  test('what only its beginning is kept of says so', async () => {
    const cut = {
      ...quarantined(1),
      cut: { bytes: 1_000_000, busId: '6a7e8feb-b491-4cf7-a9f1-bf3703467718' },
    };
    const nameless = { ...quarantined(2), cut: { bytes: 300_000 } };
    await registry.putQuarantined(cut);
    await registry.putQuarantined(nameless);
    expect(await registry.quarantinedItem('event-0001')).toEqual(cut);
    expect(await registry.quarantined()).toEqual({ items: [cut, nameless] });
  });

  test('the longest message that is kept whole fits, with everything that is told about it', async () => {
    const longest = {
      ...quarantined(1, 'x'.repeat(Math.ceil(((LARGEST_MESSAGE + 100) * 4) / 3))),
      triedAt: NOW,
      reason: 'r'.repeat(500),
      producer: 'p'.repeat(100),
    };
    await registry.putQuarantined(longest);
    expect(await registry.quarantinedItem('event-0001')).toEqual(longest);
  });

  test('a try of what is quarantined is noted, and brings back nothing that was settled', async () => {
    await registry.putQuarantined(quarantined(1));
    expect(await registry.noteTry('event-0001', NOW + 5)).toBe('noted');
    expect(await registry.quarantinedItem('event-0001')).toEqual({ ...quarantined(1), triedAt: NOW + 5 });
    expect(await registry.quarantined()).toEqual({ items: [{ ...quarantined(1), triedAt: NOW + 5 }] });
    expect(await registry.noteTry('event-0002', NOW + 5)).toBe('unknown');
    expect(await registry.quarantinedItem('event-0002')).toBeUndefined();
  });

  test('what is quarantined is replaced only as long as it is there', async () => {
    const { producer: _, ...refused } = { ...quarantined(1), code: 'FORBIDDEN', reason: 'type' };
    expect(await registry.replaceQuarantined(refused)).toBe('unknown');
    expect(await registry.quarantined()).toEqual({ items: [] });
    await registry.putQuarantined({ ...quarantined(1), triedAt: NOW + 5 });
    expect(await registry.replaceQuarantined(refused)).toBe('replaced');
    expect(await registry.quarantined()).toEqual({ items: [refused] });
  });

  test('a long quarantine is listed whole, at most 100 a page, however large the bodies', async () => {
    const items = Array.from({ length: 130 }, (_, n) => quarantined(n, n < 5 ? 'x'.repeat(340_000) : 'c'));
    await Promise.all(items.map((item) => registry.putQuarantined(item)));
    expect((await registry.quarantined()).items.length).toBeLessThanOrEqual(100);
    expect(await walk((after) => registry.quarantined(after))).toEqual(items);
  });
});
