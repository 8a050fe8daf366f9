import { describe, expect, test } from 'vitest';
import { contradictionsOf } from '../../../shared/domain/rule/contradictions.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { refusal } from '../../support/rules/asked.ts';
import { code, codesIn, pageOf } from '../../support/rules/page-tables.ts';

const page = pageOf('rules-refused.md');
/** Rows without a second cell are headings. */
const sentences = (heading: string): string[][] => page.rows(heading).filter(([, second]) => second !== '');
const ambiguous = sentences('Two readings');
const mistakes = sentences('Mistakes and their messages');
const contradictions = sentences('Contradictions');
const unsaid = sentences('What cannot be said');

describe('docs/rules-refused.md', () => {
  test.each(ambiguous)('shows a sentence with two readings: %s', (sentence) => {
    expect(parseRule(code(sentence))).toMatchObject({ ok: false, error: { code: 'RULE_AMBIGUOUS' } });
  });

  test.each(mistakes)('shows the message for %s', (sentence, message) => {
    const result = parseRule(code(sentence));
    expect(
      result.ok ? undefined : `${result.error.line}:${result.error.column}: ${result.error.message}`,
    ).toBe(message);
  });

  test.each(contradictions)('shows what contradicts itself in %s', (rule, message) => {
    const result = parseRule(code(rule));
    expect(result.ok ? contradictionsOf(result.rule) : result.error.message).toEqual([message]);
  });

  test.each(unsaid)('shows a sentence that cannot be said: %s', (sentence) => {
    expect(refusal(code(sentence))).toBeDefined();
  });

  test.each([...ambiguous, ...mistakes, ...unsaid])('of %s (%s), shows what to write: %s', (...cells) => {
    const printed = codesIn(cells[2]).map((rule) => {
      const result = parseRule(rule);
      if (!result.ok) throw new Error(`${rule}: ${result.error.message}`);
      expect(contradictionsOf(result.rule)).toEqual([]);
      return printRule(result.rule);
    });
    expect(printed).not.toEqual([]);
    expect(new Set(printed).size, 'two of them mean the same').toBe(printed.length);
  });

  test('links to the page of the language, which links back', () => {
    expect(page.text).toContain('](rules.md)');
    expect(pageOf('rules.md').text).toContain('](rules-refused.md)');
  });

  test('shows enough, and each sentence once', () => {
    const shown = [...ambiguous, ...mistakes, ...contradictions, ...unsaid].map(([sentence]) => sentence);
    expect(new Set(shown).size).toBe(shown.length);
    expect(ambiguous.length).toBeGreaterThanOrEqual(45);
    expect(mistakes.length).toBeGreaterThanOrEqual(30);
    expect(contradictions.length).toBeGreaterThanOrEqual(12);
    expect(unsaid.length).toBeGreaterThanOrEqual(20);
  });
});
