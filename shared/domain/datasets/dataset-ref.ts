import { digestOf } from '../configuration/effective-policies.ts';
import type { HoldingRef } from '../record/ids.ts';

/**
 * Names a dataset where a lane's work names holdings: in its chunk, its work record and its results. No holding has it, and
 * nothing in it is about a person.
 */
export function datasetRef(store: string, category: string): HoldingRef {
  const digest = Buffer.from(digestOf(['tenure.dataset', store, category]), 'base64url');
  // 128 bits, as every reference: a chunk is stored with them packed.
  return digest.toString('base64url', 0, 16) as HoldingRef;
}
