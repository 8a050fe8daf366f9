import type { AttributeValue } from '../record/about.ts';
import type { Condition, Moment, Test, TextTest, When } from './ast.ts';
import { printPeriod, quoted } from './print-period.ts';

/** The canonical wording of a condition; `moment` prints one operand. */
export function printCondition(condition: Condition, moment: (operand: Moment) => string): string {
  const print = (inner: Condition): string => printCondition(inner, moment);
  switch (condition.kind) {
    case 'all':
    case 'any': {
      const parts = condition.of.map((inner) =>
        inner.kind === 'all' || inner.kind === 'any' ? `(${print(inner)})` : print(inner),
      );
      return parts.join(condition.kind === 'all' ? ' and ' : ' or ');
    }
    case 'not':
      return printNegated(condition.of, moment);
    case 'attribute':
      return printAttribute(condition, '');
    case 'occurred':
      return `${condition.name} has occurred${printWhen(condition.when, moment)}`;
    case 'age':
      return printAge(condition, moment, '');
  }
}

function printNegated(condition: Condition, moment: (operand: Moment) => string): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
    case 'not':
      return `not (${printCondition(condition, moment)})`;
    case 'attribute':
      return printAttribute(condition, 'not ');
    case 'occurred':
      return `${condition.name} has not occurred${printWhen(condition.when, moment)}`;
    case 'age':
      return printAge(condition, moment, 'not ');
  }
}

function printAttribute(
  { name, event, test }: Extract<Condition, { kind: 'attribute' }>,
  not: string,
): string {
  const what = event === undefined ? name : `${name} of ${event}`;
  if (!('texts' in test)) return `${what} is ${not}${printTest(test)}`;
  const [verb, denied] = TEXT_VERBS[test.kind];
  return `${what} ${not === '' ? verb : denied} ${printValues(test.texts)}`;
}

/** As it is said, and as it is denied. */
const TEXT_VERBS: Readonly<Record<TextTest, readonly [string, string]>> = {
  'starts with': ['starts with', 'does not start with'],
  'ends with': ['ends with', 'does not end with'],
  contains: ['contains', 'does not contain'],
};

function printValues(values: readonly AttributeValue[]): string {
  const [first = '', ...others] = values.map(printValue);
  return others.length === 0
    ? first
    : `one of ${[first, ...others.slice(0, -1)].join(', ')} or ${others.at(-1)}`;
}

function printTest(test: Exclude<Test, { kind: TextTest }>): string {
  switch (test.kind) {
    case 'is':
      return printValues(test.values);
    case 'less than':
    case 'at most':
    case 'more than':
    case 'at least':
      return `${test.kind} ${test.value}`;
  }
}

function printValue(value: AttributeValue): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

function printAge(
  { birth, at, test }: Extract<Condition, { kind: 'age' }>,
  moment: (operand: Moment) => string,
  not: string,
): string {
  return `the age of ${birth} at ${moment(at)} is ${not}${test.kind} ${test.years}`;
}

function printWhen(when: When | undefined, moment: (operand: Moment) => string): string {
  if (when === undefined) return '';
  const of = moment(when.of);
  switch (when.kind) {
    case 'before':
      return ` before ${of}`;
    case 'after':
      return ` after ${of}`;
    case 'by':
      return ` on or before ${of}`;
    case 'from':
      return ` on or after ${of}`;
    case 'within':
      return ` within ${printPeriod(when.period)} ${when.side} ${of}`;
  }
}
