import type { Expression, Grammar } from './grammar.ts';
import { tokenClass } from './tokens.ts';
import type { Draw } from './tokens.ts';

/** A sentence, and how often each alternative of the grammar was drawn so far. */
export interface Sentences {
  next(): string;
  /** Says that the last sentence was a rule. */
  accepted(): void;
  /** Alternatives that no sentence has used, and those that no accepted sentence has used. */
  undrawn(): string[];
  unread(): string[];
}

/** Mulberry32: small, seeded, and the same everywhere. */
export function seededDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Levels of productions and words after which only the shortest way to an end is taken. */
const DEEPEST = 22;
const LONGEST = 7;
/** Enough levels for an event, so that not every sentence ends with `never`. */
const ENDING = 5;

/**
 * Draws sentences from the grammar. Of each choice it prefers what it has drawn least, so that after a few thousand
 * sentences every alternative was used; deep inside a sentence it takes the alternative that ends soonest.
 */
export function sentencesOf(grammar: Grammar, draw: Draw): Sentences {
  const [first = ''] = grammar.keys();
  const heights = heightsOf(grammar);
  const height = (expression: Expression): number => heightOf(expression, heights);
  const options = [...grammar].flatMap(([name, expression]) =>
    optionsIn(expression).map((option) => ({ name, option })),
  );
  const references = options.map(({ option }) => option).filter((option) => refersTo(option) !== 'nothing');
  const drawn = new Map<Expression, { times: number; accepted: number }>();
  let current: Expression[] = [];
  /** The labels of the sentence so far, and of the stages before the one that is written. */
  let labels: string[] = [];
  let before: { readonly stages: number; readonly labels: readonly string[] } = NO_STAGES;
  const note = (expression: Expression): void => {
    const { times, accepted } = drawn.get(expression) ?? { times: 0, accepted: 0 };
    drawn.set(expression, { times: times + 1, accepted });
    current.push(expression);
  };
  /** What is often refused, such as a reference to a stage, counts as drawn more often. */
  const used = (expression: Expression): number => {
    const { times, accepted } = drawn.get(expression) ?? { times: 0, accepted: 0 };
    return (times * (times + 1)) / (accepted + 1);
  };

  const levelsLeft = (depth: number, words: number): number =>
    words > 3 * LONGEST ? 0 : Math.max(ENDING, words > LONGEST ? 0 : DEEPEST - depth);
  const chosen = (of: readonly Expression[], levels: number): Expression | undefined => {
    const possible = of.filter((each) => isPossible(each, before));
    const lowest = Math.min(...possible.map(height));
    const fitting = possible.filter((each) => height(each) <= Math.max(lowest, levels));
    const weights = fitting.map((each) => 1 / (used(each) + 1));
    let left = (draw(1_000_000) / 1_000_000) * weights.reduce((sum, weight) => sum + weight, 0);
    return fitting.find((_, index) => (left -= weights[index] ?? 0) < 0) ?? fitting.at(-1);
  };
  const repeat = (expression: Expression, words: readonly string[], to: string[]): void => {
    if (draw(100) >= 25) return;
    if (expression.kind === 'optional') note(expression.of);
    to.push('(', ...words, ')');
  };

  /** With a goal, the shortest way to that alternative is taken. */
  const write = (expression: Expression, depth: number, to: string[], goal?: Distance): void => {
    switch (expression.kind) {
      case 'literal':
        to.push(expression.text);
        return;
      case 'token':
        to.push(tokenClass(expression.description).draw(draw));
        return;
      case 'production': {
        const produced = grammar.get(expression.name);
        const from = to.length;
        if (produced !== undefined) write(produced, depth + 1, to, goal);
        if (expression.name === 'label') labels.push(to.slice(from).join(' '));
        if (expression.name === 'stage') before = { stages: before.stages + 1, labels: [...labels] };
        return;
      }
      case 'sequence': {
        const from = to.length;
        const nearest = nearestIn(expression.of, goal);
        if (refersTo(expression) === 'a label' && before.labels.length > 0) {
          to.push('stage', before.labels[draw(before.labels.length)] ?? '');
          return;
        }
        for (const each of expression.of) {
          const wanted = each === nearest ? goal : undefined;
          if (wanted === undefined && isRepetition(each, expression.of[0])) repeat(each, to.slice(from), to);
          else write(each, depth, to, wanted);
        }
        return;
      }
      case 'choice': {
        const nearest = nearestIn(expression.of, goal);
        const one = nearest ?? chosen(expression.of, levelsLeft(depth, to.length));
        if (one === undefined) return;
        note(one);
        write(one, depth, to, nearest && beyond(one, goal));
        return;
      }
      case 'optional':
      case 'repeated': {
        const isNear = nearestIn([expression.of], goal) !== undefined;
        const fits = height(expression.of) <= levelsLeft(depth, to.length) && draw(100) < 20;
        const times = isNear ? 1 : fits ? 1 + (expression.kind === 'repeated' ? draw(2) : 0) : 0;
        for (let time = 0; time < times; time += 1) {
          note(expression.of);
          write(expression.of, depth, to, isNear ? beyond(expression.of, goal) : undefined);
        }
      }
    }
  };
  /** Two stages, of which one refers to the other. */
  const writeStages = (reference: Expression, to: string[]): void => {
    const [one = '', other = ''] = draw(2) === 0 ? ['live', 'backups'] : ['backups', 'live'];
    const isFirst = textOf(reference).startsWith('"next"');
    const distance = distanceTo(reference, grammar);
    to.push(one, ':');
    write({ kind: 'production', name: 'body' }, 1, to, isFirst ? distance : undefined);
    before = { stages: 1, labels: [one] };
    to.push(',', 'then', other, ':');
    write({ kind: 'production', name: 'body' }, 1, to, isFirst ? undefined : distance);
  };
  const unread = (): Option[] => options.filter(({ option }) => (drawn.get(option)?.accepted ?? 0) === 0);
  return {
    next() {
      const words: string[] = [];
      current = [];
      labels = [];
      before = NO_STAGES;
      const reference = draw(7) === 0 ? references[draw(references.length)] : undefined;
      const missing = draw(20) === 0 ? unread() : [];
      const goal = missing[draw(missing.length)];
      if (reference !== undefined) writeStages(reference, words);
      else write({ kind: 'production', name: first }, 0, words, goal && distanceTo(goal.option, grammar));
      return joined(words);
    },
    accepted() {
      for (const expression of current) {
        const known = drawn.get(expression);
        if (known !== undefined) known.accepted += 1;
      }
    },
    undrawn: () => named(options.filter(({ option }) => !drawn.has(option))),
    unread: () => named(unread()),
  };
}

