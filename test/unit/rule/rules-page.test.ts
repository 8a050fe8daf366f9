import { describe, expect, test } from 'vitest';
import { BUILT_IN_ALIASES } from '../../../shared/domain/rule/resolve.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { CONSTRUCTS, constructsIn } from '../../support/rules/constructs.ts';
import { code, pageOf } from '../../support/rules/page-tables.ts';
import { ALL_WORDS } from '../../../shared/domain/rule/words.ts';

const page = pageOf('rules.md');
const { rows } = page;

/** Rows without a rule are headings. */
const patterns = rows('What to write').filter(([, rule]) => rule !== '');

describe('docs/rules.md', () => {
  test.each(patterns)('can be written for “%s”: %s', (_, rule) => {
    expect(parseRule(code(rule))).toMatchObject({ ok: true });
  });

  test.each(patterns)('prints and reads again the rule for “%s”', (_, rule) => {
    const result = parseRule(code(rule));
    expect(result.ok && parseRule(printRule(result.rule))).toMatchObject({
      ok: true,
      rule: result.ok ? result.rule : {},
    });
  });

  test('lists the built-in nouns', () => {
    const listed = rows('Names').flatMap(([nouns, event]) =>
      code(nouns)
        .split(', ')
        .map((noun) => [noun, code(event)]),
    );
    expect(Object.fromEntries(listed)).toEqual(BUILT_IN_ALIASES);
  });

  test('has every word of the language in its grammar', () => {
    const grammar = page.text.split('```ebnf')[1]?.split('```')[0] ?? '';
    const named = new Set([...grammar.matchAll(/"([a-z]+)"/g)].map(([, word]) => word));
    const missing = ALL_WORDS.filter((word) => !named.has(word) && !named.has(word.replace(/s$/, '')));
    expect(missing).toEqual([]);
  });

  test('shows every construct of the language', () => {
    const shown = new Set(
      patterns.flatMap(([, rule]) => {
        const parsed = parseRule(code(rule));
        return parsed.ok ? [...constructsIn(parsed.rule)] : [];
      }),
    );
    expect(CONSTRUCTS.filter((construct) => !shown.has(construct))).toEqual([]);
  });

  test('shows enough', () => {
    expect(patterns.length).toBeGreaterThan(60);
  });
});
