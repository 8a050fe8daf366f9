import { present } from '../present.ts';
import type { Holding, Look } from '../record/holding.ts';
import type { Instant } from '../record/ids.ts';
import { nextGeneration } from './fold-registration.ts';
import { tombstoneOf } from './tombstone.ts';

/*
 * What was deleted is looked at again: a restore of its store from a backup brings it back, and nothing else would tell.
 * Until the last check its tombstone keeps what that needs. Pure; nothing here writes.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The configured days, and the first one on which no backup has the record any more. Absent: it is not looked at again. */
export function afterCareDays({
  afterCare = [],
  backupDays,
}: {
  readonly afterCare?: readonly number[] | undefined;
  readonly backupDays?: number | undefined;
}): readonly number[] | undefined {
  if (afterCare.length === 0) return undefined;
  const days = new Set([...afterCare, ...(backupDays === undefined ? [] : [backupDays + 1])]);
  return [...days].toSorted((a, b) => a - b);
}

/** The same for what was deleted: its store's settings may have said that backups have it for longer than is configured. */
export function checkDays(
  settings: { readonly afterCare?: readonly number[] } | undefined,
  { recoveryDays }: Pick<Holding, 'recoveryDays'>,
): readonly number[] | undefined {
  return afterCareDays({ afterCare: settings?.afterCare, backupDays: recoveryDays });
}

/** When a tombstone's record was deleted, as far as it knows: to the minute. */
export function deletedAt({ done = [] }: Holding): Instant {
  return Math.max(0, ...done.filter(({ stage }) => stage === 'delete').map(({ at }) => at));
}

/** The next check after `now`; full hours, so that the checks of an hour share one wake-up. Nothing after the last one. */
export function nextCheck(
  tombstone: Holding,
  days: readonly number[] | undefined,
  now: Instant,
): Instant | undefined {
  const deleted = deletedAt(tombstone);
  return days?.map((day) => Math.ceil((deleted + day * DAY) / HOUR) * HOUR).find((at) => at > now);
}

/** The tombstone of what was just deleted, with what the checks need, if there are any. `before`: as it was until then. */
export function withProbe(
  tombstone: Holding,
  before: Holding,
  { days, now }: { readonly days: readonly number[] | undefined; readonly now: Instant },
): Holding {
  const at = nextCheck(tombstone, days, now);
  // Its producer has withdrawn it: Tenure is not to dispose of it any more.
  if (at === undefined || before.locator === undefined || before.state === 'withdrawn') return tombstone;
  const variants = tombstone.variants.map((one) => {
    const own = before.variants.find(({ producer, content }) => {
      return producer === one.producer && content === one.content;
    });
    return { ...one, ...present({ attributes: own?.attributes }) };
  });
  return { ...tombstone, variants, probe: { locator: before.locator, at } };
}

/**
 * The store was asked: `at` is the next check; without one, the tombstone forgets where it was. `look`: what was seen, for
 * a person who has asked.
 */
export function checkedAt(tombstone: Holding, at: Instant | undefined, look?: Look): Holding {
  const { probe } = tombstone;
  const common = { version: tombstone.version + 1, ...present({ look: tombstone.look && look }) };
  if (probe === undefined || at === undefined)
    return { ...tombstoneOf(tombstone), state: tombstone.state, ...common };
  return { ...withoutLook(tombstone), ...common, probe: { ...probe, at } };
}

/** When the store is asked next about a tombstone's record. */
export function nextLook({ probe, look }: Pick<Holding, 'probe' | 'look'>): Instant | undefined {
  if (probe === undefined || look === undefined || look.seen !== undefined) return probe?.at;
  return Math.min(probe.at, look.at);
}

/** A person asks at `at` whether its record is there again, and wants nothing to be done about it. */
export function lookedFor(tombstone: Holding, at: Instant): Holding {
  return { ...tombstone, version: tombstone.version + 1, look: { at } };
}

/** The answer to that. The next check stays as it is. */
export function lookedAt(tombstone: Holding, seen: NonNullable<Look['seen']>): Holding {
  const { look } = tombstone;
  return { ...tombstone, version: tombstone.version + 1, ...present({ look: look && { ...look, seen } }) };
}

/** A person asks at `at` for the next check at once: what is there again is disposed of, unless something keeps it. */
export function checkedSooner(tombstone: Holding, at: Instant): Holding {
  const { probe } = tombstone;
  const version = tombstone.version + 1;
  return { ...tombstone, version, look: { at }, ...present({ probe: probe && { ...probe, at } }) };
}

/**
 * A person says at `at` that a restore may have undone what was done to a record that was not deleted. Its stages are due
 * again as after a registration with new content: a hold keeps it, and so do facts that came since. What stays for a reason
 * in its store is looked at again.
 */
export function repeatedFor(holding: Holding, at: Instant): Holding {
  const version = holding.version + 1;
  const variants = holding.variants.map((one) => ({ ...one, since: version }));
  const waitsUntil = holding.waitsUntil === undefined ? undefined : at;
  return { ...holding, version, state: 'pending', look: { at }, variants, ...present({ waitsUntil }) };
}

function withoutLook({ look: _look, ...rest }: Holding): Holding {
  return rest;
}

/** Variants that no producer has withdrawn since: without one, Tenure is not to dispose of the record any more. */
export function notWithdrawn({ variants, withdrawnAt = {} }: Holding): Holding['variants'] {
  return variants.filter(({ producer, sent }) => sent >= (withdrawnAt[producer] ?? -Infinity));
}

/**
 * The generation of a record that has come back: registered as the one before it, when that was. So its rules give the same
 * dates, unless facts came since. Nothing where all of its producers have withdrawn it since.
 */
export function broughtBack(tombstone: Holding, now: Instant): Holding | undefined {
  const { probe } = tombstone;
  const variants = notWithdrawn(tombstone);
  if (probe === undefined || variants.length === 0) return undefined;
  const version = tombstone.version + 1;
  return {
    ...nextGeneration(tombstone, variants, version, now),
    variants: variants.map((one) => ({ ...one, since: version, folded: version })),
    locator: probe.locator,
    cameBack: probe.at,
  };
}
