import type { JsonValue } from '../../domain/canonical-json.ts';
import type { ClockColumn } from '../../domain/configuration/configuration.ts';
import { effectivePolicies, policyOf } from '../../domain/configuration/effective-policies.ts';
import type { Policy } from '../../domain/configuration/policy.ts';
import { readClock } from '../../domain/datasets/clock-value.ts';
import type { DefinedDataset, RowFacts } from '../../domain/datasets/row-holding.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { AboutEntity, Attributes } from '../../domain/record/about.ts';
import type { EntityRef, HoldingRef, Instant, Occurred } from '../../domain/record/ids.ts';
import type { PlannedStage } from '../../domain/record/window.ts';
import type { Locator, Range, RangedRow, StoreFailure } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { readStates } from '../facts/read-states.ts';
import { type Refs, refsOf } from '../facts/refs-of.ts';
import type { Decider } from '../lane/decide.ts';
import { refsOfRows, registeredAmong } from '../pages/slice.ts';
import { seconds } from '../seconds.ts';
import type { Cutoff } from './cutoff.ts';
import { judging } from './judge-rows.ts';

/** A row that may go: its own plan says so, and nothing holds it. */
export interface DueRow {
  readonly ref: HoldingRef;
  readonly locator: Locator;
  /** Without it, a clock that is moved in between would not be seen. */
  readonly recordVersion: string;
  readonly planned: PlannedStage;
}

/** Rows that follow each other in the order of the store, which need not be that of their clock. */
export interface DatasetSlice {
  readonly due: readonly DueRow[];
  readonly listed: number;
  /** Registered on their own: their own holdings decide. */
  readonly registered: number;
  /** A clock or another column says nothing that can be taken: they stay. */
  readonly undated: number;
  /** Under a legal hold. */
  readonly held: number;
  /** Not due by their own plan, though their clock is not after the cutoff. */
  readonly early: number;
  /** The codes of those that cannot be named or planned. */
  readonly failed: readonly string[];
  /** When the store was asked. */
  readonly readAt: Instant;
  /** Absent at the end of the range. */
  readonly next?: string;
}

export interface Reading {
  readonly dataset: DefinedDataset;
  readonly cutoff: Cutoff;
  readonly limit: number;
  readonly after?: string | undefined;
}

/**
 * Reads rows, then which of them are registered on their own, then the facts about whom they name, and then plans every
 * row: what is registered, said or held before the row was read counts, and a row that is written afterwards has another
 * version. Rows whose columns say the same share a plan.
 */
export async function readRows(
  core: LaneCore,
  begun: Decider,
  { dataset, cutoff, limit, after }: Reading,
): Promise<DatasetSlice | { readonly code: StoreFailure }> {
  const readAt = core.clock.now();
  const page = await core.store.range(rangeOf(dataset, cutoff), limit, after);
  if (page.state === 'unknown') return { code: page.code };
  const failed: string[] = [];
  const named: { readonly ref: HoldingRef; readonly row: RangedRow }[] = [];
  const refOf = await refsOfRows(core);
  for (const row of page.rows) {
    const ref = refOf(row.locator);
    if (ref === undefined) failed.push('STORE_SCHEMA');
    else named.push({ ref, row });
  }
  const registered = await registeredAmong(core, named);
  const free = named.filter(({ ref }) => !registered.has(ref));
  const dated = await datedOf(core, dataset, free);
  const entities = new Set<EntityRef>();
  for (const { facts } of dated) for (const { ref } of facts.entities) entities.add(ref);
  const states = await readStates(core, [...entities]);
  const due: DueRow[] = [];
  const counts = { held: 0, early: 0 };
  const judge = judging(core, begun, { dataset, states, readAt });
  for (const { row, facts } of dated) {
    const judged = judge(facts);
    if (row.version === undefined) failed.push('STORE_SCHEMA');
    else if (typeof judged === 'object')
      due.push({ ref: facts.ref, locator: row.locator, recordVersion: row.version, planned: judged });
    else if (judged === 'failed') failed.push('PLAN_FAILED');
    else counts[judged] += 1;
  }
  return {
    due,
    listed: page.rows.length,
    registered: registered.size,
    undated: free.length - dated.length,
    ...counts,
    failed,
    readAt,
    ...present({ next: page.next }),
  };
}

