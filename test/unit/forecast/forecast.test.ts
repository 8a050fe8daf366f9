import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCensusItem } from '../../../shared/adapters/dynamodb/dynamo-upkeep-item.ts';
import { toAttributes } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import {
  binOf,
  FORECAST_DAYS,
  forecastParts,
  type ForecastSeries,
  mergedSeries,
} from '../../../shared/domain/forecast/forecast.ts';
import {
  type ForecastTotals,
  type ForecastView,
  totalsOf,
  withEmpty,
} from '../../../shared/domain/forecast/forecast-spans.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import { itemSize } from '../../support/counted/item-size.ts';
import { aHolding, at } from '../../support/samples.ts';

const TODAY = '2027-03-03';
const START = at('2027-03-03T00:00:00Z');
const DAY = 86_400_000;

function dated(actAt: number, more: Partial<Holding> = {}): Holding {
  const decision = { status: 'due', policies: 'p', stage: 'delete', actAt } as const;
  return aHolding(1, { state: 'active', decision, ...more });
}

function sumOf({ spans, due, held, later, noDate }: ForecastTotals): number {
  const numbers = [...spans.map(({ count }) => count), due, held, later, ...Object.values(noDate)];
  return numbers.reduce((all, count) => all + count, 0);
}

describe('the bin of a record', () => {
  test.each([
    ['2027-03-02T23:59:59.999Z', 'due'],
    ['2027-03-03T00:00:00Z', '2027-03-03'],
    ['2027-03-03T23:59:59.999Z', '2027-03-03'],
    ['2028-02-29T12:00:00Z', '2028-02-29'],
    ['2028-04-05T23:59:59.999Z', '2028-04-05'],
    ['2028-04-06T00:00:00Z', '2028-04'],
    ['2199-12-31T23:59:59.999Z', '2199-12'],
    ['2200-01-01T00:00:00Z', 'later'],
    ['9999-12-31T00:00:00Z', 'later'],
  ])('that goes at %s is %s', (instant, bin) => {
    expect(binOf(dated(at(instant)), TODAY)).toBe(bin);
  });

  test('that came due under a legal hold is held, whatever its date', () => {
    expect(binOf(dated(START - DAY, { parked: { hold: 'h-1' } }), TODAY)).toBe('held');
  });

  test('without a date has the reason, or the status of its plan', () => {
    const without = (decision: Holding['decision']) =>
      binOf(aHolding(1, { state: 'active', ...(decision && { decision }) }), TODAY);
    expect(without({ status: 'undetermined', policies: 'p', reason: 'never-had-a-fact' })).toBe(
      'no-date:never-had-a-fact',
    );
    expect(without({ status: 'never', policies: 'p' })).toBe('no-date:never');
    expect(binOf(aHolding(1, { state: 'pending' }), TODAY)).toBe('no-date:not-planned');
  });

  test('is one of less than 2,500, whenever it goes', () => {
    const bins = new Set<string>();
    for (let n = -10; n < 100_000; n += 1) bins.add(binOf(dated(START + n * DAY), TODAY));
    expect(bins.size).toBeLessThan(2500);
  });
});

const arbitrarySeries = fc.record({
  store: fc.constantFrom('crm', 'shop'),
  policy: fc.constantFrom('', 'orders'),
  category: fc.constantFrom('profile', 'invoice'),
  action: fc.constantFrom('delete' as const, 'restrict' as const),
  bins: fc.dictionary(
    fc.oneof(
      fc.integer({ min: -5, max: 60_000 }).map((days) => binOf(dated(START + days * DAY), TODAY)),
      fc.constantFrom('held', 'no-date:conflict', 'no-date:toString', 'no-date:undetermined'),
    ),
    fc.integer({ min: 1, max: 9 }),
    { maxKeys: 30 },
  ),
});
const arbitraryView: fc.Arbitrary<ForecastView> = fc.record(
  {
    day: fc.constant(TODAY),
    by: fc.constantFrom('day', 'week'),
    until: fc.integer({ min: -3, max: 9000 }).map((days) => dayId(START + days * DAY)),
  },
  { requiredKeys: ['day', 'by'] },
);
const countsIn = (all: readonly ForecastSeries[]): number =>
  all.flatMap(({ bins }) => Object.values(bins)).reduce((sum, count) => sum + count, 0);

