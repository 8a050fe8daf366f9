import type { ExportState } from '../../domain/export/export-state.ts';
import type { PersonRequest } from '../../domain/people/request.ts';

/** What one run of a lane reads, and for which export. */
export interface Reading {
  readonly request: PersonRequest;
  readonly state: ExportState;
  /** Names the objects of this run. */
  readonly attempt: string;
}
