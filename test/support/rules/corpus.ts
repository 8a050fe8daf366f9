import { existsSync, readFileSync } from 'node:fs';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueAnswer } from '../../../shared/domain/plan/due.ts';
import type { Attributes } from '../../../shared/domain/record/holding.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';

/** A statement of the corpus, as far as the test looks at it. */
export interface CorpusRule {
  readonly id: string;
  readonly computable: boolean | 'partial';
}
export interface CorpusCase {
  readonly id: string;
  readonly rule_id: string;
  readonly timezone: string;
  readonly events: Readonly<Record<string, string | readonly string[]>>;
  readonly facts?: Attributes;
  readonly fiscal_year_end?: string;
  readonly expected_due: string;
  readonly expected_stages?: Readonly<Record<string, string>>;
}

/** Where the shared statements lie: beside the repository, unless the environment says otherwise. */
export const CORPUS =
  process.env['TENURE_CORPUS'] ?? new URL('../../../../shared/rules-corpus', import.meta.url).pathname;

export const corpusIsThere = existsSync(`${CORPUS}/cases.jsonl`);

export function readCorpus(): { rules: CorpusRule[]; cases: CorpusCase[] } {
  const lines = <Line>(file: string): Line[] =>
    readFileSync(`${CORPUS}/${file}`, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Line);
  return { rules: lines('rules.jsonl'), cases: lines('cases.jsonl') };
}

/** A rule text on a case, read as the command line reads it and with the corpus' conventions on absence and leap days. */
export function answer(text: string, one: CorpusCase): DueAnswer {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(`${text}\n${parsed.error.column}: ${parsed.error.message}`);
  const fiscalYearEnd = one.fiscal_year_end;
  const year = fiscalYearEnd === undefined ? {} : { fiscalYearEnd };
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, ...year });
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
    ...year,
  });
}

/** The answer in the corpus' words: a date, `never` or `not-yet-determinable`. */
export function inCorpusWords({ status, due: date }: { status: string; due?: string }): string {
  if (status === 'due' && date !== undefined) return date;
  return status === 'undetermined' ? 'not-yet-determinable' : status;
}
