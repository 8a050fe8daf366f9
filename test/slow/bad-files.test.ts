import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { KEY_TYPES } from '../../shared/domain/configuration/configuration.ts';
import { canonicalLocator } from '../../shared/domain/configuration/locator.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { BAD_VALUES, badTexts, inherited, MARKER, placesIn } from '../support/bad/bad-json.ts';
import { noteLives } from '../support/model/explored-so-far.ts';
import { GOOD_POLICY, GOOD_SETTINGS } from '../support/rules/policy-text.ts';

/** Bad key values that JSON has, and some of each type. */
const KEY_VALUES: readonly unknown[] = [
  ...Object.values(BAD_VALUES).map((json) => JSON.parse(json) as unknown),
  '4 2',
  '4.2',
  '4e2',
  '0x42',
  '--4',
  '+',
  '-',
  '٤٢',
  '9'.repeat(41),
  '',
  '42\n',
  '1e9999',
  '.',
  '2023-02-29',
  '2026-03-01T25:00:00Z',
  '2026-03-01T09:30:00',
  ' 42',

  '123e4567-e89b-12d3-a456-42661417400',
  '{123e4567-e89b-12d3-a456-426614174000}',
  'g23e4567-e89b-12d3-a456-426614174000',
  '====',
  'a',
  'ab=c',
  'a b',
  'a\n',
  'é',
  '-_+/===',
  NaN,
  Infinity,
  2 ** 53,
  -(2 ** 53),
  0.5,
  -0.1,
  undefined,
];

test('bad locators are refused with a code, and good ones have one form', () => {
  const before = inherited();
  let refused = 0;
  for (const type of KEY_TYPES) {
    const columns = [
      { name: 'a', type },
      { name: 'b', type: 'text' },
    ] as const;
    for (const value of KEY_VALUES) {
      for (const values of [[value], [value, 'b'], ['b', value], [value, 'b', 'c'], [value, value]]) {
        const result = canonicalLocator(columns, values);
        if (result.ok) {
          expect(canonicalLocator(columns, result.locator)).toEqual(result);
          continue;
        }
        expect(['LOCATOR_TYPE', 'LOCATOR_TOO_LONG']).toContain(result.code);
        expect(JSON.stringify(result)).not.toContain(MARKER);
        refused += 1;
      }
    }
  }
  expect(inherited()).toBe(before);
  expect(refused).toBeGreaterThan(600);
  noteLives(`locators: ${refused.toLocaleString('en')} bad inputs, each refused with a code`);
});

describe('bad policy files', () => {
  const GOOD = parseDocument(GOOD_POLICY).toJS() as object;
  const YAML_TEXTS: readonly string[] = [
    '',
    '\u0000',
    '\u{FEFF}',
    '---\n---\n',
    '%YAML 1.1\n---\na: 1',
    '!!js/function "x"',
    'a: &a [*a]',
    `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]`,
    '[['.repeat(50_000),
    '{a: '.repeat(20_000),
    Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    '- '.repeat(20_000),
    '"\\x1b[2J": 1',
    "'\u202e': 1",
    '? [a, b]\n: 1',
    '<<: { a: 1 }',
    '"',
    '\t- a',
    '\r\r\r',
    '%'.repeat(1000),
  ];

  test('get a place and a sentence for every mistake, and throw nothing', () => {
    const before = inherited();
    const names = placesIn(GOOD)
      .map((path) => path.at(-1))
      .filter((name) => typeof name === 'string');
    const renamed = names.flatMap((name) =>
      ['__proto__', 'constructor', `${name}x`, '"\\u202e"', '"\\0"'].map((instead) =>
        GOOD_POLICY.replace(`${name}:`, () => `${instead}:`),
      ),
    );
    const texts = [
      ...badTexts(GOOD),
      ...badTexts(GOOD)
        .filter((text) => text.length < 3000 && !text.includes('__proto__'))
        .map((text) => stringify(JSON.parse(text))),
      ...YAML_TEXTS,
      ...YAML_TEXTS.map((text) => GOOD_POLICY + text),
      ...renamed,
    ];
    let refused = 0;
    for (const text of texts) {
      const loaded = loadPolicies([{ path: 'crm.yaml', text }], { settings: GOOD_SETTINGS });
      if (loaded.ok) continue;
      refused += 1;
      const lines = text.split('\n');
      for (const { line, column, message } of loaded.problems) {
        expect(message).not.toBe('');
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }
    expect(inherited()).toBe(before);
    expect(refused).toBeGreaterThan(800);
    noteLives(`policy files: ${refused.toLocaleString('en')} bad inputs, each refused with a place`);
  });
});
