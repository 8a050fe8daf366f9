/**
 * The shapes of PartiQL statements that the registry sends, as the requests of one item that mean the same. The embedded
 * engine has no PartiQL; any other statement is refused, so that nothing works here that was never translated.
 */

type Attribute = Readonly<Record<string, unknown>>;

export interface ParsedStatement {
  readonly operation: 'PutItem' | 'UpdateItem';
  readonly input: Readonly<Record<string, unknown>>;
  /** What a failed condition is called in the answer to a statement. */
  readonly refusal: 'DuplicateItem' | 'ConditionalCheckFailed';
}

const INSERT = /^INSERT INTO "([\w.-]+)" VALUE \{('\w+': \?(?:, '\w+': \?)*)\}$/;
const UPDATE =
  /^UPDATE "([\w.-]+)" ((?:SET "\w+"=\? ?)+)((?:REMOVE "\w+" ?)*)WHERE "PK"=\? AND "SK"=\? AND "r"=\?$/;

export function parseStatement(text: string, parameters: readonly Attribute[]): ParsedStatement {
  const parsed = parseInsert(text, parameters) ?? parseUpdate(text, parameters);
  if (parsed === undefined)
    throw new SyntaxError(
      `The local engine does not know a statement of this shape: ${text}. Teach it in local/engines/statements.ts.`,
    );
  return parsed;
}

function parseInsert(text: string, parameters: readonly Attribute[]): ParsedStatement | undefined {
  const [, TableName, values] = INSERT.exec(text) ?? [];
  if (values === undefined) return undefined;
  const names = namesIn(values);
  if (names.length !== parameters.length) return undefined;
  return {
    operation: 'PutItem',
    input: {
      TableName,
      Item: Object.fromEntries(names.map((name, index) => [name, parameters[index]])),
      ConditionExpression: 'attribute_not_exists(PK)',
    },
    refusal: 'DuplicateItem',
  };
}

function parseUpdate(text: string, parameters: readonly Attribute[]): ParsedStatement | undefined {
  const [, TableName, sets, removes] = UPDATE.exec(text) ?? [];
  if (sets === undefined || removes === undefined) return undefined;
  const [set, remove] = [namesIn(sets), namesIn(removes)];
  if (set.length + 3 !== parameters.length) return undefined;
  const [PK, SK, version] = parameters.slice(set.length);
  const names = Object.fromEntries([...set, ...remove].map((name) => [`#${name}`, name]));
  const removed = remove.map((name) => `#${name}`).join(', ');
  return {
    operation: 'UpdateItem',
    input: {
      TableName,
      Key: { PK, SK },
      UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${removed && ` REMOVE ${removed}`}`,
      // A condition on a missing item fails: an UPDATE statement never makes an item.
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { ...names, '#version': 'r' },
      ExpressionAttributeValues: {
        ...Object.fromEntries(set.map((name, index) => [`:${name}`, parameters[index]])),
        ':version': version,
      },
    },
    refusal: 'ConditionalCheckFailed',
  };
}

function namesIn(clauses: string): readonly string[] {
  return [...clauses.matchAll(/\w+(?=['"])/g)].map(([name]) => name);
}
