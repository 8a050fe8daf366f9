import type { LogActionAnswer, LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { LARGEST_PAGE } from '../../../shared/contract/subjects.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../../shared/domain/record/ids.ts';
import type { EntryLink } from '../../../shared/protocol/entry-links.ts';
import { parts } from '../../../shared/domain/each.ts';
import { afterwardsTokensOf } from '../../../shared/protocol/facts/fact-entries.ts';
import { unique } from '../../../shared/protocol/plan-of.ts';
import type { ApiPorts } from '../api-ports.ts';
import { entryAnswer, type LogFilter, matches, matchesAction } from './log-filter.ts';
import { generationsOf, linksOf, placeAfter, type Place } from '../query-subject.ts';
import { readResults, RESULTS_AT_ONCE } from './read-results.ts';

interface SubjectPage {
  readonly entries: LogEntryAnswer[];
  readonly actions?: LogActionAnswer[];
  readonly unlinked?: number;
  readonly next?: Place;
}

/**
 * A subject's history: its pointers lead to holdings and tombstones, and these have sealed links to lines of the log.
 * The log itself cannot be searched for a person.
 */
export async function subjectEntries(
  ports: ApiPorts,
  entity: EntityRef,
  filter: LogFilter,
  place: Place | undefined,
): Promise<SubjectPage> {
  const page = await generationsOf(ports, entity, place?.after);
  const all = (await Promise.all(page.generations.map((holding) => linksOf(ports, holding)))).flat();
  const links = all.filter((link) => link !== undefined);
  const matching = (await entriesAt(ports, links)).filter(({ entry }) => matches(entry, filter));
  const shown = place?.shown ?? 0;
  // Counted with the first page of these holdings, so that the pages' numbers can be added up.
  const isCounted = shown === 0 && all.length > links.length;
  const unlinked = isCounted ? all.length - links.length : undefined;
  // With the first page of these holdings, too.
  const late = shown === 0 ? await foundAfterwards(ports, page.generations, filter) : [];
  const actions = late.length > 0 ? late : undefined;
  const entries = matching.slice(shown, shown + LARGEST_PAGE);
  const rest = shown + entries.length < matching.length ? shown + entries.length : 0;
  const next = placeAfter(place, rest, page.next);
  return { entries, ...present({ actions, unlinked, next }) };
}

/** What was found out about generations after they were disposed of. */
async function foundAfterwards(
  ports: ApiPorts,
  generations: readonly Holding[],
  filter: LogFilter,
): Promise<LogActionAnswer[]> {
  const tokens = await afterwardsTokensOf(ports.keys, generations);
  if (tokens.length === 0) return [];
  const sealed = await ports.registry.sealed(tokens);
  const found: LogActionAnswer[] = [];
  for (const some of parts(tokens, RESULTS_AT_ONCE))
    for (const [token, { actions }] of await readResults(ports, some))
      for (const [line, action] of actions.entries()) {
        const first = sealed.get(token)?.first;
        const index = first === undefined ? undefined : first + line;
        if (matchesAction(action, filter)) found.push({ token, line, action, ...present({ index }) });
      }
  return found;
}

/** In the order asked for; each result is read once. What made no entry has none. */
async function entriesAt(ports: ApiPorts, links: readonly EntryLink[]): Promise<LogEntryAnswer[]> {
  const written = links.filter(({ line }) => line >= 0);
  const tokens = unique(written.map(({ token }) => token));
  const sealed = await ports.registry.sealed(tokens);
  const results = new Map<string, LogEntryAnswer[]>();
  for (const some of parts(tokens, RESULTS_AT_ONCE))
    for (const [token, { entries }] of await readResults(ports, some))
      results.set(
        token,
        entries.map((entry, line) => entryAnswer({ token, line }, entry, sealed.get(token)?.first)),
      );
  return written.map(({ token, line }) => {
    const found = results.get(token)?.[line];
    if (found === undefined) throw new LogLineMissing();
    return found;
  });
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