const NO_STAGES = { stages: 0, labels: [] };

/** What an alternative can only name if there is a stage before it. */
function refersTo(expression: Expression): 'a stage' | 'a label' | 'nothing' {
  const text = textOf(expression);
  if (text.startsWith('"stage" , ')) return 'a label';
  return /^(?:"(?:previous|next)" , "stage"|"that"|"same")|^stage-noun|"thereafter"/.test(text)
    ? 'a stage'
    : 'nothing';
}

function isPossible(
  expression: Expression,
  before: { readonly stages: number; readonly labels: readonly string[] },
): boolean {
  switch (refersTo(expression)) {
    case 'a label':
      return before.labels.length > 0;
    case 'a stage':
      return before.stages > 0;
    case 'nothing':
      return true;
  }
}

/** An alternative of a choice, or what may be left out, and the production that it is in. */
interface Option {
  readonly name: string;
  readonly option: Expression;
}

function named(options: readonly Option[]): string[] {
  return options.map(({ name, option }) => `${name}: ${textOf(option)}`);
}

/** `x , [ "(" , x , ")" ]`: a number that is written twice. Both are the same, which a grammar cannot say. */
function isRepetition(expression: Expression, first: Expression | undefined): boolean {
  if (first === undefined || expression.kind !== 'optional' || expression.of.kind !== 'sequence')
    return false;
  const [open, inner] = expression.of.of;
  return (
    open?.kind === 'literal' && open.text === '(' && inner !== undefined && textOf(inner) === textOf(first)
  );
}

