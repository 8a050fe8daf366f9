import { describe, expect, test } from 'vitest';
import { type ForecastSeries, mergedSeries } from '../../../shared/domain/forecast/forecast.ts';
import { censusId, censusSegment, startCensus } from '../../../shared/protocol/census.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { forecastPage, forecastRun } from '../../../shared/protocol/forecast/census-parts.ts';
import { readForecast } from '../../../shared/protocol/forecast/read-forecast.ts';
import { hintFor } from '../../../shared/protocol/hint.ts';
import { SEGMENTS } from '../../../shared/protocol/walk.ts';
import { dyingRegistry } from '../../support/dying-registry.ts';
import { type World, world } from '../../support/driver/world.ts';

async function census(w: World, core: LaneCore = w.core): Promise<void> {
  const id = censusId(w.clock.now());
  for (let segment = 0; segment < SEGMENTS; segment += 1)
    await censusSegment(core, { walk: id, segment }, () => true);
}

/** Records that go in 30 days after an event, two without one, and one that is under a legal hold when it comes due. */
async function seven(): Promise<World> {
  const w = world({ pageSize: 2 });
  for (let n = 1; n <= 7; n += 1)
    await w.register(await w.registration(`n-${n}`, [w.entity('contract', `c-${n}`)]));
  const ended = { 1: '2026-02-01', 2: '2026-03-01', 3: '2026-03-01', 4: '2026-03-02', 5: '2099-01-15' };
  for (const [n, date] of Object.entries(ended))
    await w.happened(w.entity('contract', `c-${n}`), w.fact('contract.ended', date));
  return w;
}

const SEVEN: readonly ForecastSeries[] = [
  {
    store: 'notes',
    policy: 'test-policy',
    category: 'notes',
    bins: { 'no-date:never-had-a-fact': 2 },
  },
  {
    store: 'notes',
    policy: 'test-policy',
    category: 'notes',
    action: 'delete',
    bins: { '2026-03-04': 1, '2026-04-01': 2, '2026-04-02': 1, '2099-02': 1 },
  },
];

describe('the forecast of a census', () => {
  test('is not there before the first one has ended', async () => {
    const w = await seven();
    expect(await readForecast(w.core)).toBeUndefined();
    const id = censusId(w.clock.now());
    await censusSegment(w.core, { walk: id, segment: 0 }, () => true);
    expect(await readForecast(w.core)).toBeUndefined();
  });

  test('has each record once, by its date or the reason why it has none', async () => {
    const w = await seven();
    await census(w);
    expect(await readForecast(w.core)).toEqual({
      census: 'census/2026-03-01',
      ended: w.clock.now(),
      series: SEVEN,
    });
  });

  test('is the same when the census is asked for again', async () => {
    const w = await seven();
    await census(w);
    await census(w);
    await startCensus(w.core);
    expect((await readForecast(w.core))?.series).toEqual(SEVEN);
  });

  test('leaves out what was disposed of or withdrawn', async () => {
    const w = await seven();
    w.store.put(['n-1']);
    w.clock.advance(60_000);
    await w.withdraw(await w.withdrawal('n-7'));
    w.clock.set(Date.parse('2026-03-03T10:00:00Z'));
    await w.run(Date.parse('2026-03-04T01:00:00Z'));
    await census(w);
    const series = (await readForecast(w.core))?.series ?? [];
    expect(series.map(({ bins }) => bins)).toEqual([
      { 'no-date:never-had-a-fact': 1 },
      { '2026-04-01': 2, '2026-04-02': 1, '2099-02': 1 },
    ]);
  });

  test('is the same wherever the census is killed, and is read from whole censuses only', async () => {
    const w = await seven();
    const { calls } = dyingRegistry(w.registry, {});
    const core = { ...w.core, registry: dyingRegistry(w.registry, { calls }).registry };
    await census(w, core);
    const all = calls.length;
    expect(all).toBeGreaterThan(30);
    for (let at = 0; at < all; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const next = await seven();
        const dying = dyingRegistry(next.registry, { at, when });
        const died = await census(next, { ...next.core, registry: dying.registry }).then(
          () => `not killed at ${calls[at]}`,
          (error: unknown) => String(error),
        );
        // What fails there is reported, and stops nothing else.
        if (calls[at] !== 'holdRecords') expect(died).toBe('Error: killed');
        const early = await readForecast(next.core);
        if (early !== undefined) expect(early.series).toEqual(SEVEN);
        // The lease of the dead walker has to run out.
        next.clock.advance(20 * 60_000);
        await startCensus(next.core);
        await census(next);
        expect((await readForecast(next.core))?.series).toEqual(SEVEN);
      }
    }
  });

  test('does not count parts that a run left which died and had more of them', async () => {
    const w = await seven();
    await census(w);
    const stale = { run: forecastRun('census/2026-03-01'), at: 0, counts: [], listed: new Map() };
    const [forecast] = SEVEN;
    if (forecast === undefined) throw new Error('there is one');
    await w.registry.putCensus({ ...stale, page: forecastPage(2, 1), forecast: [forecast] });
    expect((await readForecast(w.core))?.series).toEqual(SEVEN);
  });

  test('is left out where a former release counted a page of the census: it would not be whole', async () => {
    const w = await seven();
    const registry: LaneCore['registry'] = {
      ...w.registry,
      async census(run, after) {
        const { items, ...rest } = await w.registry.census(run, after);
        return { ...rest, items: items.map(({ page, counts }) => ({ page, counts, forecast: [] })) };
      },
    };
    await census(w, { ...w.core, registry });
    expect(await w.registry.newestCensus()).toBe('census/2026-03-01');
    expect(await readForecast(w.core)).toBeUndefined();
  });

  test('of another census than the newest can be read; one without a forecast has none', async () => {
    const w = await seven();
    await census(w);
    await w.registry.putNewestCensus('census/2026-03-02');
    expect(await readForecast(w.core)).toBeUndefined();
    expect((await readForecast(w.core, 'census/2026-03-01'))?.series).toEqual(SEVEN);
  });
});

