import type { PlannedStage } from '../../domain/plan/plan.ts';
import { present } from '../../domain/present.ts';
import { strength } from '../../domain/record/actions.ts';
import type { HoldingRef, Instant } from '../../domain/record/ids.ts';
import { hourOf } from '../../domain/calendar/utc-time.ts';
import type { Locator } from '../../ports/store.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { LaneCore } from '../core.ts';
import { entityRefsOf, ownPolicies, planOf, type States } from '../plan-of.ts';
import { rePlan } from '../plan-writer.ts';
import { readStates } from '../facts/read-states.ts';
import { type Begun, mayStart } from './begin.ts';
import { decideOrSetAside, isPast, masksFor } from './decide.ts';
import { hintLater } from './hint-later.ts';
import { LOCATOR_BROKEN, openLocators } from './locators.ts';
import { type Left, promiseOf, type Todo, type Told } from './told.ts';

/** What steps 4 to 7 found out. Every reference of the chunk is in one of the four, or nothing is left to do for it. */
export interface Examined {
  readonly told: readonly Told[];
  readonly todo: readonly Todo[];
  readonly left: ReadonlyMap<HoldingRef, Left>;
  /** Stays uncertain: the store could not be read. */
  readonly uncertain: readonly ActedOn[];
}

interface Findings {
  readonly told: Told[];
  readonly todo: Todo[];
  readonly left: Map<HoldingRef, Left>;
  readonly uncertain: ActedOn[];
}

/**
 * Steps 4 to 7: leaves what another attempt names; reads the holdings; reads back what is uncertain, before anything
 * else; lets the plan writer have what is not due; looks at the store, and only then reads states and decides again.
 */
export async function examine(core: LaneCore, begun: Begun): Promise<Examined> {
  const { chunk, work } = begun;
  const found: Findings = { told: [], todo: [], left: new Map(), uncertain: [] };
  const others = await core.registry.workRecords(core.lane);
  const named = new Set(others.filter(({ token }) => token !== work.token).flatMap(({ refs }) => refs));
  for (const ref of chunk.refs) if (named.has(ref)) found.left.set(ref, { kind: 'busy' });
  found.uncertain.push(...chunk.uncertain.filter(({ ref }) => named.has(ref)));
  const holdings = await core.registry.holdings(chunk.refs.filter((ref) => !named.has(ref)));
  const interrupted = await readFormer(core, begun, holdings, found);
  const due = await dueOf(core, [...holdings.values()], found);
  await lookAndDecide(core, begun, { due, interrupted }, found);
  return found;
}

/** Step 5. Answers the holdings whose interrupted stage the store does not show. */
async function readFormer(
  core: LaneCore,
  { chunk, work }: Begun,
  holdings: ReadonlyMap<HoldingRef, Holding>,
  found: Findings,
): Promise<ReadonlySet<HoldingRef>> {
  const open = chunk.uncertain.flatMap((former) => {
    const holding = holdings.get(former.ref);
    return holding === undefined || isResolved(former, holding) || isUntold(former, holding)
      ? []
      : [{ former, holding }];
  });
  if (open.length === 0) return new Set();
  const locators = await openLocators(
    core,
    open.map(({ holding }) => holding),
  );
  const readable: { readonly former: ActedOn; readonly holding: Holding; readonly locator: Locator }[] = [];
  for (const one of open) {
    const { ref } = one.holding;
    const locator = locators.opened.get(ref);
    if (locator !== undefined) readable.push({ ...one, locator });
    else
      keepUncertain(found, one.former, { kind: 'failed', code: locators.failed.get(ref) ?? LOCATOR_BROKEN });
  }
  if (readable.length === 0) return new Set();
  if (!mayStart(core, work)) {
    for (const { former } of readable) keepUncertain(found, former, { kind: 'no-time' });
    return new Set();
  }
  const now = core.clock.now();
  const answers = await core.store.readBack(
    readable.map(({ former, holding, locator }) =>
      promiseOf(former.stage, locator, masksFor(core, holding, now)),
    ),
  );
  const at = core.clock.now();
  const states = await readStates(core, entityRefsOf(readable.map(({ holding }) => holding)));
  const broken = new Set<HoldingRef>();
  const kept = new Map<HoldingRef, Told>();
  for (const [index, { former, holding }] of readable.entries()) {
    const answer = answers[index] ?? { state: 'unknown' as const, code: 'STORE_ERROR' as const };
    switch (answer.state) {
      case 'kept': {
        const planned = asDecided(core, former, holding, states);
        const told = { ...former, holding, outcome: 'already-so' as const, at, readBackAt: at };
        const other = kept.get(holding.ref);
        // What is gone shows every stage: the strongest one tells it.
        if (other === undefined || strength(other.stage) < strength(former.stage))
          kept.set(holding.ref, { ...told, interrupted: true, ...present({ planned }) });
        break;
      }
      case 'broken':
        broken.add(holding.ref);
        break;
      case 'unknown':
        keepUncertain(found, former, { kind: 'failed', code: answer.code });
    }
  }
  found.told.push(...kept.values());
  return broken;
}

/** The masks went with the registration, so no reading can show that they hold: nothing is said. */
function isUntold({ stage }: ActedOn, { state }: Holding): boolean {
  return stage === 'anonymise' && state === 'withdrawn';
}

