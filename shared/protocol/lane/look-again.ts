import { continued } from '../../domain/collections/fold-collection.ts';
import {
  broughtBack,
  checkDays,
  checkedAt,
  deletedAt,
  lookedAt,
  nextCheck,
  nextLook,
} from '../../domain/facts/after-care.ts';
import { tombstoneOf } from '../../domain/facts/tombstone.ts';
import { own } from '../../domain/own.ts';
import type { Holding, Probe } from '../../domain/record/holding.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { HoldingChange } from '../../ports/holdings.ts';
import type { LaneCore } from '../core.ts';
import { noteCameBack } from '../facts/fact-entries.ts';
import { hintAgainIfLate, hintInTime, hintMinute } from '../hint.ts';
import { placeOfCollection } from '../pages/collection-place.ts';
import { writePlanned } from '../plan-writer.ts';
import { seconds } from '../seconds.ts';
import { type Begun, mayStart } from './begin.ts';
import { LOCATOR_BROKEN, openOne } from './locators.ts';
import type { Left } from './told.ts';

type Probed = Holding & { readonly probe: Probe };

/** `unnamed`: nothing leads to the record any more, or it cannot be read, so no check of it will ever tell. */
type Seen =
  | { readonly state: 'gone' | 'present' }
  | { readonly state: 'unknown' | 'unnamed'; readonly code: string };

/** Pages of a collection without a record in them. */
const MOST_EMPTY_PAGES = 10;

/**
 * After-care: asks the store whether what was deleted is still gone. Then the next check is hinted, or the tombstone
 * forgets where its record was. What has come back gets an entry, an alarm and a next generation, which is planned like
 * any other: a hold keeps it, and so do facts that came since. May run twice, late, or die anywhere: until the tombstone
 * is written, the chunk leads here again, and the entry is put once.
 */
export async function lookAgain(
  core: LaneCore,
  begun: Pick<Begun, 'work'>,
  holdings: ReadonlyMap<HoldingRef, Holding>,
  left: Map<HoldingRef, Left>,
): Promise<void> {
  const probed = [...holdings.values()].filter((one): one is Probed => {
    return one.probe !== undefined && one.store === core.lane && !left.has(one.ref);
  });
  const tolerance = seconds(core.configuration.timing.clockTolerance);
  const now = core.clock.now();
  const isDue = (holding: Probed): boolean => (nextLook(holding) ?? Infinity) <= now + tolerance;
  const due = probed.filter(isDue);
  // An old hint led here; the one on record is still to come.
  const unhinted = probed.filter((one) => !isDue(one) && (one.hintAt ?? 0) <= now);
  await hintInTime(core, unhinted, (one, at) => nextLook(one) ?? at);
  if (due.length > 0 && !mayStart(core, begun.work)) {
    for (const { ref } of due) left.set(ref, { kind: 'no-time' });
    return;
  }
  const seen = await seenNow(core, due);
  const changes: HoldingChange[] = [];
  for (const before of due) {
    const one = seen.get(before.ref);
    if (one === undefined || one.state === 'unknown') {
      left.set(before.ref, { kind: 'failed', code: one?.code ?? 'STORE_ERROR' });
      continue;
    }
    if (before.probe.at > now + tolerance) {
      changes.push({ before, after: onlyLooked(core, before, one, now) });
      continue;
    }
    if (one.state === 'unnamed') core.report('dispose.left', { store: core.lane, code: one.code, count: 1 });
    const back = one.state === 'present' ? broughtBack(before, now) : undefined;
    const after = back === undefined ? stillGone(core, before, one, now) : again(core, before, back, now);
    if (back !== undefined) {
      await noteCameBack(core, before, before.probe.at);
      core.report('dispose.came-back', { store: core.lane, count: 1 });
      await core.registry.putTombstone(tombstoneOf(before));
    }
    changes.push({ before, after });
  }
  const { written, moved } = await writePlanned(core, changes);
  await hintAgainIfLate(core, written);
  // A registration has begun the next generation, or another fact is on record: it is read again.
  for (const ref of moved) left.set(ref, { kind: 'busy' });
}

