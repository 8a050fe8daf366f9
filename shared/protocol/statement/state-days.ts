import { createHash } from 'node:crypto';
import { dayId, hourId, isoUtc } from '../../domain/calendar/utc-time.ts';
import { logRef } from '../../domain/configuration/references.ts';
import { parts as inParts } from '../../domain/each.ts';
import { present } from '../../domain/present.ts';
import { countsOfLines, dueLine, sumOfCounts } from '../../domain/record/due-line.ts';
import { generationName } from '../../domain/record/holding.ts';
import type { DueListEntry, NoteEntry, StatementEntry } from '../../domain/record/entry.ts';
import { packLines, rootOf } from '../../domain/record/page-list.ts';
import { statementToken, VOID } from '../../domain/record/work.ts';
import { SOFTWARE } from '../../domain/version.ts';
import type { Keys } from '../../ports/keys.ts';
import type { DueHolding, Walk } from '../../ports/upkeep.ts';
import type { Core } from '../core.ts';
import { logKeyOf } from '../facts/refs-of.ts';
import { noteToBeSealed } from '../log/to-be-sealed.ts';
import { leaseEnd, moved, SEGMENTS, segmentId } from '../walk.ts';
import { datasetClocks } from './dataset-clocks.ts';
import type { Days } from './due-states.ts';
import { statedDays, statementWalk } from './stated-days.ts';

export type StatingCore = Core & { readonly keys: Keys };

const DAY = 86_400_000;
/** Lines of one part. Its list and its entry are one result, which has less than 250 kB. */
const MOST_LINES = 5_000;
/** Parts that are read together. */
const READ_TOGETHER = 8;
/** As long as what it reads. */
const KEPT = 35 * DAY;

/**
 * Puts what was due in the days of a census into the log, from what all its segments have put down: parts, and then the
 * statement that adds them up. It is a walk with a lease and a place, so that any number of runs may be at it and die
 * anywhere: what is put again is there already, and what is added up is read from what is there. At a time it has the
 * lines of one part, and of one page of the census.
 */
export async function stateDays(
  core: StatingCore,
  census: string,
  goOn: () => boolean,
  most = MOST_LINES,
): Promise<'done' | 'more' | 'busy'> {
  const days = await statedDays(core, census);
  if (days === undefined) return 'done';
  const found = await core.registry.walk(statementWalk(census));
  if (found.done === true) return 'done';
  const now = core.clock.now();
  if (found.leasedUntil !== undefined && found.leasedUntil > now) return 'busy';
  let walk = await moved(core, { ...found, leasedUntil: leaseEnd(core), expires: now + KEPT });
  while (walk !== undefined && goOn()) {
    const { after: _after, leasedUntil: _lease, ...rest }: Walk = walk;
    const place = placeIn(walk.after);
    const { count = 0 } = walk;
    if (place.segment >= SEGMENTS) {
      await putStatement(core, days, { parts: count, unlinked: place.unlinked });
      await moved(core, { ...rest, done: true });
      return 'done';
    }
    const { lines, next } = await linesFrom(core, census, { place, most });
    const all = inParts(lines, most);
    for (const [index, some] of all.entries()) await putPart(core, days, count + index, some);
    const after = nameOf(next);
    walk = await moved(core, { ...rest, count: count + all.length, after, leasedUntil: leaseEnd(core) });
  }
  if (walk === undefined) return 'busy';
  const { leasedUntil: _lease, ...free } = walk;
  await moved(core, free);
  return 'more';
}

interface Place {
  readonly segment: number;
  /** Records so far whose key of the log was destroyed. */
  readonly unlinked: number;
  /** Within the segment. */
  readonly after?: string;
}

function nameOf({ segment, unlinked, after = '' }: Place): string {
  return `${segment} ${unlinked} ${after}`;
}

function placeIn(name = ''): Place {
  const [segment = '', unlinked = '', ...after] = name.split(' ');
  return {
    segment: Number(segment),
    unlinked: Number(unlinked),
    ...present({ after: after.join(' ') || undefined }),
  };
}

/**
 * Pages of the census from there on, until they are enough for a part. Where a generation became a tombstone between two pages,
 * both have it: then the later one says more.
 */
