/** What a production consists of. A terminal is a word or mark of the language, or `? a class of tokens ?`. */
export type Expression =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'token'; readonly description: string }
  | { readonly kind: 'production'; readonly name: string }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Expression[] }
  | { readonly kind: 'optional' | 'repeated'; readonly of: Expression };

/** In the order of the page. The first production is a whole sentence. */
export type Grammar = ReadonlyMap<string, Expression>;

const PIECES =
  /\s+|\(\*[\s\S]*?\*\)|"([^"]*)"|'([^']*)'|\?([^?]*)\?|([A-Za-z][A-Za-z0-9-]*)|([=|,;(){}[\]])/y;

type Piece =
  | Extract<Expression, { kind: 'literal' | 'token' | 'production' }>
  | { readonly kind: 'mark'; readonly text: string };

/** Reads ISO 14977 as the page writes it: `=`, `|`, `,`, `[ ]`, `{ }`, `( )`, quoted words, `? … ?`, comments. */
export function readGrammar(text: string): Grammar {
  const pieces = piecesOf(text);
  let at = 0;
  const isNext = (mark: string): boolean => {
    const piece = pieces[at];
    return piece?.kind === 'mark' && piece.text === mark;
  };
  const take = (mark: string): void => {
    if (!isNext(mark)) throw new Error(`the grammar: expected ${mark} after ${shown(pieces.slice(0, at))}`);
    at += 1;
  };
  const separated = (mark: string, kind: 'sequence' | 'choice', part: () => Expression): Expression => {
    const of = [part()];
    while (isNext(mark)) {
      take(mark);
      of.push(part());
    }
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind, of };
  };
  const choice = (): Expression => separated('|', 'choice', sequence);
  const sequence = (): Expression => separated(',', 'sequence', term);
  const inside = (close: string): Expression => {
    at += 1;
    const found = choice();
    take(close);
    return found;
  };
  const term = (): Expression => {
    if (isNext('(')) return inside(')');
    if (isNext('[')) return { kind: 'optional', of: inside(']') };
    if (isNext('{')) return { kind: 'repeated', of: inside('}') };
    const piece = pieces[at];
    if (piece === undefined || piece.kind === 'mark')
      throw new Error(`the grammar: expected a word after ${shown(pieces.slice(0, at))}`);
    at += 1;
    return piece;
  };
  const grammar = new Map<string, Expression>();
  while (at < pieces.length) {
    const head = term();
    if (head.kind !== 'production')
      throw new Error(`the grammar: ${shown(pieces.slice(0, at))} is not a name`);
    if (grammar.has(head.name)) throw new Error(`the grammar has two productions called ${head.name}`);
    take('=');
    grammar.set(head.name, choice());
    take(';');
  }
  return complete(grammar);
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  PIECES.lastIndex = 0;
  while (PIECES.lastIndex < text.length) {
    const from = PIECES.lastIndex;
    const match = PIECES.exec(text);
    if (match === null) throw new Error(`the grammar: cannot read ${text.slice(from, from + 40)}`);
    const [, double, single, description, name, mark] = match;
    const literal = double ?? single;
    if (literal !== undefined) pieces.push({ kind: 'literal', text: literal });
    else if (description !== undefined) pieces.push({ kind: 'token', description: description.trim() });
    else if (name !== undefined) pieces.push({ kind: 'production', name });
    else if (mark !== undefined) pieces.push({ kind: 'mark', text: mark });
  }
  return pieces;
}

function shown(pieces: readonly Piece[]): string {
  return pieces
    .slice(-8)
    .map((piece) =>
      'text' in piece ? piece.text : 'name' in piece ? piece.name : `? ${piece.description} ?`,
    )
    .join(' ');
}

/** Each name that is used is explained, and each that is explained is used. */
function complete(grammar: Grammar): Grammar {
  const [first] = grammar.keys();
  const used = new Set([first, ...[...grammar.values()].flatMap(namesIn)]);
  const missing = [...used].filter((name) => name === undefined || !grammar.has(name));
  const unused = [...grammar.keys()].filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`the grammar does not say what these are: ${missing.join(', ')}`);
  if (unused.length > 0) throw new Error(`the grammar does not use: ${unused.join(', ')}`);
  return grammar;
}

function namesIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'literal':
    case 'token':
      return [];
    case 'production':
      return [expression.name];
    case 'sequence':
    case 'choice':
      return expression.of.flatMap(namesIn);
    case 'optional':
    case 'repeated':
      return namesIn(expression.of);
  }
}
