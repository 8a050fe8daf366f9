import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import { canonicalJson } from '../../../shared/domain/canonical-json.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import { isSuccess } from '../../../shared/domain/record/actions.ts';
import { isSameStage, stageKey } from '../../../shared/domain/record/stage-name.ts';
import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import type { Holding, StageDone } from '../../../shared/domain/record/holding.ts';
import type { AttemptResult } from '../../../shared/domain/record/work.ts';
import { logLinesOf } from '../../../shared/protocol/log/bundle.ts';
import { openLink } from '../../../shared/protocol/entry-links.ts';
import { isRemarked } from '../../../shared/protocol/late-fact.ts';
import { entriesOfLog, wrongLists } from '../log/wrong-lists.ts';
import { wrongIndex } from '../log/wrong-index.ts';
import { unsigned, wrongTree } from '../log/wrong-tree.ts';
import type { Driver } from './driver.ts';
import type { Run } from './driver-runs.ts';

/** An entry and where it lies. */
export interface Found {
  readonly entry: Entry;
  readonly token: string;
  readonly line: number;
  readonly run: Run | undefined;
}

export function resultsOf(d: Driver): readonly AttemptResult[] {
  return d.registry.allResults().flatMap((result) => ('void' in result ? [] : [result]));
}

/** Every entry, with the run that wrote it. */
export function entriesIn(d: Driver): readonly Found[] {
  return resultsOf(d).flatMap(({ token, entries }) => {
    const run = d.runs.find(({ tokens }) => tokens.some((own) => token.endsWith(`.${own}`)));
    return entries.map((entry, line) => ({ entry, token, line, run }));
  });
}

export const isResultEntry = ({ outcome }: Entry): boolean =>
  outcome === 'pseudonymised' || isSuccess(outcome);

/** Everything that must never be, whatever was killed: sentences, none if all is well. */
export async function violations(d: Driver): Promise<readonly string[]> {
  const holdings = [...d.registry.allTombstones(), ...d.registry.allHoldings()];
  const found = entriesIn(d);
  const wrong = [
    ...wrongInLog(d),
    ...(await wrongTree(d)),
    ...unsigned(d),
    ...(await wrongIndex(d.registry)),
    ...threw(d),
    ...left(d),
    ...(await wrongNotes(d, holdings)),
  ];
  const deleted = new Map<string, number>();
  for (const holding of holdings) {
    const key = await d.core.keys.logKey(yearOf(holding.registeredAt));
    const ref = logRef(key, holding.ref);
    const own = found.filter(({ entry }) => entry.holding === ref && entry.generation === holding.generation);
    wrong.push(...wrongInEntries(own), ...(await wrongOutcomes(d, holding, own)));
    // Deleted, and written again before the read-back: that entry says so.
    const told = own.filter(
      ({ entry }) =>
        entry.stage === 'delete' && (isResultEntry(entry) || entry.answer === 'READ_BACK_BROKEN'),
    ).length;
    deleted.set(holding.ref, (deleted.get(holding.ref) ?? 0) + told);
    if (holding.state === 'pending') wrong.push('a holding stays unplanned');
  }
  // Rows of a collection have no entry of their own.
  const { notes } = d.core.configuration.stores;
  const single = (notes?.collections ?? []).length === 0 ? d.store.effects : [];
  for (const id of new Set(single.map(({ locator }) => String(locator[0])))) {
    const deletions = d.effectsOn(id).filter(({ call }) => call === 'delete').length;
    if (deletions > (deleted.get(d.ref(id)) ?? 0)) wrong.push('a deletion has no entry');
  }
  return [...new Set(wrong)];
}

function threw(d: Driver): string[] {
  return d.runs.flatMap(({ verb, error }) =>
    error === undefined
      ? []
      : [`${verb} threw ${error instanceof Error ? error.message : 'something that is not an error'}`],
  );
}

/** In the end no work waits, and nothing says that somebody works. */
function left(d: Driver): string[] {
  return [
    ...(d.registry.allWorkRecords().length > 0 ? ['a work record is left'] : []),
    ...(d.registry.allChunks().length > 0 ? ['a chunk is left'] : []),
    ...(d.registry.allSetAside().length > 0 ? ['a holding is set aside'] : []),
    ...d.registry.allQuarantined().map(({ code }) => `a message is quarantined: ${code}`),
  ];
}

