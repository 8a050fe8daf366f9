import { addPeriod, localDate } from '../domain/calendar/calendar.ts';
import { rulesOf } from '../domain/configuration/policy.ts';
import type { Policy, PolicySet } from '../domain/configuration/policy.ts';
import type { Instant } from '../domain/record/ids.ts';
import { workingDaysOf } from '../domain/rule/walk.ts';

export interface EndingHolidays {
  readonly policy: Policy;
  readonly message: string;
}

/** Policies that are in force at `now` or later and whose holidays end before working days that begin then are over. */
export function endingHolidays({ policies }: PolicySet, now: Instant): EndingHolidays[] {
  return policies.flatMap((policy) => {
    const isReplaced = policies.some(
      ({ name, effectiveFrom }) =>
        name === policy.name && effectiveFrom > policy.effectiveFrom && effectiveFrom <= now,
    );
    return isReplaced ? [] : endOf(policy, Math.max(now, policy.effectiveFrom));
  });
}

function endOf(policy: Policy, from: Instant): EndingHolidays[] {
  const workingDays = Math.max(0, ...rulesOf(policy).map(({ rule }) => workingDaysOf(rule)));
  const date = localDate({ kind: 'instant', at: from }, policy.zone).toString();
  const counted = addPeriod({ kind: 'date', date }, { workingDays }, policy.zone, policy);
  if (workingDays === 0 || counted.kind !== 'not-covered') return [];
  const { covered, year } = counted;
  const end = year < covered.from ? `begins with ${covered.from}` : `ends with ${covered.to}`;
  const days = `${workingDays} working day${workingDays === 1 ? '' : 's'}`;
  const message = `the list of holidays ${end}; ${days} from ${date} on need those of ${year}, and records that need them are kept until they are listed`;
  return [{ policy, message }];
}
