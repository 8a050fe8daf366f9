import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datasetCounter } from '../../../shared/stores/dataset-counter.ts';

const DAY = 86_400_000;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

describe('a counter of rows by their clock', () => {
  test('counts each row once, where it lies between the days that it was asked for', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 21_000 * DAY }), isDate: fc.boolean() }), {
          maxLength: 50,
        }),
        (days, clocks) => {
          const edges = days
            .toSorted((a, b) => a - b)
            .map((day) => ({ at: day * DAY, date: dayOf(day * DAY) }));
          const counter = datasetCounter({ category: 'c', clock: { column: 'at' }, edges });
          const places = Array.from({ length: edges.length + 1 }, () => 0);
          for (const { at, isDate } of clocks) {
            counter.add({ at: isDate ? dayOf(at) : new Date(at).toISOString() });
            const place = edges.filter((edge) => edge.at <= (isDate ? Date.parse(dayOf(at)) : at)).length;
            places[place]! += 1;
          }
          expect(counter.counts('exact').rows?.map(({ count }) => count)).toEqual(places);
        },
      ),
    );
  });

  test('takes what is not a time for an implausible one, and what is missing for none', () => {
    const edges = [{ at: Date.UTC(2020, 0, 1), date: '2020-01-01' }];
    const counter = datasetCounter({ category: 'c', clock: { column: 'at' }, where: { kind: 'a' }, edges });
    for (const at of [null, undefined, 'soon', 7, '1969-12-31', '2020-01-01', '0001-01-01'])
      counter.add({ at, kind: 'a' });
    counter.add({ at: '2021-01-01', kind: 'b' });
    expect(counter.counts('estimate', 10)).toEqual({
      category: 'c',
      rows: [
        { count: 40, counted: 'estimate' },
        { count: 10, counted: 'estimate' },
      ],
      noClock: { count: 20, counted: 'estimate' },
      oldest: Date.UTC(2020, 0, 1),
    });
  });
});
