import type {
  ClockColumn,
  CollectionPlace,
  DatasetConfiguration,
  KeyColumn,
} from '../../domain/configuration/configuration.ts';
import type { Locator, Member, Place } from '../../ports/store.ts';
import { namedBy } from '../listing.ts';
import { LONGEST_KEY, objectKey } from './s3-keys.ts';

const ID = '{id}';

/** Longest `by`, so that ids have room, and longest prefix of a dataset. */
const LONGEST_PREFIX = 512;

export function s3CollectionProblem(
  prefix: string,
  keys: readonly KeyColumn[],
  by: string,
  where: Place['where'] = {},
): string | undefined {
  if (Object.keys(where).length > 0)
    return '`where` needs fields, and objects are only listed by their keys; remove it, and tell categories apart by prefixes';
  const parts = by.split(ID);
  if (parts.length !== 2 || parts[1] !== '/')
    return `\`by\` is a prefix with exactly one ${ID} and a slash directly after it at its end; write it such as 'users/${ID}/'`;
  if (Buffer.byteLength(prefix + by) > LONGEST_PREFIX || !by.isWellFormed() || by.includes('\0'))
    return `\`by\`, with the store's prefix, has at most ${LONGEST_PREFIX} bytes and no zero byte; write a shorter one`;
  const isDeep = keys.some(({ type }) => type === 'text') || keys.length >= by.split('/').length;
  return isDeep
    ? undefined
    : 'the key columns are too few for an object below this prefix; declare a column of type `text`, which holds the rest of the key';
}

/** `undefined` if no object can be there: an id with a slash would name a place of another id, or none. */
export function prefixOf({ by, value }: Pick<Place, 'by' | 'value'>): string | undefined {
  const isUsable = !['', '.', '..'].includes(value) && !/[/\0]/.test(value) && value.isWellFormed();
  const prefix = by.replace(ID, () => value);
  return isUsable && Buffer.byteLength(prefix) < LONGEST_KEY ? prefix : undefined;
}

/** Whatever the ids: below `users/{id}/` there may be what `users/old/{id}/` names, too. */
export function prefixOverlap(one: CollectionPlace, other: CollectionPlace): string | undefined {
  const [a, b] = [startOf(one), startOf(other)];
  if (!a.startsWith(b) && !b.startsWith(a)) return undefined;
  return [one, other].every(({ by }) => by.includes(ID))
    ? `write prefixes of which none begins with the other up to ${ID}, such as 'users/${ID}/' and 'old-users/${ID}/'`
    : "write prefixes of which none begins with the other, such as where: { prefix: 'exports/' } in a dataset";
}

/** Of a collection it is what stands before `{id}`, of a dataset what its `where` says. */
function startOf({ by, where }: CollectionPlace): string {
  const [before = '', after] = by.split(ID);
  return after === undefined ? String(where?.['prefix'] ?? '') : before;
}

/** The key alone says whose an object is: the id is what stands in the place of `{id}`. */
export function memberOf(by: string, key: string): Member {
  const [before = ''] = by.split(ID);
  const end = key.indexOf('/', before.length);
  const value = key.slice(before.length, end);
  const isIn = key.startsWith(before) && end > 0 && prefixOf({ by, value }) !== undefined;
  return isIn ? { state: 'in', id: value } : { state: 'out' };
}

/** The locator of an object; `undefined` if none finds exactly this key. */
export function locatorOf(keys: readonly KeyColumn[], prefix: string, key: string): Locator | undefined {
  const parts = key.slice(prefix.length).split('/');
  const text = keys.findIndex(({ type }) => type === 'text');
  // The text takes all slashes that the others leave.
  const rest = parts.length - keys.length + 1;
  if (rest < 1) return undefined;
  const values =
    text < 0
      ? parts
      : [...parts.slice(0, text), parts.slice(text, text + rest).join('/'), ...parts.slice(text + rest)];
  const locator = namedBy(keys, values);
  if (locator === undefined) return undefined;
  const found = objectKey(keys, prefix, locator);
  return found.state === 'key' && found.key === key ? locator : undefined;
}

/** The column that says when an object was last written. */
export const MODIFIED = 'LastModified';

/** What there is of an object, by names of columns: when it was written, and what its key says. */
export function s3DatasetProblem(
  prefix: string,
  keys: readonly KeyColumn[],
  { clock, where = {}, attributes = {}, entities = {}, index, scan }: DatasetConfiguration,
): string | undefined {
  if (index !== undefined || scan !== undefined)
    return '`index` and `scan` are for DynamoDB, and all objects of a dataset are listed in any case; remove them';
  if (keys.some(({ name }) => name === MODIFIED))
    return `the key column "${MODIFIED}" has the name of the time when an object was written; give it another name in \`keys\``;
  const wrong = Object.values(clock).find((column) => !isClock(keys, column));
  if (wrong !== undefined)
    return `"${wrong.column}" is not a clock of an object: write '${MODIFIED}', the time when it was written, or a key column that is a date, is text, or is a whole number with a \`unit\``;
  const place = where['prefix'] ?? '';
  if (Object.keys(where).some((name) => name !== 'prefix') || typeof place !== 'string')
    return "objects are told apart by the beginning of their keys; write it in `where` as `prefix`, such as where: { prefix: 'exports/' }";
  if (Buffer.byteLength(prefix + place) > LONGEST_PREFIX || !place.isWellFormed() || place.includes('\0'))
    return `the \`prefix\` of \`where\`, with the store's prefix, has at most ${LONGEST_PREFIX} bytes and no zero byte; write a shorter one`;
  for (const column of [...Object.values(attributes), ...Object.values(entities)])
    if (!isColumn(prefix, keys, column))
      return `an object has no "${column}": write a key column, or a prefix with {id} and a slash at its end, such as 'users/{id}/'`;
  return undefined;
}

function isClock(keys: readonly KeyColumn[], { column, unit, zone }: ClockColumn): boolean {
  if (column === MODIFIED) return unit === undefined && zone === undefined;
  switch (keys.find(({ name }) => name === column)?.type) {
    case 'date':
      return unit === undefined && zone === undefined;
    case 'integer':
      return unit !== undefined;
    case 'text':
      return unit === undefined;
    case undefined:
    case 'binary':
    case 'decimal':
    case 'timestamp':
    case 'uuid':
      return false;
  }
}

function isColumn(prefix: string, keys: readonly KeyColumn[], column: string): boolean {
  return keys.some(({ name }) => name === column) || s3CollectionProblem(prefix, keys, column) === undefined;
}

/** The id in the key, where the template has it; `null` for a key that does not fit the template. */
export function idInKey(template: string, key: string): string | null {
  const member = memberOf(template, key);
  return member.state === 'in' ? member.id : null;
}
