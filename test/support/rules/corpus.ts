import { existsSync, readFileSync } from 'node:fs';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueAnswer } from '../../../shared/domain/plan/due.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import { CORPUS_RULES } from './corpus-rules.ts';

/** A statement of a corpus, as far as the test looks at it. */
export interface CorpusRule {
  readonly id: string;
  readonly computable: boolean | 'partial';
  /** Its wording as a rule; those of the large corpus are in `corpus-rules.ts`. */
  readonly rule?: string;
}
export interface CorpusCase {
  readonly id: string;
  readonly rule_id: string;
  readonly timezone: string;
  readonly events: Readonly<Record<string, string | readonly string[]>>;
  readonly facts?: Attributes;
  readonly fiscal_year_end?: string;
  readonly tax_year_end?: string;
  readonly academic_year_end?: string;
  readonly settings?: Readonly<Record<string, Duration>>;
  readonly expected_due: string;
  readonly expected_stages?: Readonly<Record<string, string>>;
  /** Why it is that date. */
  readonly reasoning?: string;
}

export interface Corpus {
  readonly name: string;
  readonly rules: readonly CorpusRule[];
  readonly cases: readonly CorpusCase[];
}

/** The project's own, which every run compares. */
export const ownCorpus: Corpus = read(
  "the project's own corpus",
  new URL('../corpus', import.meta.url).pathname,
);

/**
 * A large corpus outside the checkout: in the folder `TENURE_CORPUS`, or by default next to the checkout if it exists.
 * Throws when `TENURE_CORPUS` names a folder that has none.
 */
export const largeCorpus: Corpus | undefined = largeIfThere();

function largeIfThere(): Corpus | undefined {
  const named = process.env['TENURE_CORPUS'];
  if (named !== undefined && named !== '') return read('the corpus that TENURE_CORPUS names', named);
  const beside = new URL('../../../../shared/rules-corpus', import.meta.url).pathname;
  return existsSync(`${beside}/cases.jsonl`) ? read('the corpus beside the checkout', beside) : undefined;
}

function read(name: string, folder: string): Corpus {
  const lines = <Line>(file: string): Line[] =>
    readFileSync(`${folder}/${file}`, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Line);
  return { name, rules: lines('rules.jsonl'), cases: lines('cases.jsonl') };
}

/** The rule for a statement. */
export function wordingOf(corpus: Corpus, ruleId: string): string | undefined {
  return corpus.rules.find(({ id }) => id === ruleId)?.rule ?? CORPUS_RULES[ruleId];
}

/** A rule text on a case, read as the command line reads it and with the corpora's conventions on absence and leap days. */
export function answer(text: string, one: CorpusCase): DueAnswer {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(`${text}\n${parsed.error.column}: ${parsed.error.message}`);
  const years = present({
    fiscalYearEnd: one.fiscal_year_end,
    taxYearEnd: one.tax_year_end,
    academicYearEnd: one.academic_year_end,
  });
  const settings = one.settings ?? {};
  const resolved = resolveRule(parsed, { nouns: {}, settings, zone: one.timezone, ...years });
  if (!resolved.ok) throw new Error(`${text}\n${resolved.errors.map(({ message }) => message).join('\n')}`);
  const events = Object.entries(one.events).map(([name, dates]) => [name, [dates].flat() as Occurred[]]);
  return due({
    text,
    rule: resolved.rule,
    zone: one.timezone,
    events: Object.fromEntries(events) as Record<string, Occurred[]>,
    attributes: one.facts ?? {},
    leapBirthday: '02-28',
    assumeAbsent: false,
    ...years,
  });
}

/** The answer in the corpus' words: a date, `never` or `not-yet-determinable`. */
export function inCorpusWords({ status, due: date }: { status: string; due?: string }): string {
  if (status === 'due' && date !== undefined) return date;
  return status === 'undetermined' ? 'not-yet-determinable' : status;
}
