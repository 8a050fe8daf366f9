import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../shared/domain/canonical-json.ts';
import { withoutFields } from '../../../shared/domain/people/without-fields.ts';
import type { Masks } from '../../../shared/domain/record/masks.ts';

const masks = (...paths: readonly string[]): Masks =>
  Object.fromEntries(paths.map((path) => [path, { kind: 'null' } as const]));
const lenient = (path: string): Masks => ({ [path]: { kind: 'null', ifPresent: true } });

const LETTER = {
  id: 7,
  name: 'Zoe',
  profile: { email: 'zoe@example.org', born: null },
  copies: [
    { to: 'a', at: 1 },
    { to: 'b', at: 2 },
  ],
  tags: ['x', 'y'],
};

describe('a document without fields', () => {
  test('lacks them, at any depth, and is otherwise the same', () => {
    expect(withoutFields(LETTER, masks('name', 'profile.email', 'copies[].to', 'tags[]'))).toEqual({
      id: 7,
      profile: { born: null },
      copies: [{ at: 1 }, { at: 2 }],
      tags: [],
    });
    expect(withoutFields(LETTER, masks('profile', 'profile.email', 'copies'))).toEqual({
      id: 7,
      name: 'Zoe',
      tags: ['x', 'y'],
    });
  });

  test('is the same document if there is none to remove', () => {
    expect(withoutFields(LETTER, {})).toEqual(LETTER);
  });

  test('may have nothing where they would be', () => {
    expect(withoutFields({ profile: null, copies: [] }, masks('profile.email', 'copies[].to'))).toEqual({
      profile: null,
      copies: [],
    });
    expect(withoutFields({ id: 1 }, lenient('name'))).toEqual({ id: 1 });
    expect(withoutFields({ profile: {} }, lenient('profile.email'))).toEqual({ profile: {} });
  });

  test.each<[string, string]>([
    ['is not there', 'nickname'],
    ['is inside what is not there', 'address.street'],
    ['is inside a text', 'name.first'],
    ['is inside a number', 'id.digits'],
    ['is inside a list that is taken for a map', 'copies.to'],
    ['is in the elements of a map', 'profile[].email'],
    ['is not in every element', 'copies[].cc'],
    ['is inside what every object has', 'constructor.name'],
    ['has a path that is not one', 'a..b'],
  ])('does not exist where a field %s', (_, path) => {
    expect(withoutFields(LETTER, masks(path))).toBeUndefined();
  });

  test('does not exist where one path takes for a list what another takes for a map', () => {
    expect(withoutFields(LETTER, masks('copies[].to', 'copies.to'))).toBeUndefined();
  });

  test('has no value of a removed field left anywhere, for any document', () => {
    const json: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    const name = fc.constantFrom('a', 'b', 'c', '__proto__');
    const inner = fc.dictionary(name, json);
    fc.assert(
      fc.property(fc.record({ a: inner, list: fc.array(inner), rest: json }), (document) => {
        const marked = {
          ...document,
          a: { ...document.a, secret: 'MARKER' },
          list: document.list.map((one) => ({ ...one, secret: 'MARKER' })),
        };
        const kept = withoutFields(marked, masks('a.secret', 'list[].secret'));
        expect(JSON.stringify(kept)).toBe(JSON.stringify(document));
      }),
    );
  });
});
