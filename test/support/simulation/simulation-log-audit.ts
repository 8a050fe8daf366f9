import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { Entry, NoteEntry } from '../../../shared/domain/record/entry.ts';
import { logLinesOf } from '../../../shared/protocol/log/bundle.ts';
import type { HoldingRef, Instant, LogRef } from '../../../shared/domain/record/ids.ts';
import { wrongLists } from '../log/wrong-lists.ts';
import { unsigned, wrongTree } from '../log/wrong-tree.ts';
import { type Book, bookOf, eventsOf, knew, registeredAt } from './simulation-book.ts';
import type { Said } from './simulation-journal.ts';
import { type Deed, placeOf, type Script } from './simulation-producers.ts';
import type { Simulation } from './simulation.ts';

const SUCCESS = ['deleted', 'anonymised', 'pseudonymised', 'already-so'];
/** Fields that the example policies clear. */
const CLEARED = ['card_number', 'ipAddress', 'userName'];

export interface LogAudit {
  readonly entries: number;
  readonly results: number;
  /** What the log, the registry and the stores do not agree about. */
  readonly problems: readonly string[];
}

interface Context {
  readonly sim: Simulation;
  readonly book: Book;
  readonly deeds: ReadonlyMap<string, readonly Deed[]>;
  readonly problems: string[];
}

/**
 * Compares the deletion log with the stores: whatever vanished or was masked by us has exactly one result, and what a
 * result names is gone or masked, unless its application wrote it again.
 */
export async function auditLog(sim: Simulation, script: Script): Promise<LogAudit> {
  const book = await bookOf(sim, script);
  const deeds = Map.groupBy(script.deeds, (deed) => placeOf(deed));
  const context: Context = { sim, book, deeds, problems: [] };
  const entries = await sealedEntries(context);
  const { results, interrupted } = await resultsOf(context, entries);
  effectsHaveResults(context, results, interrupted);
  for (const [name, all] of results) {
    repeatedRightly(context, name, all);
    for (const result of all) isSettled(context, result);
  }
  for (const ref of book.places.keys()) stillThere(context, ref);
  return {
    entries: entries.length,
    results: [...results.values()].flat().length,
    problems: context.problems,
  };
}

/** Every result is sealed once or has no entries; the bundles are without gap or overlap up to the size of the log. */
async function sealedEntries({ sim, problems }: Context): Promise<Entry[]> {
  const waiting = sim.registry.allToBeSealed();
  if (waiting.length > 0) problems.push(`${waiting.length} results are neither sealed nor void`);
  const entries: (Entry | NoteEntry)[] = [];
  const objects = sim.bucket.allObjects();
  problems.push(...wrongLists(objects), ...(await wrongTree(sim)), ...unsigned(sim));
  for (const { key, bytes } of objects.filter(({ key }) => key.startsWith('entries/'))) {
    const first = Number(key.split('/').at(-1));
    if (first !== entries.length) problems.push(`${key} begins at ${first}, not at ${entries.length}`);
    const lines = Buffer.from(bytes)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    entries.push(...lines.map((line) => JSON.parse(line) as Entry | NoteEntry));
  }
  const { size, published } = await sim.registry.head();
  if (!published) problems.push('the last batch is not published');
  if (size !== entries.length) problems.push(`the log says ${size} entries and has ${entries.length}`);
  const said = sim.registry.allResults().flatMap((result) => ('void' in result ? [] : logLinesOf(result)));
  const named = (all: readonly (Entry | NoteEntry)[]): string[] =>
    all
      .map((line) => `${line.token} ${'did' in line ? line.did : `${line.holding} ${line.stage}`}`)
      .toSorted();
  if (JSON.stringify(named(said)) !== JSON.stringify(named(entries)))
    problems.push(`results have ${said.length} entries, and the log has others or more of them`);
  const indexes = sim.registry.allSealed().toSorted((a, b) => a.first - b.first);
  let next = 0;
  for (const { token, first, count } of indexes) {
    if (first !== next) problems.push(`the index of ${token} begins at ${first}, not at ${next}`);
    if (entries.slice(first, first + count).some((entry) => entry.token !== token))
      problems.push(`the index of ${token} names entries of another attempt`);
    next = first + count;
  }
  return entries.flatMap((line) => ('did' in line ? [] : [line]));
}

interface Result extends Said {
  readonly ref: HoldingRef;
  readonly entry: Entry;
}
type Results = ReadonlyMap<string, readonly Result[]>;

function nameOf(ref: HoldingRef, generation: number, stage: string): string {
  return `${ref} ${generation} ${stage}`;
}

/** By holding, generation and stage; and what was told only as interrupted. */
async function resultsOf(
  { sim, book, problems }: Context,
  entries: readonly Entry[],
): Promise<{ readonly results: Results; readonly interrupted: ReadonlySet<string> }> {
  const interrupted = new Set<string>();
  const known = await logRefs(sim, book);
  const results = new Map<string, Result[]>();
  const attempts = new Set<string>();
  for (const entry of entries) {
    const ref = known.get(entry.holding);
    if (ref === undefined) {
      problems.push('an entry is of no holding that was ever registered');
      continue;
    }
    const name = nameOf(ref, entry.generation, entry.stage);
    if (attempts.has(`${name} ${entry.token}`)) problems.push(`${name}: ${entry.token} has two entries`);
    attempts.add(`${name} ${entry.token}`);
    if (entry.interrupted === true) interrupted.add(name);
    if (!SUCCESS.includes(entry.outcome)) continue;
    const said = sim.journal.said
      .get(ref)
      ?.find(
        ({ token, line }) =>
          token === entry.token && line.stage === entry.stage && line.generation === entry.generation,
      );
    if (said === undefined) problems.push(`${name}: ${entry.token} put no result`);
    else results.set(name, [...(results.get(name) ?? []), { ...said, ref, entry }]);
  }
  return { results, interrupted };
}

