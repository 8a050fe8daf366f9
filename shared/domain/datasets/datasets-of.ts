import type {
  ClockColumn,
  Configuration,
  DatasetConfiguration,
  StoreKinds,
} from '../configuration/configuration.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { DatasetSchema } from './dataset-schema.ts';
import type { DefinedDataset } from './row-holding.ts';

/** A store's dataset of this category. Nothing if it is no longer configured. */
export function datasetNamed(
  configuration: Pick<Configuration, 'stores' | 'policies'>,
  store: string,
  category: string,
): DefinedDataset | undefined {
  return datasetsIn(configuration, store).find((dataset) => dataset.category === category);
}

/** The datasets of a store. */
export function datasetsIn(
  { stores, policies }: Pick<Configuration, 'stores' | 'policies'>,
  store: string,
): readonly DefinedDataset[] {
  return (own(stores, store)?.datasets ?? []).flatMap((dataset) => {
    const type = entityOf(policies, dataset.by);
    return type === undefined ? [] : [{ ...dataset, store, type }];
  });
}

/** Type of the entity to which an event happens. All versions of all policies agree, where one is a clock. */
export function entityOf({ policies }: Configuration['policies'], event: string): string | undefined {
  return policies.flatMap(({ events }) => own(events, event)?.entity ?? [])[0];
}

/** As it is written, with what may be left out. */
export function compiledDataset(
  written: DatasetSchema,
  kind: Pick<StoreKinds[string], 'readsAll'> | undefined,
): DatasetConfiguration {
  const { category, producer, attributes, entities, where, index, scan } = written;
  const clock = Object.fromEntries(
    Object.entries(written.clock).map(([event, column]): [string, ClockColumn] => [event, columnOf(column)]),
  );
  const by = written.by ?? Object.keys(clock)[0] ?? '';
  const dataset = { category, producer, clock, by, ...present({ attributes, entities, where, index, scan }) };
  return kind?.readsAll(dataset) === true ? { ...dataset, daily: true } : dataset;
}

/** A column as it is written: its name alone, or with what it holds. */
export function columnOf(written: DatasetSchema['clock'][string]): ClockColumn {
  if (typeof written === 'string') return { column: written };
  const { column, unit, zone, in: joined } = written;
  return { column, ...present({ unit, zone, in: joined }) };
}
