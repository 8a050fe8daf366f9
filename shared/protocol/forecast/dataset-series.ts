import type { DatasetForecast } from '../../domain/coverage/dataset-report.ts';
import { asOfDay } from '../../domain/forecast/forecast-spans.ts';
import { type ForecastSeries, noDateReason } from '../../domain/forecast/forecast.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Core } from '../core.ts';

/** The rows of a dataset: those with a date in one series, and those without one in another. */
export interface DatasetSeries extends Pick<DatasetForecast, 'estimate' | 'depends'> {
  readonly series: ForecastSeries;
  readonly surveyedAt: Instant;
}

export interface DatasetForecasts {
  /** In the order of store, category and action. */
  readonly series: readonly DatasetSeries[];
  readonly uncounted: readonly { readonly store: string; readonly category: string }[];
}

/** What the newest surveys say of when rows go, as a forecast of this UTC day has it. */
export async function readDatasetForecasts(
  { registry, configuration }: Pick<Core, 'registry' | 'configuration'>,
  day: string,
  only?: string,
): Promise<DatasetForecasts> {
  const series: DatasetSeries[] = [];
  const uncounted: { store: string; category: string }[] = [];
  const stores = only === undefined ? Object.keys(configuration.stores).toSorted() : [only];
  for (const store of stores) {
    const { datasets = [] } = own(configuration.stores, store) ?? {};
    if (datasets.length === 0) continue;
    const { report } = (await registry.coverage(store)) ?? {};
    for (const category of datasets.map((one) => one.category).toSorted()) {
      const found = report?.datasets.find((one) => one.category === category)?.forecast;
      if (report === undefined || found === undefined) uncounted.push({ store, category });
      else series.push(...seriesOf({ store, category, found, surveyedAt: report.at }, day));
    }
  }
  return { series, uncounted };
}

function seriesOf(
  {
    store,
    category,
    found,
    surveyedAt,
  }: Pick<DatasetSeries, 'surveyedAt'> & {
    readonly store: string;
    readonly category: string;
    readonly found: DatasetForecast;
  },
  day: string,
): readonly DatasetSeries[] {
  const { policy, bins, estimate, depends } = found;
  const byDate = Object.groupBy(Object.entries(asOfDay(bins, day)), ([bin]) =>
    noDateReason(bin) === undefined ? 'dated' : 'undated',
  );
  const named = { store, policy, category };
  const told = { surveyedAt, ...present({ estimate }) };
  const { dated = [], undated = [] } = byDate;
  return [
    ...(undated.length > 0 ? [{ series: { ...named, bins: Object.fromEntries(undated) }, ...told }] : []),
    ...(dated.length > 0
      ? [
          {
            series: { ...named, action: 'delete' as const, bins: Object.fromEntries(dated) },
            ...told,
            ...present({ depends }),
          },
        ]
      : []),
  ];
}
