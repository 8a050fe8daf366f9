import type { Configuration, DatasetConfiguration, FactColumn } from '../configuration/configuration.ts';
import { columnOf } from '../datasets/datasets-of.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { FactColumnSchema } from './column-schema.ts';

/** A column of facts, and the store that it is in. */
export interface DefinedColumn extends FactColumn {
  readonly store: string;
}

/** What names a column for good: its facts are found by it in the registry. */
export interface ColumnName {
  readonly store: string;
  readonly producer: string;
  readonly event: string;
}

/** One text for it. Names of stores and producers have no space. */
export function nameOfColumn({ store, producer, event }: ColumnName): string {
  return `${store} ${producer} ${event}`;
}

/** Nothing for what is not such a text. */
export function columnNamed(name: string): ColumnName | undefined {
  const [, store, producer, event] = /^(\S+) (\S+) (.+)$/s.exec(name) ?? [];
  return store === undefined || producer === undefined || event === undefined
    ? undefined
    : { store, producer, event };
}

/** Under this name, instead of a producer's, the events of columns have their ids. No producer's name has a space. */
export const COLUMN_EVENTS = 'a column';

/** The columns of all stores that are in this part of the configuration. */
export function columnsIn({ stores }: Pick<Configuration, 'stores'>): readonly DefinedColumn[] {
  return Object.entries(stores).flatMap(([store, { facts = [] }]) =>
    facts.map((column) => ({ ...column, store })),
  );
}

/** The column of this name, as it is configured now. */
export function columnOfName(
  { stores }: Pick<Configuration, 'stores'>,
  { store, producer, event }: ColumnName,
): DefinedColumn | undefined {
  const found = own(stores, store)?.facts?.find((one) => one.producer === producer && one.event === event);
  return found && { ...found, store };
}

/** As it is written, with what may be left out. */
export function compiledColumn(written: FactColumnSchema): FactColumn {
  const { event, entity, clock, producer, where, ended } = written;
  return { event, entity, clock: columnOf(clock), producer, ...present({ where, ended }) };
}

/** What every function has to know of columns, also of those of stores that it does not know. */
export function columnNames(
  stores: Configuration['stores'],
): Pick<Configuration, 'readColumns' | 'endedColumns'> {
  const namesOf = (hasEnded: boolean): readonly string[] | undefined => {
    const columns = columnsIn({ stores }).filter(({ ended = false }) => ended === hasEnded);
    return columns.length === 0 ? undefined : columns.map(nameOfColumn);
  };
  return present({ readColumns: namesOf(false), endedColumns: namesOf(true) });
}

/** The same rows as a dataset has, for what reads and checks these. */
export function asDataset({ event, entity, clock, producer, where }: FactColumn): DatasetConfiguration {
  const entities = { [entity.type]: entity.column };
  return { category: event, producer, clock: { [event]: clock }, by: event, entities, ...present({ where }) };
}
