import type { CoverageAnswer, CoverageOfStore } from '../../shared/contract/coverage.ts';
import { problem } from '../../shared/contract/problem.ts';
import { dayId, isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { effectivePolicies } from '../../shared/domain/configuration/effective-policies.ts';
import type { CoverageReport } from '../../shared/domain/coverage/coverage-report.ts';
import { own } from '../../shared/domain/own.ts';
import { present } from '../../shared/domain/present.ts';
import type { CensusCount } from '../../shared/ports/upkeep.ts';
import { IN_CATEGORY, IN_STORE } from '../../shared/protocol/attention.ts';
import { censusCounts, dayOfCensus, scopeCounts } from '../../shared/protocol/census.ts';
import type { ApiPorts, Operation } from './api-ports.ts';
import { decryptCursor, nextOf } from './cursor.ts';

/** Stores and places on one page, which is then smaller than 500 kB. A store is never cut: it has at most 200 places. */
const MOST_STORES = 50;
const MOST_PLACES = 300;

/** The last store that was shown. */
interface Place {
  readonly after: string;
}

/** What lies in the stores that nothing covers, as each one's newest survey found it. Nothing is written. */
export const queryCoverage: Operation<'queryCoverage'> = async (ports, { input }) => {
  const { cursor: sent, ...filters } = input;
  const query = { list: 'coverage', filters };
  const cursor = await decryptCursor<Place>(ports, query, sent);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  const { store } = filters;
  const stores = Object.keys(ports.configuration.stores).toSorted();
  if (store !== undefined && !stores.includes(store))
    return { kind: 'problem', problem: problem('NOT_FOUND', 'store') };
  const after = cursor.place?.after ?? '';
  const wanted = stores.filter((name) => (store === undefined || name === store) && name > after);
  const census = await ports.registry.newestCensus();
  const counts =
    census === undefined
      ? undefined
      : [...(await scopeCounts(ports, census)), ...(await censusCounts(ports, census))];
  const page = await pageOf(ports, wanted, counts);
  const last = page.at(-1)?.store;
  const next = page.length < wanted.length && last !== undefined ? { after: last } : undefined;
  const isFirst = store === undefined && cursor.place === undefined;
  return {
    kind: 'answer',
    answer: {
      asOf: isoUtc(ports.clock.now()),
      ...present({ census: census && dayOfCensus(census) }),
      stores: page,
      ...(isFirst && counts !== undefined && { unused: await unusedIn(ports, counts) }),
      ...(await nextOf(ports, query, next)),
    },
  };
};

async function pageOf(
  ports: ApiPorts,
  wanted: readonly string[],
  counts: readonly CensusCount[] | undefined,
): Promise<CoverageOfStore[]> {
  const page: CoverageOfStore[] = [];
  let places = 0;
  for (const name of wanted.slice(0, MOST_STORES)) {
    const one = await coverageOf(ports, name, counts);
    places += one.uncovered.length + one.datasets.length;
    if (places > MOST_PLACES && page.length > 0) break;
    page.push(one);
  }
  return page;
}

async function coverageOf(
  { registry, configuration }: ApiPorts,
  store: string,
  counts: readonly CensusCount[] | undefined,
): Promise<CoverageOfStore> {
  const settings = own(configuration.stores, store);
  const countedAs = (reason: string) =>
    counts && countOf(counts.filter((one) => one.reason === reason && one.store === store));
  const registered = countedAs(IN_STORE);
  const known = { store, ...present({ registered, overdue: countedAs('overdue') }) };
  const nothing = {
    personal: [],
    uncovered: [],
    unlisted: 0,
    ignored: 0,
    datasets: [],
    neverPresent: [],
    notSeen: [],
  };
  if (settings?.coverage === false) return { ...known, survey: 'off', ...nothing };
  const { report } = (await registry.coverage(store)) ?? {};
  if (report === undefined) return { ...known, survey: 'none', ...nothing };
  const hasCollections = (settings?.collections ?? []).length > 0;
  const inDatasets = rowsIn(report);
  const unregistered =
    registered === undefined || report.records === undefined || hasCollections || inDatasets === undefined
      ? undefined
      : Math.max(0, report.records.count - registered - inDatasets);
  return { ...known, ...present({ unregistered }), ...answerOf(report) };
}

/** Rows of all datasets; nothing if some were not counted, or not to their end. */
function rowsIn({ datasets }: CoverageReport): number | undefined {
  if (datasets.some(({ rows }) => rows === undefined || rows.counted === 'at-least')) return undefined;
  return datasets.reduce((sum, { rows }) => sum + (rows?.count ?? 0), 0);
}

function answerOf(report: CoverageReport): Omit<CoverageOfStore, 'store'> {
  const { at, records, personal, uncovered, unlisted, ignored, datasets, neverPresent, notSeen } = report;
  return {
    survey: 'made',
    surveyedAt: isoUtc(at),
    ...present({ records }),
    personal,
    uncovered: uncovered.map(({ oldest, since, ...place }) => ({
      ...place,
      ...present({
        oldest: oldest === undefined ? undefined : dayId(oldest),
        since: since === undefined ? undefined : isoUtc(since),
      }),
    })),
    unlisted,
    ignored,
    datasets: datasets.map(({ oldest, ...dataset }) => ({
      ...dataset,
      ...(oldest !== undefined && { oldest: dayId(oldest) }),
    })),
    neverPresent,
    notSeen,
  };
}

function countOf(counts: readonly CensusCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

/** Categories of the policies in effect of which neither the census nor a survey found a record that is not disposed of. */
async function unusedIn(
  ports: ApiPorts,
  counts: readonly CensusCount[],
): Promise<NonNullable<CoverageAnswer['unused']>> {
  const { configuration, clock } = ports;
  const used = new Set([
    ...counts.flatMap(({ reason, code }) => (reason === IN_CATEGORY ? (code ?? []) : [])),
    ...(await usedByDatasets(ports)),
  ]);
  return effectivePolicies(configuration.policies, clock.now()).flatMap(({ name, categories }) =>
    Object.keys(categories)
      .filter((category) => !used.has(category))
      .map((category) => ({ policy: name, category })),
  );
}

/** Also those of which it is not known whether there are rows. */
async function usedByDatasets({ configuration, registry }: ApiPorts): Promise<readonly string[]> {
  const used: string[] = [];
  for (const [store, { datasets = [] }] of Object.entries(configuration.stores)) {
    if (datasets.length === 0) continue;
    const { report } = (await registry.coverage(store)) ?? {};
    for (const { category } of datasets) {
      const rows = report?.datasets.find((one) => one.category === category)?.rows;
      if (rows === undefined || rows.count > 0 || rows.counted === 'at-least') used.push(category);
    }
  }
  return used;
}
