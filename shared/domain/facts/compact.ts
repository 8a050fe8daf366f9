import type { EntityState, FoldProfile, Occurrence, TypeProfile } from './facts.ts';
import { announcedAt, announcedBy, earliest, latest } from './occurrence-time.ts';
import { own } from '../own.ts';
import { purposeOf } from './purpose-of.ts';
import type { EventRef, Instant, Occurred } from '../record/ids.ts';

/**
 * The largest state, in bytes of JSON, without its legal holds. A state is read for every record that may be due, so it
 * stays small whatever producers send. What does not fit is read from the history.
 */
export const STATE_BYTES = 8192;
/** Occurrences of one type that a state keeps. */
const KEPT_PER_TYPE = 32;
const KEPT_DANGLING = 24;

/** The state without what no rule can need, and within its bounds. */
export function compacted(state: EntityState, profile: FoldProfile): EntityState {
  const { truncated: before, ...rest } = state;
  if (before === 'all') return state;
  const occurrences: Record<string, readonly Occurrence[]> = {};
  const truncated = new Set(before);
  for (const [name, list] of Object.entries(state.occurrences)) {
    const type = own(profile.types, name);
    if (type === undefined) continue;
    const undos = type.undoneBy.flatMap((undo) => own(state.occurrences, undo) ?? []);
    const needed = type.byPurpose === true ? neededByPurpose(list, undos, type) : neededOf(list, undos, type);
    if (needed.length > KEPT_PER_TYPE) truncated.add(name);
    if (!truncated.has(name)) occurrences[name] = needed;
  }
  const names = truncated.size > 0 ? { truncated: [...truncated].toSorted() } : {};
  const small: EntityState = { ...rest, occurrences, dangling: fewDangling(state), ...names };
  return bytesOf(small) <= STATE_BYTES ? small : { ...small, occurrences: {}, truncated: 'all' };
}

/** Whether occurrences of this type have to be read from the history. */
export function isTruncated({ truncated }: EntityState, type: string): boolean {
  return truncated === 'all' || truncated?.includes(type) === true;
}

export function bytesOf(state: EntityState): number {
  const { holds: _holds, freezing: _freezing, ...rest } = state;
  return new TextEncoder().encode(JSON.stringify(rest)).length;
}

function fewDangling({ dangling }: EntityState): EntityState['dangling'] {
  return dangling !== 'too-many' && dangling.length > KEPT_DANGLING ? 'too-many' : dangling;
}

/** As if each purpose had a type of its own. What undoes and names no purpose undoes those of every purpose. */
function neededByPurpose(
  list: readonly Occurrence[],
  undos: readonly Occurrence[],
  type: TypeProfile,
): readonly Occurrence[] {
  const ofOne = [...Map.groupBy(list, purposeOf)].flatMap(([purpose, its]) => {
    const undoing = undos.filter((undo) => [purpose, undefined].includes(purposeOf(undo)));
    return neededOf(its, undoing, type);
  });
  return sorted(ofOne.map(timed));
}

/** An occurrence with the bounds of its times over all zones, read once. */
interface Timed {
  readonly one: Occurrence;
  readonly earliest: Instant;
  readonly latest: Instant;
  readonly announcedAt: Instant;
  readonly announcedBy: Instant;
}

/**
 * Drops only what no rule can need in any zone: what is undone in every zone, and what can be neither the first nor the
 * last, whatever undo may still come. `y` outlives `x` if every undo that leaves `x` leaves `y` too. If a later `y`
 * outlives `x`, then `x` is never the last; if an earlier one does, it is never the first. Both are sorted by how long
 * they last, so that each is compared with all that outlive it in one pass.
 */
function neededOf(
  list: readonly Occurrence[],
  undos: readonly Occurrence[],
  type: TypeProfile,
): readonly Occurrence[] {
  const undoneUntil = undos.reduce((until, { occurred }) => Math.max(until, earliest(occurred)), -Infinity);
  const standing = list.map(timed).filter((x) => x.announcedBy > undoneUntil);
  if (type.keepAll) return sorted(standing);
  const isUndoable = type.undoneBy.length > 0;
  const outliving = standing.toSorted((a, b) => b.announcedAt - a.announcedAt);
  const twins = new Map<Occurred, EventRef>();
  let [next, latestBegin, earliestEnd] = [0, -Infinity, Infinity];
  const isNeeded = (x: Timed): boolean => {
    for (; next < outliving.length; next += 1) {
      const y = outliving[next];
      if (y === undefined || (isUndoable && y.announcedAt < x.announcedBy)) break;
      latestBegin = Math.max(latestBegin, y.earliest);
      earliestEnd = Math.min(earliestEnd, y.latest);
      const { ref, occurred, attributes } = y.one;
      const twin = twins.get(occurred);
      if (attributes === undefined && (twin === undefined || ref < twin)) twins.set(occurred, ref);
    }
    const twin = x.one.attributes === undefined ? twins.get(x.one.occurred) : undefined;
    if (twin !== undefined && twin < x.one.ref) return false;
    return !(latestBegin > x.latest && earliestEnd < x.earliest);
  };
  const needed = standing.toSorted((a, b) => b.announcedBy - a.announcedBy).filter(isNeeded);
  return sorted(needed);
}

function timed(one: Occurrence): Timed {
  return {
    one,
    earliest: earliest(one.occurred),
    latest: latest(one.occurred),
    announcedAt: announcedAt(one),
    announcedBy: announcedBy(one),
  };
}

function sorted(list: readonly Timed[]): readonly Occurrence[] {
  return list
    .toSorted((a, b) => a.earliest - b.earliest || (a.one.ref < b.one.ref ? -1 : 1))
    .map(({ one }) => one);
}
