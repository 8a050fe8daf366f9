import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Duration } from '../../../shared/domain/calendar/units.ts';
import { referenceDue } from '../rules/reference-calendar.ts';
import { factsThatCount } from '../rules/reference-facts.ts';
import type { PlainPolicy, PlainRule, Rulebook } from './simulation-policies.ts';
import { type SentEvent, type SentRegistration, typeOf } from './simulation-messages.ts';

/*
 * When a record may and has to go, worked out slowly from everything that was said: no fold, no state, no parser, no
 * Temporal. It shares nothing with the code under test but the conventions.
 */

export type Action = PlainRule['action'];

/** From when the action is allowed, and when it is to be done; `undefined`: it is not (yet) allowed at all. */
export type Stages = ReadonlyMap<Action, Stage>;
type Stage = { readonly from: Instant; readonly actAt: Instant } | undefined;

interface Bound {
  readonly at: Instant;
  readonly floor: Instant;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const STRONGER: Readonly<Record<Action, readonly Action[]>> = {
  anonymise: ['anonymise', 'delete'],
  delete: ['delete'],
};

/** The stages that are not done. Where a minimum ends after a maximum, nothing at all is allowed. */
export function stagesOf(
  book: Rulebook,
  registrations: readonly SentRegistration[],
  events: readonly SentEvent[],
  done: readonly Action[],
): Stages {
  const counting = countingOf(events);
  const groups = groupsOf(book, registrations).map((group) => judged(book, group, counting));
  const named = new Set(groups.flatMap(({ rules }) => (rules ?? []).map(({ rule }) => rule.action)));
  const actions: readonly Action[] = named.size > 0 ? [...named] : ['delete'];
  const open = actions.filter((action) => !STRONGER[action].some((stronger) => done.includes(stronger)));
  const stages = open.map((action) => [action, stageOf(action, groups)] as const);
  const isConflict = stages.some(([, stage]) => stage === 'conflict');
  return new Map(
    stages.map(([action, stage]) => [action, isConflict || stage === 'conflict' ? undefined : stage]),
  );
}

/** The stage that comes next: the earliest, and of those at the same time the strongest. */
export function nextOf(stages: Stages): { readonly action: Action; readonly actAt: Instant } | undefined {
  const dated = [...stages].flatMap(([action, stage]) => (stage ? [{ action, actAt: stage.actAt }] : []));
  return dated.toSorted((a, b) => a.actAt - b.actAt || (a.action === 'delete' ? -1 : 1))[0];
}

/** One category under the zone and attributes of one registration, about all that its producer named. */
interface Group {
  readonly category: string;
  readonly zone: string;
  readonly jurisdiction: string | undefined;
  readonly entities: readonly string[];
}

function groupsOf(book: Rulebook, registrations: readonly SentRegistration[]): Group[] {
  return registrations.flatMap(({ producer, zone, jurisdiction }) => {
    const own = registrations.filter((registration) => registration.producer === producer);
    const entities = [...new Set(own.flatMap((registration) => registration.entities))];
    const categories = [...new Set(own.flatMap((registration) => registration.categories))];
    return categories.map((category) => {
      const policy = book(category);
      return { category, zone: zone ?? policy.zone, jurisdiction, entities };
    });
  });
}

interface Judged {
  readonly policy: PlainPolicy;
  /** `undefined`: which rules count is not known. */
  readonly rules?: readonly { readonly rule: PlainRule; readonly bound: Bound | undefined }[];
}

function judged(book: Rulebook, group: Group, events: readonly SentEvent[]): Judged {
  const policy = book(group.category);
  const rules = policy.rules[group.category]?.(group.jurisdiction);
  if (rules === undefined) return { policy };
  return { policy, rules: rules.map((rule) => ({ rule, bound: boundOf(rule, policy, group, events) })) };
}

/** The latest over all entities of the event's type, each of which it has to have happened to. */
function boundOf(
  rule: PlainRule,
  policy: PlainPolicy,
  group: Group,
  events: readonly SentEvent[],
): Bound | undefined {
  const concerned = group.entities.filter((entity) => typeOf(entity) === policy.entity[rule.event]);
  const bounds = concerned.map((entity) => {
    const occurred = lastOf(rule.event, policy, entity, group.zone, events);
    if (occurred === undefined) return undefined;
    const start = rule.yearEnds === undefined ? occurred : endOfYear(occurred, rule.yearEnds, group.zone);
    return { at: dueAt(start, rule.period, group.zone), floor: endOf(start, group.zone) };
  });
  const known = bounds.filter((bound) => bound !== undefined);
  if (known.length === 0 || known.length < bounds.length) return undefined;
  return {
    at: Math.max(...known.map(({ at }) => at)),
    floor: Math.max(...known.map(({ floor }) => floor)),
  };
}

/** The last one that no undoing event has undone. */
function lastOf(
  type: string,
  policy: PlainPolicy,
  entity: string,
  zone: string,
  events: readonly SentEvent[],
): string | undefined {
  const its = events.filter((event) => event.entity === entity && event.occurred !== undefined);
  const undos = its.filter((event) => event.type === policy.undone[type]);
  let last: string | undefined;
  for (const { occurred = '', sent } of its.filter((event) => event.type === type)) {
    const since = Math.min(startOf(occurred, zone), sent);
    if (undos.some((undo) => lastInstantOf(undo.occurred ?? '', zone) >= since)) continue;
    if (last === undefined || endOf(occurred, zone) > endOf(last, zone)) last = occurred;
  }
  return last;
}

/** What counts of all that was said of each entity. A correction was sent with its event. */
function countingOf(events: readonly SentEvent[]): readonly SentEvent[] {
  const byEntity = Map.groupBy(events, ({ producer, entity }) => `${producer} ${entity}`);
  return [...byEntity.values()]
    .flatMap((its) => factsThatCount(its))
    .map(({ told, sent }) => ({ ...told, sent }));
}

function stageOf(action: Action, groups: readonly Judged[]): Stage | 'conflict' {
  const permissions = groups.map((group) => permissionOf(action, group));
  if (permissions.some((permission) => permission === undefined)) return undefined;
  const permitted = permissions.filter((permission) => permission !== undefined);
  const minima = permitted.flatMap(({ minimum }) => (minimum === undefined ? [] : [minimum]));
  const minimum = minima.length === 0 ? undefined : Math.max(...minima);
  const floor = Math.max(...permitted.map((permission) => permission.floor));
  const maxima = groups
    .flatMap(({ policy, rules = [] }) => rules.map((one) => ({ ...one, policy })))
    .flatMap(({ rule, bound, policy }) =>
      rule.action === action && rule.bound === 'at most' && bound !== undefined
        ? [{ at: bound.at, lead: policy.lead }]
        : [],
    )
    .toSorted((a, b) => a.at - b.at);
  const [maximum] = maxima;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum.at) return 'conflict';
  const from = Math.max(floor, minimum ?? floor);
  if (minimum !== undefined) return { from, actAt: Math.max(Math.ceil(minimum / MINUTE) * MINUTE, floor) };
  if (maximum === undefined) return { from, actAt: floor };
  return { from, actAt: Math.max(floor, Math.floor(maximum.at / MINUTE) * MINUTE - maximum.lead) };
}

