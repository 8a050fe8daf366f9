import { tokenize } from '../../../shared/domain/rule/lexer.ts';
import type { Token } from '../../../shared/domain/rule/lexer.ts';
import type { Expression, Grammar } from './grammar.ts';
import { isNumberWord, tokenClass } from './tokens.ts';

/** Whether a text is a sentence of the grammar. */
export type Recogniser = (text: string) => boolean;

/** An expression with what it may begin with: words and marks as they are, and classes of tokens as `?class`. */
type Node = { readonly first: ReadonlySet<string>; readonly nullable: boolean } & (
  | { readonly kind: 'terminal' }
  | { readonly kind: 'production'; readonly index: number }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Node[] }
  | { readonly kind: 'optional' | 'repeated'; readonly of: Node }
);

/** The places at which what begins at one place may end. */
type Ends = readonly number[];
const NONE: Ends = [];

/**
 * Finds all readings at once, and each production at each place once, so the time is bounded. The tokens are those of the
 * lexer. Knows nothing of the parser: what both accept, the grammar of the page says.
 */
export function recogniserOf(grammar: Grammar): Recogniser {
  const names = [...grammar.keys()];
  const classes = [...new Set([...grammar.values()].flatMap(classesIn))];
  const firsts = firstsOf(grammar);
  const node = (expression: Expression): Node => compiled(expression, names, firsts);
  const bodies = names.map((name) => node(grammar.get(name) ?? { kind: 'sequence', of: [] }));

  return (text) => {
    const lexed = tokenize(text);
    if ('error' in lexed) return false;
    const whole = lexed.tokens.filter(({ kind }) => kind !== 'end');
    const split = whole.flatMap(splitNumber);
    // Such a word may be a number, or part of a name: "pay day twenty-first".
    return isSentence(split) || (split.length > whole.length && isSentence(whole));
  };

  function isSentence(tokens: readonly Token[]): boolean {
    const keys = tokens.map((token) => keysOf(token, classes));
    const known: (Ends | 'open' | undefined)[] = [];

    const canStart = ({ first, nullable }: Node, at: number): boolean =>
      nullable || (keys[at] ?? []).some((key) => first.has(key));
    const endsOf = (of: Node, at: number): Ends => {
      if (!canStart(of, at)) return NONE;
      switch (of.kind) {
        case 'terminal':
          return [at + 1];
        case 'production': {
          const place = of.index * (tokens.length + 1) + at;
          const found = known[place];
          if (found === 'open') throw new Error(`the grammar: ${names[of.index]} may begin with itself`);
          if (found !== undefined) return found;
          known[place] = 'open';
          const body = bodies[of.index];
          const ends = body === undefined ? NONE : endsOf(body, at);
          known[place] = ends;
          return ends;
        }
        case 'sequence':
          return of.of.reduce<Ends>((ends, each) => union(ends.map((end) => endsOf(each, end))), [at]);
        case 'choice':
          return union(of.of.map((each) => endsOf(each, at)));
        case 'optional':
          return union([[at], endsOf(of.of, at)]);
        case 'repeated': {
          const ends = [at];
          for (const end of ends)
            for (const next of endsOf(of.of, end)) if (!ends.includes(next)) ends.push(next);
          return ends;
        }
      }
    };
    const whole = bodies[0];
    return whole !== undefined && endsOf(whole, 0).includes(tokens.length);
  }
}

function union(all: readonly Ends[]): Ends {
  const [first = NONE, ...others] = all.filter((ends) => ends.length > 0);
  return others.length === 0 ? first : [...new Set([first, ...others].flat())];
}

/** A hyphen may join the words of a number. */
function splitNumber(token: Token): Token[] {
  if (token.kind !== 'word' || !token.text.includes('-')) return [token];
  const parts = token.lower.split('-');
  if (!parts.every((part) => part === 'and' || isNumberWord(part))) return [token];
  return parts.map((part): Token => ({ kind: 'word', text: part, lower: part, at: token.at }));
}

function keysOf(token: Token, classes: readonly string[]): string[] {
  const word = token.kind === 'word' ? [token.lower] : token.kind === 'mark' ? [token.text] : [];
  return [...word, ...classes.filter((each) => tokenClass(each).has(token)).map((each) => `?${each}`)];
}

function keyOf(expression: Extract<Expression, { kind: 'literal' | 'token' }>): string {
  return expression.kind === 'literal' ? expression.text.toLowerCase() : `?${expression.description}`;
}

interface First {
  readonly first: ReadonlySet<string>;
  readonly nullable: boolean;
}

function firstOf(expression: Expression, firsts: ReadonlyMap<string, First>): First {
  switch (expression.kind) {
    case 'literal':
    case 'token':
      return { first: new Set([keyOf(expression)]), nullable: false };
    case 'production':
      return firsts.get(expression.name) ?? { first: new Set(), nullable: false };
    case 'choice': {
      const all = expression.of.map((each) => firstOf(each, firsts));
      return {
        first: new Set(all.flatMap(({ first }) => [...first])),
        nullable: all.some((each) => each.nullable),
      };
    }
    case 'sequence': {
      const all = expression.of.map((each) => firstOf(each, firsts));
      const needed = all.findIndex(({ nullable }) => !nullable);
      const reached = needed === -1 ? all : all.slice(0, needed + 1);
      return { first: new Set(reached.flatMap(({ first }) => [...first])), nullable: needed === -1 };
    }
    case 'optional':
    case 'repeated':
      return { ...firstOf(expression.of, firsts), nullable: true };
  }
}

function firstsOf(grammar: Grammar): ReadonlyMap<string, First> {
  const firsts = new Map<string, First>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, expression] of grammar) {
      const found = firstOf(expression, firsts);
      const before = firsts.get(name);
      if (before?.first.size === found.first.size && before.nullable === found.nullable) continue;
      firsts.set(name, found);
      changed = true;
    }
  }
  return firsts;
}

function compiled(
  expression: Expression,
  names: readonly string[],
  firsts: ReadonlyMap<string, First>,
): Node {
  const inner = (of: Expression): Node => compiled(of, names, firsts);
  const begin = firstOf(expression, firsts);
  switch (expression.kind) {
    case 'literal':
    case 'token':
      return { ...begin, kind: 'terminal' };
    case 'production':
      return { ...begin, kind: 'production', index: names.indexOf(expression.name) };
    case 'sequence':
    case 'choice':
      return { ...begin, kind: expression.kind, of: expression.of.map(inner) };
    case 'optional':
    case 'repeated':
      return { ...begin, kind: expression.kind, of: inner(expression.of) };
  }
}

function classesIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'token':
      return [expression.description];
    case 'literal':
    case 'production':
      return [];
    case 'sequence':
    case 'choice':
      return expression.of.flatMap(classesIn);
    case 'optional':
    case 'repeated':
      return classesIn(expression.of);
  }
}
