import type { Instant } from '../../domain/record/ids.ts';
import type { PlannedStage } from '../../domain/record/window.ts';
import type { Row } from '../pages/slice.ts';

/** Rows that were decided by the same rule, with facts of the same types: one entry tells of them. */
export interface RowGroup {
  /** What they have in common: it has no dates. */
  readonly planned: PlannedStage;
  /** Also a date of only one of them would tell of a personal event. */
  readonly isPersonal: boolean;
}

export interface GroupedRow extends Row {
  readonly group: RowGroup;
  readonly dueAt: Instant;
}

/** The groups of one attempt. */
export function rowGroups(): (planned: PlannedStage) => RowGroup {
  const byName = new Map<string, RowGroup>();
  // Rows whose columns say the same share a plan.
  const known = new Map<PlannedStage, RowGroup>();
  return (planned) => {
    const same = known.get(planned);
    if (same !== undefined) return same;
    const common = inCommon(planned);
    const isPersonal = hidesDates(planned);
    const name = JSON.stringify([common, isPersonal]);
    const group = byName.get(name) ?? { planned: common, isPersonal };
    byName.set(name, group);
    known.set(planned, group);
    return group;
  };
}

function inCommon({
  action,
  status,
  policy,
  policyVersion,
  ruleText,
  window,
  facts,
  located,
}: PlannedStage): PlannedStage {
  const types = [...new Set(facts.map(({ type }) => type))].toSorted();
  return {
    action,
    status,
    policy,
    policyVersion,
    ruleText,
    // Without a date, none of theirs is shown.
    facts: types.map(withoutDate),
    ...(window !== undefined && { window: { floor: 0, basis: window.basis } }),
    ...(located !== undefined && {
      located: located.map(({ jurisdiction, fact }) => ({ jurisdiction, fact: withoutDate(fact.type) })),
    }),
    reasons: [],
  };
}

function withoutDate(type: string): PlannedStage['facts'][number] {
  return { type, occurred: '', personal: true };
}

/** As entries of records do: an event that is personal by month is shown by the date of its month. */
function hidesDates({ shown, facts, floorIsPersonal }: PlannedStage): boolean {
  return shown === undefined && (floorIsPersonal === true || facts.some(({ personal }) => personal));
}

/** When the first and the last of these rows were due, if that may be told. */
export function rangeOf(
  { isPersonal }: RowGroup,
  rows: readonly Pick<GroupedRow, 'dueAt'>[],
): { readonly first: Instant; readonly last: Instant } | undefined {
  if (isPersonal || rows.length === 0) return undefined;
  let [first, last] = [Infinity, -Infinity];
  for (const { dueAt } of rows) {
    first = Math.min(first, dueAt);
    last = Math.max(last, dueAt);
  }
  return { first, last };
}
