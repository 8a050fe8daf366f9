import {
  type DatasetClock,
  DUE_STATES,
  type DueCounts,
  type StatementEntry,
} from '../../shared/domain/record/entry.ts';

/** What had come of the records that were due, such as `3 settled, 0 later, 1 held, 0 waits, 2 open`. */
export function dueCounts(due: DueCounts): string {
  return DUE_STATES.map((state) => `${due[state]} ${state}`).join(', ');
}

/** For people: a line for each dataset of which a statement says how far back its rows go. */
export function datasetLines({ datasets = [], datasetsLeftOut = 0 }: StatementEntry): readonly string[] {
  return [
    ...datasets.map((one) => `Dataset ${one.category} in ${one.store}: ${saidClock(one)}.`),
    ...(datasetsLeftOut > 0 ? [`${datasetsLeftOut} more datasets are not told.`] : []),
  ];
}

function saidClock({ surveyed, oldest, personal, unreadable, counted }: DatasetClock): string {
  if (surveyed === undefined) return 'not surveyed';
  const clock =
    personal === true
      ? 'its clock is a date of persons and is not told'
      : oldest === undefined
        ? 'the oldest clock is not known'
        : oldest === 'none'
          ? 'no row has a clock'
          : `the oldest clock is of ${oldest}`;
  const rows = unreadable === undefined ? '' : `, ${unreadable} rows without one that can be right`;
  const partly = counted === 'exact' || counted === undefined ? '' : `, not all rows were counted`;
  return `${clock}${rows}${partly}, surveyed at ${surveyed}`;
}
