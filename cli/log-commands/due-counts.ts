import { DUE_STATES, type DueCounts } from '../../shared/domain/record/entry.ts';

/** What had come of the records that were due, such as `3 settled, 0 later, 1 held, 0 waits, 2 open`. */
export function dueCounts(due: DueCounts): string {
  return DUE_STATES.map((state) => `${due[state]} ${state}`).join(', ');
}
