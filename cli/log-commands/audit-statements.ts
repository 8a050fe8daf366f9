import { sameCounts, sumOfCounts } from '../../shared/domain/record/due-line.ts';
import type { DueListEntry, Entry, NoteEntry, StatementEntry } from '../../shared/domain/record/entry.ts';
import { rootOf } from '../../shared/domain/record/page-list.ts';

/** Whether each statement of what was due is what its parts give. */
export interface Statements {
  /** What is wrong, as the end of a sentence about the entry. Entries come in their order. */
  faultOf(entry: Entry | NoteEntry): string | undefined;
  /** Days after the first stated one that no statement covers, although the log goes on after their census. */
  daysWithout(): readonly string[];
}

const DAY = 86_400_000;
/** The years that Tenure's dates have. */
const FIRST_DAY = '1900-01-01';
const LAST_DAY = '2200-12-31';
/** More than the days of a hundred years: no log is so old. */
const MOST_DAYS = 36_526;

/**
 * Keeps a name for each statement, and the parts of those that have not come yet. `isCut`: the log's first entries were
 * dropped, and so may some parts of the first statement.
 */
export function statementChecks({ isCut = false } = {}): Statements {
  const whole = new Set<string>();
  const open = new Map<string, DueListEntry[]>();
  const covered: Pick<StatementEntry, 'first' | 'last'>[] = [];
  let mayLack = isCut;
  let latest = '';
  return {
    faultOf(entry) {
      const today = ('did' in entry ? entry.at : entry.leased).slice(0, LAST_DAY.length);
      if (today > latest && today <= LAST_DAY) latest = today;
      if (!('did' in entry) || (entry.did !== 'due-list' && entry.did !== 'statement')) return undefined;
      const { first, last, registry = '' } = entry;
      if (!areDaysOfLog(first, last)) return `is about days from ${first} to ${last}.`;
      const name = `${last} ${registry}`;
      if (whole.has(name)) return `is about ${last}, after the statement of this day.`;
      const parts = open.get(name) ?? [];
      if (entry.did === 'due-list') {
        const isNext = entry.part === (parts.at(-1)?.part ?? -1) + 1;
        if (!isNext && !(mayLack && parts.length === 0))
          return `is part ${entry.part} of ${last}, and part ${(parts.at(-1)?.part ?? -1) + 1} was to come.`;
        parts.push(entry);
        open.set(name, parts);
        return undefined;
      }
      whole.add(name);
      open.delete(name);
      covered.push({ first, last });
      const lacks = mayLack && isEndOf(parts, entry.parts);
      mayLack = false;
      return lacks ? undefined : statementFault(entry, parts);
    },
    daysWithout() {
      const inOrder = covered.toSorted((a, b) => (a.first < b.first ? -1 : 1));
      const without: string[] = [];
      let next = inOrder[0]?.first ?? '';
      for (const { first, last } of inOrder) {
        for (; next < first; next = dayAfter(next)) without.push(next);
        if (next <= last) next = dayAfter(last);
      }
      // The census of a day states the day before.
      if (next !== '') for (; dayAfter(next) < latest; next = dayAfter(next)) without.push(next);
      return without;
    },
  };
}

function areDaysOfLog(first: string, last: string): boolean {
  if (first < FIRST_DAY || first > last || last > LAST_DAY) return false;
  return Date.parse(last) - Date.parse(first) < MOST_DAYS * DAY;
}

/** Whether these are the last parts: what was dropped came before all of them. */
function isEndOf(parts: readonly DueListEntry[], count: number): boolean {
  return parts.length < count && parts.every(({ part }, at) => part === count - parts.length + at);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + DAY).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function statementFault(
  { first, last, parts: count, root, due, datasets = [] }: StatementEntry,
  parts: readonly DueListEntry[],
): string | undefined {
  const names = new Set(datasets.map(({ store, category }) => JSON.stringify([store, category])));
  if (names.size < datasets.length) return 'says two things about one dataset.';
  if (parts.length !== count) return `has ${count} parts, and ${parts.length} are before it.`;
  if (parts.some((part) => part.first !== first))
    return `is about days from ${first} to ${last}, and one of its parts is about others.`;
  if (!sameCounts(due, sumOfCounts(parts.map((part) => part.due))))
    return 'has other numbers of records than its parts.';
  return rootOf(parts.map((part) => part.root)) === root
    ? undefined
    : 'has another root than its parts give.';
}
