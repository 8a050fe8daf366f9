import { isDeepStrictEqual } from 'node:util';
import type { Aged, Covered, RowsForecasted } from '../../examples/stories/existing-story.ts';
import { pagesOf } from '../../shared/client/client.ts';
import { dayId } from '../../shared/domain/calendar/utc-time.ts';
import { type ExistingStage, number } from './existing-stage.ts';

const LONGEST_BAR = 60;

interface RowsPlayer {
  readonly age: (step: Aged) => Promise<void>;
  readonly cover: (step: Covered) => Promise<void>;
  readonly forecast: (step: RowsForecasted) => Promise<void>;
}

/** What a company sees of its records with clocks of their own, and of what nothing covers. */
export function rowsPlayer({ as, stores, print, finding }: ExistingStage): RowsPlayer {
  return {
    async age({ stores: all }) {
      for (const [store, { before, older, newer }] of Object.entries(all)) {
        const found = await stores.all(store);
        const old = found.filter(({ at = Infinity }) => at < before).length;
        const isRight = old === older && found.length - old === newer;
        finding(
          isRight,
          `${store}: ${number(old)} rows from before ${dayId(before)}, and ${number(found.length - old)} others`,
        );
      }
    },
    async cover({ store, uncovered, rows }) {
      for await (const page of pagesOf((cursor) => as('auditor').queryCoverage({ store, ...cursor })))
        for (const one of page.stores) {
          const names = one.uncovered.map(({ name }) => name);
          if (uncovered !== undefined)
            finding(
              isDeepStrictEqual(names, uncovered),
              `${store}: not covered: ${names.join(', ') || 'nothing'}`,
            );
          if (rows === undefined) continue;
          const { rows: all, noClock, overdue, oldest } = one.datasets[0] ?? {};
          const counts = [all, noClock, overdue].map((records) => records?.count ?? 0);
          const [count = 0, undated = 0, late = 0] = counts;
          finding(
            isDeepStrictEqual(counts, [rows.count, rows.noClock, rows.overdue]),
            `${store}: ${number(count)} rows, the oldest from ${oldest ?? 'no day'}; ${number(late)} are too old, and ${undated} have no date`,
          );
        }
    },
    async forecast({ until, rows }) {
      const days = new Map<string, number>();
      const due = new Map<string, number>();
      const comes = new Map<string, number>();
      const add = (to: Map<string, number>, name: string, more: number) =>
        void to.set(name, (to.get(name) ?? 0) + more);
      for await (const { groups } of pagesOf((cursor) =>
        as('operator').queryForecast({ by: 'day', until, ...cursor }),
      ))
        for (const group of groups.filter(({ store, dataset }) => store in rows && dataset !== undefined)) {
          add(due, group.store, group.due);
          for (const { from, count } of group.dates) {
            add(comes, group.store, count);
            add(days, from, count);
          }
        }
      for (const [store, wanted] of Object.entries(rows)) {
        const [now = 0, later = 0] = [due.get(store), comes.get(store)];
        finding(
          now === wanted.due && later === wanted.comes,
          `${store}: ${number(now)} rows may go already, and ${number(later)} more until ${until}`,
        );
      }
      for (const [day, count] of [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)))
        print.follows(
          '=',
          `${day}  ${String(count).padStart(3)}  ${'#'.repeat(Math.min(count, LONGEST_BAR))}`,
        );
    },
  };
}
