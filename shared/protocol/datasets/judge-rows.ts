import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import { dateOf, goesByDates } from '../../domain/datasets/by-dates.ts';
import {
  type DefinedDataset,
  type RowFacts,
  rowHolding,
  rowStates,
} from '../../domain/datasets/row-holding.ts';
import type { EntityState } from '../../domain/facts/facts.ts';
import type { EntityRef, Instant, Occurred } from '../../domain/record/ids.ts';
import type { PlannedStage } from '../../domain/record/window.ts';
import type { LaneCore } from '../core.ts';
import { type Decider, decideOrSetAside, isPast } from '../lane/decide.ts';
import type { States } from '../plan-of.ts';
import { seconds } from '../seconds.ts';

/** `early`: not due. `held`: due, and under a legal hold. `failed`: it cannot be planned. Else it may go. */
export type Judged = PlannedStage | 'early' | 'held' | 'failed';

interface Judging {
  readonly dataset: DefinedDataset;
  /** Of all that the rows name. */
  readonly states: States;
  /** When the rows were read. */
  readonly readAt: Instant;
}

const DAY = 86_400_000;

/**
 * Judges each row of a slice by a plan. Rows that say the same share one. So do rows of one day, if the plan for the date
 * says that they are due since yesterday and no rule can keep a time of the day longer than the day: every other row is
 * planned by its times.
 */
export function judging(core: LaneCore, begun: Decider, given: Judging): (facts: RowFacts) => Judged {
  const zone = zoneOfDates(core, given.dataset);
  const plans = new Map<string, Judged>();
  const unknown = unknownAmong(given.states);
  const shared = (clocks: RowFacts['clocks'], facts: RowFacts): Judged => {
    const key = JSON.stringify([clocks, facts.attributes, namedIn(facts, unknown)]);
    const known = plans.get(key);
    if (known !== undefined) return known;
    const judged = judge(core, begun, given, { ...facts, clocks });
    plans.set(key, judged);
    return judged;
  };
  return (facts) => {
    if (zone !== undefined) {
      const judged = shared(datesOf(facts.clocks, zone), facts);
      if (judged === 'held' || isDueSinceYesterday(core, judged)) return judged;
    }
    return shared(facts.clocks, facts);
  };
}

/** The zone in which the dates of the dataset's clocks say enough. Nothing if they do not, or if its policy has just changed. */
function zoneOfDates(
  { configuration, clock }: Pick<LaneCore, 'configuration' | 'clock'>,
  dataset: DefinedDataset,
): string | undefined {
  const now = clock.now();
  const before = now - seconds(configuration.timing.clockTolerance);
  const [policy, former] = [now, before].map((at) =>
    policyOf(dataset.category, effectivePolicies(configuration.policies, at)),
  );
  return policy !== undefined && policy === former && goesByDates(dataset, policy) ? policy.zone : undefined;
}

function datesOf(clocks: RowFacts['clocks'], zone: string): RowFacts['clocks'] {
  const dates: Record<string, Occurred> = {};
  for (const event in clocks) {
    const occurred = clocks[event];
    if (occurred !== undefined) dates[event] = dateOf(occurred, zone);
  }
  return dates;
}

/** Where a zone leaves out a whole day, a time of it is later than its end. */
function isDueSinceYesterday(core: LaneCore, judged: Judged): boolean {
  if (typeof judged !== 'object') return false;
  const { actAt, window } = judged;
  if (actAt === undefined) return false;
  const due = Math.max(actAt, window?.floor ?? actAt, window?.notBefore ?? actAt);
  return isPast(core, due + DAY, core.clock.now());
}

/** Of entities of which nothing is known, it does not matter which they are. */
function namedIn({ entities }: RowFacts, unknown: ReadonlySet<EntityRef>): unknown {
  const isUnknown = entities.every(({ ref }) => unknown.has(ref));
  return isUnknown ? entities.map(({ type }) => type) : entities;
}

function unknownAmong(states: States): ReadonlySet<EntityRef> {
  return new Set([...states].flatMap(([ref, state]) => (knowsNothing(state) ? [ref] : [])));
}

function knowsNothing(state: EntityState): boolean {
  const { version, occurrences, dangling, holds, truncated, freezing } = state;
  if (version !== 0 || truncated !== undefined || freezing !== undefined) return false;
  return holds.length === 0 && dangling.length === 0 && Object.keys(occurrences).length === 0;
}

/** Decided as a record is, by the same code: the plan, clocks that may be fast, policies that have just changed, and holds. */
function judge(
  core: LaneCore,
  begun: Decider,
  { dataset, states, readAt }: Judging,
  facts: RowFacts,
): Judged {
  const holding = rowHolding(dataset, facts, core.clock.now());
  const named = new Map(
    facts.entities.flatMap(({ ref }) => {
      const state = states.get(ref);
      return state === undefined ? [] : [[ref, state] as const];
    }),
  );
  const known = rowStates(facts.clocks, named, core.configuration.foldProfile);
  const looked = {
    holding,
    locator: [],
    presence: { state: 'present' as const },
    lookedAt: readAt,
    interrupted: false,
  };
  const decided = decideOrSetAside(core, begun, looked, known);
  switch (decided.kind) {
    case 'act':
      // What people ask for reaches rows by a collection.
      return decided.todo.stage === 'delete' ? decided.todo.planned : 'early';
    case 'told':
      return decided.told.outcome === 'held' ? 'held' : 'failed';
    case 'not-due':
    case 'later':
    // A column is read every hour: the next pass finds the row again.
    case 'waits':
      return 'early';
    case 'set-aside':
      return 'failed';
  }
}
