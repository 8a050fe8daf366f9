import type { Instant } from '../record/ids.ts';
import { withRule } from './breaker.ts';
import type { Ask, CanaryState, Gate, LaneGuard, RuleGuard } from './lane-guard.ts';

/** What is kept waiting by the trial of another attempt, which takes a moment. */
const WHILE_TRIED = 120_000;
/** Attempts that were let through and never said what came of it: their workers died, or the store is silent. */
const MOST_TRIALS = 3;

export interface Trial {
  readonly token: string;
  /** When its lease is over on any clock. */
  readonly until: Instant;
}

const UNTRIED: CanaryState = { verified: 0, trials: 0 };

/**
 * The first records of a rule in a lane: one attempt at a time, and no more than `size` of them until that number was read
 * back as the rule promises. So a wrong rule or a broken store shows with a few records, and not with all that is due.
 */
export function canaryGate(size: number, { token, until }: Trial, now: Instant): Gate {
  const stateOf = (guard: LaneGuard, ask: Ask): CanaryState => guard.rules?.[ask.key]?.canary ?? UNTRIED;
  const isOver = ({ trial }: CanaryState): boolean =>
    trial === undefined || (trial.token !== token && trial.until < now);
  return {
    room(guard, ask) {
      const state = stateOf(guard, ask);
      if (!ask.destroys || state.verified >= size) return undefined;
      const { trial, verified, trials } = state;
      if (trial?.token === token)
        return { records: size - verified - trial.records, code: 'CANARY', until: now };
      if (!isOver(state)) return { records: 0, code: 'CANARY', until: now + WHILE_TRIED };
      if (trials >= MOST_TRIALS) return { records: 0, code: 'RULE_STOPPED', until: now + WHILE_TRIED };
      return { records: size - verified, code: 'CANARY', until: now };
    },
    took(guard, ask, records) {
      const state = stateOf(guard, ask);
      if (!ask.destroys || state.verified >= size) return guard;
      const isOwn = state.trial?.token === token;
      const trial = { token, until, records: records + (isOwn ? (state.trial?.records ?? 0) : 0) };
      const trials = isOwn ? state.trials : state.trials + 1;
      return withRule(guard, ask.key, {
        ...ruleOf(guard, ask.key, now),
        canary: { ...state, trial, trials },
      });
    },
    cut(guard, ask) {
      const state = stateOf(guard, ask);
      if (!isOver(state) || state.trials < MOST_TRIALS) return guard;
      return stoppedBy(guard, ask, { size, now });
    },
  };
}

/** What came of the records of one rule that an attempt was let through. */
export interface Tried {
  readonly policy: string;
  readonly rule: string;
  /** Read back as the rule promises. */
  readonly verified: number;
  /** The store failed, or did not keep what it had said. */
  readonly failed: boolean;
}

interface Attempt {
  readonly size: number;
  readonly token: string;
  readonly now: Instant;
  /** It is not known yet what came of some of its records: the attempt that reads them back has a trial of its own. */
  readonly isOpen: boolean;
}

/**
 * The attempt says what came of its trials, by the rules' keys. What is not its own any more, because its lease was over,
 * counts for nothing; of a rule for which it did nothing after all, the trial ends.
 */
export function noteTried(
  guard: LaneGuard,
  tried: ReadonlyMap<string, Tried>,
  { size, token, now, isOpen }: Attempt,
): LaneGuard {
  return Object.entries(guard.rules ?? {}).reduce((before, [key, rule]) => {
    const { canary } = rule;
    if (canary?.trial?.token !== token) return before;
    const one = tried.get(key);
    const verified = Math.min(size, canary.verified + (one?.verified ?? 0));
    if (one?.failed === true) return stoppedBy(before, { ...one, key }, { size, now, verified });
    // Its worker lives: what the store does not say counts as no death. Others wait until the trial's lease is over.
    const { trial } = canary;
    return withRule(before, key, { ...rule, canary: { verified, trials: 0, ...(isOpen && { trial }) } });
  }, guard);
}

function stoppedBy(
  guard: LaneGuard,
  { key, policy, rule }: Pick<Ask, 'key' | 'policy' | 'rule'>,
  { size, now, verified }: { readonly size: number; readonly now: Instant; readonly verified?: number },
): LaneGuard {
  const known = ruleOf(guard, key, now);
  const stop = {
    policy,
    rule,
    at: now,
    because: 'CANARY',
    taken: verified ?? known.canary?.verified ?? 0,
    most: size,
  } as const;
  return withRule(guard, key, { ...known, stop });
}

function ruleOf({ rules = {} }: LaneGuard, key: string, now: Instant): RuleGuard {
  return rules[key] ?? { day: { at: now, count: 0 } };
}
