import type { HoldingRef } from '../../domain/record/ids.ts';
import type { ActedOn } from '../../domain/record/work.ts';
import type { Left, Told } from '../lane/told.ts';
import type { Pass } from '../pages/pass.ts';

/** What an attempt on a dataset came to. Nothing left: its chunk goes, and the next sweep puts another one. */
export interface DatasetCame {
  readonly told: readonly Told[];
  /** The dataset's own reference, and names of groups of its rows that wait. */
  readonly left: ReadonlyMap<HoldingRef, Left>;
  readonly uncertain: readonly ActedOn[];
  readonly pass?: Pass;
  /** Codes of rows that failed. */
  readonly codes?: readonly string[];
  /** First records of a rule are among them. */
  readonly onTrial?: boolean;
}
