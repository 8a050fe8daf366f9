import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyType } from '../../../shared/domain/configuration/configuration.ts';
import { canonicalLocator, LONGEST_LOCATOR } from '../../../shared/domain/configuration/locator.ts';

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
    const types = fc.constantFrom<KeyType[]>(
      ['text'],
      ['integer'],
      ['uuid'],
      ['binary'],
      ['text', 'integer'],
    );
    fc.assert(
      fc.property(
        types,
        fc.array(fc.oneof(fc.string(), fc.integer(), fc.uuid(), fc.base64String())),
        (keys, values) => {
          const once = canonicalLocator(keysOf(keys), values);
          if (!once.ok) return;
          expect(canonicalLocator(keysOf(keys), once.locator)).toEqual(once);
        },
      ),
    );
  });

  test('is refused when it is longer than the registry keeps, without quoting it', () => {
    const result = canonicalLocator(keysOf(['text']), ['x'.repeat(LONGEST_LOCATOR)]);
    expect(result).toEqual({ ok: false, code: 'LOCATOR_TOO_LONG', index: 0, expected: 'at most 2048 bytes' });
  });
});
