import type { LogActionAnswer, LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { LARGEST_PAGE } from '../../../shared/contract/subjects.ts';
import { parts } from '../../../shared/domain/each.ts';
import { present } from '../../../shared/domain/present.ts';
import { generationName, type Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import { afterwardsTokensOf } from '../../../shared/protocol/facts/fact-entries.ts';
import { entitiesOf } from '../../../shared/protocol/plan-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { linksOf } from '../query-subject.ts';
import { entryAnswer, type LogFilter, matches, matchesAction, mayBeIn } from './log-filter.ts';
import { type LogLines, readResults, RESULTS_AT_ONCE } from './read-results.ts';

/** The most generations whose tombstones are read for one page, and the most results. */
const GENERATIONS = 150;
const RESULTS = 100;

/**
 * Where the next page begins: a page of pointers, a number of the generations of its holdings, and a number of the lines of
 * the generations that follow. No line is left out when a holding gets a generation meanwhile; one may come twice.
 */
export interface SubjectPlace {
  readonly after?: string;
  readonly generation?: number;
  readonly line?: number;
}

interface SubjectPage {
  readonly entries: LogEntryAnswer[];
  readonly actions: LogActionAnswer[];
  readonly unlinked?: number;
  readonly next?: SubjectPlace;
}

/** Of an entry, where it is. Of what was found out afterwards, the result that has nothing else. */
interface Line {
  readonly token: string;
  readonly line?: number;
}

/**
 * A subject's history: its pointers lead to holdings and tombstones, and these have sealed links to lines of the log.
 * The log itself cannot be searched for a person.
 */
export async function subjectEntries(
  ports: ApiPorts,
  entity: EntityRef,
  filter: LogFilter,
  place: SubjectPlace = {},
): Promise<SubjectPage> {
  const { after, generation = 0, line: first = 0 } = place;
  const { generations, more, next } = await someGenerations(ports, entity, { after, from: generation });
  const late: Line[] = [];
  const linked: Line[] = [];
  let unlinked = 0;
  const told = await Promise.all(generations.map((one) => toldOf(ports, one)));
  for (const { holding, afterwards, links } of told) {
    for (const token of afterwards) late.push({ token });
    for (const link of links) {
      if (link === undefined) unlinked += 1;
      // What made no entry has no line.
      else if (link.line >= 0 && holding.store === (filter.store ?? holding.store)) linked.push(link);
    }
  }
  const lines = [...late, ...linked].filter(({ token }) => mayBeIn(token, filter));
  const shown = await pageOf(ports, lines.slice(first), filter);
  return {
    entries: shown.entries,
    actions: shown.actions,
    // Counted with the first page of these generations, so that the pages' numbers can be added up.
    ...(first === 0 && unlinked > 0 && { unlinked }),
    ...present({ next: nextPlace() }),
  };

  function nextPlace(): SubjectPlace | undefined {
    if (first + shown.looked < lines.length) return { ...place, line: first + shown.looked };
    if (more !== undefined) return { ...present({ after }), generation: more };
    return next === undefined ? undefined : { after: next };
  }
}

/** What the log tells of a generation, as the registry knows it. */
async function toldOf(ports: ApiPorts, { holding, successor }: Generation) {
  const afterwards = await afterwardsTokensOf(ports.keys, holding, successor);
  return { holding, afterwards, links: await linksOf(ports, holding) };
}

interface Generation {
  readonly holding: Holding;
  /** The generation after it. */
  readonly successor: Holding | undefined;
}

/**
 * Generations of the holdings of one page of pointers, the current one of each holding first. `from`: without that number of
 * them; `more`: how many have been read then, if others follow.
 */
async function someGenerations(
  { registry }: ApiPorts,
  entity: EntityRef,
  { after, from }: { readonly after: string | undefined; readonly from: number },
): Promise<{ readonly generations: readonly Generation[]; readonly more?: number; readonly next?: string }> {
  const page = await registry.pointers(entity, after);
  // A pointer is written before its holding, so a registration may still be in progress.
  const current = await registry.holdings(page.items);
  const all = page.items.flatMap((ref) => {
    const newest = current.get(ref)?.generation ?? 0;
    return Array.from({ length: newest }, (_none, older) => ({ ref, generation: newest - older }));
  });
  const to = from + GENERATIONS;
  const asked = all.slice(Math.max(from - 1, 0), to);
  const earlier = await registry.tombstonesAt(
    asked.filter(({ ref, generation }) => current.get(ref)?.generation !== generation),
  );
  const found = new Map([...current.values(), ...earlier].map((one) => [generationName(one), one]));
  const generations = all.slice(from, to).flatMap(({ ref, generation }) => {
    const holding = found.get(generationName({ ref, generation }));
    if (holding === undefined || !entitiesOf(holding).some((one) => one.ref === entity)) return [];
    return [{ holding, successor: found.get(generationName({ ref, generation: generation + 1 })) }];
  });
  return { generations, ...present({ next: page.next }), ...(to < all.length && { more: to }) };
}

/** Of these lines the first that match, up to a page. `looked`: how many of them were looked at. */
async function pageOf(
  ports: ApiPorts,
  lines: readonly Line[],
  filter: LogFilter,
): Promise<Pick<SubjectPage, 'entries' | 'actions'> & { readonly looked: number }> {
  const tokens = [...new Set(lines.map(({ token }) => token))].slice(0, RESULTS);
  const sealed = await ports.registry.sealed(tokens);
  const unread = [...parts(tokens, RESULTS_AT_ONCE)];
  const results = new Map<string, LogLines>();
  const entries: LogEntryAnswer[] = [];
  const actions: LogActionAnswer[] = [];
  let looked = 0;
  for (const one of lines) {
    if (!results.has(one.token)) {
      const some = unread.shift();
      if (some === undefined) break;
      for (const [token, read] of await readResults(ports, some)) results.set(token, read);
    }
    const of = results.get(one.token);
    const found = matchesAt(one, of, { filter, sealed: sealed.get(one.token) });
    const count = entries.length + actions.length;
    if (count > 0 && count + found.entries.length + found.actions.length > LARGEST_PAGE) break;
    entries.push(...found.entries);
    actions.push(...found.actions);
    looked += 1;
  }
  return { entries, actions, looked };
}

function matchesAt(
  { token, line }: Line,
  { entries = [], actions = [] }: Partial<LogLines> = {},
  { filter, sealed }: { readonly filter: LogFilter; readonly sealed: SealedIndex | undefined },
): Pick<SubjectPage, 'entries' | 'actions'> {
  if (line === undefined) {
    const found = [...actions.entries()].filter(([, action]) => matchesAction(action, filter));
    return {
      entries: [],
      actions: found.map(([at, action]) => ({
        token,
        line: at,
        action,
        ...present({ index: sealed && sealed.first + at }),
      })),
    };
  }
  const entry = entries[line];
  if (entry === undefined) throw new LogLineMissing();
  const found = matches(entry, filter) ? [entryAnswer({ token, line }, entry, sealed?.first)] : [];
  return { entries: found, actions: [] };
}

/** A tombstone refers to a line that does not exist: the log or the registry was changed. */
class LogLineMissing extends Error {
  readonly code = 'LOG_LINE_MISSING';
  constructor() {
    super(
      'A tombstone refers to a line that is missing from the deletion log: compare the log bucket with its copies.',
    );
    this.name = 'LogLineMissing';
  }
}
