import { due } from '../../../shared/domain/plan/due.ts';
import type { DueAnswer, DueQuestion } from '../../../shared/domain/plan/due.ts';
import type { Attributes } from '../../../shared/domain/record/about.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';

export type Dates = Readonly<Record<string, string | readonly string[]>>;

/** Reads a rule and asks it about one record, as the command line does; a wrong rule is a wrong test. */
export function asked(
  text: string,
  events: Dates = {},
  facts: Attributes = {},
  options: Partial<Omit<DueQuestion, 'text' | 'rule' | 'events' | 'attributes'>> = {},
): DueAnswer {
  const parsed = parseRule(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  const year = options.fiscalYearEnd === undefined ? {} : { fiscalYearEnd: options.fiscalYearEnd };
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, ...year });
  if (!resolved.ok) throw new Error(`${text}: ${resolved.errors.map(({ message }) => message).join()}`);
  const dates = Object.entries(events).map(([name, given]) => [name, [given].flat() as Occurred[]] as const);
  return due({
    zone: 'UTC',
    ...options,
    text,
    rule: resolved.rule,
    events: Object.fromEntries(dates),
    attributes: facts,
  });
}

/** The place and the sentence of the mistake; `undefined` if the rule is accepted. */
export function refusal(text: string): string | undefined {
  const parsed = parseRule(text);
  return parsed.ok ? undefined : `${parsed.error.column}: ${parsed.error.message}`;
}
