import { isDeepStrictEqual } from 'node:util';
import { due } from '../../../shared/domain/plan/due.ts';
import type { DueAnswer } from '../../../shared/domain/plan/due.ts';
import type { AttributeValue } from '../../../shared/domain/record/about.ts';
import type { Occurred } from '../../../shared/domain/record/ids.ts';
import type { ParsedRule, Rule } from '../../../shared/domain/rule/ast.ts';
import { parseRule } from '../../../shared/domain/rule/parse.ts';
import { printRule } from '../../../shared/domain/rule/print.ts';
import { resolveRule } from '../../../shared/domain/rule/resolve.ts';
import { attributesOf, eventsOf } from '../../../shared/domain/rule/walk.ts';
import type { Draw } from '../ebnf/tokens.ts';

/** How often the dates of a sentence were compared with those of its printed form, and what differed. */
export interface ComparedMeaning {
  readonly compared: number;
  /** Of these, how often at least one stage had a date. */
  readonly dated: number;
  readonly differences: readonly string[];
}

const ZONES = Intl.supportedValuesOf('timeZone');
const YEAR_ENDS = { fiscalYearEnd: '03-31', taxYearEnd: '04-05', academicYearEnd: '08-31' } as const;
const FACTS_PER_SENTENCE = 3;

/**
 * Compares a sentence with its printed form: the trees, the names that a policy has to know, and the dates for random
 * facts. The rule is also printed after its names were resolved, as answers and explanations show it. Undefined for a
 * sentence that is refused.
 */
export function comparedMeaning(text: string, draw: Draw): ComparedMeaning | undefined {
  const written = parseRule(text);
  const rule = written.ok ? resolved(written) : undefined;
  if (!written.ok || rule === undefined) return undefined;
  const wordings = [
    { name: 'printed', text: printRule(written.rule), tree: written.rule },
    { name: 'printed with its names resolved', text: printRule(rule), tree: rule },
  ].map((wording) => ({ ...wording, read: parseRule(wording.text) }));
  const differences: string[] = [];
  const others: { readonly name: string; readonly text: string; readonly rule: Rule }[] = [];
  for (const wording of wordings) {
    const { name, read, tree } = wording;
    const told = (what: string): void =>
      void differences.push(`${text}\n    ${name}: ${wording.text}\n    ${what}`);
    if (!read.ok) {
      told(`is refused: ${read.error.message}`);
      continue;
    }
    if (!isDeepStrictEqual(read.rule, tree)) told('is another tree');
    if (tree === written.rule && !isDeepStrictEqual(namesIn(read), namesIn(written)))
      told('uses other names');
    const other = resolved(read);
    if (other === undefined) told('does not resolve');
    else others.push({ name, text: wording.text, rule: other });
  }
  let dated = 0;
  for (let time = 0; time < FACTS_PER_SENTENCE; time += 1) {
    const facts = factsFor(rule, text, draw);
    const expected = datesOf(due({ text, rule, ...facts }));
    if (expected.stages.some(({ due: date }) => date !== undefined)) dated += 1;
    for (const other of others) {
      const found = datesOf(due({ text, rule: other.rule, ...facts }));
      if (isDeepStrictEqual(found, expected)) continue;
      const [wanted, given] = [expected, found].map((dates) => JSON.stringify(dates));
      differences.push(
        `${text}\n    ${other.name}: ${other.text}\n    ${JSON.stringify(facts)}\n    ${wanted}\n    ${given}`,
      );
    }
  }
  return { compared: FACTS_PER_SENTENCE, dated, differences };
}

function resolved(parsed: ParsedRule): Rule | undefined {
  const settings = Object.fromEntries(
    parsed.uses.flatMap(({ kind, name }) => (kind === 'setting' ? [[name, { months: 5, days: 3 }]] : [])),
  );
  const result = resolveRule(parsed, { nouns: {}, settings, ...YEAR_ENDS });
  return result.ok ? result.rule : undefined;
}

/** Without their places, each once: a reference to a stage is printed as what that stage says. */
function namesIn({ uses }: ParsedRule): string[] {
  const names = uses.map(({ kind, name, event, type, holds }) =>
    JSON.stringify({ kind, name, event, type, holds }),
  );
  return [...new Set(names)].toSorted();
}

/** The dates and why there are none, without the sentences. */
function datesOf({ status, notBefore, notAfter, actAt, due: date, stages }: DueAnswer) {
  return { status, notBefore, notAfter, actAt, due: date, stages };
}

function factsFor(rule: Rule, text: string, draw: Draw) {
  const pick = <Value>(from: readonly [Value, ...Value[]]): Value => from[draw(from.length)] ?? from[0];
  const events = [...eventsOf(rule)].map((name) => {
    const times = pick([0, 1, 1, 1, 1, 2, 3]);
    return [name, Array.from({ length: times }, () => occurredOn(draw))] as const;
  });
  const texts = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) => quoted);
  const numbers = [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits) + draw(3) - 1);
  const values: readonly [AttributeValue, ...AttributeValue[]] = [
    true,
    false,
    'P1Y',
    '2031-05-31',
    ...texts,
    ...numbers,
  ];
  const attributes = attributesOf(rule).flatMap(({ name }) =>
    draw(8) === 0 ? [] : [[name, pick(values)] as const],
  );
  return {
    zone: pick(['Europe/Berlin', ...ZONES]),
    events: Object.fromEntries(events),
    attributes: Object.fromEntries(attributes),
    ...YEAR_ENDS,
    ...(draw(2) === 0 && { assumeAbsent: false as const }),
  };
}

/** A date or a time within some thirty years: close enough to each other that their order matters. */
function occurredOn(draw: Draw): Occurred {
  const at = new Date(Date.UTC(1995 + draw(35), draw(12), 1 + draw(31), draw(24), draw(60))).toISOString();
  return (draw(2) === 0 ? at.slice(0, 10) : at) as Occurred;
}
