import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayId } from '../../../shared/domain/calendar/utc-time.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { Locator } from '../../../shared/ports/store.ts';
import { packLocators, unpackLocators } from '../../../shared/protocol/pages/pack-locators.ts';
import { openRows, sealRows } from '../../../shared/protocol/pages/seal-rows.ts';
import { STORE } from '../../support/driver/world.ts';
import { collectionWorld } from '../../support/pages/collection-world.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** As often as each is there, in an order that does not depend on how they are packed. */
function sorted(locators: readonly Locator[]): readonly string[] {
  return locators.map((locator) => JSON.stringify(locator)).toSorted();
}

function again(locators: readonly Locator[]): readonly Locator[] | undefined {
  return unpackLocators(JSON.parse(JSON.stringify(packLocators(locators))));
}

const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(SAFE, -SAFE, SAFE - 1, 0),
);
const digits = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(String),
  fc.constantFrom('9007199254740991', '9007199254740992', '-9007199254740993', '0', '-0', '007', '+7', '1e3'),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '', 'i5', ',', '"', '\u0000'),
);
const fraction = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));
const column = fc.constantFrom(
  whole,
  digits,
  text,
  fc.oneof(whole, digits),
  fc.oneof(whole, digits, text, fraction),
);
const table = fc
  .array(column, { minLength: 1, maxLength: 4 })
  .chain((columns) => fc.array(fc.tuple(...columns), { maxLength: 40 }));

describe('packed locators', () => {
  test('come back as they were, whatever is in their columns', () => {
    fc.assert(
      fc.property(table, (locators) => {
        expect(sorted(again(locators) ?? [])).toEqual(sorted(locators));
      }),
      { numRuns: 500 },
    );
  });

  test('come back as they were, though each has another length', () => {
    const any = fc.array(fc.array(fc.oneof(whole, digits, text), { maxLength: 3 }), { maxLength: 10 });
    fc.assert(
      fc.property(any, (locators) => {
        expect(sorted(again(locators) ?? [])).toEqual(sorted(locators));
      }),
    );
  });

  test('keep a number a number, and its digits text', () => {
    const locators = [[1], ['2'], [SAFE], ['9007199254740993'], [-SAFE]];
    expect(sorted(again(locators) ?? [])).toEqual(sorted(locators));
    expect(packLocators([[3], [1], ['9007199254740993']])).toEqual({ columns: ['i1,2,9007199254740990'] });
    expect(packLocators([['7'], ['5']])).toEqual({ columns: ['t5,2'] });
  });

  test('of another form are not taken for locators', () => {
    const others = [
      undefined,
      null,
      'i5',
      [['a'], ['b']],
      {},
      { columns: [] },
      { columns: 'i5' },
      { columns: ['i5,1', 't5'] },
      { columns: ['x5'] },
      { columns: ['i'] },
      { columns: ['i5,'] },
      { columns: ['i5, 1'] },
      { columns: ['i1.5'] },
      { columns: [[true]] },
      { columns: [['a'], null] },
      { plain: 'a' },
      { plain: ['a'] },
      { plain: [[null]] },
    ];
    for (const other of others) expect(unpackLocators(other)).toBeUndefined();
  });
});

describe('what a work record has of the rows of an attempt', () => {
  const w = collectionWorld();
  const whose = { ref: 'any' as HoldingRef, store: STORE };

  test.each([
    ['that follow each other', () => 1, 0.05],
    ['of which every second one goes', (n: number) => 1 + (((n * 2_654_435_761) >>> 15) % 3), 0.5],
  ])('is less than half a byte for each of 5,000 bigints %s', async (_name, gap, most) => {
    let id = 71_000_000_123;
    const rows = Array.from({ length: 5000 }, (_, n) => [(id += gap(n))]);
    const sealed = await sealRows(w.core, whose, rows);
    expect(sealed.length / rows.length).toBeLessThan(most);
    expect(await openRows(w.core, whose, sealed)).toEqual(rows);
  });

  test('is as small where they belong to a customer, in any order', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => [
      'customer-17',
      `${9_007_199_254_740_993n + BigInt((n * 1231) % 5000)}`,
    ]);
    const sealed = await sealRows(w.core, whose, rows);
    expect(sealed.length / rows.length).toBeLessThan(0.5);
    expect(sorted((await openRows(w.core, whose, sealed)) ?? [])).toEqual(sorted(rows));
  });

  test('opens for nothing but the holding that it was sealed for', async () => {
    const sealed = await sealRows(w.core, whose, [['a']]);
    expect(await openRows(w.core, { ...whose, ref: 'other' as HoldingRef }, sealed)).toBeUndefined();
    expect(await openRows(w.core, whose, sealed.slice(0, -2))).toBeUndefined();
  });

  test('is opened as nothing where it is sealed and yet says no rows', async () => {
    const to = { scope: STORE, context: JSON.stringify([whose.ref, 'rows']) };
    const day = dayId(w.core.clock.now());
    for (const bytes of [Buffer.from('no deflate'), deflateRawSync('{"pla'), deflateRawSync('[["a"]]')]) {
      const text = await w.core.keys.encrypt(to, day, bytes);
      expect(await openRows(w.core, whose, text)).toBeUndefined();
    }
  });
});
