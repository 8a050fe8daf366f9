import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import { LARGEST_PAGE } from '../../shared/contract/subjects.ts';
import { present } from '../../shared/domain/present.ts';
import type { StageDone } from '../../shared/domain/record/holding.ts';
import type { EntityRef } from '../../shared/domain/record/ids.ts';
import { hourOfChunk } from '../../shared/protocol/chunk-key.ts';
import { each } from '../../shared/domain/each.ts';
import { unique } from '../../shared/protocol/plan-of.ts';
import type { ApiPorts } from './api-ports.ts';
import { entryAnswer, type LogFilter, matches } from './log-filter.ts';
import { generationsOf, placeAfter, type Place } from './query-subject.ts';
import { readChunk } from './read-chunk.ts';

const WIDTH = 16;

/**
 * A subject's history: its pointers lead to holdings and tombstones, and these name the lines of the log. The log
 * itself cannot be searched for a person.
 */
export async function subjectEntries(
  ports: ApiPorts,
  entity: EntityRef,
  filter: LogFilter,
  place: Place | undefined,
): Promise<{ readonly entries: LogEntryAnswer[]; readonly next?: Place }> {
  const page = await generationsOf(ports, entity, place?.after);
  const done = page.generations.flatMap((holding) => holding.done ?? []);
  const matching = (await entriesAt(ports, done)).filter(({ entry }) => matches(entry, filter));
  const shown = place?.shown ?? 0;
  const entries = matching.slice(shown, shown + LARGEST_PAGE);
  const rest = shown + entries.length < matching.length ? shown + entries.length : 0;
  const next = placeAfter(place, rest, page.next);
  return { entries, ...present({ next }) };
}

/** In the order asked for; each chunk is read once. */
async function entriesAt(ports: ApiPorts, done: readonly StageDone[]): Promise<LogEntryAnswer[]> {
  const chunks = new Map<string, LogEntryAnswer[]>();
  await each(unique(done.map(({ chunk }) => chunk)), WIDTH, async (chunk) => {
    const index = (await ports.index.ofHour(hourOfChunk(chunk))).find((item) => item.chunk === chunk);
    const entries = await readChunk(ports, chunk);
    chunks.set(
      chunk,
      entries.map((entry, line) => entryAnswer(chunk, line, entry, index?.first)),
    );
  });
  return done.map(({ chunk, line }) => {
    const found = chunks.get(chunk)?.[line];
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
