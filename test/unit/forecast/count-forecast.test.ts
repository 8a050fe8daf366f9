import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ForecastSeries, mergedSeries } from '../../../shared/domain/forecast/forecast.ts';
import { STORE_ACTIONS } from '../../../shared/domain/record/actions.ts';
import { HOLDING_STATES, type Holding } from '../../../shared/domain/record/holding.ts';
import { present } from '../../../shared/domain/present.ts';
import { parts } from '../../../shared/domain/each.ts';
import { countForecast } from '../../../shared/protocol/forecast/count-forecast.ts';
import { partsOfPage, partsOfSegment } from '../../../shared/protocol/forecast/census-parts.ts';
import { NOTHING_YET, withParts } from '../../../shared/protocol/forecast/sum-parts.ts';
import { toCensusItem } from '../../../shared/adapters/dynamodb/dynamo-upkeep-item.ts';
import { toAttributes } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import { itemSize } from '../../support/counted/item-size.ts';
import { configuration } from '../../support/api-world.ts';
import { aHolding, at, aVariant } from '../../support/samples.ts';

const NOW = at('2027-03-03T10:00:00Z');
const DAY = 86_400_000;

const arbitraryHolding: fc.Arbitrary<Holding> = fc
  .record({
    name: fc.nat(),
    state: fc.constantFrom(...HOLDING_STATES),
    store: fc.constantFrom('orders', 'vault', 'gone'),
    categories: fc.uniqueArray(fc.constantFrom('profile', 'registration', 'abroad', 'unknown'), {
      minLength: 1,
    }),
    stage: fc.constantFrom(...STORE_ACTIONS),
    actAt: fc.option(
      fc.integer({ min: -500, max: 100_000 }).map((days) => NOW + days * DAY),
      { nil: undefined },
    ),
    reason: fc.constantFrom(undefined, 'undetermined', 'conflict', 'deadline-before-floor'),
    isParked: fc.boolean(),
    isPlanned: fc.boolean(),
  })
  .map(({ name, state, store, categories, stage, actAt, reason, isParked, isPlanned }) =>
    aHolding(name, {
      state,
      store,
      variants: [aVariant(1, { categories })],
      ...(isParked && { parked: { hold: 'h-1' } }),
      ...(isPlanned && {
        decision: {
          status: actAt === undefined ? 'undetermined' : 'due',
          policies: 'p',
          ...present({ stage: actAt === undefined ? undefined : stage, actAt, reason }),
        },
      }),
    }),
  );

test('the numbers of a segment add up to its records that are not disposed of, however it is cut into pages', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryHolding, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (holdings, pageSize) => {
        const pages = parts(holdings, pageSize).map((page, index) => ({
          page: String(index),
          at: NOW,
          counts: [],
          forecast: countForecast({ configuration }, page, { day: '2027-03-03', now: NOW }),
        }));
        const summed = pages.reduce((sum, page) => withParts(sum, [page]), NOTHING_YET);
        expect(withParts(NOTHING_YET, pages)).toEqual(summed);
        const stored = partsOfSegment('census/2027-03-03', 0, summed.forecast ?? []);
        const series = mergedSeries(stored.flatMap(({ forecast = [] }) => forecast));
        const sum = series.flatMap(({ bins }) => Object.values(bins)).reduce((all, count) => all + count, 0);
        const open = holdings.filter(({ state }) => state === 'active' || state === 'pending');
        expect(sum).toBe(open.length);
        expect(series).toEqual(countForecast({ configuration }, holdings, { day: '2027-03-03', now: NOW }));
        for (const { action, bins } of series) {
          const undated = Object.keys(bins).every((bin) => bin.startsWith('no-date:'));
          expect(undated).toBe(action === undefined);
        }
      },
    ),
  );
});

/** The most kinds of records that a page can have: each has a store and a category of its own. */
function manyKinds(count: number): readonly ForecastSeries[] {
  const long = 'a'.repeat(90);
  return Array.from({ length: count }, (_, n) => ({
    store: `s-${long}-${1000 + n}`,
    policy: `p-${long}`,
    category: `c-${long}`,
    action: 'delete',
    bins: { '2027-03-03': 1 },
  }));
}

test('a page of many kinds of records is stored in items of less than 150 kB, and adds up to the same', () => {
  const counts = [{ store: 's', policy: 'p', status: 'due', reason: '', count: 2000, oldest: NOW }];
  const listed = new Map([['conflict', [aHolding(1).ref]]]);
  const page = {
    run: 'census/2027-03-03/0',
    page: 'abc',
    at: NOW,
    counts,
    listed,
    forecast: manyKinds(2000),
  };
  const stored = partsOfPage(page);
  for (const part of stored) expect(itemSize(toAttributes(toCensusItem(part)))).toBeLessThan(150_000);
  expect(stored.length).toBeGreaterThan(2);
  expect(stored.filter((part) => part.listed.size > 0)).toEqual([stored[0]]);
  const names = stored.map((part) => part.page);
  expect(names).toEqual(names.toSorted());
  const read = stored.map(({ forecast = [], ...part }) => ({ ...part, forecast }));
  const whole = { counts, forecast: mergedSeries(page.forecast) };
  // Wherever the table cuts its answer.
  for (let cut = 0; cut <= read.length; cut += 1)
    expect(withParts(withParts(NOTHING_YET, read.slice(0, cut)), read.slice(cut))).toEqual(whole);
  // The same page came again, with less.
  const fewer = partsOfPage({ ...page, forecast: manyKinds(10) }).map((part) => ({ forecast: [], ...part }));
  const next = { ...fewer[0], page: 'abd', counts: [], forecast: manyKinds(1), at: NOW };
  const sum = withParts(NOTHING_YET, [...fewer, ...read.slice(1), next]);
  expect(sum.counts).toEqual(counts);
  expect(sum.forecast).toEqual(mergedSeries([...manyKinds(10), ...manyKinds(1)]));
});