/** What a person is told of it. */
const ANSWERS = { gone: 'gone', present: 'there', unnamed: 'unread', unknown: 'unread' } as const;

/** A person only asked whether it is there: the next check stays as it is, and does what there is to do. */
function onlyLooked(core: LaneCore, tombstone: Probed, { state }: Seen, now: Instant): Holding {
  const after = lookedAt(tombstone, ANSWERS[state]);
  return { ...after, hintAt: hintMinute(tombstone.probe.at, now, core.configuration.timing) };
}

/** One that came back, and that its producers have withdrawn since, is not looked at again either. */
function stillGone(core: LaneCore, tombstone: Holding, { state }: Seen, now: Instant): Holding {
  const { configuration } = core;
  const days = checkDays(own(configuration.stores, core.lane), tombstone);
  const at = state === 'gone' ? nextCheck(tombstone, days, now) : undefined;
  const after = checkedAt(tombstone, at, {
    at: Math.max(now, tombstone.look?.at ?? now),
    seen: ANSWERS[state],
  });
  return at === undefined ? after : { ...after, hintAt: hintMinute(at, now, configuration.timing) };
}

function again(core: LaneCore, tombstone: Holding, back: Holding, now: Instant): Holding {
  const next = back.collection === undefined ? back : continued(back, deletedAt(tombstone));
  return { ...next, hintAt: hintMinute(now, now, core.configuration.timing) };
}

async function seenNow(core: LaneCore, due: readonly Probed[]): Promise<ReadonlyMap<HoldingRef, Seen>> {
  const seen = new Map<HoldingRef, Seen>();
  const asked: { readonly ref: HoldingRef; readonly locator: readonly (string | number)[] }[] = [];
  for (const holding of due) {
    const { ref, probe } = holding;
    const named = { ...holding, locator: probe.locator };
    if (holding.collection !== undefined) {
      seen.set(ref, await seenInPlace(core, named));
      continue;
    }
    const opened = await openOne(core, named);
    if (opened.state === 'opened') asked.push({ ref, locator: opened.locator });
    else if (opened.state === 'failed') seen.set(ref, { state: 'unknown', code: opened.code });
    else seen.set(ref, { state: 'unnamed', code: LOCATOR_BROKEN });
  }
  if (asked.length === 0) return seen;
  const answers = await core.store.readBack(asked.map(({ locator }) => ({ locator, expect: 'gone' })));
  for (const [index, { ref }] of asked.entries()) {
    const answer = answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    switch (answer.state) {
      case 'kept':
        seen.set(ref, { state: 'gone' });
        break;
      case 'broken':
        seen.set(ref, { state: 'present' });
        break;
      case 'unknown':
        seen.set(ref, answer);
        break;
      // Of a vendor where nothing can be read: it would be asked for ever, and never tell.
      case 'confirmed':
      case 'pending':
      case 'refused':
        seen.set(ref, { state: 'unnamed', code: 'STORE_SCHEMA' });
    }
  }
  return seen;
}

/** Whether any record of the collection is there again. */
async function seenInPlace(core: LaneCore, collection: Holding): Promise<Seen> {
  const opened = await placeOfCollection(core, collection);
  if (opened.state === 'failed') return { state: 'unknown', code: opened.code };
  if (opened.state === 'set-aside') return { state: 'unnamed', code: opened.code };
  let after: string | undefined;
  for (let page = 0; page < MOST_EMPTY_PAGES; page += 1) {
    const listed = await core.store.list(opened.place, 1, after);
    if (listed.state === 'unknown') return listed;
    // A list of an index may have records that are gone by now.
    const presences =
      listed.seen ?? (listed.locators.length > 0 ? await core.store.look(listed.locators) : []);
    if (presences.some(({ state }) => state === 'present')) return { state: 'present' };
    const unread = presences.find((one) => one.state === 'unknown');
    if (unread !== undefined) return unread;
    if (listed.next === undefined) return { state: 'gone' };
    after = listed.next;
  }
  return { state: 'unknown', code: 'STORE_ERROR' };
}
