import type { KeyColumn } from '../../domain/configuration/configuration.ts';
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
  return Object.values(where).some((value) => typeof value === 'string' && value.includes('\0'))
    ? 'a text of `where` has a zero byte, which PostgreSQL cannot keep; remove it'
    : undefined;
}

/** The type of a column that is no key is known to the table only. */
export function canCarry(keys: readonly KeyColumn[], { by, value }: Pick<Place, 'by' | 'value'>): boolean {
  const key = keys.find(({ name }) => name === by);
  return !value.includes('\0') && idValue(key?.type ?? 'text', value) !== undefined;
}
