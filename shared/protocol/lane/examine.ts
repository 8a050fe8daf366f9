import { wasAccepted } from '../../domain/record/asked.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { settleLogged } from '../restore/settle-logged.ts';
import { setAside } from '../set-aside.ts';
import { examineCollections } from '../pages/examine-collections.ts';
import { collectionsAround, keptByCollection } from '../pages/kept-by-collection.ts';
import type { PageTodo } from '../pages/page-todo.ts';
import { newTurn, type Turn } from '../pages/gather.ts';
import { cutPage } from '../pages/cut-page.ts';
import type { Pass } from '../pages/pass.ts';
import { readFormerPages } from '../pages/read-former-pages.ts';
import { entityRefsOf, ownPolicies } from '../plan-of.ts';
import { rePlan } from '../plan-writer.ts';
import { setDamagedAside } from '../damaged.ts';
import { readStates } from '../facts/read-states.ts';
import { leftDry, withinGuard } from '../guard/within-guard.ts';
import { withoutQuiet } from '../guard/without-quiet.ts';
import { withoutRoom } from '../guard/without-room.ts';
import { type Begun, mayStart, namedByOthers, nameOf } from './begin.ts';
import { decideOrSetAside, isPast } from './decide.ts';
import { leaveWithDependants } from './dependants.ts';
import { asIfDone } from './as-if-done.ts';
import { hintLater } from './hint-later.ts';
import { openLocators } from './locators.ts';
import { lookAgain } from './look-again.ts';
import { alsoDue, isBesides, type Open } from '../vendor/also-due.ts';
import { leaveElsewhere } from '../vendor/asked-in.ts';
import { keepAsked, withRequest } from '../vendor/keep-asked.ts';
import { type FormerlyAsked, readAsked } from '../vendor/read-asked.ts';
import { readFormer } from './read-former.ts';
import type { Left, Todo, Told } from './told.ts';

/** What steps 4 to 7 found out. Every reference of the chunk is in one of the four, or nothing is left to do for it. */
export interface Examined {
  readonly told: readonly Told[];
  readonly todo: readonly Todo[];
  readonly left: ReadonlyMap<HoldingRef, Left>;
  /** Stays uncertain: the store could not be read. */
  readonly uncertain: readonly ActedOn[];
  /** Of collections: what is to be done to their records, and what is left of the attempt's turn for more of them. */
  readonly pages: readonly PageTodo[];
  readonly turn: Turn;
  readonly progress: ReadonlyMap<HoldingRef, Pass>;
  /** First records of a rule are among them: what comes of them has to be noted. */
  readonly onTrial: boolean;
  /** When the next stage comes of what a vendor was asked for. */
  readonly comes: ReadonlyMap<HoldingRef, Instant>;
  /** As they were read. */
  readonly holdings: ReadonlyMap<HoldingRef, Holding>;
}

/** What former attempts did to the holdings that are decided now. */
interface Before {
  readonly interrupted: ReadonlySet<HoldingRef>;
  /** The requests that a vendor has had, by the name of what it was asked for. */
  readonly asked: FormerlyAsked['again'];
  /** The requests that are waited for. Only what is due besides them is asked for. */
  readonly open: Open;
}

interface Findings {
  told: Told[];
  readonly todo: Todo[];
  readonly pages: PageTodo[];
  turn: Turn;
  readonly progress: Map<HoldingRef, Pass>;
  onTrial: boolean;
  readonly left: Map<HoldingRef, Left>;
  readonly uncertain: ActedOn[];
}

/**
 * Steps 4 to 7: leaves what another attempt names; reads the holdings; reads back what is uncertain, before anything
 * else; lets the plan writer have what is not due; looks at the store, and only then reads states and decides again.
 */
