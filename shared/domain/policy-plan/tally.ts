import type { HoldingRef } from '../record/ids.ts';
import { type Change, CHANGES } from './change.ts';

/** Of one change, in one store and category. */
const SAMPLES = 5;
/** Of one tally: they are what does not get smaller when it is packed. */
const MOST_SAMPLES = 2000;

/** What other policies make of the records of one category in one store. */
export interface TallyCell {
  readonly store: string;
  /** The first of a record's categories, by name. */
  readonly category: string;
  readonly counts: Readonly<Partial<Record<Change, number>>>;
  /** A few records of each change. None of what does not change. */
  readonly samples: Readonly<Partial<Record<Change, readonly HoldingRef[]>>>;
  /** Collections among them: each counts once, and how many rows it has is not known. */
  readonly collections: number;
}

export interface Tally {
  /** Holdings that are not disposed of and were compared. */
  readonly examined: number;
  /** Holdings that cannot be read. Nothing disposes of them before that is mended. */
  readonly unread: number;
  readonly cells: readonly TallyCell[];
}

export const NOTHING_COUNTED: Tally = { examined: 0, unread: 0, cells: [] };

/** One record that was compared. */
export interface Compared {
  readonly ref: HoldingRef;
  readonly store: string;
  readonly category: string;
  readonly change: Change;
  readonly isCollection: boolean;
}

export function withCompared(tally: Tally, compared: readonly Compared[], unread = 0): Tally {
  const cells = compared.map(({ ref, store, category, change, isCollection }): TallyCell => ({
    store,
    category,
    counts: { [change]: 1 },
    samples: change === 'unchanged' ? {} : { [change]: [ref] },
    collections: isCollection ? 1 : 0,
  }));
  return added(tally, { examined: compared.length, unread, cells });
}

/** In order of store and category. Of samples, the first ones. */
export function added(a: Tally, b: Tally): Tally {
  const groups = Map.groupBy([...a.cells, ...b.cells], ({ store, category }) =>
    JSON.stringify([store, category]),
  );
  let room = MOST_SAMPLES;
  const cells = [...groups]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      const { store, category } = first;
      const counts: Partial<Record<Change, number>> = {};
      const samples: Partial<Record<Change, readonly HoldingRef[]>> = {};
      for (const change of CHANGES) {
        const count = same.reduce((sum, cell) => sum + (cell.counts[change] ?? 0), 0);
        if (count > 0) counts[change] = count;
        const shown = same.flatMap((cell) => cell.samples[change] ?? []).slice(0, Math.min(SAMPLES, room));
        room -= shown.length;
        if (shown.length > 0) samples[change] = shown;
      }
      const collections = same.reduce((sum, cell) => sum + cell.collections, 0);
      return [{ store, category, counts, samples, collections }];
    });
  return { examined: a.examined + b.examined, unread: a.unread + b.unread, cells };
}

export type Totals = Readonly<Record<Change, number>>;

export function totalsOf({ cells }: Pick<Tally, 'cells'>): Totals {
  const of = (change: Change): number => cells.reduce((sum, { counts }) => sum + (counts[change] ?? 0), 0);
  return Object.fromEntries(CHANGES.map((change) => [change, of(change)])) as Totals;
}

/** What a person has to agree to, where it is too much: due now, or within 30 days, and it was not. */
export function newlyDue(tally: Pick<Tally, 'cells'>): number {
  const { due, soon } = totalsOf(tally);
  return due + soon;
}