/** Sealed without gaps, in objects that hold exactly the entries, and nothing left behind. */
function wrongInLog(d: Driver): string[] {
  const wrong: string[] = [];
  const results = new Map(resultsOf(d).map((result) => [result.token, result]));
  const sealed = d.registry.allSealed().toSorted((a, b) => a.first - b.first);
  let next = 0;
  const inOrder: (Entry | NoteEntry)[] = [];
  for (const { token, first, count } of sealed) {
    if (first !== next) wrong.push(`the log has a gap or an overlap at ${next}`);
    next += count;
    const result = results.get(token);
    if (result !== undefined) inOrder.push(...logLinesOf(result));
  }
  if (inOrder.length !== next) wrong.push('the index counts other entries than the results have');
  const written = entriesOfLog(d.bucket.allObjects());
  wrong.push(...wrongLists(d.bucket.allObjects()));
  if (JSON.stringify(written.map(placeOf)) !== JSON.stringify(inOrder.map(placeOf)))
    wrong.push('the objects of the log are not the entries in their order');
  if (d.registry.allToBeSealed().length > 0) wrong.push('a note for seal is left');
  for (const result of results.values()) {
    const times = sealed.filter(({ token }) => token === result.token).length;
    if (times !== (logLinesOf(result).length > 0 ? 1 : 0)) wrong.push(`a result is sealed ${times} times`);
  }
  return wrong;
}

function placeOf(line: Entry | NoteEntry): string {
  if ('did' in line) return canonicalJson(line);
  const { token, holding, generation, stage, outcome } = line;
  return [token, holding, generation, stage, outcome].join(' ');
}

/** Notes but for those of what was due, which each day has. */
export function notesIn(d: Driver): readonly NoteEntry[] {
  const notes = resultsOf(d).flatMap(({ actions = [] }) => actions);
  return notes.filter(({ did }) => did !== 'due-list' && did !== 'statement');
}

/** One entry for each generation that was disposed of before a fact, and for each fact that changed another one. */
async function wrongNotes(d: Driver, holdings: readonly Holding[]): Promise<string[]> {
  const notes = notesIn(d);
  const wrong: string[] = [];
  const late = notes.flatMap((note) => (note.did === 'disposed-before-fact' ? [note] : []));
  for (const holding of holdings) {
    const key = await d.core.keys.logKey(yearOf(holding.registeredAt));
    const ref = logRef(key, holding.ref);
    const own = late.filter((one) => one.holding === ref && one.generation === holding.generation);
    if (own.length !== (isRemarked(holding) ? 1 : 0))
      wrong.push(`${own.length} entries say that a generation was disposed of before a fact`);
  }
  const changes = d.registry.allFacts().filter(({ fact }) => fact.about !== undefined).length;
  const told = notes.filter(({ did }) => did === 'corrected' || did === 'retracted').length;
  if (told !== changes) wrong.push(`${told} entries tell of ${changes} corrections and retractions`);
  return wrong;
}

/** One result a stage, unless it became due again; honest entries. */
function wrongInEntries(own: readonly Found[]): string[] {
  const wrong: string[] = [];
  for (const [stage, same] of Map.groupBy(own, ({ entry }) => stageKey(entry))) {
    const results = same.filter(({ entry }) => isResultEntry(entry));
    // A page is not the end of a collection's stage.
    const ends = results.filter(({ entry }) => entry.page?.more !== true);
    if (stage === 'delete' && ends.length > 1) wrong.push(`${ends.length} deletions of one generation`);
    if (new Set(results.map(({ token }) => token)).size < results.length)
      wrong.push('two entries of one attempt');
  }
  return [...wrong, ...own.flatMap(wrongWords)];
}

/** What the entry says was done, this very attempt did; what it says was found, it looked at. */
function wrongWords({ entry, run }: Found): string[] {
  const { outcome } = entry;
  if (outcome === 'pseudonymised' || (isSuccess(outcome) && outcome !== 'already-so')) {
    if ((run?.effects.length ?? 0) === 0) return [`an entry says ${outcome}, and its worker did nothing`];
    if (entry.acted === undefined || entry.readBack === undefined)
      return [`an entry says ${outcome} without having read back`];
    if (entry.due === undefined || entry.acted < entry.due) return ['an entry says that it was early'];
    return [];
  }
  if (outcome === 'already-so' && entry.readBack === undefined)
    return ['an entry says already-so without having looked'];
  return [];
}

/** Outcomes only with entries, and entries of results only with outcomes. */
async function wrongOutcomes(d: Driver, holding: Holding, own: readonly Found[]): Promise<string[]> {
  const done = holding.done ?? [];
  const says = async (one: StageDone): Promise<boolean> => {
    const link = await openLink(d.core.keys, holding, one);
    return own.some(
      ({ entry, token, line }) => link?.token === token && link.line === line && isSameStage(entry, one),
    );
  };
  const told = await Promise.all(done.map(says));
  return [
    ...(told.every(Boolean) ? [] : ['an outcome without its entry']),
    // A collection of which records stay has not ended either.
    ...own.flatMap(({ entry }) =>
      isResultEntry(entry) &&
      entry.page?.more !== true &&
      entry.page?.kept === undefined &&
      !done.some((one) => isSameStage(one, entry))
        ? ['a result without its outcome']
        : [],
    ),
  ];
}