export async function examine(core: LaneCore, begun: Begun): Promise<Examined> {
  const { chunk, work } = begun;
  const found: Findings = {
    told: [],
    todo: [],
    left: new Map(),
    uncertain: [],
    pages: [],
    turn: newTurn(core, 0),
    progress: new Map(),
    onTrial: false,
  };
  const named = await namedByOthers(core, work);
  for (const ref of chunk.refs) if (named.has(ref)) found.left.set(ref, { kind: 'busy' });
  found.uncertain.push(...chunk.uncertain.filter(({ ref }) => named.has(ref)));
  const { holdings: read, damaged } = await core.registry.readHoldings(
    chunk.refs.filter((ref) => !named.has(ref)),
  );
  // What an adopted table has forgotten is not done again: the record may be another one by now.
  const holdings = core.adopted === undefined ? read : await settleLogged(core, read);
  await setDamagedAside(core, damaged, core.lane);
  // What is uncertain of a damaged one waits for its repair: only the chunk knows of it.
  for (const { ref, code } of damaged) {
    const uncertain = chunk.uncertain.filter((one) => one.ref === ref);
    found.uncertain.push(...uncertain);
    if (uncertain.length > 0) found.left.set(ref, { kind: 'failed', code });
  }
  const former = await readFormer(core, begun, holdings);
  const asked = await readAsked(core, begun, holdings);
  const pages = await readFormerPages(core, begun, holdings);
  found.told.push(...former.told, ...asked.told, ...pages.told);
  found.uncertain.push(...former.uncertain, ...asked.uncertain, ...pages.uncertain);
  for (const [ref, left] of [...former.left, ...asked.left, ...pages.left]) found.left.set(ref, left);
  await lookAgain(core, begun, holdings, found.left);
  const unread = found.uncertain.reduce((sum, { records = '' }) => sum + records.length, 0);
  found.turn = newTurn(core, unread);
  const also = await alsoDue(core, begun, asked, { holdings, told: found.told, left: found.left });
  const others = await leaveElsewhere(
    core,
    chunk,
    await dueOf(core, [...holdings.values()], found),
    found.left,
  );
  const planned = [...others, ...also.due];
  const loud = await withoutQuiet(core, begun, planned, found.left);
  const due = (await withoutRoom(core, begun, loud, found.left)).map((one) =>
    also.open.has(one.ref) ? (holdings.get(one.ref) ?? one) : one,
  );
  const unsure = [...asked.again.values()].flatMap((one) =>
    wasAccepted(one.asked) || also.open.get(one.ref)?.some((other) => nameOf(other) === nameOf(one)) === true
      ? []
      : [one.ref],
  );
  const interrupted = new Set([...former.interrupted, ...unsure]);
  await lookAndDecide(core, begun, { due, interrupted, asked: asked.again, open: also.open }, found);
  keepAsked(core, found, asked);
  return { ...found, holdings, comes: also.comes };
}

/**
 * Step 6. What is pending, not due, or was planned under other policies goes to the plan writer, which hints it. What it
 * finds due is due now: waiting for that hint would cost another hour if its wake-up is lost.
 */
async function dueOf(
  core: LaneCore,
  holdings: readonly Holding[],
  found: Findings,
): Promise<readonly Holding[]> {
  // What was told of a past generation settles nothing of the present one.
  const told = found.told.filter(({ pastGeneration }) => pastGeneration !== true);
  const settled = new Set<HoldingRef>([...told.map(({ ref }) => ref), ...found.left.keys()]);
  const open = holdings.filter(({ ref, state, store }) => {
    return !settled.has(ref) && store === core.lane && state !== 'disposed' && state !== 'withdrawn';
  });
  const now = core.clock.now();
  const due = open.filter((holding) => isDueAsPlanned(core, holding, now));
  const others = open.filter((holding) => !due.includes(holding));
  if (others.length === 0) return due;
  const planned = await rePlan(
    core,
    others.map(({ ref }) => ref),
  );
  const then = core.clock.now();
  const dueNow = [...planned.values()].filter((holding) => isDueAsPlanned(core, holding, then));
  const isDueNow = new Set(dueNow);
  await unparkEarly(
    core,
    [...planned.values()].filter((holding) => !isDueNow.has(holding)),
  );
  return [...due, ...dueNow];
}

/**
 * By another clock these were due already, and parked. A plan that changes nothing leaves them parked; but their hold may
 * be gone by now, and its release has given them the only hint, which led here.
 */
async function unparkEarly(core: LaneCore, notDue: Iterable<Holding>): Promise<void> {
  for (const holding of notDue) {
    const { state, parked, decision } = holding;
    if (state === 'active' && parked !== undefined && decision?.actAt !== undefined)
      await hintLater(core, holding, decision.actAt);
  }
}

function isDueAsPlanned(core: LaneCore, holding: Holding, now: Instant): boolean {
  const { decision } = holding;
  return (
    holding.state === 'active' &&
    decision?.actAt !== undefined &&
    isPast(core, decision.actAt, now) &&
    (decision.changesAt ?? Infinity) > now &&
    decision.policies === ownPolicies(core, holding, now)
  );
}

