import { digestOf } from '../configuration/effective-policies.ts';
import type { HoldingRef } from '../record/ids.ts';

/**
 * Names a dataset where a lane's work names holdings: in its chunk, its work record and its results. No holding has it, and
 * nothing in it is about a person. It has 128 bits, as every reference: a chunk is stored with them packed.
 */
export function datasetRef(store: string, category: string): HoldingRef {
  const digest = digestOf(['tenure.dataset', store, category]);
  return Buffer.from(digest, 'hex').toString('base64url') as HoldingRef;
}
