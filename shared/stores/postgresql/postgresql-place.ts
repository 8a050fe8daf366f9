import type { DatasetConfiguration, KeyColumn } from '../../domain/configuration/configuration.ts';
import type { Place } from '../../ports/store.ts';
import { idValue } from '../listing.ts';
import { PostgresOptions } from './postgresql-options.ts';

/** Types whose values an id cannot be: bytes have no text of their own, and an instant has many. */
const NO_IDS = ['binary', 'timestamp'];

export function postgresCollectionProblem(
  keys: readonly KeyColumn[],
  by: string,
  where: Place['where'] = {},
): string | undefined {
  const names = [by, ...Object.keys(where)];
  if (names.some((name) => !PostgresOptions.shape.table.safeParse(name).success))
    return "`by` and the fields of `where` are names of columns, of 1 to 63 bytes; write a column of the table, such as by: 'account_id'";
  const key = keys.find(({ name }) => name === by);
  if (key !== undefined && NO_IDS.includes(key.type))
    return `the column "${by}" is declared as \`${key.type}\`, which no id can be; name a column of text, whole numbers, uuids or dates`;
  return Object.values(where).some(isUnwritable) ? ZERO_BYTE : undefined;
}

/** Of which type a column is, and whether it has an index, is known to the table only. */
export function postgresDatasetProblem(
  { versionColumn }: Pick<PostgresOptions, 'versionColumn'>,
  { clock, attributes = {}, entities = {}, where = {}, index, scan }: DatasetConfiguration,
): string | undefined {
  if (index !== undefined || scan !== undefined)
    return '`index` and `scan` are for DynamoDB, and PostgreSQL finds the index of a column itself; remove them';
  // An application need not count every change of a clock.
  if (versionColumn !== undefined)
    return 'a row goes only if nothing in it has changed since its clock was read, and only `xmin` tells that; remove the option `versionColumn`';
  const columns = [
    ...Object.values(clock).flatMap(({ column, in: joined }) => [column, ...Object.values(joined ?? {})]),
    ...Object.values(attributes),
    ...Object.values(entities),
    ...Object.keys(where),
  ];
  const wrong = columns.find((name) => !PostgresOptions.shape.table.safeParse(name).success);
  if (wrong !== undefined)
    return 'clocks, attributes, entities, `in` and the fields of `where` are columns and tables, with names of 1 to 63 bytes; write a name such as `created_at`';
  return Object.values(where).some(isUnwritable) ? ZERO_BYTE : undefined;
}

const ZERO_BYTE = 'a text of `where` has a zero byte, which PostgreSQL cannot keep; remove it';

function isUnwritable(value: string | number | boolean): boolean {
  return typeof value === 'string' && value.includes('\0');
}

/** The type of a column that is no key is known to the table only. */
export function canCarry(keys: readonly KeyColumn[], { by, value }: Pick<Place, 'by' | 'value'>): boolean {
  const key = keys.find(({ name }) => name === by);
  return !value.includes('\0') && idValue(key?.type ?? 'text', value) !== undefined;
}