/** Step 7: look, then states, then decide. What turns out not to be due goes to the plan writer. */
async function lookAndDecide(
  core: LaneCore,
  begun: Begun,
  { due, ...before }: { readonly due: readonly Holding[] } & Before,
  found: Findings,
): Promise<void> {
  const [collections, records] = [due.filter(isCollection), due.filter((one) => !isCollection(one))];
  const paged = await examineCollections(core, begun, collections, found.turn);
  for (const [ref, left] of paged.left) found.left.set(ref, left);
  for (const [ref, pass] of paged.progress) found.progress.set(ref, pass);
  found.told.push(...paged.told);
  const { decided, notDue } = await decideRecords(core, begun, { due: records, ...before }, found);
  const others = [...notDue, ...paged.notDue];
  if (others.length > 0) await unparkEarly(core, (await rePlan(core, others)).values());
  const waiting = await leaveWithDependants(core, begun, [...decided, ...paged.pages]);
  for (const [ref, left] of waiting) found.left.set(ref, left);
  if (waiting.size > 0) core.report('dispose.dependants', { store: core.lane, count: waiting.size });
  const ready = [...decided, ...paged.pages].filter(({ ref }) => !waiting.has(ref));
  for (const letThrough of await withinGuard(core, begun, ready, found.left)) {
    const { one, onTrial } = letThrough;
    found.onTrial ||= onTrial;
    if ('slices' in one) found.pages.push(cutPage(core, { ...letThrough, one }));
    else found.todo.push(one);
  }
}

function isCollection({ collection }: Holding): boolean {
  return collection !== undefined;
}

async function decideRecords(
  core: LaneCore,
  begun: Begun,
  { due, interrupted, asked, open }: { readonly due: readonly Holding[] } & Before,
  found: Findings,
): Promise<{ readonly decided: readonly Todo[]; readonly notDue: readonly HoldingRef[] }> {
  const decided: Todo[] = [];
  const notDue: HoldingRef[] = [];
  if (due.length === 0) return { decided, notDue };
  if (!mayStart(core, begun.work)) {
    for (const { ref } of due) found.left.set(ref, { kind: 'no-time' });
    return { decided, notDue };
  }
  const locators = await openLocators(core, due);
  for (const [ref, code] of locators.failed) found.left.set(ref, { kind: 'failed', code });
  const seen = due.flatMap((holding) => {
    const locator = locators.opened.get(holding.ref);
    return locator === undefined ? [] : [{ holding, locator }];
  });
  if (seen.length === 0) return { decided, notDue };
  // Before the call: what is registered while the store is looked at may not have been written then.
  const lookedAt = core.clock.now();
  const presences = await core.store.look(seen.map(({ locator }) => locator));
  const around = await collectionsAround(core, seen);
  const collections = [...around.values()].flatMap((one) => one.collections);
  const states = await readStates(
    core,
    entityRefsOf([...seen.map(({ holding }) => holding), ...collections]),
  );
  const isDry = core.configuration.stores[core.lane]?.dryRun === true;
  for (const [index, { holding, locator }] of seen.entries()) {
    const presence = presences[index] ?? { state: 'unknown' as const, code: 'STORE_ERROR' as const };
    const requests = open.get(holding.ref) ?? [];
    const looked = {
      holding,
      locator,
      presence,
      lookedAt,
      interrupted: interrupted.has(holding.ref),
      toPlan: asIfDone(holding, requests),
      failures: open.has(holding.ref) ? 0 : begun.chunk.failures,
    };
    const decision = decideOrSetAside(core, begun, looked, states);
    switch (decision.kind) {
      case 'act': {
        const kept = keptByCollection(core, begun, decision.todo, {
          around: around.get(holding.ref),
          states,
        });
        if (!isBesides(decision.todo, requests)) break;
        if (kept.kind === 'free') decided.push(withRequest(core, begun.chunk, decision.todo, asked));
        else if (kept.kind === 'failed') found.left.set(holding.ref, kept);
        else await hintLater(core, holding, kept.until, true);
        break;
      }
      case 'told':
        // What is gone already ends no holding in a dry run, either.
        if (isDry && decision.told.outcome === 'already-so') found.left.set(holding.ref, leftDry(core));
        else found.told.push(decision.told);
        break;
      case 'not-due':
        if (requests.length === 0) notDue.push(holding.ref);
        break;
      case 'later':
        await hintLater(core, holding, decision.until);
        break;
      case 'waits':
        found.left.set(holding.ref, decision);
        break;
      case 'set-aside':
        await setAside(core, holding, decision.code, lookedAt);
    }
  }
  return { decided, notDue };
}