async function logRefs(sim: Simulation, book: Book): Promise<ReadonlyMap<LogRef, HoldingRef>> {
  const years = Array.from({ length: 13 }, (_, n) => 2024 + n);
  const keys = await Promise.all(years.map((year) => sim.keys.logKey(year)));
  return new Map(
    [...book.places.keys()].flatMap((ref) => keys.map((key) => [logRef(key, ref), ref] as const)),
  );
}

/** And the other way round: only what was found so may have a result without an effect. */
function effectsHaveResults(
  { sim, book, deeds, problems }: Context,
  results: Results,
  interrupted: ReadonlySet<string>,
): void {
  const without = new Set(results.keys());
  for (const [store, marks] of sim.effects) {
    for (const [index, mark] of marks.entries()) {
      const effect = sim.store(store).effects[index];
      const place = placeOf({ store, locator: effect?.locator ?? [] });
      const ref = book.refs.get(place) ?? ('' as HoldingRef);
      const act = (sim.journal.acting.get(ref) ?? []).findLast(({ order }) => order < mark.order);
      const name = nameOf(ref, act?.generation ?? 0, effect?.call ?? '');
      without.delete(name);
      if (results.has(name)) continue;
      // Said in the documentation: an interrupted deletion that its application undid before the read-back.
      const isUndone = (deeds.get(place) ?? []).some(({ at, written }) => written && at >= mark.at);
      // Nothing could be read of it any more: its masks went with the withdrawal.
      if (isUndone || interrupted.has(name)) continue;
      problems.push(`${effect?.call} at ${place} has no result in the log`);
    }
  }
  for (const name of without)
    for (const { entry } of results.get(name) ?? [])
      if (entry.outcome !== 'already-so') problems.push(`${name}: ${entry.outcome} did not happen`);
}

/** Exactly one result a stage; a second one only of a stage that something said since had made due again. */
function repeatedRightly({ sim, book, problems }: Context, name: string, all: readonly Result[]): void {
  for (const [index, one] of all.toSorted((a, b) => a.order - b.order).entries()) {
    const former = all[index - 1];
    if (former === undefined) continue;
    if (one.line.stage === 'delete') problems.push(`${name} has two results`);
    const entered = book.entered.get(one.ref) ?? [];
    const events = eventsOf(book, registeredAt(book, one.ref, one.begun.order));
    const since = [
      ...entered.filter((each) => !knew({ ...former, version: 0 }, each)),
      ...events.flatMap(({ id }) => sim.journal.progress.get(id)?.put ?? []),
    ].some(
      ({ order }) =>
        order < one.order && (order > former.begun.order || one.line.lookedAt > former.line.lookedAt),
    );
    if (!since) problems.push(`${name} has two results, and nothing was said between them`);
  }
}

/** A success becomes the state of its generation: once, or in the tombstone when the next one has taken its place. */
function isSettled({ sim, problems }: Context, { ref, token, line }: Result): void {
  const settled = (sim.journal.settled.get(ref) ?? []).filter(
    (one) => one.token === token && one.line.stage === line.stage && one.line.generation === line.generation,
  );
  if (settled.length > 1) problems.push(`${ref}: a result is settled ${settled.length} times`);
  if (settled.length > 0) return;
  const generation = [...sim.registry.allHoldings(), ...sim.registry.allTombstones()].find(
    (one) => one.ref === ref && one.generation === line.generation,
  );
  const isDone = generation?.done?.some(({ stage }) => stage === line.stage) === true;
  if (!isDone && generation?.state !== 'disposed')
    problems.push(`${ref}: the result of ${token} is not settled`);
}

/** False receipts: what is in the store at the end, though the log says that it is gone or masked. */
function stillThere({ sim, book, deeds, problems }: Context, ref: HoldingRef): void {
  const place = book.places.get(ref) ?? '';
  const [store = '', ...rest] = place.split('|');
  const locator = JSON.parse(rest.join('|')) as (string | number)[];
  const entered = book.entered.get(ref) ?? [];
  for (const done of sim.journal.settled.get(ref) ?? []) {
    for (const deed of deeds.get(place) ?? []) {
      if (deed.written === undefined || deed.at <= done.begun.at) continue;
      const its = entered.find(({ id }) => id === deed.written?.registration);
      if (its !== undefined && its.order < done.begun.order && knew(done, its))
        problems.push(`${place}: the log says ${done.line.stage} of what was written later`);
    }
  }
  const fields = sim.store(store).fields(locator);
  const last = sim.journal.settled.get(ref)?.at(-1);
  if (fields === undefined || last === undefined || writtenSince(deeds.get(place), last.begun.at)) return;
  if (last.line.stage === 'delete') problems.push(`${place}: the log says deleted, and it is there`);
  else
    for (const field of CLEARED)
      if (fields[field] !== undefined && fields[field] !== null)
        problems.push(`${place}: ${field} is not masked`);
}

function writtenSince(deeds: readonly Deed[] = [], at: Instant): boolean {
  return deeds.some((deed) => deed.written !== undefined && deed.at > at);
}
