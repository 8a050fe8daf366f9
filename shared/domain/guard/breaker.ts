import { present } from '../present.ts';
import type { Instant } from '../record/ids.ts';
import { type Ask, type Gate, type LaneGuard, type RuleGuard, type RuleStop, takenIn } from './lane-guard.ts';

/** What one rule may dispose of in one lane in a day, before a person is asked. */
export interface BreakerLimits {
  readonly recordsPerDay?: number;
  /** The part of the store's records, from 0 to 1. */
  readonly share?: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Fewer records than that do not count as a share: the first of them would stop a rule in a new or small store. */
const SMALLEST_SHARE = 100;
/** What waits for a person is looked at again after that time, if the person has not rung it before. */
const LOOKED_AT_AGAIN = 6 * HOUR;
/** An approval is for what waits now, not for what comes weeks later. */
const APPROVED_FOR = 2 * DAY;
/** More than a lane has rules: a rule that was edited is another one. */
const MOST_RULES = 300;

/** A rule that was stopped does nothing more that destroys, also where its limit is not configured any more. */
export function stopGate(now: Instant): Gate {
  return {
    room: ({ rules = {} }, { destroys, key }) =>
      destroys && rules[key]?.stop !== undefined
        ? { records: 0, code: 'RULE_STOPPED', until: now + LOOKED_AT_AGAIN }
        : undefined,
  };
}

/** Stops a rule that would dispose of more in a day (UTC) than it may. What fits is let through. */
export function breakerGate(limits: BreakerLimits, now: Instant): Gate {
  const today = Math.floor(now / DAY) * DAY;
  const ruleIn = ({ rules = {} }: LaneGuard, { key }: Ask): RuleGuard => {
    const known = rules[key];
    const { approved } = known ?? {};
    return {
      ...known,
      day: takenIn(known?.day, today, DAY),
      ...(approved !== undefined && approved.until <= now && { approved: { until: now, count: 0 } }),
    };
  };
  return {
    room(guard, ask) {
      if (!ask.destroys) return undefined;
      const most = mostOf(limits, guard);
      if (most === undefined) return { records: 0, code: 'NOT_COUNTED', until: now + HOUR };
      const { day, approved } = ruleIn(guard, ask);
      const records = Math.max(0, most.count - day.count) + (approved?.count ?? 0);
      return { records, code: 'RULE_STOPPED', until: now + LOOKED_AT_AGAIN };
    },
    took(guard, ask, records) {
      if (!ask.destroys) return guard;
      const most = mostOf(limits, guard)?.count ?? 0;
      const { day, approved, ...rest } = ruleIn(guard, ask);
      const count = day.count + records;
      const beyond = Math.max(0, count - most) - Math.max(0, day.count - most);
      return withRule(guard, ask.key, {
        ...rest,
        day: { at: day.at, count },
        ...(approved !== undefined && { approved: { ...approved, count: approved.count - beyond } }),
      });
    },
    cut(guard, ask) {
      const most = mostOf(limits, guard);
      if (most === undefined) return guard;
      const rule = ruleIn(guard, ask);
      const { policy, rule: text } = ask;
      const { because, count } = most;
      const stop: RuleStop = { policy, rule: text, at: now, because, taken: rule.day.count, most: count };
      return withRule(guard, ask.key, { ...rule, stop });
    },
  };
}

/** Nothing if the share is not known yet, because no census has counted the store: then the rule waits for one. */
function mostOf(
  { recordsPerDay = Infinity, share }: BreakerLimits,
  { holdings, surveyed = 0 }: LaneGuard,
): { readonly count: number; readonly because: RuleStop['because'] } | undefined {
  if (share === undefined) return { count: recordsPerDay, because: 'VOLUME' };
  if (holdings === undefined) return undefined;
  const part = Math.max(SMALLEST_SHARE, Math.floor(share * Math.max(holdings.count, surveyed)));
  return part < recordsPerDay
    ? { count: part, because: 'SHARE' }
    : { count: recordsPerDay, because: 'VOLUME' };
}

/** Rules that are stopped by these words; several where a rule was edited without changing its text. */
export function stopsOf(
  { rules = {} }: LaneGuard,
  named?: { readonly policy: string; readonly rule: string },
): readonly (RuleStop & { readonly key: string })[] {
  return Object.entries(rules).flatMap(([key, { stop }]) => {
    if (stop === undefined) return [];
    const isMeant = named === undefined || (stop.policy === named.policy && stop.rule === named.rule);
    return isMeant ? [{ key, ...stop }] : [];
  });
}

/** A person lets the rule go on, with this number of records beyond its limit; with none, it only is not stopped any more. */
export function approvedStop(guard: LaneGuard, key: string, records: number, now: Instant): LaneGuard {
  const known = guard.rules?.[key];
  if (known === undefined) return guard;
  const { stop, approved, canary, ...other } = known;
  // Who approves it has looked at its first records.
  const rest = {
    ...other,
    ...present({ canary: stop?.because === 'CANARY' ? { verified: stop.most, trials: 0 } : canary }),
  };
  const left = approved !== undefined && approved.until > now ? approved.count : 0;
  if (records + left === 0) return withRule(guard, key, rest);
  return withRule(guard, key, { ...rest, approved: { until: now + APPROVED_FOR, count: left + records } });
}

/** A person does not want it: nothing is left of what was approved before, and its first records were not proved. */
export function abortedStop(guard: LaneGuard, key: string): LaneGuard {
  const known = guard.rules?.[key];
  if (known === undefined) return guard;
  const { stop, approved: _approved, canary, ...rest } = known;
  return withRule(guard, key, {
    ...rest,
    ...present({ canary: stop?.because === 'CANARY' ? undefined : canary }),
  });
}

export function withRule(guard: LaneGuard, key: string, rule: RuleGuard): LaneGuard {
  const rules = { ...guard.rules, [key]: rule };
  const others = Object.entries(rules).filter(([name, { stop }]) => stop === undefined && name !== key);
  const [oldest] = others.toSorted(([, a], [, b]) => a.day.at - b.day.at);
  if (Object.keys(rules).length <= MOST_RULES || oldest === undefined) return { ...guard, rules };
  return {
    ...guard,
    rules: Object.fromEntries(Object.entries(rules).filter(([name]) => name !== oldest[0])),
  };
}
