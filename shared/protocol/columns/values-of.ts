import { entryKey } from '../../domain/columns/column-entry.ts';
import type { DefinedColumn } from '../../domain/columns/fact-columns.ts';
import { checkAbout } from '../../domain/configuration/permission.ts';
import { readClock } from '../../domain/datasets/clock-value.ts';
import { dayId } from '../../domain/calendar/utc-time.ts';
import { earliest } from '../../domain/facts/occurrence-time.ts';
import { own } from '../../domain/own.ts';
import { present } from '../../domain/present.ts';
import type { EntityRef, Instant, Occurred } from '../../domain/record/ids.ts';
import type { Locator, Range, RangedRow } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import type { Refs } from '../facts/refs-of.ts';
import { seconds } from '../seconds.ts';
import type { ColumnPass } from './column-pass.ts';

const DAY = 86_400_000;

/** What a column says of one entity. */
export interface Value {
  readonly key: string;
  readonly entity: EntityRef;
  readonly occurred: Occurred;
  /** When it happened at the earliest. */
  readonly at: Instant;
  readonly locator: Locator;
}

/** Up to which instant values are taken: no clock that is later is one of the past on any clock. */
export function lastOf(core: LaneCore, { startedAt }: ColumnPass): Instant {
  return startedAt + seconds(core.configuration.timing.clockTolerance);
}

export function rangeOf(core: LaneCore, column: DefinedColumn, pass: ColumnPass): Range {
  const at = lastOf(core, pass);
  const { where } = column;
  const until = { at, date: dayId(at + DAY) };
  return { clock: column.clock, until, columns: [], isOfNow: true, ...present({ where }) };
}

/** What the rows say. What cannot be taken as a fact is counted: its entity does not get this fact, and its records stay. */
export function valuesOf(
  core: LaneCore,
  { column, refs, pass }: { readonly column: DefinedColumn; readonly refs: Refs; readonly pass: ColumnPass },
  rows: readonly RangedRow[],
): readonly Value[] {
  const { event: type, clock, entity: named, producer } = column;
  const declared = core.configuration.policies.policies.flatMap(({ events }) => own(events, type) ?? []);
  const until = lastOf(core, pass);
  const values: Value[] = [];
  for (const { locator, values: read } of rows) {
    pass.rows += 1;
    const said = readClock(read[clock.column], clock, { until, declared });
    const id = idOf(locator);
    if (said.kind !== 'dated' || id === undefined) {
      pass.unusable += 1;
      continue;
    }
    const { occurred } = said;
    const about = { type: named.type, id };
    // As an application would send it.
    const sent = { kind: 'event', id: '', source: '', type, entity: about, occurred } as const;
    if (!checkAbout(core.configuration, producer, sent).ok) {
      pass.unusable += 1;
      continue;
    }
    const entity = refs.entity(about);
    values.push({ key: entryKey({ entity, occurred }), entity, occurred, at: earliest(occurred), locator });
  }
  return values;
}

/** The entity's id, as an application sends it. */
function idOf(locator: Locator): string | undefined {
  const [id] = locator;
  return locator.length !== 1 || id === undefined ? undefined : String(id);
}
