import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readClock, type Readable } from '../../../shared/domain/datasets/clock-value.ts';

const READABLE: Readable = { until: Infinity, declared: [{ personal: true }] };

const digits = (length: number, max: number) =>
  fc.integer({ min: 0, max }).map((value) => String(value).padStart(length, '0'));

/** Also days and times that do not exist. */
const written = fc
  .tuple(
    fc.oneof(digits(4, 9999), fc.constantFrom('1899', '1900', '1970', '2024', '2100', '2200', '2201')),
    fc.oneof(digits(2, 13), fc.constant('02')),
    fc.oneof(digits(2, 32), fc.constantFrom('28', '29', '30', '31')),
    digits(2, 25),
    digits(2, 61),
    digits(2, 61),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,9}$/)),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction]) =>
      `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`,
  );

test('an instant that is written in UTC is the one that is written with an offset of nothing', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect(readClock(`${text}Z`, {}, READABLE)).toEqual(readClock(`${text}+00:00`, {}, READABLE));
    }),
    { numRuns: 5000 },
  );
});
