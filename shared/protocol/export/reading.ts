import type { ExportPart } from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import type { PersonRequest } from '../../domain/people/request.ts';

/** Records that are asked of the store at a time: as documents they are in memory together. */
export const READ_AT_ONCE = 10;
/** After this time what was read is saved, so that a run that dies does not repeat more than that. */
export const SAVE_AFTER = 30_000;

/** What one run of a lane reads, and for which export. */
export interface Reading {
  readonly request: PersonRequest;
  readonly state: ExportState;
  /** Names the objects of this run. */
  readonly attempt: string;
}

export interface ReadOn {
  /** The part with what was read in addition, and what could not be read at its end. */
  readonly next: ExportPart;
  /** Why it should not go on now: the code of a record that could not be read. */
  readonly stopped?: string | undefined;
}
