import { expect, test } from 'vitest';
import { present } from '../../../shared/domain/present.ts';

test('leaves out the keys whose value is undefined, and they do not hide what stood there before', () => {
  const until: number | undefined = undefined;

  expect(Object.keys(present({ until, version: 3 }))).toEqual(['version']);
  expect({ until: 1, ...present({ until, version: 3 }) }).toEqual({ until: 1, version: 3 });
});

test('keeps every other value', () => {
  const values = { nothing: null, empty: '', zero: 0, no: false, none: [] };

  expect(present(values)).toEqual(values);
});