function rangeOf(dataset: DefinedDataset, until: Cutoff): Range {
  const { clock, by, attributes = {}, entities = {}, where, index, scan } = dataset;
  const swept = own(clock, by);
  if (swept === undefined) throw new TypeError(`the dataset has no clock "${by}"`);
  const clocks = Object.values(clock);
  const others = clocks.flatMap((one) => (one === swept || one.in !== undefined ? [] : [one.column]));
  const columns = [...others, ...Object.values(attributes), ...Object.values(entities)];
  const joined = clocks.filter((one) => one.in !== undefined);
  const table = joined[0]?.in;
  const read = { columns: [...new Set(joined.map(({ column }) => column))] };
  return {
    clock: swept,
    until,
    columns: [...new Set(columns)],
    ...present({ where, index, scan, joined: table && { ...table, ...read } }),
  };
}

interface Dated {
  readonly row: RangedRow;
  readonly facts: RowFacts;
}

/** What the columns of each row say; without the rows of which one column says what cannot be taken. */
async function datedOf(
  core: LaneCore,
  dataset: DefinedDataset,
  rows: readonly { readonly ref: HoldingRef; readonly row: RangedRow }[],
): Promise<readonly Dated[]> {
  const refs = await refsOf(core, dataset.producer);
  const now = core.clock.now();
  const effective = effectivePolicies(core.configuration.policies, now);
  const until = now + seconds(core.configuration.timing.clockTolerance);
  const columns = Object.entries(dataset.clock).map(([event, column]) => {
    const declared = effective.flatMap((policy) => own(policy.events, event) ?? []);
    return { event, column, readable: { until, declared } };
  });
  const known = remembered(refs);
  const policy = policyOf(dataset.category, effective);
  const [named, whose] = [Object.entries(dataset.attributes ?? {}), Object.entries(dataset.entities ?? {})];
  const clocksOf = (row: RangedRow): Record<string, Occurred> | undefined => {
    const clocks: Record<string, Occurred> = {};
    for (const { event, column, readable } of columns) {
      const clock = readClock(valueOf(row, column), column, readable);
      if (clock.kind === 'undated') return undefined;
      if (clock.kind === 'dated') clocks[event] = clock.occurred;
    }
    return clocks;
  };
  const dated: Dated[] = [];
  for (const { ref, row } of rows) {
    const clocks = clocksOf(row);
    const attributes = attributesIn(named, row, policy);
    const entities = entitiesIn(whose, row, known);
    if (clocks !== undefined && attributes !== undefined && entities !== undefined)
      dated.push({ row, facts: { ref, clocks, attributes, entities } });
  }
  return dated;
}

/** Where the other table does not have the row, it is not known whether it has happened: that does not count as a clock. */
function valueOf({ values, joined }: RangedRow, { column, in: table }: ClockColumn): JsonValue | undefined {
  if (table === undefined) return values[column];
  return joined?.[column] ?? (joined?.[column] === null ? null : UNREADABLE);
}

const UNREADABLE = '';

/** By the name that rules have for it. */
type Columns = readonly (readonly [name: string, column: string])[];

/** NULL is an attribute that is missing. Of another type than the policy declares, no condition would see what it says. */
function attributesIn(
  attributes: Columns,
  { values }: RangedRow,
  policy: Policy | undefined,
): Attributes | undefined {
  const found: Record<string, string | number | boolean> = {};
  for (const [name, column] of attributes) {
    const value = values[column] ?? null;
    if (value === null) continue;
    if (typeof value === 'object' || typeOf(value) !== declaredType(policy, name)) return undefined;
    found[name] = value;
  }
  return found;
}

function typeOf(value: string | number | boolean): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined;
  return typeof value === 'string' ? 'text' : 'boolean';
}

/** What only another version of the policy declares is not asked for by this one. */
function declaredType(policy: Policy | undefined, name: string): string {
  return (policy && own(policy.attributes, name)?.type) ?? 'text';
}

/** NULL names no entity. */
function entitiesIn(
  entities: Columns,
  { values }: RangedRow,
  about: (type: string, id: string) => AboutEntity,
): readonly AboutEntity[] | undefined {
  const found: AboutEntity[] = [];
  for (const [type, column] of entities) {
    const value = values[column] ?? null;
    if (value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    found.push(about(type, String(value)));
  }
  return found;
}

/** Many rows of a slice name the same entities. */
function remembered(refs: Refs): (type: string, id: string) => AboutEntity {
  const known = new Map<string, Map<string, AboutEntity>>();
  return (type, id) => {
    const same = known.get(type)?.get(id);
    if (same !== undefined) return same;
    const about = { type, ref: refs.entity({ type, id }) };
    known.set(type, (known.get(type) ?? new Map<string, AboutEntity>()).set(id, about));
    return about;
  };
}
