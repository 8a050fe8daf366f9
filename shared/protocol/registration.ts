import type { HoldingRef } from '../domain/record/ids.ts';
import type { Holding } from '../domain/record/holding.ts';
import type { Core } from './core.ts';
import {
  foldRegistration,
  foldWithdrawal,
  type RegistrationFact,
  type RegistrationRefusal,
  type WithdrawalFact,
} from '../domain/facts/fold-registration.ts';
import { entityRefsOf } from './plan-of.ts';
import { plannedOrPending, rePlan, writePlanned } from './plan-writer.ts';
import { readStates } from './facts/read-states.ts';
import { markRegistered } from './facts/registered-marks.ts';

export type Registered =
  | { readonly kind: 'done' }
  /** A work record names the holding: the message has to come again until none does. */
  | { readonly kind: 'again' }
  | { readonly kind: 'refused'; readonly code: RegistrationRefusal };

/**
 * Registers a holding or merges into one. The mark of its store, pointers, then the states, then the hint, then the holding with its plan on
 * the version read, then the states again, then a look at the clock. It counts at any time, also while a worker has the
 * holding's chunk. Not acknowledged before this returned `done`, so a run that dies is repeated; every repeat is the
 * same fold.
 */
export async function register(core: Core, fact: RegistrationFact): Promise<Registered> {
  await markRegistered(core, fact.store);
  await core.registry.putPointers(
    fact.content.entities.map(({ ref }) => ref),
    fact.ref,
  );
  for (;;) {
    const before = (await core.registry.holdings([fact.ref])).get(fact.ref);
    const folded = foldRegistration(before, fact);
    if (folded.kind === 'refused') return folded;
    if (folded.kind === 'nothing') return repeated(core, before);
    if (folded.tombstone !== undefined) await core.registry.putTombstone(folded.tombstone);
    if ((await writeFolded(core, before, folded.next)) === 'moved') continue;
    await rePlan(core, [fact.ref]);
    return named(core, before);
  }
}

/** Takes back what its producer registered until then. What others registered stays, and is planned again. */
export async function withdraw(
  core: Core,
  fact: WithdrawalFact,
): Promise<Exclude<Registered, { kind: 'refused' }>> {
  for (;;) {
    const before = (await core.registry.holdings([fact.ref])).get(fact.ref);
    const folded = foldWithdrawal(before, fact);
    if (folded.kind === 'nothing') return repeated(core, before);
    if ((await writeFolded(core, before, folded.next)) === 'moved') continue;
    await rePlan(core, [fact.ref]);
    return named(core, before);
  }
}

/** The states, then the hint, then the holding with its plan, on the version read. */
export async function writeFolded(
  core: Core,
  before: Holding | undefined,
  next: Holding,
): Promise<'written' | 'moved'> {
  const isPlanned = next.state === 'active' || next.state === 'pending';
  const states = isPlanned ? await readStates(core, entityRefsOf([next])) : new Map();
  // The fold has raised the version already, and so does a plan.
  const after = isPlanned
    ? { ...plannedOrPending(core, next, states, core.clock.now()), version: next.version }
    : next;
  const { moved } = await writePlanned(core, [{ before, after }]);
  return moved.length > 0 ? 'moved' : 'written';
}

/**
 * Nothing to fold: an earlier run may have died before it planned again, and this one does. Not while a worker has the
 * holding: the message comes again, and each plan of what is due would put a hint, and so a chunk that names it.
 */
async function repeated(
  core: Core,
  before: Holding | undefined,
): Promise<{ readonly kind: 'done' | 'again' }> {
  const answer = await named(core, before);
  if (answer.kind === 'done' && before !== undefined) await rePlan(core, [before.ref]);
  return answer;
}

/** A worker that decided before this fact has to be seen to end: it settles with the fact, or is fenced. */
async function named(core: Core, before: Holding | undefined): Promise<{ readonly kind: 'done' | 'again' }> {
  if (before === undefined) return { kind: 'done' };
  return { kind: (await isWorkedOn(core, before.store, before.ref)) ? 'again' : 'done' };
}

async function isWorkedOn(core: Core, lane: string, ref: HoldingRef): Promise<boolean> {
  const records = await core.registry.workRecords(lane);
  return records.some(({ refs }) => refs.includes(ref));
}
