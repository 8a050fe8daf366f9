import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, parseDocument, Scalar, stringify } from 'yaml';
import type { Scalar as ScalarNode } from 'yaml';
import { policiesDigest } from '../../shared/domain/configuration/effective-policies.ts';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { sourceOffset } from '../../shared/policy-files/scalar-offsets.ts';
import type { ScalarStyle } from '../../shared/policy-files/scalar-offsets.ts';
import { GOOD_POLICY, GOOD_SETTINGS } from '../support/rules/policy-text.ts';

/** Loading returns an answer for any file content, and every problem points into the file. */
function answers(text: string): void {
  const loaded = loadPolicies([{ path: 'any.yaml', text }], { settings: GOOD_SETTINGS });
  if (loaded.ok) {
    // What was accepted can be folded, digested and sent.
    foldProfile(loaded.policySet);
    policiesDigest(loaded.policySet, Date.parse('2026-01-01T00:00:00Z'));
    expect(JSON.parse(JSON.stringify(loaded.policySet))).toEqual(loaded.policySet);
    return;
  }
  const lines = text.split('\n');
  expect(loaded.problems.length).toBeGreaterThan(0);
  for (const { line, column, message } of loaded.problems) {
    expect(message).not.toBe('');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
  }
}

const WORDS = `format policy version zone regions events settings categories rule rules default statutory jurisdictions jurisdictionFrom event attribute owner cap
anonymise entity undoneBy sentence nouns 1 UTC account.closed {fair constructor __proto__ null ~ "" - ? &a *a`;
const words = fc.constantFrom(...WORDS.split(/\s+/));

describe('loading', () => {
  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), answers), { numRuns: 500 });
  });

  it('never throws for what looks like a policy', () => {
    const line = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      words,
      fc.constantFrom(': ', ':', ' ', ', ', ': [', ': {', ']'),
      words,
    );
    const text = fc
      .array(line, { maxLength: 25 })
      .map((lines) => lines.map(([depth, a, mark, b]) => `${'  '.repeat(depth)}${a}${mark}${b}`).join('\n'));
    fc.assert(fc.property(text, answers), { numRuns: 1000 });
  });

  it('never throws for any value in any place of a policy', () => {
    const paths = pathsOf(parseDocument(GOOD_POLICY).toJS());
    const change = fc.tuple(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const policy: unknown = parseDocument(GOOD_POLICY).toJS();
        for (const [path, value] of changes) put(policy, path, value);
        answers(stringify(policy));
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws when a policy is cut off or a part is taken out', () => {
    const cut = fc.tuple(fc.nat(GOOD_POLICY.length), fc.nat(GOOD_POLICY.length));
    fc.assert(
      fc.property(cut, ([a, b]) =>
        answers(GOOD_POLICY.slice(0, Math.min(a, b)) + GOOD_POLICY.slice(Math.max(a, b))),
      ),
      { numRuns: 1000 },
    );
  });
});

/** Puts a value where the path leads, if it still leads anywhere. */
function put(policy: unknown, path: readonly (string | number)[], value: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), policy);
  if (isObject(parent)) parent[path.at(-1) ?? ''] = value;
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

const STYLES: readonly [ScalarStyle, Scalar.Type][] = [
  ['plain', Scalar.PLAIN],
  ['single', Scalar.QUOTE_SINGLE],
  ['double', Scalar.QUOTE_DOUBLE],
  ['block', Scalar.BLOCK_FOLDED],
  ['block', Scalar.BLOCK_LITERAL],
];
const WRITTEN: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_FOLDED: 'block',
  BLOCK_LITERAL: 'block',
};

describe('the place of a character of a rule', () => {
  const rule = fc
    .array(
      fc.constantFrom('account', "o'clock", '"x"', 'plus', 'zürich', '𝄞', '{fair}', 'a\\b', '3', 'years'),
      {
        minLength: 1,
        maxLength: 30,
      },
    )
    .chain((parts) =>
      fc
        .array(fc.constantFrom(' ', ' ', '  ', '\n', '\n\n'), {
          minLength: parts.length,
          maxLength: parts.length,
        })
        .map((gaps) => parts.map((part, i) => (i === 0 ? part : `${gaps[i]}${part}`)).join('')),
    );

  it.each(STYLES)('is found in a %s scalar (%s), folded or not', (_style, type) => {
    fc.assert(
      fc.property(rule, fc.constantFrom(20, 40, 80), (words, lineWidth) => {
        const scalar = new Scalar(words);
        scalar.type = type;
        const text = new Document({ categories: { data: { rule: scalar } } }).toString({ lineWidth });
        const node = parseDocument(text).getIn(['categories', 'data', 'rule'], true) as ScalarNode<string>;
        const { value } = node;
        const style = WRITTEN[node.type ?? 'PLAIN'] ?? 'plain';
        for (const [index, char] of [...value.matchAll(/[a-z{}0-9ü]/g)].map(
          (it) => [it.index, it[0]] as const,
        )) {
          expect(text.charAt(sourceOffset(text, { start: node.range?.[0] ?? 0, style, value }, index))).toBe(
            char,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a \\x26 b', 'a & b', 4, 7],
    ['a \\u20ac b', 'a € b', 4, 9],
    ['\\U0001d11e b', '𝄞 b', 3, 11],
    ['a\\tb', 'a\tb', 2, 3],
    ['a \\\n     b', 'a b', 2, 9],
  ])('is found after the escape in "%s"', (source, value, index, offset) => {
    expect(parseDocument(`"${source}"`).toJS()).toBe(value);
    expect(sourceOffset(`"${source}"`, { start: 0, style: 'double', value }, index)).toBe(offset + 1);
  });

  it('is after the last one for an index beyond the end', () => {
    expect(sourceOffset('a: >-\n  b c\n\n', { start: 3, style: 'block', value: 'b c' }, 3)).toBe(11);
  });
});
