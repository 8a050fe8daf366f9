import type { LogActionAnswer, LogEntryAnswer } from '../../../shared/contract/log-entries.ts';
import { problem } from '../../../shared/contract/problem.ts';
import type { InputOf } from '../../../shared/contract/routes.ts';
import { LARGEST_PAGE } from '../../../shared/contract/subjects.ts';
import { pointOf, startOf } from '../../../shared/domain/calendar/calendar.ts';
import { dayId, isoUtc } from '../../../shared/domain/calendar/utc-time.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { SealedIndex } from '../../../shared/domain/record/work.ts';
import type { ApiPorts, Operation } from '../api-ports.ts';
import { decryptCursor, nextOf } from '../cursor.ts';
import { entryAnswer, type LogFilter, matches, matchesAction, mayHold, mostMatches } from './log-filter.ts';
import { readResults, RESULTS_AT_ONCE } from './read-results.ts';
import { entityOf, type Place as SubjectPlace } from '../query-subject.ts';
import { subjectEntries } from './subject-entries.ts';

const DAY = 86_400_000;
/** The most days of the index, and the most results, that are read for one page. */
const DAYS_A_PAGE = 62;
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
    page = await entriesByTime(ports, filter, { from, to }, cursor.place as Place | undefined);
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
    ...present({ store: input.store, rule: input.rule, outcome: input.outcome }),
  };
}

/** Results are indexed by the day on which their attempt began, so reading the days of the period is enough. */
async function entriesByTime(
  ports: ApiPorts,
  filter: LogFilter,
  { from, to }: { readonly from: Instant; readonly to: Instant },
  place: Place | undefined,
): Promise<LogPage<Place>> {
  const entries: LogEntryAnswer[] = [];
  const actions: LogActionAnswer[] = [];
  const isFull = (): boolean => entries.length + actions.length === LARGEST_PAGE;
  const firstDay = place?.day ?? Math.floor(from / DAY) * DAY;
  let read = 0;
  for (let day = firstDay; day < to; day += DAY) {
    if (day >= firstDay + DAYS_A_PAGE * DAY) return { entries, actions, next: { day } };
    const begun = place?.day === day ? place : undefined;
    let sealed = (await ports.registry.sealedOfDay(dayId(day)))
      .filter(({ token }) => begun?.token === undefined || token >= begun.token)
      .filter((index) => mayHold(index, filter));
    while (sealed.length > 0) {
      const [{ token: nextToken }] = sealed as [SealedIndex];
      if (read === RESULTS_A_PAGE) return { entries, actions, next: { day, token: nextToken, line: 0 } };
      const wanted = LARGEST_PAGE - entries.length - actions.length;
      const some = enoughOf(sealed.slice(0, RESULTS_A_PAGE - read), filter, wanted);
      read += some.length;
      sealed = sealed.slice(some.length);
      const results = await readResults(
        ports,
        some.map(({ token }) => token),
      );
      for (const { token, first } of some) {
        const skipped = begun?.token === token ? (begun.line ?? 0) : 0;
        const { entries: own = [], actions: notes = [] } = results.get(token) ?? {};
        for (const [line, entry] of own.entries()) {
          if (line < skipped || !matches(entry, filter)) continue;
          if (isFull()) return { entries, actions, next: { day, token, line } };
          entries.push(entryAnswer({ token, line }, entry, first));
        }
        for (const [index, action] of notes.entries()) {
          const line = own.length + index;
          if (line < skipped || !matchesAction(action, filter)) continue;
          if (isFull()) return { entries, actions, next: { day, token, line } };
          actions.push({ token, line, index: first + line, action });
        }
      }
    }
  }
  return { entries, actions };
}

/** The first ones, which may have one line more than are wanted: it tells whether another page follows. At least one. */
function enoughOf(sealed: readonly SealedIndex[], filter: LogFilter, wanted: number): readonly SealedIndex[] {
  let lines = 0;
  const last = sealed.findIndex((index) => (lines += mostMatches(index, filter)) > wanted);
  return sealed.slice(0, Math.min(RESULTS_AT_ONCE, last < 0 ? sealed.length : last + 1));
}
