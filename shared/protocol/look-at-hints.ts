import type { Holding } from '../domain/record/holding.ts';
import type { HoldingRef } from '../domain/record/ids.ts';
import type { Hint } from '../ports/registry.ts';
import { each } from '../domain/each.ts';
import { seconds, type Core } from './core.ts';
import { hintAgainIfLate, hintMinute, putHint } from './hint.ts';
import { rePlan } from './re-plan.ts';

/** Holdings in one lane message. */
const CHUNK_SIZE = 100;
const WIDTH = 16;

/**
 * What a hint comes to. `settled`: this hint need not be looked at again. `due`: a lane has to act; the hint stays
 * unsettled until the holding is disposed of, withdrawn, parked or hinted for later. `busy`: a worker has it now.
 */
type Finding = 'settled' | 'due' | 'busy';

/**
 * Reads the holdings that some hints name and sends what is due to its lane in chunks. Stale hints are followed by a
 * hint at the right minute, dangling ones dropped. Answers how many hints stay unsettled. Runs twice without harm:
 * lanes claim before they act.
 */
export async function lookAtHints(
  core: Core,
  hints: readonly Hint[],
): Promise<{ readonly sent: number; readonly open: number }> {
  const byRef = new Map<HoldingRef, Hint>();
  for (const hint of hints) byRef.set(hint.holding, hint);
  const hinted = [...byRef.keys()];
  const due = new Map<string, HoldingRef[]>();
  let open = 0;
  for (let start = 0; start < hinted.length; start += CHUNK_SIZE) {
    const holdings = await core.registry.holdings(hinted.slice(start, start + CHUNK_SIZE));
    await each([...holdings.values()], WIDTH, async (holding) => {
      const hint = byRef.get(holding.ref);
      const finding = hint === undefined ? 'settled' : await look(core, hint, holding);
      if (finding !== 'settled') open += 1;
      if (finding !== 'due') return;
      const refs = due.get(holding.store) ?? [];
      refs.push(holding.ref);
      due.set(holding.store, refs);
    });
  }
  return { sent: await send(core, due), open };
}

async function send(core: Core, due: ReadonlyMap<string, readonly HoldingRef[]>): Promise<number> {
  let sent = 0;
  for (const [store, refs] of due) {
    if (core.configuration.stores[store] === undefined) {
      // Taken out of the configuration too early: its holdings stay unsettled and are listed; the others go on.
      core.report('sweep.failed', { store, code: 'STORE_NOT_CONFIGURED', count: refs.length });
      continue;
    }
    for (let start = 0; start < refs.length; start += CHUNK_SIZE) {
      const holdings = refs.slice(start, start + CHUNK_SIZE);
      await core.queues.toLane({ kind: 'chunk', store, holdings });
      sent += holdings.length;
    }
  }
  return sent;
}

async function look(core: Core, hint: Hint, holding: Holding): Promise<Finding> {
  switch (holding.state) {
    case 'disposed':
    case 'withdrawn':
      return 'settled';
    case 'pending':
      // A registration or withdrawal that died half-way, or that runs right now: its plan writes its own hint.
      await rePlan(core, holding.ref);
      return 'settled';
    case 'claimed':
      return claimIsOver(core, holding) ? 'due' : 'busy';
    case 'active':
      return lookAtActive(core, hint, holding);
  }
}

/** Only a lease that is over on any clock may be taken over. */
export function claimIsOver(core: Pick<Core, 'clock' | 'configuration'>, holding: Holding): boolean {
  if (holding.claim === undefined) return true;
  return core.clock.now() > holding.claim.leaseUntil + seconds(core.configuration.timing.clockTolerance);
}

/** Due on any clock. */
export function isDue(core: Pick<Core, 'clock' | 'configuration'>, actAt: number): boolean {
  return core.clock.now() - seconds(core.configuration.timing.clockTolerance) >= actAt;
}

async function lookAtActive(core: Core, hint: Hint, holding: Holding): Promise<Finding> {
  const actAt = holding.decision?.actAt;
  if (actAt === undefined) return 'settled';
  if (holding.hintAt !== undefined && holding.hintAt > hint.minute) return 'settled';
  if (isDue(core, actAt))
    return holding.parked !== undefined && (await holdStands(core, holding.parked)) ? 'settled' : 'due';
  await hintLater(core, holding);
  return 'settled';
}

/** Releasing a hold hints what is parked under it, so a parked holding needs no hint while the hold stands. */
export async function holdStands(
  core: Pick<Core, 'registry'>,
  parked: NonNullable<Holding['parked']>,
): Promise<boolean> {
  if (parked.entity === undefined) return (await core.registry.wideHold(parked.hold))?.state === 'placed';
  return (
    (await core.registry.states([parked.entity])).get(parked.entity)?.holds.includes(parked.hold) === true
  );
}

/** The date moved to later: the hint that fired is followed by one at the date, on record. */
export async function hintLater(core: Core, holding: Holding): Promise<void> {
  const minute = hintMinute(holding.decision?.actAt ?? 0, core.clock.now(), core.configuration.timing);
  const next: Holding = { ...holding, version: holding.version + 1, hintAt: minute };
  await putHint(core, holding.ref, minute, holding.decision?.deadline);
  if ((await core.registry.putHolding(next)) === 'moved') {
    await rePlan(core, holding.ref);
    return;
  }
  await hintAgainIfLate(core, next);
}
