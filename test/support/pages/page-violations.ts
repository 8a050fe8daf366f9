import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { holdingRef, logRef } from '../../../shared/domain/configuration/references.ts';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import type { Entry } from '../../../shared/domain/record/entry.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import { rootOf, unpackList } from '../../../shared/domain/record/page-list.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import { STORE, type World } from '../driver/world.ts';

type Looked = Pick<World, 'core' | 'registry' | 'store'>;

function resultsOf(w: Looked): readonly AttemptResult[] {
  return w.registry.allResults().flatMap((result) => ('void' in result ? [] : [result]));
}

/**
 * Everything that must never be of collections, whatever was killed or came in between: sentences, none if all is well.
 * `rewritten`: rows that the application wrote again; a deletion that was interrupted before has no entry.
 */
export async function pageViolations(
  w: Looked,
  rewritten: readonly string[] = [],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const key = await w.core.keys.registryKey();
  const told = new Map<string, number>();
  const holdings = [...w.registry.allTombstones(), ...w.registry.allHoldings()];
  for (const { entries, lists = {} } of resultsOf(w)) {
    for (const { page, outcome, stage } of entries) {
      if (page === undefined) continue;
      const list = page.root === undefined ? [] : unpackList(lists[page.root] ?? '');
      if (list.length !== page.records)
        wrong.push(`a page of ${page.records} records has a list of ${list.length}`);
      if (page.root !== undefined && rootOf(list) !== page.root) wrong.push('a list does not give its root');
      if (new Set(list).size < list.length) wrong.push('a list names a record twice');
      if (list.length > 0 && !isSuccess(outcome === 'pseudonymised' ? 'anonymised' : outcome))
        wrong.push(`an entry says ${outcome} of records that it lists`);
      if (stage === 'delete') for (const ref of list) told.set(ref, (told.get(ref) ?? 0) + 1);
    }
  }
  for (const holding of holdings.filter(({ collection }) => collection !== undefined))
    wrong.push(...(await wrongEnds(w, holding)));
  const excused = new Set(rewritten.map((row) => holdingRef(key, STORE, JSON.stringify([row]))));
  const deletions = new Map<HoldingRef, number>();
  for (const { call, locator } of w.store.effects) {
    const row = holdingRef(key, STORE, JSON.stringify(locator));
    if (call === 'delete' && !holdings.some(({ ref }) => ref === row))
      deletions.set(row, (deletions.get(row) ?? 0) + 1);
  }
  // Rows of a dataset are told with the key of the year in which their attempt began.
  const begun = resultsOf(w).flatMap(({ entries }) => entries.map(({ leased }) => Date.parse(leased)));
  const years = new Set([...holdings.map(({ registeredAt }) => registeredAt), ...begun].map(yearOf));
  const keys = await Promise.all([...years].map((year) => w.core.keys.logKey(year)));
  for (const [row, count] of deletions) {
    const tellings = keys.reduce((sum, one) => sum + (told.get(logRef(one, row)) ?? 0), 0);
    if (tellings < count && !excused.has(row)) wrong.push('a deletion of a record has no entry');
    if (tellings > count) wrong.push('an entry tells of a deletion that never was');
  }
  return [...new Set(wrong)];
}

/** One end of each generation that is disposed of, and none of another one. */
async function wrongEnds(w: Looked, holding: Holding): Promise<readonly string[]> {
  const ref = logRef(await w.core.keys.logKey(yearOf(holding.registeredAt)), holding.ref);
  const own = resultsOf(w)
    .flatMap(({ entries }) => entries)
    .filter((entry) => entry.holding === ref && entry.generation === holding.generation);
  const ends = own.filter((entry) => isEnd(entry)).length;
  const wanted = holding.state === 'disposed' ? 1 : 0;
  return [
    ...(ends === wanted ? [] : [`${ends} ends of a generation that is ${holding.state}`]),
    ...own.flatMap((entry) =>
      entry.readBack === undefined && isDone(entry) ? ['done, and not read back'] : [],
    ),
  ];
}

function isDone({ outcome }: Entry): boolean {
  return outcome === 'pseudonymised' || isSuccess(outcome);
}

function isEnd(entry: Entry): boolean {
  const { page, stage } = entry;
  return stage === 'delete' && isDone(entry) && page?.more !== true && page?.kept === undefined;
}

/** In the end no work waits, and nothing says that somebody works. */
export function leftOver(w: Looked): readonly string[] {
  return [
    ...(w.registry.allWorkRecords().length > 0 ? ['a work record is left'] : []),
    ...(w.registry.allChunks().length > 0 ? ['a chunk is left'] : []),
    ...w.registry.allSetAside().map(({ code }) => `set aside: ${code}`),
  ];
}