describe('series', () => {
  test('keep every count when they are merged, cut into parts, and merged again', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySeries, { maxLength: 20 }), (all) => {
        const merged = mergedSeries(all);
        expect(countsIn(merged)).toBe(countsIn(all));
        expect(mergedSeries(all.toReversed())).toEqual(merged);
        expect(mergedSeries(forecastParts(merged).flat())).toEqual(merged);
        const names = merged.map((one) => JSON.stringify({ ...one, bins: {} }));
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  test('are shown with every record in one number, in spans that follow each other', () => {
    fc.assert(
      fc.property(arbitrarySeries, arbitraryView, (series, view) => {
        const totals = totalsOf(series, view);
        expect(sumOf(totals)).toBe(countsIn([series]));
        const { spans } = totals;
        for (const [index, { from, to }] of spans.entries()) {
          expect(from <= to && from >= TODAY).toBe(true);
          expect(from > (spans[index - 1]?.to ?? '')).toBe(true);
          if (view.until !== undefined) expect(from <= view.until).toBe(true);
        }
        const filled = withEmpty(spans, view);
        expect(filled.filter(({ count }) => count > 0)).toEqual(spans);
        for (const [index, { from }] of filled.entries()) {
          const before = filled[index - 1]?.to;
          expect(from).toBe(before === undefined ? TODAY : dayId(at(`${before}T00:00:00Z`) + DAY));
        }
      }),
    );
  });

  test('are cut into items of at most 100 kB, however many kinds of records there are', () => {
    const bins = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, n) => [binOf(dated(START + n * DAY), TODAY), 123_456_789]),
    );
    const all = Array.from({ length: 60 }, (_, n): ForecastSeries => {
      const category = `${'long-category-'.repeat(6)}${n}`;
      return {
        store: `store-${n % 3}`,
        policy: 'a-policy-with-a-long-name',
        category,
        action: 'delete',
        bins,
      };
    });
    const few = Array.from({ length: 5000 }, (_, n): ForecastSeries => {
      return { store: 'store', policy: 'policy', category: `category-${n}`, bins: { 'no-date:conflict': 1 } };
    });
    for (const series of [all, few, []]) {
      const parts = forecastParts(series);
      expect(parts.flat()).toEqual(series);
      const sizes = parts.map((forecast, n) => {
        const page = { run: 'census/2027-03-03/forecast', page: `0/00000${n}`, at: START, counts: [] };
        return itemSize(toAttributes(toCensusItem({ ...page, listed: new Map(), forecast })));
      });
      expect(Math.max(...sizes)).toBeLessThan(100_000);
    }
    expect(forecastParts([])).toEqual([[]]);
  });
});

test('weeks begin on Monday, the first one on the day of the census, and the last one ends where months begin', () => {
  const days = Array.from({ length: FORECAST_DAYS + 40 }, (_, n) => binOf(dated(START + n * DAY), TODAY));
  const bins: Record<string, number> = {};
  for (const bin of days) bins[bin] = (bins[bin] ?? 0) + 1;
  const { spans } = totalsOf({ bins }, { day: TODAY, by: 'week' });
  expect(spans.slice(0, 2)).toEqual([
    { from: '2027-03-03', to: '2027-03-07', count: 5 },
    { from: '2027-03-08', to: '2027-03-14', count: 7 },
  ]);
  expect(spans.slice(-3)).toEqual([
    { from: '2028-04-03', to: '2028-04-05', count: 3 },
    { from: '2028-04-06', to: '2028-04-30', count: 25 },
    { from: '2028-05-01', to: '2028-05-31', count: 15 },
  ]);
  const cut = totalsOf({ bins }, { day: TODAY, by: 'week', until: '2027-03-10' });
  expect(cut.spans).toEqual([
    { from: '2027-03-03', to: '2027-03-07', count: 5 },
    { from: '2027-03-08', to: '2027-03-10', count: 3 },
  ]);
  expect(cut.later).toBe(FORECAST_DAYS + 40 - 8);
});
