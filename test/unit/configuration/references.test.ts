import { describe, expect, test } from 'vitest';
import {
  bodyHash,
  entityRef,
  eventRef,
  holdingRef,
  logRef,
  normaliseId,
  requestRef,
} from '../../../shared/domain/configuration/references.ts';

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

describe('a keyed reference', () => {
  test('has 22 characters of base64url', () => {
    expect(entityRef(KEY, 'person', '', 'p-1')).toMatch(/^[\w-]{22}$/);
  });

  test('is the same for the same key and parts, and another for any other part or key', () => {
    const refs = [
      entityRef(KEY, 'contract', 'app-a', 'c-9'),
      entityRef(KEY, 'contract', 'app-b', 'c-9'),
      entityRef(KEY, 'account', 'app-a', 'c-9'),
      entityRef(KEY, 'contract', 'app-a', 'c-8'),
      entityRef(OTHER, 'contract', 'app-a', 'c-9'),
    ];
    expect(entityRef(KEY, 'contract', 'app-a', 'c-9')).toBe(refs[0]);
    expect(new Set(refs).size).toBe(refs.length);
  });

  test('of an entity, a holding, an event and a request never meet, whatever their parts', () => {
    const same = [
      entityRef(KEY, 'a', 'b', 'c'),
      holdingRef(KEY, 'a', 'b'),
      eventRef(KEY, 'a', 'b'),
      requestRef(KEY, 'a', 'b'),
    ];
    expect(new Set<string>(same).size).toBe(4);
  });

  test('cannot be moved between parts: a type and an id that join to the same text differ', () => {
    expect(entityRef(KEY, 'ab', '', 'c')).not.toBe(entityRef(KEY, 'a', '', 'bc'));
  });

  test('in the log depends on the key of the year', () => {
    const ref = holdingRef(KEY, 'rows', '["1"]');
    expect(logRef(KEY, ref)).not.toBe(logRef(OTHER, ref));
  });
});

describe('normalising an id', () => {
  test('applies the declared steps in their order', () => {
    expect(normaliseId('  Ada@Example.COM ', ['trim', 'lowercase'])).toBe('ada@example.com');
    expect(normaliseId('é', ['nfc'])).toBe('é');
    expect(normaliseId(' A ', [])).toBe(' A ');
  });
});

describe('the hash of a body', () => {
  test('does not depend on the order of members', () => {
    expect(bodyHash({ a: 1, b: [2] })).toBe(bodyHash({ b: [2], a: 1 }));
  });

  test('differs for another value', () => {
    expect(bodyHash({ a: 1 })).not.toBe(bodyHash({ a: 2 }));
  });

  test('cannot be had of nothing: all such bodies would have the same', () => {
    expect(() => bodyHash(undefined)).toThrow(TypeError);
  });
});
