import { entriesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { Entry } from '../../../shared/domain/plan/entry.ts';
import type { HoldingRef, Instant, LogRef } from '../../../shared/domain/record/ids.ts';
import { holdingRef, logRef } from '../../../shared/domain/configuration/references.ts';
import type { Simulation } from './simulation.ts';
import { placeOf, type Script } from './simulation-producers.ts';

const SUCCESS = ['deleted', 'anonymised', 'already-so'];
/** Fields that the example policies clear. */
const CLEARED = ['card_number', 'ipAddress', 'userName'];

export interface LogAudit {
  readonly entries: number;
  readonly results: number;
  /** What the log, the registry and the stores do not agree about. */
  readonly problems: readonly string[];
}

/**
 * Compares the deletion log with the stores: whatever vanished or was masked by us has exactly one result, and what a
 * result names is gone or masked, unless its application wrote it again.
 */
export async function auditLog(sim: Simulation, script: Script): Promise<LogAudit> {
  const problems: string[] = [];
  const entries = await sealedEntries(sim, problems);
  const results = await resultsOf(sim, script, entries, problems);
  const undone = new Set(results.keys());
  for (const [store, marks] of sim.effects) {
    for (const [index, mark] of marks.entries()) {
      const effect = sim.store(store).effects[index];
      const place = placeOf({ store, locator: effect?.locator ?? [] });
      const ref = await refOf(sim, place);
      const claim = (sim.journal.claims.get(ref) ?? []).findLast(({ order }) => order < mark.order);
      const name = nameOf(ref, claim?.generation ?? 0, effect?.call ?? '');
      if (!results.has(name)) problems.push(`${effect?.call} at ${place} has no result in the log`);
      undone.delete(name);
    }
  }
  for (const name of undone) {
    const result = results.get(name);
    if (result?.entry.outcome !== 'already-so')
      problems.push(`${result?.place}: ${result?.entry.outcome} is in the log and did not happen`);
  }
  for (const { place, ref, entry } of results.values()) {
    const settled = sim.journal.settled
      .get(ref)
      ?.filter(({ generation, stage }) => generation === entry.generation && stage === entry.stage);
    if (settled?.length !== 1) problems.push(`${place}: a result is settled ${settled?.length ?? 0} times`);
    else problems.push(...stillThere(sim, script, place, entry, settled[0]?.at ?? 0));
  }
  const settled = [...sim.journal.settled.values()].reduce((sum, each) => sum + each.length, 0);
  if (settled !== results.size) problems.push(`${settled} stages are settled by ${results.size} results`);
  return { entries: entries.length, results: results.size, problems };
}

/** Every chunk is sealed or void, the sealed ones without gap or overlap up to the size of the log. */
async function sealedEntries(sim: Simulation, problems: string[]): Promise<Entry[]> {
  const chunks = sim.index.allChunks();
  const pending = chunks.filter(({ state }) => state === 'pending');
  if (pending.length > 0) problems.push(`${pending.length} chunks are neither sealed nor void`);
  const sealed = chunks.filter(({ state }) => state === 'sealed');
  const entries: Entry[] = [];
  for (const { chunk, first } of sealed.toSorted((a, b) => (a.first ?? 0) - (b.first ?? 0))) {
    if (first !== entries.length)
      problems.push(`chunk ${chunk} begins at ${first}, not at ${entries.length}`);
    const bytes = await sim.bucket.get(`chunks/${chunk}`);
    entries.push(...entriesOf(bytes ?? new Uint8Array()));
  }
  const { size, published } = await sim.index.head();
  if (!published) problems.push('the last batch is not published');
  if (size !== entries.length) problems.push(`the log says ${size} entries and has ${entries.length}`);
  return entries;
}

interface Result {
  readonly ref: HoldingRef;
  readonly place: string;
  readonly entry: Entry;
}

function nameOf(ref: HoldingRef, generation: number, stage: string): string {
  return `${ref} ${generation} ${stage}`;
}

async function refOf(sim: Simulation, place: string): Promise<HoldingRef> {
  const [store = '', ...locator] = place.split('|');
  return holdingRef(await sim.keys.registryKey(), store, locator.join('|'));
}

/** Two attempts with one result are honest; two results are not. */
async function resultsOf(
  sim: Simulation,
  script: Script,
  entries: readonly Entry[],
  problems: string[],
): Promise<ReadonlyMap<string, Result>> {
  const known = await logRefs(sim, script);
  const results = new Map<string, Result>();
  const attempts = new Set<string>();
  for (const entry of entries) {
    const holding = known.get(entry.holding);
    if (holding === undefined) {
      problems.push('an entry is of no holding that was ever registered');
      continue;
    }
    const name = nameOf(holding.ref, entry.generation, entry.stage);
    const attempt = `${name} ${entry.attempt}`;
    if (attempts.has(attempt)) problems.push(`${holding.place}: attempt ${entry.attempt} has two entries`);
    attempts.add(attempt);
    if (!SUCCESS.includes(entry.outcome)) continue;
    if (results.has(name)) problems.push(`${holding.place}: ${entry.stage} has two results`);
    results.set(name, { ...holding, entry });
  }
  return results;
}

async function logRefs(
  sim: Simulation,
  script: Script,
): Promise<ReadonlyMap<LogRef, { readonly ref: HoldingRef; readonly place: string }>> {
  const refs = new Map<LogRef, { readonly ref: HoldingRef; readonly place: string }>();
  const places = new Set(
    [...script.messages.values()].flatMap((said) => ('place' in said ? [said.place] : [])),
  );
  const years = Array.from({ length: 13 }, (_, n) => 2024 + n);
  const keys = await Promise.all(years.map((year) => sim.keys.logKey(year)));
  for (const place of places) {
    const ref = await refOf(sim, place);
    for (const key of keys) refs.set(logRef(key, ref), { ref, place });
  }
  return refs;
}

/** What is in the store at the end, though the log says that it is gone or masked since `at`. */
function stillThere(
  sim: Simulation,
  script: Script,
  place: string,
  entry: Entry,
  at: Instant,
): readonly string[] {
  const [store = '', ...rest] = place.split('|');
  const locator = JSON.parse(rest.join('|')) as (string | number)[];
  const fields = sim.store(store).read(locator);
  const writtenSince = (deedsOf(script).get(place) ?? []).some((written) => written >= at);
  if (fields === undefined || writtenSince) return [];
  if (entry.stage === 'delete') return [`${place}: the log says deleted, and it is there`];
  const unmasked = CLEARED.filter((field) => fields[field] !== undefined && fields[field] !== null);
  return unmasked.map((field) => `${place}: ${field} is not masked`);
}

const deeds = new WeakMap<Script, Map<string, Instant[]>>();

/** When each place was written by its application. */
function deedsOf(script: Script): ReadonlyMap<string, readonly Instant[]> {
  const known = deeds.get(script);
  if (known !== undefined) return known;
  const times = new Map<string, Instant[]>();
  for (const deed of script.deeds) {
    if (deed.fields === undefined) continue;
    const place = placeOf(deed);
    times.set(place, [...(times.get(place) ?? []), deed.at]);
  }
  deeds.set(script, times);
  return times;
}