test('ten thousand records cost no read more than the census needs anyway, and are all there', async () => {
  const w = world({ pageSize: 500 });
  await w.register(await w.registration('n-0', [w.entity('contract', 'c-1')]));
  await w.happened(w.entity('contract', 'c-1'), w.fact('contract.ended', '2026-03-01'));
  const first = w.holding('n-0');
  if (first?.decision === undefined) throw new Error('it is planned');
  const { decision } = first;
  const more = Array.from({ length: 9999 }, (_, n) => ({
    ...first,
    ref: w.ref(`n-${n + 1}`),
    version: 1,
    decision: { ...decision, actAt: (decision.actAt ?? 0) + (n % 3000) * 86_400_000 },
  }));
  const written = await w.registry.writeHoldings(more.map((after) => ({ before: undefined, after })));
  expect(new Set(written)).toEqual(new Set(['written']));
  await w.registry.putHints(more.map((one) => hintFor(one, one.hintAt ?? 0)));
  const { registry, calls } = dyingRegistry(w.registry, {});
  await census(w, { ...w.core, registry });
  const counts = Object.fromEntries(
    [...Map.groupBy(calls, (name) => name)].map(([name, same]) => [name, same.length]),
  );
  // Per segment: the pages are written as they are scanned, read once, and added up. Sums and forecast are one item each.
  expect(counts['census']).toBe(SEGMENTS);
  expect(counts['putCensus']).toBe((counts['scanAll'] ?? 0) + 2 * SEGMENTS);
  // What is set aside.
  expect(counts['readHoldings'] ?? 0).toBeLessThanOrEqual(1);
  expect(counts['states'] ?? 0).toBe(0);
  expect(counts['wideHolds'] ?? 0).toBe(0);
  const { items: stored } = await w.registry.census(forecastRun('census/2026-03-01'));
  expect(stored).toHaveLength(SEGMENTS);
  const series = mergedSeries(stored.flatMap(({ forecast }) => forecast));
  const bins = Object.values(series[0]?.bins ?? {});
  expect(bins.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  expect(bins.length).toBeLessThan(500);
});
