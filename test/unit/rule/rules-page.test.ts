import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUILT_IN_ALIASES } from '../../../shared/domain/rule/resolve.ts';
import { contradictionsOf } from '../../../shared/domain/rule/contradictions.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { CONSTRUCTS, constructsIn } from '../../support/rules/constructs.ts';
import { ALL_WORDS } from '../../../shared/domain/rule/words.ts';

const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8');

/** Rows of the table under a heading, cells trimmed. */
function rows(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const code = (cell: string | undefined): string => cell?.replaceAll('`', '') ?? '';

/** Rows without a rule are headings. */
const patterns = rows('What to write').filter(([, rule]) => rule !== '');

describe('docs/rules.md', () => {
  test.each(patterns)('can be written for “%s”: %s', (_, rule) => {
    expect(parseRule(code(rule))).toMatchObject({ ok: true });
  });

  test.each(rows('Mistakes and their messages'))('shows the message for %s', (rule, message) => {
    const result = parseRule(code(rule));
    expect(
      result.ok ? undefined : `${result.error.line}:${result.error.column}: ${result.error.message}`,
    ).toBe(message);
  });

  test.each(rows('Contradictions'))('shows what contradicts itself in %s', (rule, message) => {
    const result = parseRule(code(rule));
    expect(result.ok ? contradictionsOf(result.rule) : result.error.message).toEqual([message]);
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
    const grammar = page.split('```ebnf')[1]?.split('```')[0] ?? '';
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
    expect(rows('Mistakes and their messages').length).toBeGreaterThanOrEqual(10);
  });
});
