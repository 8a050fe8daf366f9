import { afterEach, describe, expect, test } from 'vitest';
import { Scalar } from 'yaml';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';

const HEAD = `format: 1
policy: crm
version: '1'
effectiveFrom: 2025-01-01
zone: UTC
regions: [eu-central-1]
events:
  account.closed: { entity: account }
`;
const RULE = 'categories:\n  data: within 30 days after account.closed\n';
const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** Counts how often the text of a key or value is read while a file is loaded. */
function readsOf(text: string): number {
  let reads = 0;
  const sources = new WeakMap<object, unknown>();
  Object.defineProperty(Scalar.prototype, 'source', {
    configurable: true,
    get(this: object) {
      reads += 1;
      return sources.get(this);
    },
    set(this: object, source: unknown) {
      sources.set(this, source);
    },
  });
  try {
    loadPolicies([{ path: 'crm.yaml', text }]);
  } finally {
    Reflect.deleteProperty(Scalar.prototype, 'source');
  }
  return reads;
}

afterEach(() => expect(Object.hasOwn(Scalar.prototype, 'source')).toBe(false));

/** Files with as many mistakes as lines, and files without mistakes. */
const FILES: readonly (readonly [string, (count: number) => string])[] = [
  ['unknown keys', (count) => HEAD + RULE + lines(count, (n) => `key${n}: 1`)],
  [
    'unknown keys of a category',
    (count) => `${HEAD}categories:\n  data:\n${lines(count, (n) => `    key${n}: 1`)}`,
  ],
  [
    'unknown keys of many categories',
    (count) => `${HEAD}categories:\n${lines(count, (n) => `  c${n}: { key: 1 }`)}`,
  ],
  ['one key many times', (count) => HEAD + RULE + lines(count, () => 'key: 1')],
  [
    'nouns of undeclared events',
    (count) => `${HEAD}${RULE}nouns:\n${lines(count, (n) => `  n${n}: no.such`)}`,
  ],
  [
    'settings without a value',
    (count) => `${HEAD}${RULE}settings:\n${lines(count, (n) => `  s${n}: { sentence: s }`)}`,
  ],
  [
    'masks that overlap',
    (count) =>
      `${HEAD}categories:\n  data:\n    rule: anonymise 3 days after account.closed\n    anonymise:\n${lines(count, (n) => `      a.f${n}: clear`)}\n      a: clear`,
  ],
  [
    'categories without mistakes',
    (count) => `${HEAD}categories:\n${lines(count, (n) => `  c${n}: within 3 days after account.closed`)}`,
  ],
];

describe('a large file', () => {
  test.each(FILES)('with %s is looked through as often as a small one, for each line', (_, file) => {
    const [small, medium, large] = [1000, 2000, 3000].map((count) => readsOf(file(count)));
    if (small === undefined || medium === undefined || large === undefined) throw new Error('three sizes');
    expect(medium - small).toBeGreaterThan(0);
    expect(large - medium).toBe(medium - small);
  });

  test('with more mistakes than a call has arguments gets an answer', () => {
    const loaded = loadPolicies([{ path: 'crm.yaml', text: HEAD + RULE + lines(150_000, () => 'k: 1') }]);
    expect(loaded).toMatchObject({ ok: false });
    expect(loaded.ok ? 0 : loaded.problems.length).toBeGreaterThan(149_000);
  });

  test('gets a line for each of the first hundred unknown keys, and one for the others', () => {
    const loaded = loadPolicies([{ path: 'crm.yaml', text: HEAD + RULE + lines(2000, (n) => `key${n}: 1`) }]);
    const problems = loaded.ok ? [] : loaded.problems;
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toMatchObject({
      line: 111,
      message: 'a policy file does not have 1900 more of these keys',
    });
  });
});

describe('masks that do not go together', () => {
  const problemsOf = (fields: readonly string[]): string[] => {
    const text = `${HEAD}categories:\n  data:\n    rule: anonymise 3 days after account.closed\n    anonymise:\n${fields.map((field) => `      '${field}': clear`).join('\n')}`;
    const loaded = loadPolicies([{ path: 'crm.yaml', text }]);
    return loaded.ok
      ? []
      : loaded.problems.map(({ line, message }) => `${line - 12} ${message.split(';')[0]}`);
  };
  const overlap = (line: number, field: string, other: string): string =>
    `${line} "${field}" and "${other}" overlap, because one of them is inside the other`;
  const kinds = (line: number, field: string, other: string): string =>
    `${line} "${field}" and "${other}" take the same field once as a list and once as a map`;

  test.each<[string[], string[]]>([
    [['a', 'b', 'a.c'], [overlap(3, 'a.c', 'a')]],
    [['a.c', 'a.d', 'a'], [overlap(3, 'a', 'a.c')]],
    [['a[].c', 'a.c'], [kinds(2, 'a.c', 'a[].c')]],
    [['a.c', 'a[]'], [kinds(2, 'a[]', 'a.c')]],
    [
      ['a.b.c', 'a.b', 'a[]'],
      [overlap(2, 'a.b', 'a.b.c'), kinds(3, 'a[]', 'a.b.c')],
    ],
    [
      ['a.b.c', 'a.b[].d', 'a.b.e'],
      [kinds(2, 'a.b[].d', 'a.b.c'), kinds(3, 'a.b.e', 'a.b[].d')],
    ],
    [
      ['a', 'a[].b', 'a[]'],
      [overlap(2, 'a[].b', 'a'), overlap(3, 'a[]', 'a')],
    ],
    [['a.b', 'a.c', 'd[].e', 'd[].f'], []],
  ])('%j are reported with the first of them', (fields, expected) => {
    expect(problemsOf(fields)).toEqual(expected);
  });
});
