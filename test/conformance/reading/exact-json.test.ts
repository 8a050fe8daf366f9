import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalDecimal } from '../../../shared/domain/configuration/locator.ts';
import { exactJson, exactNumber, plainNumber } from '../../../shared/stores/exact-json.ts';

describe('a number', () => {
  test.each([
    ['0', 0],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['1E-7', 1e-7],
    ['1e22', 1e22],
    ['9007199254740993', '9007199254740993'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['1e400', '1e400'],
    ['1e-400', '1e-400'],
    ['-1e999999', '-1e999999'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['', ''],
    ['0x10', '0x10'],
    [' 7', ' 7'],
    ['1'.repeat(5000), '1'.repeat(5000)],
  ])('%s is %s', (text, expected) => {
    expect(exactNumber(text)).toBe(expected);
  });

  test('is a number only where JavaScript writes it as the column has it', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const decimal = canonicalDecimal(text);
        const isSame = String(Number(decimal)) === decimal;
        expect(plainNumber(text)).toBe(isSame ? Number(decimal) : decimal);
      }),
      { numRuns: 2000 },
    );
  });

  test('is always the one that was written, as a number or as its digits', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,40})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const given = exactNumber(text);
        if (typeof given === 'string') return given === text;
        const [written, shown] = [decimalOf(text), decimalOf(String(given))];
        const least = Math.min(written.exponent, shown.exponent);
        const [one, other] = [written, shown].map(
          ({ digits, exponent }) => digits * 10n ** BigInt(exponent - least),
        );
        return one === other;
      }),
      { numRuns: 2000 },
    );
  });

  test('that JavaScript wrote stays a number', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        expect(Number(exactNumber(String(number))) === number).toBe(true);
        expect(typeof exactNumber(String(number))).toBe('number');
      }),
    );
  });
});

describe('a JSON text', () => {
  test('is the same value that JSON.parse gives, if nothing of it gets lost', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(exactJson(text)).toEqual({ value: JSON.parse(text) });
      }),
      { numRuns: 1000 },
    );
  });

  test('with white space and escapes in its names is counted like any other', () => {
    const name = fc.string({ unit: fc.constantFrom('"', '\\', ':', ',', '{', '}', 'a', '\u0000', 'ü', ' ') });
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.array(name)),
        fc.constantFrom(undefined, 2, '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          expect(exactJson(text)).toEqual({ value: JSON.parse(text) });
          expect(exactJson(text.replaceAll('":', '" :'))).toBeDefined();
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('that says a name twice, anywhere, has no value', () => {
    fc.assert(
      fc.property(fc.string(), fc.json({ maxDepth: 2 }), fc.nat(20), (name, inner, depth) => {
        const key = JSON.stringify(name);
        const twice = `{${key}:1,"other":[],${key}:${inner}}`;
        expect(exactJson(`${'[{"a":'.repeat(depth)}${twice}${'}]'.repeat(depth)}`)).toBeUndefined();
      }),
    );
    expect(exactJson('{"a":1,"\\u0061":2}')).toBeUndefined();
    expect(exactJson('{"a":{"b":1},"b":{"a":1}}')).toBeDefined();
  });

  test('with half of a character has no value', () => {
    for (const text of ['"\\ud800"', '["a\\udc00"]', '{"\\ud800":1}'])
      expect(exactJson(text)).toBeUndefined();
    expect(exactJson('"\\ud83d\\ude00"')).toEqual({ value: '😀' });
  });

  test('is nested in a hundred levels at most', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(exactJson(nested(100))).toBeDefined();
    expect(exactJson(nested(101))).toBeUndefined();
    expect(exactJson(nested(1_000_000))).toBeUndefined();
    expect(exactJson(`{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`)).toBeUndefined();
  });

  test('of megabytes is read in moments', () => {
    const long = JSON.stringify({ text: '\\"'.repeat(1_000_000), slashes: '\\'.repeat(1_000_000) });
    expect(exactJson(long)).toEqual({ value: JSON.parse(long) });
  }, 2000);

  test('that is none is a mistake, and its error quotes nothing', () => {
    for (const text of ['', '{"secret', 'secret'])
      expect(() => exactJson(text)).toThrow(new TypeError('an engine sent a text that is not JSON'));
  });
});

/** As a whole number and a power of ten. */
function decimalOf(text: string): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '', power = '0'] = text.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
