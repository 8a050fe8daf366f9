import type { ForecastGroup } from '../../shared/contract/forecast.ts';
import { problem } from '../../shared/contract/problem.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { present } from '../../shared/domain/present.ts';
import type { ForecastSeries } from '../../shared/domain/forecast/forecast.ts';
import { type ForecastView, totalsOf } from '../../shared/domain/forecast/forecast-spans.ts';
import type { WideHold } from '../../shared/domain/record/hold.ts';
import { dayOfCensus } from '../../shared/protocol/census.ts';
import { isKept, readForecast } from '../../shared/protocol/forecast/read-forecast.ts';
import type { Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';

/** Dates on one page, which is then smaller than 500 kB. A group is never cut: it has at most 2,500. */
const MOST_DATES = 5000;
/** The names and the other numbers of a group weigh about as much as this many dates. */
const NAMES_WEIGH = 12;

/** A list that was begun goes on in its own census. */
interface Place {
  readonly census: string;
  readonly shown: number;
}

/** How many records go when, as the newest census counted them. Nothing is written. */
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
  const wanted = series.filter((one) => store === undefined || one.store === store);
  const shown = cursor.place?.shown ?? 0;
  const page = groupsFrom(wanted.slice(shown), view, holds);
  const end = shown + page.length;
  return {
    kind: 'answer',
    answer: {
      asOf,
      census: view.day,
      ended: isoUtc(ended),
      groups: page,
      ...(await nextOf(ports, query, end < wanted.length ? { census, shown: end } : undefined)),
    },
  };
};

/** The first ones. At least one, if there is any. */
function groupsFrom(
  all: readonly ForecastSeries[],
  view: ForecastView,
  holds: readonly WideHold[],
): ForecastGroup[] {
  const page: ForecastGroup[] = [];
  let dates = 0;
  for (const series of all) {
    const group = groupOf(series, view, holds);
    dates += NAMES_WEIGH + group.dates.length;
    if (dates > MOST_DATES && page.length > 0) break;
    page.push(group);
  }
  return page;
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