/** The stage as the former attempt decided it; nothing where the holding was planned again since. */
function asDecided(
  core: LaneCore,
  { stage, version }: ActedOn,
  holding: Holding,
  states: States,
): PlannedStage | undefined {
  const { decision } = holding;
  if (holding.version !== version || decision?.stage !== stage) return undefined;
  try {
    const { next } = planOf(core, holding, states, core.clock.now());
    return next?.action === stage && next.actAt === decision.actAt ? next : undefined;
  } catch {
    return undefined;
  }
}

/** The holding itself says that the stage is done, or that another generation has taken its place. */
function isResolved(former: ActedOn, holding: Holding): boolean {
  if (holding.generation > former.generation || holding.state === 'disposed') return true;
  return (holding.done ?? []).some(
    ({ stage, version }) => stage === former.stage && version >= former.version,
  );
}

function keepUncertain(found: Findings, former: ActedOn, left: Left): void {
  found.uncertain.push(former);
  found.left.set(former.ref, left);
}

/** Step 6. What is not due, or was planned under other policies, goes to the plan writer, which hints it. */
async function dueOf(
  core: LaneCore,
  holdings: readonly Holding[],
  found: Findings,
): Promise<readonly Holding[]> {
  const settled = new Set<HoldingRef>([...found.told.map(({ ref }) => ref), ...found.left.keys()]);
  const open = holdings.filter(({ ref, state, store }) => {
    return !settled.has(ref) && store === core.lane && state !== 'disposed' && state !== 'withdrawn';
  });
  const now = core.clock.now();
  const due = open.filter((holding) => isDueAsPlanned(core, holding, now));
  const others = open.filter((holding) => !due.includes(holding));
  if (others.length > 0)
    await rePlan(
      core,
      others.map(({ ref }) => ref),
    );
  return due;
}

function isDueAsPlanned(core: LaneCore, holding: Holding, now: Instant): boolean {
  const { decision } = holding;
  return (
    holding.state === 'active' &&
    decision?.actAt !== undefined &&
    isPast(core, decision.actAt, now) &&
    decision.policies === ownPolicies(core, holding, now)
  );
}

/** Step 7: look, then states, then decide. What turns out not to be due goes to the plan writer. */
async function lookAndDecide(
  core: LaneCore,
  begun: Begun,
  { due, interrupted }: { readonly due: readonly Holding[]; readonly interrupted: ReadonlySet<HoldingRef> },
  found: Findings,
): Promise<void> {
  if (due.length === 0) return;
  if (!mayStart(core, begun.work)) {
    for (const { ref } of due) found.left.set(ref, { kind: 'no-time' });
    return;
  }
  const locators = await openLocators(core, due);
  for (const [ref, code] of locators.failed) found.left.set(ref, { kind: 'failed', code });
  const seen = due.flatMap((holding) => {
    const locator = locators.opened.get(holding.ref);
    return locator === undefined ? [] : [{ holding, locator }];
  });
  if (seen.length === 0) return;
  // Before the call: what is registered while the store is looked at may not have been written then.
  const lookedAt = core.clock.now();
  const presences = await core.store.look(seen.map(({ locator }) => locator));
  const states = await readStates(core, entityRefsOf(seen.map(({ holding }) => holding)));
  const decided: Todo[] = [];
  const notDue: HoldingRef[] = [];
  for (const [index, { holding, locator }] of seen.entries()) {
    const presence = presences[index] ?? { state: 'unknown' as const, code: 'STORE_ERROR' as const };
    const looked = { holding, locator, presence, lookedAt, interrupted: interrupted.has(holding.ref) };
    const decision = decideOrSetAside(core, begun, looked, states);
    switch (decision.kind) {
      case 'act':
        decided.push(decision.todo);
        break;
      case 'told':
        found.told.push(decision.told);
        break;
      case 'left':
        found.left.set(holding.ref, { kind: 'failed', code: decision.code });
        break;
      case 'not-due':
        notDue.push(holding.ref);
        break;
      case 'later':
        await hintLater(core, holding, decision.until);
        break;
      case 'set-aside':
        await core.registry.setAside({
          store: core.lane,
          holding: holding.ref,
          code: decision.code,
          at: lookedAt,
        });
        core.report('holding.set-aside', { store: core.lane, code: decision.code, count: 1 });
    }
  }
  if (notDue.length > 0) await rePlan(core, notDue);
  found.todo.push(...(await withinAllowance(core, decided, found)));
}

/** What the lane's hourly cap leaves. Taken for what is really due. */
async function withinAllowance(
  core: LaneCore,
  todo: readonly Todo[],
  found: Findings,
): Promise<readonly Todo[]> {
  const cap = core.configuration.stores[core.lane]?.hourlyCap;
  if (todo.length === 0 || cap === undefined) return todo;
  const hour = hourOf(core.clock.now());
  const granted = await core.registry.takeAllowance(core.lane, hour, todo.length, cap);
  const rest = todo.slice(granted);
  for (const { ref } of rest) found.left.set(ref, { kind: 'capped' });
  if (rest.length > 0) core.report('dispose.capped', { store: core.lane, count: rest.length });
  return todo.slice(0, granted);
}
