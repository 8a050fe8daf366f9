import type { PausedRule } from '../record/hold.ts';
import type { Instant } from '../record/ids.ts';
import type { Ask, Gate } from './lane-guard.ts';

/** What is paused is looked at again after that time, if no end of the pause has rung it before. */
const LOOKED_AT_AGAIN = 6 * 3_600_000;

/** Nothing is done for a paused rule or policy, restrictions included: a person wants it so. */
export function pauseGate(paused: readonly PausedRule[], now: Instant): Gate {
  return {
    room: (_guard, ask) =>
      paused.some((one) => coversRule(one, ask))
        ? { records: 0, code: 'RULE_PAUSED', until: now + LOOKED_AT_AGAIN }
        : undefined,
  };
}

/** A rule is known by its text: a policy that is edited without changing it does not end the pause. */
export function coversRule(
  { policy, rule }: PausedRule,
  ask: Pick<Ask, 'policy' | 'rule' | 'policies'>,
): boolean {
  if (rule === undefined) return ask.policies.includes(policy);
  return ask.policy === policy && ask.rule === rule;
}
