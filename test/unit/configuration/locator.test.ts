import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEY_TYPES, type KeyType } from '../../../shared/domain/configuration/configuration.ts';
import { canonicalTimestamp } from '../../../shared/domain/calendar/canonical-time.ts';
import {
  canonicalDecimal,
  canonicalLocator,
  LONGEST_LOCATOR,
} from '../../../shared/domain/configuration/locator.ts';

interface Vector {
  readonly keys: readonly KeyType[];
  readonly values: readonly unknown[];
  readonly canonical?: string;
  readonly refused?: string;
  readonly index?: number;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../docs/locator-vectors.json', import.meta.url), 'utf8'),
) as Vector[];

function keysOf(types: readonly KeyType[]): { name: string; type: KeyType }[] {
  return types.map((type, index) => ({ name: `key${index}`, type }));
}

describe('a canonical locator', () => {
  test.each(vectors.map((vector) => [JSON.stringify([vector.keys, vector.values]), vector] as const))(
    'is as published for %s',
    (_, { keys, values, canonical, refused, index }) => {
      const result = canonicalLocator(keysOf(keys), values);
      if (refused === undefined) expect(result).toMatchObject({ ok: true, canonical });
      else expect(result).toMatchObject({ ok: false, code: refused, index });
    },
  );

  test('is itself canonical: canonicalising it again changes nothing', () => {
    const types = fc.constantFrom<KeyType[]>(...KEY_TYPES.map((type) => [type]), ['text', 'integer']);
    const decimals = fc.stringMatching(/^[+-]?\d{1,4}(\.\d{1,4})?(e[+-]?\d)?$/);
    const dates = fc.stringMatching(/^\d{4}-(0[1-9]|1[0-2])-[0-3]\d$/);
    const timestamps = fc.tuple(
      dates,
      fc.stringMatching(/^[T ][01]\d:[0-5]\d(:[0-5]\d(\.\d{1,6})?)?[+-]\d\d$/),
    );
    fc.assert(
      fc.property(
        types,
        fc.array(
          fc.oneof(
            fc.oneof(fc.string(), fc.integer(), fc.uuid(), fc.base64String()),
            decimals,
            dates,
            timestamps.map((parts) => parts.join('')),
          ),
          { maxLength: 2 },
        ),
        (keys, values) => {
          const once = canonicalLocator(keysOf(keys), values);
          if (!once.ok) return;
          expect(canonicalLocator(keysOf(keys), once.locator)).toEqual(once);
        },
      ),
    );
  });

  test('is one for all ways of writing a number with decimals, however many digits it has', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,30}$/);
    fc.assert(
      fc.property(digits, fc.integer({ min: -40, max: 40 }), fc.nat(9), (text, exponent, zeros) => {
        const canonical = canonicalDecimal(`${text}e${exponent}`);
        const shifted = `${'0'.repeat(zeros)}${text}${'0'.repeat(zeros)}E${exponent - zeros}`;
        const pointed = `+${text[0]}.${text.slice(1)}e${exponent + text.length - 1}`;
        expect([canonicalDecimal(shifted), canonicalDecimal(pointed)]).toEqual([canonical, canonical]);
        // An independent reading: as a fraction of whole numbers.
        const [whole = '', fraction = ''] = canonical!.split('.');
        const scale = 10n ** 80n;
        const exact = (BigInt(whole + fraction) * scale) / 10n ** BigInt(fraction.length);
        const up = 10n ** BigInt(Math.max(0, exponent));
        expect(exact).toBe((BigInt(text) * up * scale) / 10n ** BigInt(Math.max(0, -exponent)));
      }),
    );
  });

  test('is one for a whole number, whatever sign and zeros it is written with', () => {
    const sign = fc.constantFrom('', '+', '-');
    fc.assert(
      fc.property(sign, fc.stringMatching(/^\d{1,40}$/), (before, digits) => {
        const exact = BigInt(`${before === '-' ? '-' : ''}${digits}`);
        const isSafe = Number.isSafeInteger(Number(exact));
        const expected = isSafe ? Number(exact) : exact.toString();
        const result = canonicalLocator(keysOf(['integer']), [before + digits]);
        expect(result).toEqual({ ok: true, canonical: JSON.stringify([expected]), locator: [expected] });
      }),
      {
        numRuns: 1000,
        examples: [
          ['-', '0'],
          ['-', '000000000000000'],
          ['+', '0000000000000001'],
        ],
      },
    );
  });

  test('is one for an instant, whatever offset it is written with', () => {
    const between = { min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z') };
    fc.assert(
      fc.property(
        fc.date({ ...between, noInvalidDate: true }),
        fc.integer({ min: -899, max: 899 }),
        (at, minutes) => {
          const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
          const two = (value: number) => String(value).padStart(2, '0');
          const offset = `${minutes < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
          const canonical = canonicalTimestamp(local + offset);
          expect(canonical).toBe(canonicalTimestamp(at.toISOString()));
          expect(Date.parse(canonical!)).toBe(at.getTime());
        },
      ),
    );
  });

  test('is refused when it is longer than the registry keeps, without quoting it', () => {
    const result = canonicalLocator(keysOf(['text']), ['x'.repeat(LONGEST_LOCATOR)]);
    expect(result).toEqual({ ok: false, code: 'LOCATOR_TOO_LONG', index: 0, expected: 'at most 2048 bytes' });
  });
});
