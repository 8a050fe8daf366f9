import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Place } from '../../ports/store.ts';
import { type Item, versionValue } from './dynamodb-values.ts';

/** Names of attributes, and positions in lists, from the item down. */
export type ItemPath = readonly (string | number)[];

export type Expected =
  | { readonly path: ItemPath; readonly value: AttributeValue | 'absent' }
  /** A list with this number of elements. */
  | { readonly path: ItemPath; readonly length: number };

export interface Change {
  readonly path: ItemPath;
  /** `undefined` removes it. */
  readonly value: AttributeValue | undefined;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const LONGEST_EXPRESSION = 4096;

/** What the version attribute must still be. Without a version, any existing item matches. */
export function wantedVersion(attribute: string, version: string | undefined): readonly Expected[] {
  return version === undefined ? [] : [{ path: [attribute], value: versionValue(version) ?? 'absent' }];
}

/** The item exists, and everything is still as expected. */
export function conditions(key: Item, expected: readonly Expected[]) {
  const tokens = newTokens();
  const ConditionExpression = conditionOf(key, expected, tokens);
  return { ConditionExpression, ...tokens.used() };
}

/**
 * The update on these conditions; `undefined` if it is longer than DynamoDB accepts. A numeric version is increased by
 * one, as by the application's own writes. A write that the application based on the unmasked record then fails,
 * instead of bringing the data back.
 */
export function conditionalUpdate(
  { key, found }: { readonly key: Item; readonly found: Item },
  changes: readonly Change[],
  expected: readonly Expected[],
  versionAttribute: string | undefined,
) {
  const tokens = newTokens();
  const ConditionExpression = conditionOf(key, expected, tokens);
  const set: string[] = [];
  const remove: string[] = [];
  for (const { path, value } of changes) {
    if (value) set.push(`${tokens.place(path)} = ${tokens.value(value)}`);
    else remove.push(tokens.place(path));
  }
  if (versionAttribute !== undefined && found[versionAttribute]?.N !== undefined) {
    const version = tokens.place([versionAttribute]);
    set.push(`${version} = ${version} + ${tokens.value({ N: '1' })}`);
  }
  const clauses = [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
  ];
  const UpdateExpression = clauses.join(' ');
  return [UpdateExpression, ConditionExpression].some(({ length }) => length > LONGEST_EXPRESSION)
    ? undefined
    : { UpdateExpression, ConditionExpression, ...tokens.used() };
}

function conditionOf(key: Item, expected: readonly Expected[], { place, value }: Tokens): string {
  const clauses = expected.map((each) => {
    if ('length' in each) return `size(${place(each.path)}) = ${value({ N: String(each.length) })}`;
    return each.value === 'absent'
      ? `attribute_not_exists(${place(each.path)})`
      : `${place(each.path)} = ${value(each.value)}`;
  });
  return [`attribute_exists(${place([Object.keys(key)[0] ?? ''])})`, ...clauses].join(' AND ');
}

/** What stands in the expressions of one request for names and values. All of it is ASCII. */
interface Tokens {
  readonly place: (path: ItemPath) => string;
  readonly value: (value: AttributeValue) => string;
  readonly used: () => {
    readonly ExpressionAttributeNames: Record<string, string>;
    readonly ExpressionAttributeValues?: Item;
  };
}

function newTokens(): Tokens {
  const names = new Map<string, string>();
  const values: Item = {};
  const tokenOf = (name: string): string => {
    const token = names.get(name) ?? `#n${names.size}`;
    names.set(name, token);
    return token;
  };
  return {
    place: (path) =>
      path
        .map((step, index) =>
          typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${tokenOf(step)}`,
        )
        .join(''),
    value: (value) => {
      const token = `:v${Object.keys(values).length}`;
      values[token] = value;
      return token;
    },
    used: () => ({
      ExpressionAttributeNames: Object.fromEntries([...names].map(([name, token]) => [token, name])),
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    }),
  };
}

/** What a query or a scan reads of each item, and conditions that hold for items with these values. */
export function selection(attributes: readonly string[], where: NonNullable<Place['where']>) {
  const filters = Object.entries(where);
  return {
    projection: attributes.map((_, place) => `#k${place}`).join(', '),
    conditions: filters.map((_, place) => `#w${place} = :w${place}`),
    names: Object.fromEntries([
      ...attributes.map((name, place) => [`#k${place}`, name] as const),
      ...filters.map(([name], place) => [`#w${place}`, name] as const),
    ]),
    values: Object.fromEntries(
      filters.map(([, wanted], place) => [`:w${place}`, attributeOf(wanted)] as const),
    ),
  };
}

export function attributeOf(value: string | number | boolean): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value };
}
