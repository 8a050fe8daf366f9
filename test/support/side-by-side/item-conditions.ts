import { type AttributeMap, fromAttribute } from '../../../shared/adapters/dynamodb/attribute-values.ts';

export interface Given {
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: AttributeMap | undefined;
}

type Test = (item: AttributeMap) => boolean;

const TOKEN = /\s*(<>|<=|>=|[()=<>,]|[\w#:]+)/y;

/** Whether an item, or the empty item where nothing is stored, is as this expression says. */
export function holds(expression: string | undefined, given: Given, item: AttributeMap): boolean {
  return expression === undefined || parsed(expression, given)(item);
}

/** Conditions and filters as the registry writes them: comparisons, three functions, AND before OR, brackets. */
function parsed(expression: string, given: Given): Test {
  const tokens = tokensOf(expression);
  let at = 0;
  const take = (): string => tokens[at++] ?? '';
  const expect = (token: string): void => {
    if (take() !== token) throw new SyntaxError(`"${token}" is missing in the expression ${expression}`);
  };

  function either(): Test {
    let left = both();
    while (tokens[at] === 'OR') {
      at += 1;
      const [one, other] = [left, both()];
      left = (item) => one(item) || other(item);
    }
    return left;
  }
  function both(): Test {
    let left = single();
    while (tokens[at] === 'AND') {
      at += 1;
      const [one, other] = [left, single()];
      left = (item) => one(item) && other(item);
    }
    return left;
  }
  function single(): Test {
    const token = take();
    if (token === '(') {
      const inner = either();
      expect(')');
      return inner;
    }
    if (tokens[at] === '(') return called(token);
    return compared(nameOf(token, given), take(), valueOf(take(), given));
  }
  function called(name: string): Test {
    expect('(');
    const attribute = nameOf(take(), given);
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      expect(')');
      return (item) => attribute in item === (name === 'attribute_exists');
    }
    if (name !== 'begins_with') throw new SyntaxError(`the function ${name} is not known here`);
    expect(',');
    const prefix = String(valueOf(take(), given));
    expect(')');
    return (item) => {
      const value = item[attribute];
      return value !== undefined && 'S' in value && value.S.startsWith(prefix);
    };
  }

  const test = either();
  if (at < tokens.length) throw new SyntaxError(`the expression ${expression} goes on after its end`);
  return test;
}

function tokensOf(expression: string): readonly string[] {
  const tokens = [...expression.matchAll(new RegExp(TOKEN, 'g'))].map(([, token]) => token ?? '');
  if (tokens.join('') !== expression.replaceAll(/\s/g, ''))
    throw new SyntaxError(`the expression ${expression} has something unknown`);
  return tokens;
}

/** What is missing, or of another kind, compares as false: also with `<>`, as far as the registry uses it. */
function compared(attribute: string, operator: string, value: unknown): Test {
  return (item) => {
    const stored = item[attribute];
    const own = stored === undefined ? undefined : fromAttribute(stored);
    if (operator === '<>') return own !== value;
    if (typeof own !== typeof value) return false;
    const [left, right] = [own as number | string, value as number | string];
    switch (operator) {
      case '=':
        return left === right;
      case '<':
        return left < right;
      case '<=':
        return left <= right;
      case '>':
        return left > right;
      case '>=':
        return left >= right;
    }
    throw new SyntaxError(`the comparison ${operator} is not known here`);
  };
}

export function nameOf(token: string, { names }: Given): string {
  if (!token.startsWith('#')) return token;
  const name = names?.[token];
  if (name === undefined) throw new SyntaxError(`the name ${token} is not given`);
  return name;
}

function valueOf(token: string, { values }: Given): unknown {
  const value = values?.[token];
  if (value === undefined) throw new SyntaxError(`the value ${token} is not given`);
  return fromAttribute(value);
}
