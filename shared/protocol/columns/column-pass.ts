import { type DefinedColumn, nameOfColumn } from '../../domain/columns/fact-columns.ts';
import type { Instant } from '../../domain/record/ids.ts';
import type { Walk } from '../../ports/upkeep.ts';
import type { LaneCore } from '../core.ts';
import { openJson, sealJson } from '../people/sealed-json.ts';
import type { Named } from './tell-ingest.ts';

/** How far a pass over a column is. It is written between the runs of a worker. */
export interface ColumnPass {
  /** What it reads counts as said then, or later. */
  readonly startedAt: Instant;
  /** Of another configuration of the column nothing is gone on with. */
  readonly of: string;
  /** Where the store goes on; absent at the beginning. */
  after?: string;
  /** Values before it were compared. */
  done: Instant;
  /** `settling`: all is read, and what was taken back has not left the registry yet. */
  phase: 'reading' | 'settling';
  /** What the column does not say any more. */
  readonly open: Named[];
  /** Why it cannot say that the column was read to its end; the first reason. */
  code?: string;
  rows: number;
  /** Values that cannot be taken. */
  unusable: number;
  entries: number;
  /** Entries whose row was not found, for the first time within the hour, and within a day. */
  gone: number;
  goneToday: number;
  /** Entries that were told more than a day ago, and whose rows were there until then; and those of them that are gone. */
  known: number;
  knownGone: number;
  told: number;
}

/** What becomes of a pass after a run. */
export interface Went {
  /** Absent: it has ended. */
  readonly pass?: ColumnPass;
  /** Seconds until the column's bell is rung again. Absent: not before the next hour. */
  readonly ringIn?: number;
}

const TODAY = 86_400_000;
/** What passes of an earlier release do not have. */
const UNCOUNTED = { known: 0, knownGone: 0 };

export function newPass(column: DefinedColumn, startedAt: Instant): ColumnPass {
  const counts = { rows: 0, unusable: 0, entries: 0, gone: 0, goneToday: 0, told: 0, ...UNCOUNTED };
  return { startedAt, of: JSON.stringify(column), done: 0, phase: 'reading', open: [], ...counts };
}

/** A lane may follow the walks of its own columns only. */
export function walkOfColumn(column: DefinedColumn): string {
  return `column/${column.store}/${nameOfColumn(column)}`;
}

/** Positions contain ids, so it is sealed. */
export function sealPass(core: LaneCore, column: DefinedColumn, pass: ColumnPass): Promise<string> {
  const to = { scope: column.store, context: walkOfColumn(column) };
  return sealJson(core.keys, to, core.clock.now(), pass);
}

/** Nothing where there is none, where it is of another configuration, or where it cannot be opened: another one begins. */
export async function openPass(
  core: LaneCore,
  column: DefinedColumn,
  { after }: Walk,
): Promise<ColumnPass | undefined> {
  try {
    const from = { scope: column.store, context: walkOfColumn(column) };
    const pass = (await openJson(core.keys, from, after)) as ColumnPass | undefined;
    return pass?.of === JSON.stringify(column) ? { ...UNCOUNTED, ...pass } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether that was within a day before the pass. */
export function isToday({ startedAt }: ColumnPass, at: Instant): boolean {
  return at > startedAt - TODAY;
}
