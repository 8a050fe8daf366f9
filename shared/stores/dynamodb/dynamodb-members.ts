import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { canonicalDecimal } from '../../domain/configuration/locator.ts';
import type { Member, Place } from '../../ports/store.ts';
import { type DynamoTable, readItems } from './dynamodb-calls.ts';
import { dynamoPlace } from './dynamodb-place.ts';
import type { Item } from './dynamodb-values.ts';

const SCHEMA = { state: 'unknown', code: 'STORE_SCHEMA' } as const;
const OUT: Member = { state: 'out' };

/** In which of the places each item is: the item itself says it, because an index may be behind it. */
export async function membersOf(
  at: DynamoTable,
  keys: readonly Item[],
  { by, where = {} }: Omit<Place, 'value'>,
  signal: AbortSignal,
): Promise<Member[]> {
  const place = dynamoPlace(at.keys, by);
  if (place === undefined) return keys.map(() => SCHEMA);
  const names = [...at.keys.map(({ name }) => name), place.attribute, ...Object.keys(where)];
  const found = await readItems(at, keys, [...new Set(names)], signal);
  return found.map((got): Member => {
    if ('code' in got) return { state: 'unknown', code: got.code };
    const { item } = got;
    if (item === undefined || !Object.entries(where).every(([name, wanted]) => has(item[name], wanted)))
      return OUT;
    return memberBy(item[place.attribute]);
  });
}

function memberBy(value: AttributeValue | undefined): Member {
  // An index of bytes has no ids, and is refused when it is listed.
  if (value?.B !== undefined) return SCHEMA;
  const id = value?.N === undefined ? value?.S : canonicalDecimal(value.N);
  return id === undefined ? OUT : { state: 'in', id };
}

/** Whether the attribute has this value. */
export function has(value: AttributeValue | undefined, wanted: string | number | boolean): boolean {
  if (typeof wanted === 'string') return value?.S === wanted;
  if (typeof wanted === 'boolean') return value?.BOOL === wanted;
  return value?.N !== undefined && canonicalDecimal(value.N) === canonicalDecimal(String(wanted));
}
