import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Item, versionValue } from './dynamodb-values.ts';

export type Expected = AttributeValue | 'absent';

/** Without a version, any existing item matches. */
export function wantedVersion(version: string | undefined): Expected | undefined {
  return version === undefined ? undefined : (versionValue(version) ?? 'absent');
}

/** The item exists, and each attribute is still as expected. */
export function conditions(key: Item, expected: Readonly<Record<string, Expected | undefined>>) {
  const clauses = ['attribute_exists(#key)'];
  const names: Record<string, string> = { '#key': Object.keys(key)[0] ?? '' };
  const values: Item = {};
  for (const [index, [name, value]] of Object.entries(expected).entries()) {
    if (value === undefined) continue;
    names[`#c${index}`] = name;
    clauses.push(value === 'absent' ? `attribute_not_exists(#c${index})` : `#c${index} = :c${index}`);
    if (value !== 'absent') values[`:c${index}`] = value;
  }
  return { ConditionExpression: clauses.join(' AND '), ExpressionAttributeNames: names, ...valuesOf(values) };
}

/**
 * A numeric version is increased by one, as by the application's own writes. A write that the application based on the
 * unmasked record then fails, instead of bringing the data back.
 */
export function changeExpression(
  changes: readonly (readonly [string, AttributeValue | undefined])[],
  versionAttribute: string | undefined,
  found: Item,
) {
  const names: Record<string, string> = {};
  const values: Item = {};
  const set: string[] = [];
  const remove: string[] = [];
  for (const [index, [field, value]] of changes.entries()) {
    names[`#f${index}`] = field;
    if (value) {
      values[`:f${index}`] = value;
      set.push(`#f${index} = :f${index}`);
    } else {
      remove.push(`#f${index}`);
    }
  }
  if (versionAttribute !== undefined && found[versionAttribute]?.N !== undefined) {
    names['#version'] = versionAttribute;
    values[':one'] = { N: '1' };
    set.push('#version = #version + :one');
  }
  const clauses = [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
  ];
  return { expression: clauses.join(' '), names, values };
}

export function valuesOf(values: Item): { ExpressionAttributeValues?: Item } {
  return Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {};
}
