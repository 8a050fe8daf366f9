import type { Holding } from '../record/holding.ts';
import type { HoldingRef, Instant } from '../record/ids.ts';
import type { Replay } from './replay.ts';
import { type Standing, standingOf, STANDINGS } from './standing.ts';

/** Records of one category that are named. */
const MOST_SAMPLES = 5;
/** Of these, some are named. */
export const NAMED = ['there', 'planned', 'forgotten', 'unread'] as const satisfies readonly Standing[];
export type Named = (typeof NAMED)[number];

/** How many records of a category have which standing, and a few of them. */
export interface ReplayCell {
  /** Of a record of several categories, the first one by name. */
  readonly category: string;
  readonly counts: Readonly<Partial<Record<Standing, number>>>;
  readonly samples: Readonly<Partial<Record<Named, readonly HoldingRef[]>>>;
}

export interface ReplayTally {
  readonly cells: readonly ReplayCell[];
  /** Holdings of this store, or of an unknown one, that could not be read. */
  readonly damaged: number;
}

export const NO_REPLAY: ReplayTally = { cells: [], damaged: 0 };

/** The tally with the holdings of one more page of the registry. */
export function withStandings(
  tally: ReplayTally,
  replay: Replay,
  page: { readonly items: readonly Holding[]; readonly damaged: number },
  now: Instant,
): ReplayTally {
  const found = page.items.flatMap((holding): ReplayCell[] => {
    const standing = standingOf(replay, holding, now);
    if (standing === undefined) return [];
    const category = holding.variants.flatMap(({ categories }) => categories).toSorted()[0] ?? '';
    return [
      {
        category,
        counts: { [standing]: 1 },
        samples: isNamed(standing) ? { [standing]: [holding.ref] } : {},
      },
    ];
  });
  return addedStandings(tally, { cells: found, damaged: page.damaged });
}

/** In order of category. */
export function addedStandings(a: ReplayTally, b: ReplayTally): ReplayTally {
  const byCategory = Map.groupBy([...a.cells, ...b.cells], ({ category }) => category);
  const cells = [...byCategory].map(([category, same]): ReplayCell => {
    const known = STANDINGS.filter((standing) => same.some(({ counts }) => counts[standing] !== undefined));
    return {
      category,
      counts: Object.fromEntries(
        known.map((standing) => [
          standing,
          same.reduce((sum, { counts }) => sum + (counts[standing] ?? 0), 0),
        ]),
      ),
      samples: Object.fromEntries(
        known
          .filter(isNamed)
          .map((standing) => [
            standing,
            same.flatMap(({ samples }) => samples[standing] ?? []).slice(0, MOST_SAMPLES),
          ]),
      ),
    };
  });
  const order = (x: ReplayCell, y: ReplayCell): number => (x.category < y.category ? -1 : 1);
  return { cells: cells.toSorted(order), damaged: a.damaged + b.damaged };
}

function isNamed(standing: Standing): standing is Named {
  return NAMED.some((named) => named === standing);
}

/** How many records have a standing, of all categories. */
export function countOf({ cells }: Pick<ReplayTally, 'cells'>, standing: Standing): number {
  return cells.reduce((sum, { counts }) => sum + (counts[standing] ?? 0), 0);
}
