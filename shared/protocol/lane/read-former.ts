import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import { strength } from '../../domain/record/actions.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { isSameStage } from '../../domain/record/stage-name.ts';
import { type Holding, isAsOf } from '../../domain/record/holding.ts';
import type { Masks } from '../../domain/record/masks.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { entityRefsOf, planOf, type States } from '../plan-of.ts';
import { type Begun, mayStart } from './begin.ts';
import { LOCATOR_BROKEN, openLocators } from './locators.ts';
import { isUnknown, masksFor } from './masks-for.ts';
import { hasEnded, type Left, promiseOf, READ_BACK_BROKEN, type Told } from './told.ts';

/** What step 5 found out of attempts that could not say what came of them. */
export interface Former {
  readonly told: readonly Told[];
  readonly uncertain: readonly ActedOn[];
  readonly left: ReadonlyMap<HoldingRef, Left>;
  /** The store does not show the stage of these present holdings: they are worked on like the others. */
  readonly interrupted: ReadonlySet<HoldingRef>;
}

interface Findings {
  /** By holding and generation. */
  readonly kept: Map<string, Told>;
  readonly failed: Told[];
  readonly uncertain: ActedOn[];
  readonly left: Map<HoldingRef, Left>;
  readonly interrupted: Set<HoldingRef>;
}

/** A stage that was acted on, and the generation that it was decided for. */
export interface Open {
  readonly former: ActedOn;
  /** As it is now: the tombstone of a past generation. */
  readonly holding: Holding;
  /** Has the locator, which a tombstone has not. */
  readonly current: Holding;
}

/** No reading shows that masks hold which went with the registration. */
export const MASKS_UNKNOWN = 'MASKS_UNKNOWN';

/**
 * Step 5: reads back what is uncertain, before anything else. What the store shows is told as `already-so`. What it
 * does not show is worked on like the others; but a generation that has ended is never worked on again, so it is told
 * as `failed`: one entry at least says that somebody had acted.
 */
export async function readFormer(
  core: LaneCore,
  { chunk, work }: Begun,
  holdings: ReadonlyMap<HoldingRef, Holding>,
): Promise<Former> {
  const found: Findings = {
    kept: new Map(),
    failed: [],
    uncertain: [],
    left: new Map(),
    interrupted: new Set(),
  };
  // Of collections their records are read back: see `read-former-pages.ts`.
  const single = chunk.uncertain.filter(({ records, asked }) => records === undefined && asked === undefined);
  const open = await unresolved(core, single, holdings);
  const [unreadable, promised] = split(open, areMasksGone);
  for (const one of unreadable) found.failed.push(failed(one, core.clock.now(), MASKS_UNKNOWN));
  const readable = await withLocators(core, promised, found);
  if (readable.length > 0 && mayStart(core, work)) await readAll(core, readable, found);
  else for (const { former } of readable) keepUncertain(found, former, { kind: 'no-time' });
  const { uncertain, left, interrupted } = found;
  return { told: [...found.kept.values(), ...found.failed], uncertain, left, interrupted };
}

/** Tombstones are read for past generations only. */
export async function unresolved(
  core: LaneCore,
  uncertain: readonly ActedOn[],
  holdings: ReadonlyMap<HoldingRef, Holding>,
): Promise<readonly Open[]> {
  const open: Open[] = [];
  for (const former of uncertain) {
    const current = holdings.get(former.ref);
    if (current === undefined) continue;
    const holding = await holdingOf(core, former, current);
    if (holding !== undefined && !isResolved(former, holding)) open.push({ former, holding, current });
  }
  return open;
}

/** As it is now: the tombstone, if the generation has passed. */
export async function holdingOf(
  { registry }: Pick<LaneCore, 'registry'>,
  { ref, generation }: ActedOn,
  current: Holding,
): Promise<Holding | undefined> {
  if (generation >= current.generation) return current;
  return (await registry.tombstones(ref)).find((one) => one.generation === generation);
}

/** The generation itself says that it was disposed of, or that the stage is done. */
function isResolved(former: ActedOn, { state, done = [] }: Holding): boolean {
  if (state === 'disposed') return true;
  return done.some((one) => isSameStage(one, former) && one.version >= former.version);
}

function areMasksGone({ former, holding }: Open): boolean {
  return former.stage === 'anonymise' && hasEnded(holding);
}

