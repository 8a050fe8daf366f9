import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Place } from '../../ports/store.ts';
import { idValue } from '../listing.ts';

/** Where a collection is: in the table, by its partition key, or in a global secondary index, by that one's. */
export interface DynamoPlace {
  /** Absent: the table itself. */
  readonly index?: string;
  readonly attribute: string;
}

const INDEX_AND_ATTRIBUTE = /^([A-Za-z0-9_.-]{3,255}):(.{1,255})$/s;
const LONGEST_PARTITION_KEY = 2048;

/** `undefined` if `by` names neither the table's partition key nor an index and its attribute. */
export function dynamoPlace(keys: readonly KeyColumn[], by: string): DynamoPlace | undefined {
  return by === keys[0]?.name ? { attribute: by } : indexPlace(by);
}

/** An index, a colon and its partition key. */
export function indexPlace(text: string): Required<DynamoPlace> | undefined {
  const [, index, attribute] = INDEX_AND_ATTRIBUTE.exec(text) ?? [];
  return index === undefined || attribute === undefined ? undefined : { index, attribute };
}

export function dynamoCollectionProblem(
  keys: readonly KeyColumn[],
  by: string,
  where: Place['where'] = {},
): string | undefined {
  const place = dynamoPlace(keys, by);
  const [partition, sort] = keys;
  if (place === undefined) {
    const isSort = by === sort?.name ? ` "${by}" is the sort key, which cannot be queried alone;` : '';
    return `\`by\` names neither the table's partition key nor an index;${isSort} write '${partition?.name ?? 'id'}', or the name of a global secondary index, a colon and its partition key, such as 'by-account:accountId'`;
  }
  if (place.index === undefined && (partition?.type === 'binary' || partition?.type === 'timestamp'))
    return `the key "${by}" is declared as \`${partition.type}\`, which no id can be; name an index whose partition key is text or a number`;
  const keyNames = [...keys.map(({ name }) => name), place.attribute];
  const key = Object.keys(where).find((name) => keyNames.includes(name));
  if (key !== undefined) return `\`where\` names the key "${key}", and DynamoDB filters by no key; remove it`;
  return Object.keys(where).some((name) => name === '' || Buffer.byteLength(name) > 255)
    ? '`where` has a name that no attribute can have; write one of 1 to 255 bytes'
    : undefined;
}

/** Ids that a partition key can be. Of an index, only the table itself knows the type. */
export function canCarry(keys: readonly KeyColumn[], { by, value }: Pick<Place, 'by' | 'value'>): boolean {
  const type = by === keys[0]?.name ? keys[0].type : 'text';
  const bytes = Buffer.byteLength(value);
  return bytes > 0 && bytes <= LONGEST_PARTITION_KEY && idValue(type, value) !== undefined;
}
