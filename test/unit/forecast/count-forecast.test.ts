import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergedSeries } from '../../../shared/domain/forecast/forecast.ts';
import { STORE_ACTIONS } from '../../../shared/domain/record/actions.ts';
import { HOLDING_STATES, type Holding } from '../../../shared/domain/record/holding.ts';
import { present } from '../../../shared/domain/present.ts';
import { parts } from '../../../shared/domain/each.ts';
import { countForecast } from '../../../shared/protocol/forecast/count-forecast.ts';
import { partsOfSegment } from '../../../shared/protocol/forecast/read-forecast.ts';
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
        const stored = partsOfSegment('census/2027-03-03', 0, pages);
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
