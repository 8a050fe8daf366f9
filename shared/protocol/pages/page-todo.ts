import type { Place } from '../../ports/store.ts';
import type { WaitsFor } from '../guard/within-guard.ts';
import type { Todo } from '../lane/told.ts';
import type { Pass } from './pass.ts';
import type { Slice } from './slice.ts';

/** What is to be done to the records of one collection by this attempt: also nothing, where its pass only moves on. */
export interface PageTodo extends Omit<Todo, 'locator' | 'recordVersion'> {
  readonly place: Place;
  /** As it was before these slices. */
  readonly pass: Pass;
  readonly slices: readonly Slice[];
  /** The list ends with the last slice. */
  readonly ended: boolean;
  /** How many records it acts on. */
  readonly rows: number;
  /** Why the others of its records wait. */
  readonly cut?: WaitsFor;
}