interface Permission {
  readonly from: Instant;
  readonly floor: Instant;
  readonly minimum?: Instant;
}

/** The earliest from which the category lets this action, or a stronger one, happen. */
function permissionOf(action: Action, { rules }: Judged): Permission | undefined {
  const permissions = STRONGER[action].flatMap((stronger) => {
    const named = (rules ?? []).filter(({ rule }) => rule.action === stronger);
    const counting = named.filter(({ rule, bound }) => rule.bound === 'at least' || bound !== undefined);
    const bounds = counting.flatMap(({ bound }) => (bound === undefined ? [] : [bound]));
    if (bounds.length === 0 || bounds.length < counting.length) return [];
    const floor = Math.max(...bounds.map((bound) => bound.floor));
    const minima = counting.flatMap(({ rule, bound }) =>
      rule.bound === 'at least' && bound !== undefined ? [bound.at] : [],
    );
    if (minima.length === 0) return [{ from: floor, floor }];
    const minimum = Math.max(...minima);
    return [{ from: Math.max(minimum, floor), floor, minimum }];
  });
  return permissions.toSorted((a, b) => a.from - b.from)[0];
}

/** As a date: a timed event belongs to its local day. */
function endOfYear(occurred: string, yearEnds: string, zone: string): string {
  const day = occurred.length === 10 ? occurred : localDate(Date.parse(occurred), zone);
  const year = Number(day.slice(0, 4));
  return `${day.slice(5) > yearEnds ? year + 1 : year}-${yearEnds}`;
}

const dates = new Map<string, Intl.DateTimeFormat>();
function localDate(instant: Instant, zone: string): string {
  const format = dates.get(zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone });
  dates.set(zone, format);
  return format.format(instant);
}

/** Reading the calendar slowly is slow: every date is read once. */
const known = new Map<string, Instant>();
function dueAt(occurred: string, period: Duration, zone: string): Instant {
  const key = `${occurred} ${zone} ${JSON.stringify(period)}`;
  const due = known.get(key) ?? referenceDue(occurred, period, zone);
  known.set(key, due);
  return due;
}

function endOf(occurred: string, zone: string): Instant {
  return occurred.length === 10 ? dueAt(occurred, {}, zone) : Date.parse(occurred);
}

function startOf(occurred: string, zone: string): Instant {
  if (occurred.length > 10) return Date.parse(occurred);
  return dueAt(new Date(Date.parse(occurred) - DAY).toISOString().slice(0, 10), {}, zone);
}

function lastInstantOf(occurred: string, zone: string): Instant {
  return occurred.length === 10 ? endOf(occurred, zone) - 1 : Date.parse(occurred);
}