async function linesFrom(
  core: StatingCore,
  census: string,
  { place, most }: { readonly place: Place; readonly most: number },
): Promise<{ readonly lines: readonly string[]; readonly next: Place }> {
  const lines = new Map<string, string>();
  let next = place;
  while (lines.size < most && next.segment < SEGMENTS) {
    const { segment } = next;
    const page = await core.registry.due(segmentId(census, segment), next.after);
    let { unlinked } = next;
    for (const one of page.items) {
      const line = await lineOf(core, one);
      if (line === undefined) unlinked += 1;
      else lines.set(generationName(one), line);
    }
    next =
      page.next === undefined ? { segment: segment + 1, unlinked } : { segment, unlinked, after: page.next };
  }
  return { lines: [...lines.values()].toSorted(), next };
}

async function lineOf(
  core: StatingCore,
  { ref, year, generation, state }: DueHolding,
): Promise<string | undefined> {
  const key = await logKeyOf(core.keys, { registeredAt: Date.UTC(year, 6) });
  return key && dueLine({ ref: logRef(key, ref), generation, state });
}

/** Sorted, so that their order leads to no holding. */
async function putPart(core: StatingCore, days: Days, part: number, lines: readonly string[]): Promise<void> {
  const { root, list } = packLines(lines);
  const entry: DueListEntry = {
    ...commonOf(core, days, part),
    did: 'due-list',
    part,
    records: lines.length,
    root,
    due: countsOfLines(lines),
  };
  await put(core, entry, { [root]: list });
}

async function putStatement(
  core: StatingCore,
  days: Days,
  { parts, unlinked }: { readonly parts: number; readonly unlinked: number },
): Promise<void> {
  const entries: DueListEntry[] = [];
  const numbers = Array.from({ length: parts }, (_, part) => part);
  for (const some of inParts(numbers, READ_TOGETHER))
    entries.push(
      ...(await partsThere(
        core,
        some.map((part) => tokenOf(core, days, part)),
      )),
    );
  const entry: StatementEntry = {
    ...commonOf(core, days, undefined),
    did: 'statement',
    parts,
    root: rootOf(entries.map(({ root }) => root)),
    due: sumOfCounts(entries.map(({ due }) => due)),
    ...present({ unlinked: unlinked > 0 ? unlinked : undefined }),
    ...(await datasetClocks(core)),
  };
  await put(core, entry);
}

/** Of each, what was put first. */
async function partsThere(core: StatingCore, tokens: readonly string[]): Promise<readonly DueListEntry[]> {
  const found = await core.registry.statements(tokens);
  return tokens.map((token) => {
    const result = found.get(token);
    const [entry] = result === undefined || result === VOID ? [] : (result.actions ?? []);
    if (entry?.did !== 'due-list') throw new PartMissing(token);
    return entry;
  });
}

/** A run that puts it again says the same: `at` is when the days ended. */
function commonOf(core: StatingCore, days: Days, part: number | undefined) {
  return {
    v: 2,
    token: tokenOf(core, days, part),
    at: isoUtc(days.to),
    first: dayId(days.from),
    last: dayId(days.to - DAY),
    ...present({ registry: core.adopted }),
    software: SOFTWARE,
  } as const;
}

/** Always the same for the same part. A registry that was restored may state days again, and says so. */
function tokenOf({ adopted = '' }: StatingCore, { to }: Days, part: number | undefined): string {
  const name = JSON.stringify(['statement', dayId(to), part, adopted]);
  const digest = createHash('sha256').update(name).digest('base64url').slice(0, 22);
  return statementToken(hourId(to), part, digest);
}

/** The result first, as for every entry whose token is always the same (`fact-entries.ts`). */
async function put(
  core: StatingCore,
  entry: NoteEntry,
  lists?: Readonly<Record<string, string>>,
): Promise<void> {
  const { token } = entry;
  const result = { token, store: '', entries: [], lines: [], actions: [entry], ...present({ lists }) };
  await core.registry.putStatement(result);
  await noteToBeSealed(core, token);
}

class PartMissing extends Error {
  readonly code = 'STATEMENT_PART_MISSING';
  constructor(token: string) {
    super(
      `The part ${token} of what was due in a day was put, and is missing in the registry. The day has no statement; the next census states it.`,
    );
    this.name = 'PartMissing';
  }
}
