import { parseOccurred } from '../../../shared/domain/calendar/calendar.ts';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueStage } from '../../../shared/domain/plan/due.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import { contradictionsOf } from '../../../shared/domain/rule/contradictions.ts';
import { parsePeriod, parseRule } from '../../../shared/domain/rule/parse.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';

import type { AttributeType } from '../../../shared/domain/rule/ast.ts';
import type { AttributeValue } from '../../../shared/domain/record/about.ts';
import { BUILT_IN_ALIASES, resolveRule } from '../../../shared/domain/rule/resolve.ts';
import type { Vocabulary } from '../../../shared/domain/rule/resolve.ts';
import type { Case, Expected, Mutation, Sentence } from './sentences.ts';

/** What the language makes of a text: the message of the refusal, or a result for each case. */
type Reading = { readonly refused: string } | { readonly results: readonly string[] };

/** `same` and `refused` are always right; `other` only where it was written down before. */
export type Verdict =
  | { readonly kind: 'same' | 'refused' | 'other' }
  | {
      readonly kind: 'misread';
      readonly wanted: readonly string[] | string;
      readonly found: readonly string[];
    };

export function read(text: string, sentence: Sentence): Reading {
  const parsed = parseRule(text);
  if (!parsed.ok) return { refused: parsed.error.message };
  const resolved = resolveRule(parsed, policyFor(sentence));
  if (!resolved.ok) return { refused: resolved.errors.map(({ message }) => message).join('; ') };
  const [finding] = contradictionsOf(resolved.rule);
  if (finding !== undefined) return { refused: finding };
  const results = sentence.cases.map(({ events, attributes = {} }) =>
    inOrder(
      due({
        text,
        rule: resolved.rule,
        zone: sentence.zone,
        events: Object.fromEntries(
          Object.entries(events).map(([name, dates]) => [name, dates.map((date) => occurredOf(date))]),
        ),
        attributes,
        ...present({ fiscalYearEnd: sentence.fiscalYearEnd, holidays: sentence.holidays }),
      }).stages.map(resultOf),
    ),
  );
  return { results };
}

export function judge(sentence: Sentence, { text, means }: Mutation): Verdict {
  const found = read(text, sentence);
  if ('refused' in found) return { kind: 'refused' };
  const original = sentence.cases.map(({ expect }) => expectedOf(expect));
  const wanted = typeof means === 'string' ? original : means.map(expectedOf);
  if (!isSame(found.results, wanted)) return { kind: 'misread', wanted, found: found.results };
  return { kind: isSame(wanted, original) ? 'same' : 'other' };
}

export function expectedIn(sentence: Sentence): readonly string[] {
  return sentence.cases.map(({ expect }: Case) => expectedOf(expect));
}

/** A policy that declares what the sentence names, as a policy that contains it has to. */
function policyFor({ sentence, settings = {}, fiscalYearEnd, zone, cases }: Sentence): Vocabulary {
  const parsed = parseRule(sentence);
  const uses = parsed.ok ? parsed.uses : [];
  const named = uses
    .filter(({ kind, name }) => kind === 'event' && name.includes('.'))
    .map(({ name }) => name);
  const given = cases.flatMap(({ attributes = {} }) => Object.entries(attributes));
  const tested = uses.flatMap(({ kind, name, event, type }): [string, AttributeType][] =>
    kind === 'attribute' && event === undefined ? [[name, type ?? 'text']] : [],
  );
  return {
    nouns: {},
    zone,
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, periodOf(value)])),
    events: new Set([
      ...named,
      ...Object.values(BUILT_IN_ALIASES),
      ...cases.flatMap(({ events }) => Object.keys(events)),
    ]),
    attributes: Object.fromEntries([
      ...tested,
      ...given.map(([name, value]) => [name, typeOf(value)] as const),
    ]),
    ...present({ fiscalYearEnd }),
  };
}

function typeOf(value: AttributeValue): AttributeType {
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
}

/** A text that is equal for equal results. That a rule does not apply and that its date is not known yet both give no date. */
function expectedOf(expected: Expected): string {
  if (typeof expected === 'string') return expected === 'never' ? 'never' : 'no date';
  return inOrder(
    expected.map(({ action, notBefore, notAfter, result }) => {
      if (result !== undefined) return result === 'never' ? `${action} never` : `${action} no date`;
      return [action, ...dated('not before', notBefore), ...dated('not after', notAfter)].join(' ');
    }),
  );
}

function resultOf({ action, status, notBefore, notAfter }: DueStage): string {
  if (status === 'never') return `${action} never`;
  if (status === 'undetermined') return `${action} no date`;
  const bounds = [...dated('not before', notBefore), ...dated('not after', notAfter)].join(' ');
  return status === 'due' ? `${action} ${bounds}` : `${action} ${status} ${bounds}`;
}

/** Stages without a result are as if they were not there, unless there is no other. */
function inOrder(stages: readonly string[]): string {
  const results = stages.filter((stage) => !stage.endsWith(' no date'));
  if (results.length === 0) return 'no date';
  return results.every((stage) => stage.endsWith(' never')) ? 'never' : results.toSorted().join(', ');
}

function dated(bound: string, date: string | undefined): string[] {
  return date === undefined ? [] : [`${bound} ${new Date(date).toISOString()}`];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

function occurredOf(text: string): Occurred {
  const parsed = parseOccurred(text);
  if (!parsed.ok) throw new Error(`${text} is not a date`);
  return parsed.occurred;
}

function periodOf(text: string): Duration {
  const parsed = parsePeriod(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.period;
}
