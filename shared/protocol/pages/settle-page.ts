import { present } from '../../domain/present.ts';
import type { Holding, StageDone } from '../../domain/record/holding.ts';
import { knownVariants } from '../../domain/facts/fold-registration.ts';
import { isAllowed, isRemarked } from '../late-fact.ts';
import type { SettleCore } from '../core.ts';
import { readableHoldings } from '../damaged.ts';
import type { LinkedLine } from '../entry-links.ts';
import { noteLateFact } from '../facts/fact-entries.ts';
import { readStates } from '../facts/read-states.ts';
import { entityRefsOf, planOf, type States } from '../plan-of.ts';
import { writePlanned } from '../plan-writer.ts';

/**
 * A page of a collection was carried out, and its stage has not ended: the holding says so, or a fact that comes late could
 * not tell what was disposed of before it. What an event since has moved is remarked, as for a record.
 */
export async function settlePage(core: SettleCore, line: LinkedLine): Promise<void> {
  for (;;) {
    const before = (await readableHoldings(core, [line.ref])).get(line.ref);
    if (before?.generation !== line.generation || !isOpen(before)) return;
    const { partly } = before;
    if (partly !== undefined && (partly.at > line.at || partly.link === line.link)) {
      // The run that settled it may have died before it put the entry.
      return noteLateFact(core, before);
    }
    const now = core.clock.now();
    const isMoved = before.version !== line.version;
    const states = isMoved ? await readStates(core, entityRefsOf([before])) : new Map();
    const variants = knownVariants(before, line.version);
    const isBeforeFact =
      isMoved &&
      variants.length > 0 &&
      !isStillAllowed(core, { ...before, variants }, states, { ...line, at: now });
    const remarks = isRemarked(before) ? before.remarks : { ...before.remarks, DISPOSED_BEFORE_FACT: now };
    const version = before.version + 1;
    const after = {
      ...before,
      version,
      ...recoveryNoted(before, line),
      partly: stageDoneOf(line),
      ...(isBeforeFact && present({ remarks })),
    };
    const { written } = await writePlanned(core, [{ before, after }]);
    if (written.length === 0) continue;
    core.report('dispose.page', { store: core.lane, stage: line.stage, outcome: line.outcome });
    if (isBeforeFact) {
      core.report('dispose.before-the-fact', { store: core.lane, stage: line.stage });
      await noteLateFact(core, after);
    }
    return;
  }
}

/** `pending`: a replay has made it due again meanwhile. */
function isOpen({ state }: Holding): boolean {
  return state === 'active' || state === 'pending';
}

export function stageDoneOf(line: LinkedLine): StageDone {
  const { stage, part, outcome, at, link, version, facts, policies } = line;
  return { stage, outcome, at, link, version, facts, policies, ...present({ part }) };
}

/** A stage may be carried out in several attempts, and the settings may change in between: the longest time counts. */
export function recoveryNoted(
  { recoveryDays: former }: Pick<Holding, 'recoveryDays'>,
  { recoveryDays: days }: Pick<LinkedLine, 'recoveryDays'>,
): Pick<Holding, 'recoveryDays'> {
  return days === undefined ? {} : { recoveryDays: Math.max(days, former ?? 0) };
}

/** Where the plan throws it cannot be told; the plan writer sets the holding aside. */
export function isStillAllowed(
  core: SettleCore,
  holding: Holding,
  states: States,
  act: Parameters<typeof isAllowed>[1],
): boolean {
  try {
    return isAllowed(planOf(core, holding, states, act.at), act);
  } catch {
    return true;
  }
}
