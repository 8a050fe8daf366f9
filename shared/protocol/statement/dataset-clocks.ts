import { dayId, isoUtc } from '../../domain/calendar/utc-time.ts';
import type { CoverageReport } from '../../domain/coverage/coverage-report.ts';
import type { DatasetReport } from '../../domain/coverage/dataset-report.ts';
import { datasetsIn } from '../../domain/datasets/datasets-of.ts';
import type { DefinedDataset } from '../../domain/datasets/row-holding.ts';
import { codeOf } from '../../domain/error-code.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { DatasetClock, StatementEntry } from '../../domain/record/entry.ts';
import type { Core } from '../core.ts';

/** Of JSON. An entry has at most 65,535. */
const MOST_BYTES = 48_000;

type Clocks = Pick<StatementEntry, 'datasets' | 'datasetsLeftOut'>;

/** How far back the rows of each dataset go, by the newest surveys: one read for each store that has any. */
export async function datasetClocks(core: Core): Promise<Clocks> {
  const all: DatasetClock[] = [];
  for (const store of Object.keys(core.configuration.stores).toSorted()) {
    const datasets = datasetsIn(core.configuration, store);
    if (datasets.length === 0) continue;
    const report = await reportOf(core, store);
    all.push(...datasets.map((dataset) => clockOf(core, dataset, report)));
  }
  const datasets = fittingOf(all);
  const leftOut = all.length - datasets.length;
  return present({
    datasets: all.length > 0 ? datasets : undefined,
    datasetsLeftOut: leftOut > 0 ? leftOut : undefined,
  });
}

function fittingOf(all: readonly DatasetClock[]): readonly DatasetClock[] {
  let bytes = 0;
  for (const [at, one] of all.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    if (bytes > MOST_BYTES) return all.slice(0, at);
  }
  return all;
}

/** One that is damaged, or that another release wrote, says nothing of its store, and stops no statement. */
async function reportOf(core: Core, store: string): Promise<CoverageReport | undefined> {
  try {
    return (await core.registry.coverage(store))?.report;
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ITEM_INVALID' && code !== 'ITEM_SCHEMA_UNKNOWN') throw error;
    core.report('sweep.failed', { store, code });
    return undefined;
  }
}

function clockOf(
  core: Core,
  { store, category, by }: DefinedDataset,
  report: CoverageReport | undefined,
): DatasetClock {
  const found = report?.datasets.find((one) => one.category === category);
  if (report === undefined || found === undefined) return { store, category };
  const isPersonal = core.configuration.policies.policies.some(({ events }) => own(events, by)?.personal);
  const { noClock, implausible, rows } = found;
  const unreadable =
    noClock === undefined || implausible === undefined ? undefined : noClock.count + implausible.count;
  return {
    store,
    category,
    surveyed: isoUtc(report.at),
    ...(isPersonal ? { personal: true } : present({ oldest: oldestIn(found, unreadable) })),
    ...present({ unreadable, counted: rows?.counted }),
  };
}

function oldestIn({ oldest, rows }: DatasetReport, unreadable: number | undefined): string | undefined {
  if (oldest !== undefined) return dayId(oldest);
  return rows?.counted === 'exact' && rows.count === unreadable ? 'none' : undefined;
}
