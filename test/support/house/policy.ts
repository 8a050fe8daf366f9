import type { Statement } from './synthesized.ts';

/** What a role asks for, as IAM judges it. */
export interface Asked {
  readonly action: string;
  /** As it stands in the template. */
  readonly resource: unknown;
  /** The values of condition keys. A key that is not here is not in the request. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/**
 * Whether these statements allow a request: one allows it, and none denies it. Conditions as IAM evaluates them; an
 * operator that no statement of ours has throws, so that nothing is guessed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function isAllowed(statements: readonly Statement[], asked: Asked): boolean {
  const matching = statements.filter((statement) => applies(statement, asked));
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow')
  );
}

function applies({ Action, Resource, NotResource, Condition = {} }: Statement, asked: Asked): boolean {
  const isNamed = (one: unknown): boolean => covers(one, asked.resource);
  return (
    Action.some((action) => isLike(asked.action.toLowerCase(), action.toLowerCase())) &&
    (NotResource === undefined ? Resource.some(isNamed) : ![NotResource].flat().some(isNamed)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds(operator, asked.context[key] ?? [], [wanted].flat().map(String)),
      ),
    )
  );
}

/** A resource of a template is not a text: then it has to be the same one. */
function covers(one: unknown, resource: unknown): boolean {
  if (one === '*' || JSON.stringify(one) === JSON.stringify(resource)) return true;
  return typeof one === 'string' && typeof resource === 'string' && isLike(resource, one);
}

/** All operators and keys of a condition have to hold, and one of the wanted values is enough. */
function holds(operator: string, values: readonly string[], wanted: readonly string[]): boolean {
  const isEqual = (value: string): boolean => wanted.includes(value);
  switch (operator) {
    // Also true of a key that is not in the request.
    case 'ForAllValues:StringLike':
      return values.every((value) => wanted.some((pattern) => isLike(value, pattern)));
    case 'ForAllValues:StringEquals':
      return values.every(isEqual);
    case 'StringEquals':
      return one(values, isEqual) ?? false;
    case 'ForAnyValue:StringEquals':
      return values.some(isEqual);
    // Of a set, one value is enough that is none of the wanted ones. Not true of a key that is not in the request.
    case 'ForAnyValue:StringNotEquals':
      return values.some((value) => !isEqual(value));
    case 'ArnEquals':
      return one(values, (value) => wanted.some((pattern) => isLike(value, pattern))) ?? false;
    // Also true of a key that is not in the request, like every negated operator.
    case 'ArnNotEquals':
      return one(values, (value) => wanted.every((pattern) => !isLike(value, pattern))) ?? true;
    case 'StringEqualsIfExists':
      return one(values, isEqual) ?? true;
    // `true`: the key is absent.
    case 'Null':
      return wanted.includes(String(values.length === 0));
    default:
      throw new Error(
        `This evaluator does not know the condition operator ${operator}: add it, with a test.`,
      );
  }
}

/** Without a set operator a key has one value. */
function one(values: readonly string[], test: (value: string) => boolean): boolean | undefined {
  const [value, ...more] = values;
  if (more.length > 0) throw new Error('A key with several values needs a set operator.');
  return value === undefined ? undefined : test(value);
}

/** `*` is any text and `?` any character. */
function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('')}$`, 's').test(value);
}
