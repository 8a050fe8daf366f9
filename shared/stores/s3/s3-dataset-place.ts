import type {
  ClockColumn,
  DatasetConfiguration,
  KeyColumn,
} from '../../domain/configuration/configuration.ts';
import { memberOf, s3CollectionProblem } from './s3-place.ts';

/** The column that says when an object was last written. */
export const MODIFIED = 'LastModified';
const LONGEST_PREFIX = 512;

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
