import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyedHash } from '../../../shared/domain/record/keyed-hash.ts';

const plainly = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url');

test('a keyed hash is an HMAC-SHA-256, with keys and texts of any length', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 80 });
  const text = fc.string({ unit: 'binary', maxLength: 1100 });
  fc.assert(
    fc.property(key, fc.array(text, { minLength: 1, maxLength: 5 }), (own, texts) => {
      // One after the other: a long text leaves nothing to a short one.
      expect(texts.map((one) => keyedHash(own, one))).toEqual(texts.map((one) => plainly(own, one)));
    }),
  );
});

test.each([1023, 1024, 1025])('a text of %i units that take three bytes each is hashed whole', (length) => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  for (const end of ['€', 'a']) {
    const text = '€'.repeat(length - 1) + end;
    expect(keyedHash(key, text)).toBe(plainly(key, text));
  }
});