/** How many levels are between an expression and the goal; infinite where it cannot be reached. */
type Distance = (expression: Expression) => number;

function distanceTo(goal: Expression, grammar: Grammar): Distance {
  const distances = new Map<string, number>();
  const distance = (expression: Expression): number => {
    if (expression === goal) return 0;
    switch (expression.kind) {
      case 'literal':
      case 'token':
        return Infinity;
      case 'production':
        return (distances.get(expression.name) ?? Infinity) + 1;
      case 'sequence':
      case 'choice':
        return 1 + Math.min(...expression.of.map(distance));
      case 'optional':
      case 'repeated':
        return 1 + distance(expression.of);
    }
  };
  settle(grammar, distances, distance);
  return distance;
}

function nearestIn(of: readonly Expression[], goal: Distance | undefined): Expression | undefined {
  if (goal === undefined) return undefined;
  const lowest = Math.min(...of.map(goal));
  return lowest === Infinity ? undefined : of.find((each) => goal(each) === lowest);
}

/** The goal, as long as it has not been reached. */
function beyond(expression: Expression, goal: Distance | undefined): Distance | undefined {
  return goal !== undefined && goal(expression) > 0 ? goal : undefined;
}

/** Lowers the number of each production until none is lowered any more. */
function settle(
  grammar: Grammar,
  numbers: Map<string, number>,
  numberOf: (expression: Expression) => number,
): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, expression] of grammar) {
      const found = numberOf(expression);
      if (found >= (numbers.get(name) ?? Infinity)) continue;
      numbers.set(name, found);
      changed = true;
    }
  }
}

/** Marks follow the word before them without a space. */
function joined(words: readonly string[]): string {
  return words
    .join(' ')
    .replaceAll(/ ([,;:.)])/g, '$1')
    .replaceAll('( ', '(');
}

/** The fewest levels of productions that end each production. */
function heightsOf(grammar: Grammar): ReadonlyMap<string, number> {
  const heights = new Map<string, number>();
  settle(grammar, heights, (expression) => heightOf(expression, heights) + 1);
  return heights;
}

function heightOf(expression: Expression, heights: ReadonlyMap<string, number>): number {
  switch (expression.kind) {
    case 'literal':
    case 'token':
    case 'optional':
    case 'repeated':
      return expression.kind === 'optional' || expression.kind === 'repeated'
        ? heightOf(expression.of, heights)
        : 0;
    case 'production':
      return heights.get(expression.name) ?? Infinity;
    case 'sequence':
      return Math.max(...expression.of.map((each) => neededHeight(each, heights)));
    case 'choice':
      return Math.min(...expression.of.map((each) => heightOf(each, heights)));
  }
}

/** What may be left out needs no level. */
function neededHeight(expression: Expression, heights: ReadonlyMap<string, number>): number {
  return expression.kind === 'optional' || expression.kind === 'repeated' ? 0 : heightOf(expression, heights);
}

/** Every alternative of a choice, and everything that may be left out or repeated. */
function optionsIn(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'token':
    case 'production':
      return [];
    case 'sequence':
      return expression.of.flatMap(optionsIn);
    case 'choice':
      return expression.of.flatMap((each) => [each, ...optionsIn(each)]);
    case 'optional':
    case 'repeated':
      return [expression.of, ...optionsIn(expression.of)];
  }
}

export function textOf(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return `"${expression.text}"`;
    case 'token':
      return `? ${expression.description} ?`;
    case 'production':
      return expression.name;
    case 'sequence':
      return expression.of.map(textOf).join(' , ');
    case 'choice':
      return `( ${expression.of.map(textOf).join(' | ')} )`;
    case 'optional':
      return `[ ${textOf(expression.of)} ]`;
    case 'repeated':
      return `{ ${textOf(expression.of)} }`;
  }
}