export interface Readable extends Open {
  readonly locator: Locator;
}

export async function withLocators(
  core: LaneCore,
  open: readonly Open[],
  found: Pick<Findings, 'uncertain' | 'left'>,
): Promise<readonly Readable[]> {
  const current = new Map(open.map((one) => [one.former.ref, one.current]));
  const { opened, failed: closed } = await openLocators(core, [...current.values()]);
  const readable: Readable[] = [];
  for (const one of open) {
    const { ref } = one.former;
    const locator = opened.get(ref);
    if (locator !== undefined) readable.push({ ...one, locator });
    else keepUncertain(found, one.former, { kind: 'failed', code: closed.get(ref) ?? LOCATOR_BROKEN });
  }
  return readable;
}

async function readAll(core: LaneCore, readable: readonly Readable[], found: Findings): Promise<void> {
  const now = core.clock.now();
  const states = await readStates(core, entityRefsOf(readable.map(({ holding }) => holding)));
  const masked = readable.map((one) => ({
    ...one,
    masks: masksFor(core, { ...one, states }, one.former, now),
  }));
  const [unknown, promised] = split(
    masked,
    ({ former, masks }) => former.stage === 'anonymise' && isUnknown(former, masks),
  );
  for (const one of unknown) found.failed.push(failed(one, now, MASKS_UNKNOWN));
  if (promised.length === 0) return;
  const answers = await core.store.readBack(
    promised.map(({ former, locator, masks }) => promiseOf(former.stage, locator, masks)),
  );
  const at = core.clock.now();
  for (const [index, one] of promised.entries()) {
    const answer = answers[index] ?? { state: 'unknown', code: 'STORE_ERROR' };
    switch (answer.state) {
      case 'kept': {
        const planned = asDecided(core, one, states);
        keep(found, { ...toldOf(one), outcome: 'already-so', at, readBackAt: at, ...present({ planned }) });
        break;
      }
      case 'broken':
        if (hasEnded(one.holding))
          found.failed.push({ ...failed(one, at, READ_BACK_BROKEN), readBackAt: at });
        else found.interrupted.add(one.former.ref);
        break;
      case 'unknown':
        keepUncertain(found, one.former, { kind: 'failed', code: answer.code });
        break;
      // Only of what a vendor was asked for, which is read elsewhere.
      case 'confirmed':
      case 'pending':
      case 'refused':
        keepUncertain(found, one.former, { kind: 'failed', code: 'STORE_ERROR' });
    }
  }
}

/** What is gone shows every stage: of one generation the strongest one tells it. */
function keep({ kept }: Findings, told: Told): void {
  const name = `${told.ref} ${told.generation}`;
  const other = kept.get(name);
  if (other === undefined || strength(other.stage) < strength(told.stage)) kept.set(name, told);
}

function failed(open: Open, at: Instant, code: string): Told {
  return { ...toldOf(open), outcome: 'failed', at, code };
}

function toldOf({ former, holding, current, masks }: Open & { readonly masks?: Masks }) {
  const pastGeneration = holding === current ? undefined : (true as const);
  return { ...former, holding, interrupted: true as const, ...present({ pastGeneration, masks }) };
}

/** The stage as the former attempt decided it; nothing where the holding was planned again since. */
export function asDecided(
  core: LaneCore,
  { former: { stage, part, version, asked }, holding }: Pick<Open, 'former' | 'holding'>,
  states: States,
): PlannedStage | undefined {
  const { decision } = holding;
  if (!isAsOf(holding, version)) return undefined;
  if (decision?.stage !== stage && asked === undefined) return undefined;
  try {
    const { next, stages } = planOf(core, holding, states, core.clock.now());
    if (next?.action === stage && next.part === part)
      return next.actAt === decision?.actAt ? next : undefined;
    // A vendor is asked for what is due before it has done what comes first.
    if (asked === undefined) return undefined;
    return stages.find((one) => one.action === stage && one.part === part && one.status === 'due');
  } catch {
    return undefined;
  }
}

function keepUncertain(found: Pick<Findings, 'uncertain' | 'left'>, former: ActedOn, left: Left): void {
  found.uncertain.push(former);
  found.left.set(former.ref, left);
}

function split<Item>(items: readonly Item[], is: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}
