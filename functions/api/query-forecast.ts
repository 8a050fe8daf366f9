import type { ForecastGroup } from '../../shared/contract/forecast.ts';
import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { present } from '../../shared/domain/present.ts';
import type { ForecastSeries } from '../../shared/domain/forecast/forecast.ts';
import { type ForecastView, totalsOf } from '../../shared/domain/forecast/forecast-spans.ts';
import type { WideHold } from '../../shared/domain/record/hold.ts';
import { dayOfCensus } from '../../shared/protocol/census.ts';
import { type DatasetSeries, readDatasetForecasts } from '../../shared/protocol/forecast/dataset-series.ts';
import { isKept, readForecast } from '../../shared/protocol/forecast/read-forecast.ts';
import type { Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';

/** Dates on one page, which is then smaller than 500 kB. A group is never cut: it has at most 2,500. */
const MOST_DATES = 5000;
/** The names and the other numbers of a group weigh about as much as this many dates. */
const NAMES_WEIGH = 12;

/**
 * A list that was begun goes on in its own census. `after`: the last one of the datasets, which come then: they are as the
 * newest survey of their store has them.
 */
interface Place {
  readonly census: string;
  readonly shown: number;
  readonly after?: string;
}

/** How many records go when, as the newest census counted them, and rows of datasets, as surveys did. Nothing is written. */
export const queryForecast: Operation<'queryForecast'> = async (ports, { input }) => {
  const { cursor: sent, ...filters } = input;
  const query = { list: 'forecast', filters };
  const cursor = await decryptCursor<Place>(ports, query, sent);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const asOf = isoUtc(ports.clock.now());
  const forecast = await readForecast(ports, cursor.place?.census);
  if (forecast === undefined) return { kind: 'answer', answer: { asOf, groups: [] } };
  const { census, ended, series } = forecast;
  const { store, until, by = 'day' } = filters;
  const holds = await ports.registry.wideHolds();
  const view: ForecastView = { day: dayOfCensus(census), by, ...present({ until }) };
  const registered = series.filter((one) => store === undefined || one.store === store);
  const datasets = await readDatasetForecasts(ports, view.day, store);
  const { shown = 0, after = '' } = cursor.place ?? {};
  const left = [
    ...registered.slice(shown).map((one): Shown => ({ series: one })),
    ...datasets.series.filter((one) => nameOf(one) > after),
  ];
  const page = groupsFrom(left, view, holds);
  const last = left[page.length - 1];
  const isAtDatasets = last !== undefined && isOfDataset(last);
  const next: Place | undefined =
    page.length === left.length || last === undefined
      ? undefined
      : isAtDatasets
        ? { census, shown: registered.length, after: nameOf(last) }
        : { census, shown: shown + page.length };
  const { uncounted } = datasets;
  return {
    kind: 'answer',
    answer: {
      asOf,
      census: view.day,
      ended: isoUtc(ended),
      groups: page,
      ...(cursor.place === undefined && uncounted.length > 0 && { uncounted: [...uncounted] }),
      ...(await nextOf(ports, query, next)),
    },
  };
};

type Shown = { readonly series: ForecastSeries } | DatasetSeries;

function isOfDataset(shown: Shown): shown is DatasetSeries {
  return 'surveyedAt' in shown;
}

/** In the order in which they are listed. */
function nameOf({ series: { store, category, action } }: DatasetSeries): string {
  return [store, category, action ?? ''].join('\n');
}

/** The first ones. At least one, if there is any. */
function groupsFrom(all: readonly Shown[], view: ForecastView, holds: readonly WideHold[]): ForecastGroup[] {
  const page: ForecastGroup[] = [];
  let dates = 0;
  for (const one of all) {
    const group = { ...groupOf(one.series, view, holds), ...(isOfDataset(one) && { dataset: marksOf(one) }) };
    dates += NAMES_WEIGH + group.dates.length;
    if (dates > MOST_DATES && page.length > 0) break;
    page.push(group);
  }
  return page;
}

function marksOf({ surveyedAt, estimate, depends }: DatasetSeries): NonNullable<ForecastGroup['dataset']> {
  return { surveyedAt: isoUtc(surveyedAt), ...present({ estimate, depends }) };
}

function groupOf(series: ForecastSeries, view: ForecastView, holds: readonly WideHold[]): ForecastGroup {
  const { store, policy, category, action } = series;
  const { spans, noDate, ...counts } = totalsOf(series, view);
  return {
    store,
    ...(policy !== '' && { policy }),
    category,
    ...present({ action }),
    ...(isKept(series, holds) && { underHold: true as const }),
    ...counts,
    dates: [...spans],
    undated: Object.entries(noDate).map(([reason, count]) => ({ reason, count })),
  };
}
