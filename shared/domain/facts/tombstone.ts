import { present } from '../present.ts';
import type { Holding, StageDone } from '../record/holding.ts';

const MINUTE = 60_000;

/**
 * A stage of a holding that is not planned any more. The entry names the facts and the exact times, too, so a digest of
 * the facts, or a time to the millisecond, would lead to it without any key. Clocks do not agree within a minute anyway.
 */
export function asKept(done: StageDone): StageDone {
  return { ...done, at: Math.ceil(done.at / MINUTE) * MINUTE, facts: '', policies: '' };
}

/** What remains of a holding that was disposed of: who registered what, when, and sealed links to its entries. */
export function tombstoneOf(holding: Holding): Holding {
  const { locator: _locator, decision: _decision, hintAt: _hintAt, ...more } = holding;
  const { kept: _kept, waitsUntil: _until, partly: _partly, askedIn: _asked, ...whole } = more;
  const { parked: _parked, toldOf: _told, probe: _probe, look: _look, done, ...rest } = whole;
  return {
    ...rest,
    ...present({ done: done?.map(asKept) }),
    state: holding.state === 'withdrawn' ? 'withdrawn' : 'disposed',
    variants: holding.variants.map(({ attributes: _attributes, ...variant }) => variant),
  };
}
