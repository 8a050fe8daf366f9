import type { HoldingRef } from '../../domain/record/ids.ts';
import { isSuccess } from '../../domain/record/actions.ts';
import { isLate } from '../../domain/record/asked.ts';
import { FOR_A_VENDOR, type GuardCode } from '../../domain/record/waiting.ts';
import type { ActedOn, ChunkKey } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { act } from './act.ts';
import { askVendor } from '../vendor/ask-vendor.ts';
import { noteOutcomes } from '../notices/note-outcomes.ts';
import { begin, united, type Worked } from './begin.ts';
import { keepPace } from '../guard/keep-pace.ts';
import { reportWaits } from '../guard/within-guard.ts';
import { noteCanary } from '../guard/note-canary.ts';
import { codeOf } from './entry-of.ts';
import { workOnDataset } from '../datasets/work-on-dataset.ts';
import { actOnPages } from '../pages/conclude.ts';
import { sealedProgress, withSealedRows } from '../pages/seal-rows.ts';
import { examine } from './examine.ts';
import { noLaterThan } from '../vendor/also-due.ts';
import { noteAskedIn } from '../vendor/asked-in.ts';
import { isEndOf } from '../vendor/keep-asked.ts';
import { waitFor } from '../vendor/read-asked.ts';
import { finish, reportFailed } from './finish.ts';
import { isFarAway, settleResult } from './settle.ts';
import { tellable } from './tellable.ts';
import { actedOnOf, hasEnded, type Left, type Told } from './told.ts';
import { writeResult } from './write-result.ts';

/**
 * One bell: works on one chunk, in the only order that loses nothing. May run twice, late, or die anywhere: what it
 * leaves is taken over when its lease ends, and what it may have done is read back before anything else.
 */
export function workOnChunk(core: LaneCore, key: ChunkKey): Promise<Worked> {
  return keepPace(core, (timed) => workOn(timed, key));
}

async function workOn(core: LaneCore, key: ChunkKey): Promise<Worked> {
  const begun = await begin(core, key);
  if (typeof begun === 'string') return begun;
  if (begun.chunk.dataset !== undefined) return workOnDataset(core, begun, begun.chunk.dataset);
  const found = await examine(core, begun);
  const {
    told,
    todo,
    pages,
    left: untold,
  } = await tellable(core, {
    ...found,
    pages: await withSealedRows(core, found.pages),
  });
  const left = new Map<HoldingRef, Left>([...found.left, ...untold]);

  const toActOn = [...todo, ...pages.filter(({ records }) => records !== undefined)].map(actedOnOf);
  if (toActOn.length > 0 && (await core.registry.actOn(begun.work, toActOn)) === 'lost') return 'lost';
  const isVendor = core.store.vendor !== undefined;
  const acted = isVendor ? await askVendor(core, begun, todo) : await act(core, begun, todo);
  const paged = await actOnPages(core, begun, pages, found.turn);
  for (const [ref, one] of paged.left) left.set(ref, one);
  for (const { ref } of acted.notStarted) left.set(ref, { kind: 'no-time' });
  const nowUncertain = [...acted.uncertain, ...paged.uncertain];
  for (const { acted: one, code } of nowUncertain) left.set(one.ref, { kind: 'failed', code });
  const pending = acted.pending ?? [];
  for (const { ref, asked } of pending) left.set(ref, forVendor(core, asked));

  const all: readonly Told[] = [...told, ...acted.told, ...paged.told];
  const written = await writeResult(core, begun, all);
  if (written === 'void') return 'void';
  const { lines } = written;
  if (found.onTrial) await noteCanary(core, begun, all, nowUncertain.length > 0);
  await noteOutcomes(core, begun.chunk, { token: begun.work.token, ...written });
  // A tombstone is not the holding's item.
  const known = all.filter(({ pastGeneration }) => pastGeneration !== true);
  await settleResult(core, lines, new Map(known.map(({ holding }) => [holding.ref, holding])));
  for (const one of all) {
    // What came of a page does not say alone whether its stage has ended.
    const isLeft = one.page === undefined ? !isSettledBy(one) : isRefusedForNow(one) && !left.has(one.ref);
    if (isLeft) left.set(one.ref, asFailed(one));
  }
  reportFailed(core, [...left.values(), ...all.filter(isRefusedForLong).map(asFailed)]);

  const open: readonly ActedOn[] = united(
    [
      ...found.uncertain,
      ...begun.chunk.uncertain.filter(({ ref, generation }) =>
        found.told.some((one) => one.ref === ref && one.generation === generation && !told.includes(one)),
      ),
    ],
    [...nowUncertain.map(({ acted: one }) => one), ...pending],
  ).filter((one) => one.asked === undefined || !all.some((each) => isEndOf(each, one)));
  const progress = await sealedProgress(core, [...found.progress, ...paged.progress]);
  // What else a vendor was asked for is over with the record.
  for (const { ref } of known.filter(({ stage, outcome }) => stage === 'delete' && isSuccess(outcome))) {
    if (isVendor && !open.some((one) => one.ref === ref)) left.delete(ref);
  }
  const uncertain = isVendor ? await noteAskedIn(core, begun.chunk, open, found.holdings) : open;
  const late = tellLate(core, uncertain, left);
  await noLaterThan(core, found.comes, left);
  reportWaits(core, [...left.values()].flatMap(ofVendor));
  return finish(core, begun, { left, uncertain, progress, codes: [...paged.codes, ...late] });
}

/** Why a vendor does not answer matters less than that it is late. Answers the codes of the failures, which were told. */
function tellLate(
  { store: { vendor }, clock }: LaneCore,
  uncertain: readonly ActedOn[],
  left: Map<HoldingRef, Left>,
): readonly string[] {
  const now = clock.now();
  return uncertain.flatMap(({ ref, asked }) => {
    const why = left.get(ref);
    if (vendor === undefined || asked?.next === undefined || why?.kind !== 'failed') return [];
    if (!isLate(asked, vendor, now)) return [];
    left.set(ref, waitFor(asked, vendor, now));
    return [why.code];
  });
}

function forVendor({ store: { vendor }, clock }: LaneCore, asked: ActedOn['asked']): Left {
  const now = clock.now();
  if (vendor === undefined || asked === undefined) return { kind: 'no-time' };
  return waitFor(asked, vendor, now);
}

/** What waits for other reasons is reported where it is left. */
function ofVendor(why: Left): readonly GuardCode[] {
  return why.kind === 'waits' && FOR_A_VENDOR.has(why.code) ? [why.code] : [];
}

/** Nothing is left to do in this chunk, or a vendor has to answer first. */
function isSettledBy(told: Told): boolean {
  const { outcome, holding } = told;
  if (isSuccess(outcome) || outcome === 'requested' || outcome === 'held') return true;
  return isRefusedForLong(told) || hasEnded(holding);
}

function isRefusedForLong(told: Told): boolean {
  return told.outcome === 'refused' && isFarAway(told);
}

function isRefusedForNow(told: Told): boolean {
  return told.outcome === 'refused' && !isFarAway(told);
}

function asFailed(told: Told): Left {
  return { kind: 'failed', code: codeOf(told) };
}
