import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { collectionRef, holdingRef, logRef } from '../../../shared/domain/configuration/references.ts';
import { datasetRef } from '../../../shared/domain/datasets/dataset-ref.ts';
import { unpackList } from '../../../shared/domain/record/page-list.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { STORE } from '../driver/world.ts';
import { type Book, bookOf } from '../simulation/simulation-book.ts';
import type { Known } from './mixed-lives.ts';
import { earlyRow } from './mixed-early.ts';
import { isLost } from './mixed-lost.ts';
import type { MixedRun } from './mixed-run.ts';
import { PLACE } from './mixed-world.ts';

export interface MixedJudged {
  readonly deletions: number;
  readonly early: readonly string[];
  /** Due at the end, and still there. */
  readonly lost: readonly string[];
  /** Told more often by the log than it happened. */
  readonly double: readonly string[];
  /** Happened, and the log does not tell of it. */
  readonly untold: readonly string[];
  /** By what a row was disposed of, at most: a note may be registered, too. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Judges a whole run by what was said, written and held, with nothing of the code under test but its keyed references. */
export async function judgeMixed(run: MixedRun): Promise<MixedJudged> {
  const { sim, script, lives } = run;
  const book: Book = await bookOf(sim, script);
  const key = await sim.keys.registryKey();
  const dataset = datasetRef(STORE, 'logs');
  const all = new Map(
    lives.rows.map((row): [string, Known] => {
      const ref = holdingRef(key, STORE, JSON.stringify([row.name]));
      const works = [ref, collectionRef(key, STORE, 'notes', row.contract), dataset];
      return [row.name, { row, ref, works }];
    }),
  );
  const knownAs = (name: string): Known => {
    const found = all.get(name);
    if (found === undefined) throw new Error(`nothing has written ${name}`);
    return found;
  };
  const store = sim.store(STORE);
  const marks = sim.effects.get(STORE) ?? [];
  const early: string[] = [];
  const deletions = new Map<string, number>();
  const kinds: Record<string, number> = {};
  for (const [index, { call, locator, before }] of store.effects.entries()) {
    if (call !== 'delete') continue;
    const known = knownAs(String(locator[0]));
    const { name, kind } = known.row;
    deletions.set(name, (deletions.get(name) ?? 0) + 1);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    const mark = marks[index];
    if (mark === undefined) throw new Error(`effect ${index} has no mark`);
    const why = earlyRow(run, book, known, { mark, used: before['used'] ?? null });
    if (why !== undefined) early.push(`${name} at ${new Date(mark.at).toISOString()}: ${why}`);
  }
  const left = lives.rows.filter(({ name }) => store.fields(PLACE(name).locator) !== undefined);
  const lost = left.filter((row) => isLost(run, book, knownAs(row.name))).map(({ name }) => name);
  const told = await toldOf(run);
  const [double, untold]: [string[], string[]] = [[], []];
  for (const { row, ref } of all.values()) {
    // What the application removes in the middle of an attempt looks as if the attempt had done it.
    if (row.removed !== undefined) continue;
    const [times, happened] = [told(ref), deletions.get(row.name) ?? 0];
    if (times > happened) double.push(`${row.name} is told ${times} times, and went ${happened} times`);
    if (times < happened) untold.push(`${row.name} is told ${times} times, and went ${happened} times`);
  }
  return {
    deletions: [...deletions.values()].reduce((a, b) => a + b, 0),
    early,
    lost,
    double,
    untold,
    kinds,
  };
}

/** How often the results tell that a record is gone by their deed: in entries of its own, and in lists of pages. */
async function toldOf({ sim }: MixedRun): Promise<(ref: HoldingRef) => number> {
  const told = new Map<string, number>();
  const add = (ref: string): void => void told.set(ref, (told.get(ref) ?? 0) + 1);
  const years = new Set<number>();
  for (const result of sim.registry.allResults()) {
    if ('void' in result) continue;
    for (const { page, stage, outcome, interrupted, holding, leased } of result.entries) {
      years.add(yearOf(Date.parse(leased)));
      if (stage !== 'delete') continue;
      if (page?.root !== undefined) for (const ref of unpackList(result.lists?.[page.root] ?? '')) add(ref);
      const isDone = outcome === 'deleted' || (outcome === 'already-so' && interrupted === true);
      if (page === undefined && isDone) add(holding);
    }
  }
  for (const { registeredAt } of [...sim.registry.allHoldings(), ...sim.registry.allTombstones()])
    years.add(yearOf(registeredAt));
  const keys = await Promise.all([...years].map((year) => sim.keys.logKey(year)));
  return (ref) => keys.reduce((sum, key) => sum + (told.get(logRef(key, ref)) ?? 0), 0);
}

/** In words, for the report at the end of the tests. */
export function mixedText({ deletions, early, lost, double, untold, kinds }: MixedJudged): string {
  const of = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}s`);
  return `${deletions} rows of one store went (${of.join(', ')}): ${early.length} early, ${lost.length} lost, ${double.length} double, ${untold.length} untold`;
}
