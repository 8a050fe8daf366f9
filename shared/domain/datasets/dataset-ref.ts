import { digestOf } from '../configuration/effective-policies.ts';
import type { HoldingRef } from '../record/ids.ts';

/**
 * Names a dataset where a lane's work names holdings: in its chunk, its work record and its results. No holding has it, and
 * nothing in it is about a person.
 */
export function datasetRef(store: string, category: string): HoldingRef {
  return digestOf(['tenure.dataset', store, category]).slice(0, 22) as HoldingRef;
}
