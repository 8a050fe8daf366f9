import { isSuccess } from '../../../shared/domain/record/actions.ts';
import { entriesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { Entry } from '../../../shared/domain/plan/entry.ts';
import { yearOf } from '../../../shared/domain/calendar/utc-time.ts';
import type { Holding, StageDone } from '../../../shared/domain/record/holding.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { logRef } from '../../../shared/domain/configuration/references.ts';
import type { Driver } from './driver.ts';
import type { Run } from './driver-runs.ts';

/** An entry and where it lies. */
export interface Found {
  readonly entry: Entry;
  readonly chunk: string;
  readonly line: number;
  readonly run: Run | undefined;
}

/** Every entry of the deletion log, with the run that wrote it. */
export function entriesIn(d: Driver): readonly Found[] {
  return d.bucket.allObjects().flatMap(({ key, bytes }) => {
    const chunk = key.slice('chunks/'.length);
    const token = chunk.split('/')[1] ?? '';
    const run = d.runs.find(({ tokens }) => tokens.includes(token));
    return entriesOf(bytes).map((entry, line) => ({ entry, chunk, line, run }));
  });
}

export const isResultEntry = ({ outcome }: Entry): boolean => outcome !== 'interrupted' && isSuccess(outcome);

/** Everything that must never be, whatever was killed: sentences, none if all is well. */
export async function violations(d: Driver): Promise<readonly string[]> {
  const holdings = [...d.registry.allTombstones(), ...d.registry.allHoldings()];
  const found = entriesIn(d);
  const wrong = [...wrongInLog(d), ...threw(d)];
  for (const holding of holdings) {
    const key = await d.world.keys.logKey(yearOf(holding.registeredAt));
    const ref = logRef(key, holding.ref);
    const own = found.filter(({ entry }) => entry.holding === ref && entry.generation === holding.generation);
    wrong.push(...wrongInEntries(d, holding, own), ...wrongOutcomes(holding, ref, own));
    if (holding.state === 'claimed') wrong.push('a holding stays claimed');
    if (holding.state === 'pending') wrong.push('a holding stays unplanned');
  }
  if (d.registry.allInFlight().length > 0) wrong.push('an in-flight record is left');
  return [...new Set(wrong)];
}

function threw(d: Driver): string[] {
  return d.runs.flatMap(({ verb, error }) =>
    error === undefined
      ? []
      : [`${verb} threw ${error instanceof Error ? error.message : 'something that is not an error'}`],
  );
}

/** Sealed without gaps, nothing left behind. */
function wrongInLog(d: Driver): string[] {
  const wrong: string[] = [];
  const chunks = d.index.allChunks();
  const sizes = new Map(
    d.bucket.allObjects().map(({ key, bytes }) => [key.slice(7), entriesOf(bytes).length]),
  );
  let next = 0;
  for (const { chunk, first } of chunks
    .filter(({ state }) => state === 'sealed')
    .toSorted((a, b) => (a.first ?? 0) - (b.first ?? 0))) {
    if (first !== next) wrong.push(`the log has a gap or an overlap at ${next}`);
    next += sizes.get(chunk) ?? 0;
  }
  for (const { state } of chunks) if (state === 'pending') wrong.push('a chunk is never sealed');
  const sealed = new Set(chunks.filter(({ state }) => state === 'sealed').map(({ chunk }) => chunk));
  for (const [chunk, size] of sizes) {
    if (size > 0 && !sealed.has(chunk)) wrong.push('a chunk with entries is not in the log');
    if (size === 0 && sealed.has(chunk)) wrong.push('an empty chunk is sealed');
  }
  return wrong;
}

/** One result a stage, honest entries, and each cut-off attempt named once. */
function wrongInEntries(d: Driver, holding: Holding, own: readonly Found[]): string[] {
  const wrong: string[] = [];
  const claims = d.runs
    .flatMap((run) => run.claims)
    .filter(({ ref, generation }) => ref === holding.ref && generation === holding.generation);
  for (const stage of new Set([
    ...claims.map((claim) => claim.stage),
    ...own.map(({ entry }) => entry.stage),
  ])) {
    const mine = own.filter(({ entry }) => entry.stage === stage);
    const results = mine.filter(({ entry }) => isResultEntry(entry));
    if (results.length > 1) wrong.push(`${results.length} results of one stage`);
    const wrote = mine.map(({ entry }) => entry.attempt);
    if (new Set(wrote).size < wrote.length) wrong.push('two entries of one attempt');
    const named = mine.flatMap(({ entry }) => entry.interrupted ?? []);
    // A take-over that finds an entry only settles it: it never comes to the store, and is no attempt of its own.
    const settling = (attempt: number, former: readonly { readonly attempt: number }[]): boolean =>
      former.some((earlier) => earlier.attempt < attempt && wrote.includes(earlier.attempt));
    const takenOver = new Set(
      claims
        .filter((claim) => claim.stage === stage)
        .flatMap(({ former }) =>
          former.map(({ attempt }) => attempt).filter((attempt) => !settling(attempt, former)),
        )
        .filter((attempt) => !wrote.includes(attempt)),
    );
    if (new Set(named).size < named.length) wrong.push('an interrupted attempt is named twice');
    for (const attempt of named) {
      if (!takenOver.has(attempt)) wrong.push(`attempt ${attempt} is called interrupted, and was not`);
    }
    for (const attempt of takenOver) {
      if (!named.includes(attempt)) wrong.push(`attempt ${attempt} was interrupted, and nothing says so`);
    }
  }
  for (const one of own) wrong.push(...wrongWords(one));
  return wrong;
}

/** What the entry says was done, this very attempt did; what it says was found, it did not do. */
function wrongWords({ entry, run }: Found): string[] {
  const { outcome } = entry;
  const acted = run?.effects.length ?? 0;
  if (outcome === 'deleted' || outcome === 'anonymised') {
    if (acted === 0) return [`an entry says ${outcome}, and its worker did nothing`];
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
function wrongOutcomes(holding: Holding, ref: LogRef, own: readonly Found[]): string[] {
  const wrong: string[] = [];
  const done = holding.done ?? [];
  const says = ({ stage, outcome, chunk, line }: StageDone): boolean =>
    own.some(
      ({ entry, ...place }) =>
        place.chunk === chunk &&
        place.line === line &&
        entry.holding === ref &&
        entry.stage === stage &&
        entry.outcome === outcome,
    );
  if (!done.every(says)) wrong.push('an outcome without its entry');
  if (new Set(done.map(({ stage }) => stage)).size < done.length) wrong.push('a stage with two outcomes');
  for (const { entry } of own) {
    if (isResultEntry(entry) && !done.some(({ stage }) => stage === entry.stage))
      wrong.push('a result without its outcome');
  }
  return wrong;
}
