import { dayId } from '../../domain/calendar/utc-time.ts';
import { codeOf } from '../../domain/error-code.ts';
import { type CoverageReport, coverageReport, presentFields } from '../../domain/coverage/coverage-report.ts';
import { type DatasetReport, datasetReport } from '../../domain/coverage/dataset-report.ts';
import type { NotSeen, Survey } from '../../domain/coverage/survey.ts';
import { datasetsIn } from '../../domain/datasets/datasets-of.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { LaneCore } from '../core.ts';
import { changeGuard } from '../guard/change-guard.ts';
import { isPauseOf } from '../lane/begin.ts';
import { type AskedDataset, datasetQuestions, MOST_DATASETS } from './dataset-questions.ts';
import { overdueRows } from './overdue-rows.ts';

const DAY = 86_400_000;
/** Attempts that write the lane's guard at the same time. Where they do so each time, the next day notes the size. */
const MOST_TRIES = 20;

/**
 * Surveys the lane's store, at most once a day: the day is noted before the store is asked, so a survey that ends the
 * worker is not begun again until the next day. It takes no longer than one call of the store, and holds back only the worker that it
 * runs in. Two at once read the store twice, and write the same.
 */
export async function surveyStore(core: LaneCore): Promise<void> {
  const settings = own(core.configuration.stores, core.lane);
  if (settings === undefined || settings.coverage === false) return;
  const day = dayId(core.clock.now());
  const former = await core.registry.coverage(core.lane);
  if (former?.tried === day) return;
  // A pause is for a store in trouble, too.
  if ((await core.registry.wideHolds()).some((hold) => isPauseOf(hold, core.lane))) return;
  await core.registry.putCoverage(core.lane, { tried: day, ...present({ report: former?.report }) });
  const { covered = NOTHING, coverage, neverPresent = [] } = settings;
  const asked = datasetQuestions(core);
  const survey = await core.store.survey({
    covered,
    account: coverage?.account === true,
    sample: coverage?.sample === true,
    neverPresent,
    turn: Math.floor(core.clock.now() / DAY),
    datasets: asked.map(({ question }) => question),
  });
  const { datasets, notSeen } = await datasetReports(core, asked, survey);
  const at = core.clock.now();
  const seen = { ...survey, notSeen };
  const found = coverageReport({ survey: seen, at, settings: coverage, former: former?.report, datasets });
  // Before it is written: one that dies in between is told twice, and not never.
  tell(core, found);
  await core.registry.putCoverage(core.lane, { tried: day, report: found });
  if (settings.breaker?.share !== undefined) await noteSize(core, survey);
}

/** For the breaker. Where the store's records could not be counted, the number of the survey before stays. */
async function noteSize(core: LaneCore, { records }: Survey): Promise<void> {
  if (records === undefined) return;
  const surveyed = records.count;
  await changeGuard(core, core.lane, { by: core.tokens.next(), tries: MOST_TRIES }, (guard) => ({
    guard: guard.surveyed === surveyed ? guard : { ...guard, surveyed },
  }));
}

const NOTHING = { tables: [], prefixes: [], buckets: [] };

/** With what of them is past its deadline: that is read row by row, as before rows go. */
async function datasetReports(
  core: LaneCore,
  asked: readonly AskedDataset[],
  { datasets, notSeen }: Survey,
): Promise<{ readonly datasets: readonly DatasetReport[]; readonly notSeen: readonly NotSeen[] }> {
  const reports: DatasetReport[] = [];
  const failed: NotSeen[] = [];
  if (datasetsIn(core.configuration, core.lane).length > MOST_DATASETS)
    failed.push({ part: 'datasets', code: 'TOO_MANY' });
  for (const { dataset, bins } of asked) {
    const { category } = dataset;
    const overdue = await unlessThrown(() => overdueRows(core, dataset));
    const counts = datasets.find((one) => one.category === category) ?? { category };
    if ('code' in overdue) failed.push({ part: 'datasets', code: overdue.code });
    reports.push(datasetReport(counts, bins, 'code' in overdue ? undefined : overdue));
  }
  const isKnown = notSeen.some(({ part }) => part === 'datasets');
  return { datasets: reports, notSeen: [...notSeen, ...(isKnown ? [] : failed.slice(0, 1))] };
}

/** A dataset that cannot be planned must not take the rest of the survey with it. */
async function unlessThrown<Found>(read: () => Promise<Found>): Promise<Found | { readonly code: string }> {
  try {
    return await read();
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function tell({ lane: store, report }: LaneCore, found: CoverageReport): void {
  report('survey.surveyed', { store, count: found.uncovered.length + found.unlisted });
  for (const { code } of found.notSeen) if (!EXPECTED.has(code)) report('survey.unseen', { store, code });
  if (found.appeared > 0) report('survey.appeared', { store, count: found.appeared });
  const fields = presentFields(found).length;
  if (fields > 0) report('survey.never-present', { store, count: fields });
}

/** Why a part of a survey is missing, although nothing is wrong. */
const EXPECTED: ReadonlySet<string> = new Set(['NOT_ASKED', 'TOO_MANY']);
