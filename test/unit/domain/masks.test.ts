import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PseudonymForm } from '../../../shared/domain/record/pseudonym.ts';
import { type FieldValue, isMasked, type Mask, maskField } from '../../../shared/domain/record/masks.ts';

const key = new Uint8Array(32).fill(7);
const otherKey = new Uint8Array(32).fill(8);

const FORMS: readonly PseudonymForm[] = [
  { kind: 'characters', length: 20 },
  { kind: 'digits', length: 25 },
  { kind: 'e-mail', length: 49 },
];
const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc
    .date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2200-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
);
const kinds = fc.oneof<fc.Arbitrary<Mask>[]>(
  fc.constant({ kind: 'null' }),
  fc.constant({ kind: 'pseudonym' }),
  fc.constantFrom(...FORMS).map((form) => ({ kind: 'pseudonym', form }) as const),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()).map((value) => ({ kind: 'constant', value }) as const),
  fc.constantFrom('year', 'month', 'day').map((to) => ({ kind: 'truncate-date', to }) as const),
);

const masks = fc.tuple(kinds, fc.boolean()).map(([mask, ifPresent]): Mask => ({ ...mask, ifPresent }));

function masked(value: FieldValue, mask: Mask): FieldValue {
  const result = maskField(value, mask, key);
  if (!result.fits) throw new Error('the mask does not fit');
  return result.value;
}

test('masking twice is masking once, and what was masked is recognised', () => {
  fc.assert(
    fc.property(values, masks, (value, mask) => {
      const once = maskField(value, mask, key);
      fc.pre(once.fits);
      expect(isMasked(once.value, mask, key)).toBe(true);
      expect(maskField(once.value, mask, key)).toEqual(once);
    }),
    { numRuns: 2000 },
  );
});

test('a value that a mask does not fit never counts as masked', () => {
  fc.assert(
    fc.property(values, masks, (value, mask) => {
      fc.pre(!maskField(value, mask, key).fits);
      expect(isMasked(value, mask, key)).toBe(false);
    }),
  );
});

test('a pseudonym is the same for the same value, another for another value or key, and never the value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, two) => {
      const mask: Mask = { kind: 'pseudonym' };
      expect(masked(one, mask)).toBe(masked(one, mask));
      expect(masked(one, mask)).not.toBe(one);
      expect(masked(one, mask) === masked(two, mask)).toBe(one === two);
      expect(maskField(one, mask, otherKey)).not.toEqual(maskField(one, mask, key));
      if (one.length > 2) expect(masked(one, mask)).not.toContain(one);
    }),
  );
});

test('a pseudonym has a published form: 37 characters, keyed, with a tag', () => {
  expect(masked('ada@example.org', { kind: 'pseudonym' })).toMatchInlineSnapshot(
    `"p1.mx5Rt1xRhN3y1TSp0hEblQ.3eA0mSayXYA"`,
  );
  expect(masked(42, { kind: 'pseudonym' })).toBe(masked('42', { kind: 'pseudonym' }));
});

test('what only looks like a pseudonym is masked all the same', () => {
  const mask: Mask = { kind: 'pseudonym' };
  const ours = String(masked('ada@example.org', mask));
  const forged = `${ours.slice(0, -1)}${ours.endsWith('A') ? 'B' : 'A'}`;
  expect(isMasked(ours, mask, key)).toBe(true);
  expect(isMasked(ours, mask, otherKey)).toBe(false);
  expect(isMasked(forged, mask, key)).toBe(false);
  expect(masked(forged, mask)).not.toBe(forged);
  expect(isMasked(`${ours}\n`, mask, key)).toBe(false);
});

test.each([
  ['1980-05-17', 'year', '1980-01-01'],
  ['1980-05-17', 'month', '1980-05-01'],
  ['1980-05-17', 'day', '1980-05-17'],
  ['1980-05', 'year', '1980-01'],
  ['1980', 'year', '1980'],
  ['2026-03-01T00:30:00+05:00', 'day', '2026-03-01T00:00:00+05:00'],
  ['2026-01-01T00:30:00.123456-11:00', 'year', '2026-01-01T00:00:00.000000-11:00'],
  ['2026-12-31T23:59:60Z', 'month', '2026-12-01T00:00:00Z'],
  ['2026-12-31T23:59', 'month', '2026-12-01T00:00'],
  ['2026-12-31 23:59:59.5', 'day', '2026-12-31 00:00:00.0'],
  ['2026-12-31 23:59:59.5+00', 'year', '2026-01-01 00:00:00.0+00'],
  ['2026-12-31 23:59:59 +0530', 'year', '2026-01-01 00:00:00 +0530'],
] as const)('%s cut to the %s is %s', (value, to, expected) => {
  expect(masked(value, { kind: 'truncate-date', to })).toBe(expected);
});

test.each([
  '',
  'yesterday',
  '17.05.1980',
  '1980-5-17',
  '1980-13-01',
  '1980-00-10',
  '1980-05-32',
  'infinity',
  '0044-03-15 BC',
  ' 1980-05-17',
  '1980-05-17\n',
  '19800517',
  328320000,
  true,
])('a date mask does not fit %j', (value) => {
  expect(maskField(value, { kind: 'truncate-date', to: 'year' }, key)).toEqual({ fits: false });
});

test('a field that is absent is masked only if the mask says `if present`, and stays absent', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const expected = mask.ifPresent ? { fits: true, value: undefined } : { fits: false };
      expect(maskField(undefined, mask, key)).toEqual(expected);
      expect(isMasked(undefined, mask, key)).toBe(mask.ifPresent);
    }),
  );
  expect(isMasked(undefined, { kind: 'null' }, key)).toBe(false);
});

test('a field that is null is there: it can be masked without `if present`', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(maskField(null, mask, key).fits).toBe(true);
    }),
  );
});

test('an empty field has nothing to pseudonymise or cut, but takes a constant', () => {
  expect(masked(null, { kind: 'pseudonym' })).toBeNull();
  expect(masked(null, { kind: 'truncate-date', to: 'year' })).toBeNull();
  expect(masked(null, { kind: 'constant', value: 'removed' })).toBe('removed');
  expect(masked('', { kind: 'pseudonym' })).not.toBe('');
});

test('a constant is compared with its type', () => {
  expect(isMasked('0', { kind: 'constant', value: 0 }, key)).toBe(false);
  expect(isMasked(0, { kind: 'constant', value: 0 }, key)).toBe(true);
});
