import type { LogActionAnswer, LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { problem } from '../../../shared/contract/problem.ts';
import type { InputOf } from '../../../shared/contract/routes.ts';
import { LARGEST_PAGE } from '../../../shared/contract/subjects.ts';
import { pointOf, startOf } from '../../../shared/domain/calendar/calendar.ts';
import { isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { candidates } from './candidates.ts';
import { begunFrom, entryAnswer, type LogFilter, matches, matchesAction, mostMatches } from './log-filter.ts';
import { readResults, RESULTS_AT_ONCE } from './read-results.ts';
import { entityOf } from '../query-subject.ts';
import { subjectEntries, type SubjectPlace } from './subject-entries.ts';

/** The most results that are read for one page. */
const RESULTS_A_PAGE = 150;

/** The first line that was not shown yet. */
interface Place {
  readonly day: Instant;
  readonly token?: string;
  readonly line?: number;
}

interface LogPage<Next> {
  readonly entries: LogEntryAnswer[];
  readonly actions?: LogActionAnswer[];
  readonly unlinked?: number;
  readonly next?: Next;
}

/** Entries of the deletion log by time, store, rule and outcome, or the entries about an entity's holdings. */
export const queryLog: Operation<'queryLog'> = async (ports, { caller, input }) => {
  const from = startOf(pointOf(input.from), 'UTC');
  const to = startOf(pointOf(input.to), 'UTC');
  if (from >= to) return { kind: 'problem', problem: problem('PERIOD_INVALID', 'from') };
  const filter = filterOf(input, from, to);
  const { cursor: _, ...filters } = input;
  const query = { list: 'log', filters };
  const cursor = await decryptCursor<Place | SubjectPlace>(ports, query, input.cursor);
  if (!cursor.ok) return { kind: 'problem', problem: problem('CURSOR_INVALID', 'cursor') };
  let page: LogPage<unknown>;
  if (input.subject === undefined) {
    page = await entriesByTime(ports, filter, to, cursor.place as Place | undefined);
  } else {
    const found = await entityOf(ports, caller, input.subject);
    if ('problem' in found) return { kind: 'problem', problem: subjectProblem(found.problem) };
    page = await subjectEntries(ports, found.entity, filter, cursor.place as SubjectPlace | undefined);
  }
  const { entries, actions = [], unlinked } = page;
  const next = await nextOf(ports, query, page.next);
  return { kind: 'answer', answer: { entries, actions, ...present({ unlinked }), ...next } };
};

function subjectProblem(found: ReturnType<typeof problem>): ReturnType<typeof problem> {
  return found.path === undefined ? found : { ...found, path: found.path.replace(/^entity/, 'subject') };
}

function filterOf(input: InputOf<'queryLog'>, from: Instant, to: Instant): LogFilter {
  return {
    from: isoUtc(from),
    to: isoUtc(to),
    begun: begunFrom(from, input),
    ...present({ store: input.store, rule: input.rule, outcome: input.outcome }),
  };
}

/** The results that may have matches are found first, and then the number that a page needs is read together. */
async function entriesByTime(
  ports: ApiPorts,
  filter: LogFilter,
  to: Instant,
  place: Place | undefined,
): Promise<LogPage<Place>> {
  const entries: LogEntryAnswer[] = [];
  const actions: LogActionAnswer[] = [];
  const left = (): number => LARGEST_PAGE - entries.length - actions.length;
  const begun = {
    from: place?.day ?? Date.parse(filter.begun),
    to,
    token: place?.token,
    lines: LARGEST_PAGE,
  };
  const found = await candidates(ports, filter, begun);
  let sealed = found.sealed.slice(0, RESULTS_A_PAGE);
  while (sealed.length > 0) {
    const [{ token: nextToken }] = sealed as [SealedIndex];
    if (left() === 0) return { entries, actions, next: placeOf(nextToken) };
    const some = enoughOf(sealed, filter, left());
    sealed = sealed.slice(some.length);
    const results = await readResults(
      ports,
      some.map(({ token }) => token),
    );
    for (const { token, first } of some) {
      const skipped = place?.token === token ? (place.line ?? 0) : 0;
      const { entries: own = [], actions: notes = [] } = results.get(token) ?? {};
      for (const [line, entry] of own.entries()) {
        if (line < skipped || !matches(entry, filter)) continue;
        if (left() === 0) return { entries, actions, next: placeOf(token, line) };
        entries.push(entryAnswer({ token, line }, entry, first));
      }
      for (const [index, action] of notes.entries()) {
        const line = own.length + index;
        if (line < skipped || !matchesAction(action, filter)) continue;
        if (left() === 0) return { entries, actions, next: placeOf(token, line) };
        actions.push({ token, line, index: first + line, action });
      }
    }
  }
  const rest = found.sealed[RESULTS_A_PAGE];
  if (rest !== undefined) return { entries, actions, next: placeOf(rest.token) };
  return { entries, actions, ...(found.next !== undefined && { next: { day: found.next } }) };
}

function placeOf(token: string, line = 0): Place {
  return { day: Date.parse(token.slice(0, 'YYYY-MM-DD'.length)), token, line };
}

/** The first ones, which may have the lines that are wanted. At least one. */
function enoughOf(sealed: readonly SealedIndex[], filter: LogFilter, wanted: number): readonly SealedIndex[] {
  let lines = 0;
  const last = sealed.findIndex((index) => (lines += mostMatches(index, filter)) >= wanted);
  return sealed.slice(0, Math.min(RESULTS_AT_ONCE, last < 0 ? sealed.length : last + 1));
}
