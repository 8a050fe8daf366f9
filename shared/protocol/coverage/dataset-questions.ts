import { dayId } from '../../domain/calendar/utc-time.ts';
import { effectivePolicies } from '../../domain/configuration/effective-policies.ts';
import type { ClockEdge, DatasetQuestion } from '../../domain/coverage/survey.ts';
import { datasetsIn } from '../../domain/datasets/datasets-of.ts';
import type { DefinedDataset } from '../../domain/datasets/row-holding.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { LaneCore } from '../core.ts';
import { type ClockBins, clockBins } from '../forecast/clock-bins.ts';
import { seconds } from '../seconds.ts';

const DAY = 86_400_000;
/** A date may be tomorrow's already where its day begins first. */
const FIRST_ZONE = 14 * 3_600_000;
/** No row is older by a clock that can be taken: the epoch stands for a date that is missing. */
const AFTER_EPOCH = '1970-01-02';
/** The same of a number: earlier ones are of another unit. */
const FIRST_COUNTED = '1973-03-04';

export interface AskedDataset {
  readonly dataset: DefinedDataset;
  readonly question: DatasetQuestion;
  /** When the rows of each interval but the first and the last go. */
  readonly bins: ClockBins;
}

/** Datasets of one store that are counted. With more than a few of them, forecasts are by week: they are one item. */
export const MOST_DATASETS = 100;
const FEW_DATASETS = 10;

/** What the lane's survey counts: the rows of its datasets, by when they go, and those whose clock cannot be taken. */
export function datasetQuestions(core: LaneCore): readonly AskedDataset[] {
  const now = core.clock.now();
  const datasets = datasetsIn(core.configuration, core.lane);
  const by = datasets.length > FEW_DATASETS ? 'week' : 'day';
  return datasets.slice(0, MOST_DATASETS).flatMap((dataset): AskedDataset[] => {
    const { category, where, scan } = dataset;
    const clock = own(dataset.clock, dataset.by);
    if (clock === undefined) return [];
    const [first, late] = plausibleDays(core, dataset, now);
    const bins = clockBins(core, dataset, { first: first.at, last: late.at - 1, now, by });
    const edges = [first, ...bins.edges, late];
    return [{ dataset, bins, question: { category, clock, edges, ...present({ where, scan }) } }];
  });
}

/** The first day that a clock can have, and the first one that it cannot have any more. Within a day they are not exact. */
function plausibleDays(
  { configuration }: LaneCore,
  { by, clock }: DefinedDataset,
  now: Instant,
): readonly [ClockEdge, ClockEdge] {
  const declared = effectivePolicies(configuration.policies, now).flatMap(
    ({ events }) => own(events, by) ?? [],
  );
  const from = declared.map(
    ({ plausible, personal }) => plausible?.from ?? (personal ? '1970-01-01' : AFTER_EPOCH),
  );
  const last = declared.flatMap(({ plausible }) => plausible?.to ?? []);
  const [first = AFTER_EPOCH] = [
    ...from,
    own(clock, by)?.unit === undefined ? '1970-01-01' : FIRST_COUNTED,
  ].toSorted((a, b) => (a < b ? 1 : -1));
  const until = now + seconds(configuration.timing.clockTolerance);
  const late: ClockEdge = { at: until + 1, date: dayId(until + FIRST_ZONE + DAY) };
  const beyond = last.map((day) => startOf(dayId(Date.parse(day) + DAY)));
  const end = [late, ...beyond].toSorted((a, b) => a.at - b.at)[0] ?? late;
  const begin = startOf(first);
  return [begin.at < end.at ? begin : end, end];
}

function startOf(date: string): ClockEdge {
  return { at: Date.parse(date), date };
}
